/* Laws of scaling, fitted to measured points: Amdahl, Gustafson, Karp-Flatt, USL, and
 * the normal form of Extra-P. Each gives a value at any p with a prediction band,
 * or says in words what cannot be known. Pure. */
#ifndef TRM_STUDY_LAWS_LAWS_H
#define TRM_STUDY_LAWS_LAWS_H

#include "study/laws/form.h"
#include "study/statistics/stat.h"

typedef struct trm__study_sample { /* one measured point */
  double p;                        /* cores, ranks, threads, or bytes */
  int n;                           /* repeats */
  const double *value;             /* n; seconds, > 0 */
} trm__study_sample;

typedef struct trm__study_law {
  trm__study_law_kind kind;
  bool fitted;
  char *why; /* what cannot be known, in words; owned; NULL: nothing */
  double parameter[TRM__LAW_PARAMETERS];
  trm__study_interval
      known[TRM__LAW_PARAMETERS]; /* of each; NORMAL: if the term is
                                               the best one */
  /* NORMAL: the best term, and all that cross-validation cannot tell from it,
   * itself the first */
  trm__study_term term;
  int terms;
  trm__study_term also[TRM__LAW_TERMS];
  double error;    /* leave-one-out, relative (SMAPE) */
  double from, to; /* p that were measured */
  int points;
  void *resamples; /* of the band; owned */
} trm__study_law;

/** Fit a law to points by least squares of log T (relative errors), weighted by the
 * repeats. The band comes from a bootstrap of repeats and of the points' residuals,
 * widened for what so few of them leave open (as Student's t), and for the normal
 * form drawn from all its terms by their odds.
 * With too few points for the law (two for two parameters leave nothing to check it
 * by) it is not fitted, and `why` says what would be needed. Fitted to the fewest
 * that do, `why` says what is not known yet: show it too.
 * \param negative NORMAL: negative exponents too, for strong scaling
 * \return a law to be freed with trm__study_law_clear */
trm__study_law trm__study_law_fit(trm__study_law_kind, int n,
                                  const trm__study_sample[], bool negative,
                                  double level, uint64_t seed);
void trm__study_law_clear(trm__study_law *);

/** Seconds at p: middle and prediction band of one more median there. False:
 * beyond what can be said (not fitted, or over 4 times the largest p and the band
 * is wider than a factor of 2 either way). */
bool trm__study_law_at(const trm__study_law *, double p, trm__study_interval *);

/** Karp and Flatt's serial fraction of one problem, 1990: (1 / S - 1 / p) /
 * (1 - 1 / p), with the interval that the speed-up has. */
trm__study_interval trm__study_karp_flatt(const trm__study_interval *speedup,
                                          double p);

/** USL's p of the largest throughput; infinite: none. */
double trm__study_usl_peak(const trm__study_law *);

/** "2.31 s x (0.02 + 0.98 / p)": the law in a line; free with free(). */
char *trm__study_law_text(const trm__study_law *);

/** Does the exponent that a work model expects disagree with the fitted terms?
 * That is: it differs by more than 0.25 from all of `also`. */
bool trm__study_law_disagrees(const trm__study_law *, double expected);

#endif
