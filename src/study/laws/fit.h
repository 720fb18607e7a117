/* Fits of laws: least squares of logarithms with coefficients that are not
 * negative, the forms of the laws, and what leaving one point out tells. Pure. */
#ifndef TRM_STUDY_LAWS_FIT_H
#define TRM_STUDY_LAWS_FIT_H

#include <stdbool.h>

#include "study/laws/form.h"

typedef struct trm__study_fit_data { /* the points of a fit */
  int n;
  const double *p; /* n */
  double *y, *w;   /* n: log of the median; weights, 1 in the mean; owned */
} trm__study_fit_data;

typedef struct
    trm__study_form { /* T = sum of coefficient x basis function of p;
                              GUSTAFSON: 1 / T */
  trm__study_law_kind kind;
  trm__study_term term; /* NORMAL; {0, 0}: a constant */
} trm__study_form;

typedef struct trm__study_candidate { /* a form that was fitted */
  trm__study_form form;
  double a[TRM__LAW_PARAMETERS]; /* coefficients, >= 0 */
  double square;                 /* weighted sum of squares of log residuals */
  double error, spread;          /* leave-one-out: SMAPE; its standard error */
  double weight;                 /* in the band, 0 to 1 */
} trm__study_candidate;

/** Minimise the sum of w (y - log sum of a[j] g[k * m + j])^2 over a >= 0.
 * \param m columns, at most TRM__LAW_PARAMETERS; g >= 0
 * \return the sum; infinite: there is no such a */
double trm__study_fit_positive(int n, int m, const double g[], const double w[],
                               const double y[], double a[]);

/** Coefficients of a form. */
int trm__study_form_size(const trm__study_form *);
double trm__study_form_at(const trm__study_form *, const double a[], double p);
/** Fit a form to logarithms of seconds at the points of `data`.
 * \param skip a point to leave out; -1: none
 * \return the weighted sum of squares; infinite: it cannot be fitted */
double trm__study_form_fit(const trm__study_form *, const trm__study_fit_data *,
                           const double y[], int skip, double a[]);
/** Fit a form, with its leave-one-out error. False: it cannot be fitted. */
bool trm__study_candidate_fit(const trm__study_form *,
                              const trm__study_fit_data *,
                              trm__study_candidate *);

#endif
