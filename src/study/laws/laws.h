/* Laws of scaling, fitted to measured points: Amdahl, Gustafson, Karp-Flatt, USL, and
 * the normal form of Extra-P. Each gives a value at any p with a prediction band,
 * or says in words what cannot be known. Pure. */
#ifndef TRM_STUDY_LAWS_LAWS_H
#define TRM_STUDY_LAWS_LAWS_H

#include "study/statistics/stat.h"

typedef struct trm__sample { /* one measured point */
  double p;                  /* cores, ranks, threads, or bytes */
  int n;                     /* repeats */
  const double *value;       /* n; seconds, > 0 */
} trm__sample;

enum { TRM__LAW_TERMS = 56, TRM__LAW_PARAMETERS = 3 };

/* Seconds as functions of p, with the parameters in braces. Gustafson's speed-up is
 * p - f (p - 1), of p times as much work. USL: Gunther, Guerrilla Capacity Planning,
 * 2007; the normal form: Calotoiu et al., SC13. */
typedef enum trm__law_kind {
  TRM__AMDAHL,    /* T1 (f + (1 - f) / p) {T1, f} */
  TRM__GUSTAFSON, /* T1 p / (p - f (p - 1)): weak scaling {T1, f} */
  TRM__USL,       /* T1 (1 + s (p - 1) + k p (p - 1)) / p {T1, s, k} */
  TRM__NORMAL     /* c0 + c1 p^i log2(p)^j {c0, c1}; all parameters >= 0 */
} trm__law_kind;

typedef struct trm__term { /* p^exponent log2(p)^log; {0, 0}: a constant */
  double exponent;
  int log;
} trm__term;

typedef struct trm__law {
  trm__law_kind kind;
  bool fitted;
  char *why; /* what cannot be known, in words; owned; NULL: nothing */
  double parameter[TRM__LAW_PARAMETERS];
  trm__interval known[TRM__LAW_PARAMETERS]; /* of each; NORMAL: if the term is
                                               the best one */
  /* NORMAL: the best term, and all that cross-validation cannot tell from it,
   * itself the first */
  trm__term term;
  int terms;
  trm__term also[TRM__LAW_TERMS];
  double error;    /* leave-one-out, relative (SMAPE) */
  double from, to; /* p that were measured */
  int points;
  void *resamples; /* of the band; owned */
} trm__law;

/** Fit a law to points by least squares of log T (relative errors), weighted by the
 * repeats. The band comes from a bootstrap of repeats and of the points' residuals,
 * widened for what so few of them leave open (as Student's t), and for the normal
 * form drawn from all its terms by their odds.
 * With too few points for the law (two for two parameters leave nothing to check it
 * by) it is not fitted, and `why` says what would be needed. Fitted to the fewest
 * that do, `why` says what is not known yet: show it too.
 * \param negative NORMAL: negative exponents too, for strong scaling
 * \return a law to be freed with trm__law_clear */
trm__law trm__law_fit(trm__law_kind, int n, const trm__sample[], bool negative,
                      double level, uint64_t seed);
void trm__law_clear(trm__law *);

/** Seconds at p: middle and prediction band of one more median there. False:
 * beyond what can be said (not fitted, or over 4 times the largest p and the band
 * is wider than a factor of 2 either way). */
bool trm__law_at(const trm__law *, double p, trm__interval *);

/** Karp and Flatt's serial fraction of one problem, 1990: (1 / S - 1 / p) /
 * (1 - 1 / p), with the interval that the speed-up has. */
trm__interval trm__karp_flatt(const trm__interval *speedup, double p);

/** USL's p of the largest throughput; infinite: none. */
double trm__usl_peak(const trm__law *);

/** "2.31 s x (0.02 + 0.98 / p)": the law in a line; free with free(). */
char *trm__law_text(const trm__law *);

/** Does the exponent that a work model expects disagree with the fitted terms?
 * That is: it differs by more than 0.25 from all of `also`. */
bool trm__law_disagrees(const trm__law *, double expected);

#endif
