/* Distributions that intervals and tests are made of. Pure. */
#ifndef TRM_STUDY_STATISTICS_DISTRIBUTION_H
#define TRM_STUDY_STATISTICS_DISTRIBUTION_H

/** Standard normal: probability below z, and its inverse for 0 < p < 1. */
double trm__study_normal_cdf(double z);
double trm__study_normal_quantile(double p);
/** Student's t of 1, 2, ... degrees of freedom, the same. */
double trm__study_t_cdf(double t, int freedom);
double trm__study_t_quantile(double p, int freedom);
/** Probability of at most k heads in n throws of a fair coin. */
double trm__study_binomial_cdf(int k, int n);

#endif
