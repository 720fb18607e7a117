/* Sequential comparison of B with A by pairs of interleaved launches.
 *
 * A coin for each pair says which is launched first. The ratios of times B / A are
 * judged by Wilcoxon's signed-rank test: were A and B equal, each pair would lie above
 * or below 1 by its coin alone, so the stated probabilities hold whatever the machine
 * does meanwhile: drifts, bursts, noise that lasts over many launches. (ABBA or BAAB by
 * one coin for each two pairs cancels a steady drift, but ties the signs of both: with
 * noise that lasts for two launches it raised 6 % to 13 % of alarms instead of 5 %.)
 *
 * Checking the pairs again and again, and stopping at the first alarm, raises more
 * false alarms than stated. So either the number of pairs is fixed, with one test at
 * the end; or there are interim checks, after 9, 18, 36, ... pairs (the first where an
 * alarm and an interval are possible at all). Each uses an eighth of the allowed rate
 * of false alarms; the last one uses what is left. By the union bound the rate over
 * all checks is at most the stated one. When a budget ends the pairs, that is the last
 * check: their number then follows from the sums of the pairs' times, which do not
 * tell A from B. Probabilities are corrected by that part: p / part. Intervals
 * likewise: one of 95 % after the first check is one of 1 - 0.05 / 8 by itself.
 *
 * Ratios are of times: 1.02: B takes 2 % more. Pure. */
#ifndef TRM_STUDY_STATISTICS_SEQUENTIAL_H
#define TRM_STUDY_STATISTICS_SEQUENTIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "study/statistics/stat.h"

/** Is B launched before A in this pair (0, 1, ...)? */
bool trm__study_rule_b_first(uint64_t seed, int pair);

typedef struct trm__study_rule {
  int most;        /* pairs */
  bool sequential; /* after 9, 18, 36, ... pairs; false: one test at the end */
  double level;    /* of intervals: 0.95 */
  double confidence; /* that an alarm needs, one-sided: 0.95 */
  double gate;       /* 0.03: B may take 3 % more; NAN: there is none */
  double target;     /* sequential: half width of the ratio's interval that is
                        enough */
} trm__study_rule;

typedef struct trm__study_check { /* what is known after some pairs */
  bool stop;                      /* no more pairs are needed */
  bool alarm;                     /* B is slower than the gate allows */
  bool cleared;                   /* it is not: as surely */
  double part;                    /* of the allowed alarms; 0: not checked */
  double differs; /* probability of such pairs, were A and B equal */
  double slower;  /* of pairs so slow, were B slower by the gate alone */
} trm__study_check;

/** Check after n pairs.  \param last there will be no more, for lack of time */
trm__study_check trm__study_rule_check(const trm__study_rule *, int n,
                                       const double a[], const double b[],
                                       bool last);

/** Level that an interval needs by itself for that of the rule to hold after a
 * check. */
double trm__study_rule_level(const trm__study_rule *, const trm__study_check *);
/** The interval with the level that it has, checks considered. */
trm__study_interval trm__study_rule_stated(const trm__study_rule *,
                                           const trm__study_check *,
                                           trm__study_interval);

/** Pairs below which no test can raise an alarm: all of them on one side. */
int trm__study_rule_least(double confidence);

#endif
