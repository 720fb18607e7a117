/* Intervals of medians and of ratios. */
#include "study/statistics/stat.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "study/statistics/distribution.h"
#include "study/statistics/resample.h"

enum { RESAMPLES = 9999, FIRST_CHECK = 8 };
static const double STATED = 0.95; /* level, after checks */

static double *sorted_copy(int n, const double value[]) {
  double *sorted = trm__base_calloc((size_t)(n > 0 ? n : 1), sizeof *sorted);
  if (n > 0) memcpy(sorted, value, (size_t)n * sizeof *sorted);
  trm__base_sort(n, sorted);
  return sorted;
}

/* That the extremes of n values hold the median between them. */
static double extremes_level(int n) {
  return n > 1 ? 1 - ldexp(1, 1 - n) : 0;
}

/* The l-th smallest to the u-th smallest value, from 1, hold the median with
 * probability P(l <= heads < u). Which pair is taken must not depend on the
 * values: of those of the fewest order statistics the lower, as times have their
 * outliers above. */
trm__study_interval trm__study_median_interval(int n, const double value[],
                                               double level) {
  if (n < 1) return (trm__study_interval){0, 0, 0, 0};
  int l = 1, u = n;
  double has = extremes_level(n);
  while (l + 1 < u - 1) {
    double inner =
        trm__study_binomial_cdf(u - 2, n) - trm__study_binomial_cdf(l, n);
    if (inner < level) break;
    l++;
    u--;
    has = inner;
  }
  if (u - 1 > l) {
    double lower =
        trm__study_binomial_cdf(u - 2, n) - trm__study_binomial_cdf(l - 1, n);
    if (lower >= level) {
      u--;
      has = lower;
    }
  }
  double *sorted = sorted_copy(n, value);
  trm__study_interval i = {trm__base_quantile(n, sorted, 0.5), sorted[l - 1],
                           sorted[u - 1], has};
  free(sorted);
  return i;
}

double trm__study_interval_half(const trm__study_interval *i) {
  return i->level > 0 ? 0.5 * (i->high - i->low) / i->mid : INFINITY;
}

int trm__study_next_check(int n) {
  int check = FIRST_CHECK;
  while (check < n) check += check * 2 / 5;
  return check;
}

double trm__study_checked_level(int n) {
  return n < FIRST_CHECK ? STATED : 0.975;
}

trm__study_interval trm__study_checked_median(int n, const double value[]) {
  trm__study_interval i =
      trm__study_median_interval(n, value, trm__study_checked_level(n));
  i.level = fmin(i.level, STATED);
  return i;
}

double trm__study_median_known(int n, const double value[]) {
  double *known = trm__base_calloc((size_t)(n > 0 ? n : 1), sizeof *known);
  int k = 0;
  for (int i = 0; i < n; i++)
    if (value[i] >= 0) known[k++] = value[i];
  double median = k ? trm__base_median(k, known) : -1;
  free(known);
  return median;
}

/* Resampled medians of few values hardly leave the extremes: an interval has no
 * more than their level. */
static double honest(int n, double level) {
  return fmin(level, extremes_level(n));
}

trm__study_interval trm__study_ratio(int na, const double a[], int nb,
                                     const double b[], double level,
                                     uint64_t seed) {
  if (na < 1 || nb < 1) return (trm__study_interval){NAN, NAN, NAN, 0};
  double *of_a = sorted_copy(na, a), *of_b = sorted_copy(nb, b);
  int *count = trm__base_calloc((size_t)(na > nb ? na : nb), sizeof *count);
  double *ratio = trm__base_calloc(RESAMPLES, sizeof *ratio);
  for (int r = 0; r < RESAMPLES; r++) {
    trm__study_draws d = trm__study_draws_begin(seed, 1, (uint32_t)r);
    double below = trm__study_resampled_median(na, of_a, &d, count);
    ratio[r] = trm__study_resampled_median(nb, of_b, &d, count) / below;
  }
  trm__base_sort(RESAMPLES, ratio);
  trm__study_interval i = {
      trm__base_quantile(nb, of_b, 0.5) / trm__base_quantile(na, of_a, 0.5),
      trm__base_quantile(RESAMPLES, ratio, 0.5 * (1 - level)),
      trm__base_quantile(RESAMPLES, ratio, 0.5 * (1 + level)),
      honest(na < nb ? na : nb, level)};
  free(of_a);
  free(of_b);
  free(count);
  free(ratio);
  return i;
}

/* Percentiles of a resampled median cover too little at many n (0.88 of 0.95 with
 * 7), and the jackknife that would correct them (BCa) knows nothing of medians: so
 * the exact interval is the least. */
trm__study_interval trm__study_paired_ratio(int n, const double a[],
                                            const double b[], double level,
                                            uint64_t seed) {
  if (n < 1) return (trm__study_interval){NAN, NAN, NAN, 0};
  double *ratio = trm__base_calloc((size_t)n, sizeof *ratio);
  for (int i = 0; i < n; i++) ratio[i] = b[i] / a[i];
  trm__base_sort(n, ratio);
  int *count = trm__base_calloc((size_t)n, sizeof *count);
  double *median = trm__base_calloc(RESAMPLES, sizeof *median);
  for (int r = 0; r < RESAMPLES; r++) {
    trm__study_draws d = trm__study_draws_begin(seed, 2, (uint32_t)r);
    median[r] = trm__study_resampled_median(n, ratio, &d, count);
  }
  trm__base_sort(RESAMPLES, median);
  trm__study_interval i = trm__study_median_interval(n, ratio, level);
  i.low = fmin(i.low, trm__base_quantile(RESAMPLES, median, 0.5 * (1 - level)));
  i.high =
      fmax(i.high, trm__base_quantile(RESAMPLES, median, 0.5 * (1 + level)));
  i.level = honest(n, level);
  free(ratio);
  free(count);
  free(median);
  return i;
}
