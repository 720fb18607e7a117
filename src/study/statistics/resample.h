/* Resampling: random draws by counter, and medians of resampled values. */
#ifndef TRM_STUDY_STATISTICS_RESAMPLE_H
#define TRM_STUDY_STATISTICS_RESAMPLE_H

#include <stdint.h>

typedef struct trm__draws { /* the numbers of one resample */
  uint32_t counter[4], key[2], word[4];
  int left; /* words not used yet */
} trm__draws;

/** Begin resample number `index` of a stream: the same numbers each time. */
trm__draws trm__draws_begin(uint64_t seed, uint32_t stream, uint32_t index);
int trm__draw_below(trm__draws *, int n);           /* 0 to n - 1 */
double trm__draw_uniform(trm__draws *);             /* in (0, 1), 32 bits */
double trm__draw_normal(trm__draws *);              /* standard */
double trm__draw_square(trm__draws *, int freedom); /* chi-square */

/** Median of n values drawn with replacement from n sorted ones.
 * \param count n; scratch */
double trm__resampled_median(int n, const double sorted[], trm__draws *,
                             int count[]);

#endif
