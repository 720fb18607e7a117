/* Rank tests of two sets of timings. Pure. */
#ifndef TRM_STUDY_STATISTICS_RANKS_H
#define TRM_STUDY_STATISTICS_RANKS_H

/** Wilcoxon's signed-rank test of the paired ratios against `ratio`, on logarithms:
 * the probability, were it so, to see pairs that lie at least so far above it
 * (one-sided; exact up to 30 pairs, else normal with corrections). */
double trm__study_signed_rank(int n, const double a[], const double b[],
                              double ratio);

/** Mann-Whitney: the probability of ranks so far apart, were both of one
 * distribution (two-sided; exact up to 40 values, else normal with corrections).
 * \param larger NULL, or receives the probability that a b exceeds an a; ties half */
double trm__study_rank_sum(int na, const double a[], int nb, const double b[],
                           double *larger);

#endif
