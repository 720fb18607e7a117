/* Resampling: random draws by counter, and medians of resampled values. */
#ifndef TRM_STUDY_STATISTICS_RESAMPLE_H
#define TRM_STUDY_STATISTICS_RESAMPLE_H

#include <stdint.h>

typedef struct trm__study_draws { /* the numbers of one resample */
  uint32_t counter[4], key[2], word[4];
  int left; /* words not used yet */
} trm__study_draws;

/** Begin resample number `index` of a stream: the same numbers each time. */
trm__study_draws trm__study_draws_begin(uint64_t seed, uint32_t stream,
                                        uint32_t index);
int trm__study_random_below(trm__study_draws *, int n); /* 0 to n - 1 */
double trm__study_random_uniform(trm__study_draws *);   /* in (0, 1), 32 bits */
double trm__study_random_normal(trm__study_draws *);    /* standard */
double trm__study_random_chi_square(trm__study_draws *,
                                    int freedom); /* chi-square */

/** Median of n values drawn with replacement from n sorted ones.
 * \param count n; scratch */
double trm__study_resampled_median(int n, const double sorted[],
                                   trm__study_draws *, int count[]);

#endif
