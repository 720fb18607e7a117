/* Statistics of repeated timings: medians and what is known of them, pairs, ranks.
 * Times are skewed and have outliers: nothing here assumes a normal distribution.
 * Random numbers are counter based: the same seed, the same answer. Pure. */
#ifndef TRM_STUDY_STATISTICS_STAT_H
#define TRM_STUDY_STATISTICS_STAT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/quantile.h"

typedef struct trm__interval {
  double mid, low, high;
  double level; /* that the interval really has; 0: one value, no interval */
} trm__interval;

/** Median with its distribution-free interval of order statistics, the fewest that
 * have at least `level`; where n is too small for that: the extremes, with the
 * level that they have (1 - 2^(1 - n)). */
trm__interval trm__median_interval(int n, const double[], double level);

/** Half the width over the middle; infinite where there is no interval. */
double trm__interval_half(const trm__interval *);

/* Who looks at a growing sample again and again, and stops when its interval is
 * narrow, stops too soon: an interval that is narrow by luck holds the median less
 * often than it says, down to 0.90 of 0.95 in skewed noise. So there are few looks,
 * and from the first one on 95 % are stated of an interval of 97.5 %. */

/** The first look at n values or more: 8, 11, 15, 21, 29, 40, 56, 78, ... */
int trm__next_look(int n);
/** Level that an interval of n values needs by itself for 95 % to hold after looks. */
double trm__looked_level(int n);
/** Median, with the interval that is stated after looks: of 95 %, of less where
 * there are too few values. */
trm__interval trm__looked_median(int n, const double[]);

/** Median of the values that are known, those from 0 on; -1: none is. */
double trm__median_known(int n, const double[]);

/** Ratio of medians b / a of independent samples, with a bootstrap interval
 * (percentiles of 9,999 resamples, drawn from each sample by itself). Of few values
 * it has no more than the level of the extremes. */
trm__interval trm__ratio(int na, const double a[], int nb, const double b[],
                         double level, uint64_t seed);

/** Median of the paired ratios b[i] / a[i], with a bootstrap interval that is at
 * least as wide as the exact one of order statistics; of few pairs, likewise. */
trm__interval trm__paired_ratio(int n, const double a[], const double b[],
                                double level, uint64_t seed);

/** Wilcoxon's signed-rank test of the paired ratios against `ratio`, on logarithms:
 * the probability, were it so, to see pairs that lie at least so far above it
 * (one-sided; exact up to 30 pairs, else normal with corrections). */
double trm__signed_rank(int n, const double a[], const double b[],
                        double ratio);

/** Mann-Whitney: the probability of ranks so far apart, were both of one
 * distribution (two-sided; exact up to 40 values, else normal with corrections).
 * \param larger NULL, or receives the probability that a b exceeds an a; ties half */
double trm__rank_sum(int na, const double a[], int nb, const double b[],
                     double *larger);

#endif
