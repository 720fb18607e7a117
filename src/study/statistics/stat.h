/* Statistics of repeated timings: medians and what is known of them, pairs, ranks.
 * Times are skewed and have outliers: nothing here assumes a normal distribution.
 * Random numbers are counter based: the same seed, the same answer. Pure. */
#ifndef TRM_STUDY_STATISTICS_STAT_H
#define TRM_STUDY_STATISTICS_STAT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/quantile.h"

typedef struct trm__study_interval {
  double mid, low, high;
  double level; /* that the interval really has; 0: one value, no interval */
} trm__study_interval;

/** Median with its distribution-free interval of order statistics, the fewest that
 * have at least `level`; where n is too small for that: the extremes, with the
 * level that they have (1 - 2^(1 - n)). */
trm__study_interval trm__study_median_interval(int n, const double[],
                                               double level);

/** Half the width over the middle; infinite where there is no interval. */
double trm__study_interval_half(const trm__study_interval *);

/* Stopping as soon as the interval of a growing sample is narrow stops too soon: an
 * interval that is narrow by chance contains the median less often than stated, down
 * to 0.90 of 0.95 in skewed noise. So the stopping rule is checked a few times only,
 * and from the first check on 97.5 % intervals are reported as 95 %. */

/** The first check at n values or more: 8, 11, 15, 21, 29, 40, 56, 78, ... */
int trm__study_next_check(int n);
/** Level that an interval of n values needs by itself for 95 % to hold after
 * checks. */
double trm__study_checked_level(int n);
/** Median, with the interval that is reported after checks: of 95 %, of less where
 * there are too few values. */
trm__study_interval trm__study_checked_median(int n, const double[]);

/** Median of the values that are known, those from 0 on; -1: none is. */
double trm__study_median_known(int n, const double[]);

/** Ratio of medians b / a of independent samples, with a bootstrap interval
 * (percentiles of 9,999 resamples, drawn from each sample by itself). Of few values
 * it has no more than the level of the extremes. */
trm__study_interval trm__study_ratio(int na, const double a[], int nb,
                                     const double b[], double level,
                                     uint64_t seed);

/** Median of the paired ratios b[i] / a[i], with a bootstrap interval that is at
 * least as wide as the exact one of order statistics; of few pairs, likewise. */
trm__study_interval trm__study_paired_ratio(int n, const double a[],
                                            const double b[], double level,
                                            uint64_t seed);

#endif
