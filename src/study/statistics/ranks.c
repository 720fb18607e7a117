/* Tests of ranks. Ties share the mean of their ranks; twice that is a whole
 * number, so the exact distributions can be counted with ties too. */
#include "study/statistics/ranks.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "study/statistics/distribution.h"

enum { EXACT_PAIRS = 30, EXACT_VALUES = 40 };

typedef struct item {
  double key;
  int mark; /* pair: is it above; value: is it a b */
} item;

static int rising(const void *a, const void *b) {
  double x = ((const item *)a)->key, y = ((const item *)b)->key;
  return (x > y) - (x < y);
}

/* Twice the rank of each item, which are sorted; returns the sum of t^3 - t over
 * ties of t items. */
static double twice_ranks(int n, item list[], int twice[]) {
  double ties = 0;
  qsort(list, (size_t)n, sizeof *list, rising);
  for (int i = 0, end; i < n; i = end) {
    for (end = i + 1; end < n && list[end].key <= list[i].key;) end++;
    for (int k = i; k < end; k++) twice[k] = i + 1 + end;
    double t = end - i;
    ties += t * t * t - t;
  }
  return ties;
}

static double normal_above(double distance, double variance) {
  return variance > 0 ? trm__study_normal_cdf(-distance / sqrt(variance)) : 1;
}

/* Share of the 2^n choices of signs with a sum of at least `sum`. */
static double signs_above(int n, const int twice[], int sum) {
  int all = n * (n + 1);
  double *ways = trm__base_calloc((size_t)all + 1, sizeof *ways), above = 0;
  ways[0] = 1;
  for (int i = 0; i < n; i++)
    for (int s = all; s >= twice[i]; s--) ways[s] += ways[s - twice[i]];
  for (int s = sum; s <= all; s++) above += ways[s];
  free(ways);
  return ldexp(above, -n);
}

double trm__study_signed_rank(int n, const double a[], const double b[],
                              double ratio) {
  item *list = trm__base_calloc((size_t)n + 1, sizeof *list);
  int *twice = trm__base_calloc((size_t)n + 1, sizeof *twice), used = 0;
  for (int i = 0; i < n; i++) {
    double over = log(b[i] / a[i]) - log(ratio);
    if (over > 0 || over < 0) list[used++] = (item){fabs(over), over > 0};
  }
  double ties = twice_ranks(used, list, twice), sum = 0;
  for (int i = 0; i < used; i++) sum += list[i].mark ? twice[i] : 0;
  double found, m = used;
  if (!used) {
    found = 1;
  } else if (used <= EXACT_PAIRS) {
    found = signs_above(used, twice, (int)sum);
  } else {
    double variance = m * (m + 1) * (2 * m + 1) / 24 - ties / 48;
    found = normal_above(0.5 * sum - m * (m + 1) / 4 - 0.5, variance);
  }
  free(list);
  free(twice);
  return found;
}

/* Share of the choices of m of n items whose sum lies at least `off` from its
 * mean. */
static double choices_beyond(int n, const int twice[], int m, double off) {
  int all = n * (n + 1), width = all + 1;
  double *ways =
      trm__base_calloc((size_t)(m + 1) * (size_t)width, sizeof *ways);
  double mean = (double)m * (n + 1), beyond = 0, total = 0;
  ways[0] = 1;
  for (int i = 0; i < n; i++)
    for (int k = i + 1 < m ? i + 1 : m; k > 0; k--)
      for (int s = all; s >= twice[i]; s--)
        ways[k * width + s] += ways[(k - 1) * width + s - twice[i]];
  for (int s = 0; s <= all; s++) {
    double w = ways[m * width + s];
    total += w;
    if (fabs(s - mean) >= off) beyond += w;
  }
  free(ways);
  return beyond / total;
}

double trm__study_rank_sum(int na, const double a[], int nb, const double b[],
                           double *larger) {
  int n = na + nb;
  if (larger) *larger = 0.5;
  if (na < 1 || nb < 1) return 1;
  item *list = trm__base_calloc((size_t)n, sizeof *list);
  int *twice = trm__base_calloc((size_t)n, sizeof *twice);
  for (int i = 0; i < n; i++)
    list[i] = i < na ? (item){a[i], 0} : (item){b[i - na], 1};
  double ties = twice_ranks(n, list, twice), sum = 0;
  for (int i = 0; i < n; i++) sum += list[i].mark ? twice[i] : 0;
  double pairs = (double)na * nb, off = fabs(sum - (double)nb * (n + 1)), found;
  if (larger) *larger = (0.5 * sum - 0.5 * nb * (nb + 1.0)) / pairs;
  if (n <= EXACT_VALUES) {
    found = choices_beyond(n, twice, nb, off);
  } else {
    double variance = pairs / 12 * (n + 1 - ties / ((double)n * (n - 1)));
    found = fmin(1, 2 * normal_above(0.5 * off - 0.5, variance));
  }
  free(list);
  free(twice);
  return found;
}
