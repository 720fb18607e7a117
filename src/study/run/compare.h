/* Comparing B with A: by pairs of launches in turns, or by two studies.
 *
 * A coin for each pair says which is launched first. The ratios of times B / A are
 * judged by Wilcoxon's signed-rank test: were A and B equal, each pair would lie above
 * or below 1 by its coin alone, so the stated probabilities hold whatever the machine
 * does meanwhile: drifts, bursts, noise that lasts over many launches. (ABBA or BAAB by
 * one coin for each two pairs cancels a steady drift, but ties the signs of both: with
 * noise that lasts for two launches it raised 6 % to 13 % of alarms instead of 5 %.)
 *
 * Who looks at the pairs again and again, and stops when he likes what he sees,
 * raises more alarms than he says. So either the number of pairs is fixed, and there
 * is one test at the end; or there are looks, after 9, 18, 36, ... pairs (the first
 * where an alarm and an interval are possible at all), and each may spend a part of
 * the allowed share of false alarms: an eighth; the last look takes what is left. By
 * the union bound the share over all looks is at most the stated one. When a budget
 * ends the pairs, that is the last look: their number then follows from the sums of
 * the pairs' times, which are blind to who of them is B. Probabilities are corrected
 * by that part: p / part. Intervals likewise: one of 95 % after the first look is
 * one of 1 - 0.05 / 8 by itself.
 *
 * Ratios are of times: 1.02: B takes 2 % more. Pure. */
#ifndef TRM_STUDY_RUN_COMPARE_H
#define TRM_STUDY_RUN_COMPARE_H

#include "study/plan/study.h"

/* -- pairs ------------------------------------------------------------------ */

/** Is B launched before A in this pair (0, 1, ...)? */
bool trm__compare_b_first(uint64_t seed, int pair);

typedef struct trm__rule {
  int most;     /* pairs */
  bool looks;   /* after 9, 18, 36, ... pairs; false: one test at the end */
  double level; /* of intervals: 0.95 */
  double confidence; /* that an alarm needs, one-sided: 0.95 */
  double gate;       /* 0.03: B may take 3 % more; NAN: there is none */
  double target;     /* with looks: half width of the ratio's interval that is
                        enough */
} trm__rule;

typedef struct trm__look { /* what is known after some pairs */
  bool stop;               /* no more pairs are needed */
  bool alarm;              /* B is slower than the gate allows */
  bool cleared;            /* it is not: as surely */
  double part;             /* of the allowed alarms; 0: not looked at */
  double differs;          /* probability of such pairs, were A and B equal */
  double slower; /* of pairs so slow, were B slower by the gate alone */
} trm__look;

/** Look after n pairs.  \param last there will be no more, for lack of time */
trm__look trm__compare_look(const trm__rule *, int n, const double a[],
                            const double b[], bool last);

/** Level that an interval needs by itself for that of the rule to hold after a
 * look. */
double trm__compare_inside(const trm__rule *, const trm__look *);
/** The interval with the level that it has, looks considered. */
trm__interval trm__compare_stated(const trm__rule *, const trm__look *,
                                  trm__interval);

/** Pairs below which no test can raise an alarm: all of them on one side. */
int trm__compare_least(double confidence);

/* -- words ------------------------------------------------------------------ */

/** "B is 2.1 % faster than A (95 %: 1.2 to 3.0 %), 12 pairs; were they equal,
 * pairs like these would come up in 1 of 4,000." Where they would in more than 1 of
 * 20, no difference is shown, and it has the p value instead. Free with free().
 * \param count "12 pairs"  \param like "pairs like these" */
char *trm__compare_text(const trm__interval *ratio, const char *count,
                        const char *like, double differs);

/* -- two studies ------------------------------------------------------------ */

/** The point of a study that belongs to a configuration of another: of the same
 * options, else of the same mode, ranks, threads and sizes, so that two settings are
 * compared too, where their answers are the same. NULL: there is none */
const trm__point *trm__match_find(const trm__points *, const trm__config *);
/** Only what is valid and was measured is compared. */
bool trm__match_counts(const trm__point *);
/** Options of the kernel of this name, as answers are compared by; NULL: it is not
 * among these. */
const trm_option *trm__match_options(const trm_listed *kernels,
                                     const char *name);
/** In what the answers of two points differ; NULL: they are the same, or not known.
 * Free with free().  \param table options of the kernel; NULL: not known */
char *trm__match_differs(const trm__point *, const trm__point *,
                         const trm_option *table);

/** Ratio of the medians of two points, b over a, with an interval that looks at their
 * launches do not make too narrow. */
trm__interval trm__match_ratio(const trm__point *a, const trm__point *b,
                               double level, uint64_t seed);

typedef struct trm__match { /* a configuration that both have */
  const trm__point *a, *b;  /* borrowed */
  trm__interval ratio;      /* of medians, B over A */
  double differs;           /* Mann-Whitney, two-sided */
} trm__match;

typedef struct trm__matches {
  int n, worst; /* worst: of the largest ratio; -1: none */
  trm__match *match;
  int alone, left_out; /* configurations of one study only; of both, but not
                          valid and measured in both */
  char *unlike;        /* not the same answer somewhere: where and what; NULL */
  trm__interval ratio; /* geometric mean over the matches; bootstrap */
  double differs, slower,
      faster; /* as in a look, and of launches so fast, were B
                             slower by the gate alone; permutations within the
                             matches */
} trm__matches;

/** Compare what two studies both have. Their launches were not made in turns: a
 * drift of the machine between them is in the ratios, and no test can tell.
 * \param table options of the kernel; NULL: not known
 * \param gate NAN: none  \return to be freed with trm__matches_clear */
trm__matches trm__compare_studies(const trm__points *a, const trm__points *b,
                                  const trm_option *table, double level,
                                  double gate, uint64_t seed);
/** Had they launches enough that an alarm is possible at all: the fewest of all
 * permutations within the matches is rare enough? */
bool trm__matches_can_tell(const trm__matches *, double confidence);
void trm__matches_clear(trm__matches *);

#endif
