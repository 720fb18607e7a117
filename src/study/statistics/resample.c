#include "study/statistics/resample.h"

#include <math.h>
#include <string.h>

#include <trireme/random.h>

trm__study_draws trm__study_draws_begin(uint64_t seed, uint32_t stream,
                                        uint32_t index) {
  return (trm__study_draws){.counter = {0, index, stream, 0},
                            .key = {(uint32_t)seed, (uint32_t)(seed >> 32)}};
}

static uint32_t next(trm__study_draws *d) {
  if (!d->left) {
    trm_philox(d->counter, d->key, d->word);
    d->counter[0]++;
    d->left = 4;
  }
  return d->word[--d->left];
}

int trm__study_random_below(trm__study_draws *d, int n) {
  return (int)((uint64_t)next(d) * (uint64_t)n >> 32);
}

double trm__study_random_uniform(trm__study_draws *d) {
  return ((double)next(d) + 0.5) * 0x1p-32;
}

double trm__study_random_normal(trm__study_draws *d) {
  double radius = sqrt(-2 * log(trm__study_random_uniform(d)));
  return radius * cos(2 * M_PI * trm__study_random_uniform(d));
}

/* Two degrees of freedom are one logarithm. */
double trm__study_random_chi_square(trm__study_draws *d, int freedom) {
  double z = freedom % 2 ? trm__study_random_normal(d) : 0, sum = z * z;
  for (int i = 1; i < freedom; i += 2)
    sum -= 2 * log(trm__study_random_uniform(d));
  return sum;
}

/* Counts how often each value is drawn instead of sorting what was drawn. */
double trm__study_resampled_median(int n, const double sorted[],
                                   trm__study_draws *d, int count[]) {
  memset(count, 0, (size_t)n * sizeof *count);
  for (int i = 0; i < n; i++) count[trm__study_random_below(d, n)]++;
  int at = 0, seen = count[0];
  while (seen <= (n - 1) / 2) seen += count[++at];
  double lower = sorted[at];
  while (seen <= n / 2) seen += count[++at];
  return 0.5 * (lower + sorted[at]);
}
