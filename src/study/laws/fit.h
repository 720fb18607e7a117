/* Fits of laws: least squares of logarithms with coefficients that are not
 * negative, the forms of the laws, and what leaving one point out tells. Pure. */
#ifndef TRM_STUDY_LAWS_FIT_H
#define TRM_STUDY_LAWS_FIT_H

#include "study/laws/laws.h"

typedef struct trm__data { /* the points of a fit */
  int n;
  const double *p; /* n */
  double *y, *w;   /* n: log of the median; weights, 1 in the mean; owned */
} trm__data;

typedef struct trm__form { /* T = sum of coefficient x basis function of p;
                              GUSTAFSON: 1 / T */
  trm__law_kind kind;
  trm__term term; /* NORMAL; {0, 0}: a constant */
} trm__form;

typedef struct trm__candidate { /* a form that was fitted */
  trm__form form;
  double a[TRM__LAW_PARAMETERS]; /* coefficients, >= 0 */
  double square;                 /* weighted sum of squares of log residuals */
  double error, spread;          /* leave-one-out: SMAPE; its standard error */
  double weight;                 /* in the band, 0 to 1 */
} trm__candidate;

/** Minimise the sum of w (y - log sum of a[j] g[k * m + j])^2 over a >= 0.
 * \param m columns, at most TRM__LAW_PARAMETERS; g >= 0
 * \return the sum; infinite: there is no such a */
double trm__fit_positive(int n, int m, const double g[], const double w[],
                         const double y[], double a[]);

/** Coefficients of a form. */
int trm__form_size(const trm__form *);
double trm__form_at(const trm__form *, const double a[], double p);
/** Fit a form to logarithms of seconds at the points of `data`.
 * \param skip a point to leave out; -1: none
 * \return the weighted sum of squares; infinite: it cannot be fitted */
double trm__form_fit(const trm__form *, const trm__data *, const double y[],
                     int skip, double a[]);
/** Fit a form, with its leave-one-out error. False: it cannot be fitted. */
bool trm__candidate_fit(const trm__form *, const trm__data *, trm__candidate *);

/** All terms of the normal form that can be fitted, best first, with their weights:
 * the odds of one over another are those of its residuals. \return how many */
int trm__normal_candidates(const trm__data *, bool negative, double floor,
                           trm__candidate list[TRM__LAW_TERMS]);

#endif
