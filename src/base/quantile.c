#include "base/quantile.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

void trm__base_sort(int n, double value[]) {
  if (n > 1) qsort(value, (size_t)n, sizeof *value, compare);
}

static bool is_sorted(int n, const double value[]) {
  for (int i = 1; i < n; i++)
    if (value[i] < value[i - 1]) return false;
  return true;
}

static double of_sorted(int n, const double sorted[], double q) {
  double at = q * (n - 1);
  int below = (int)at;
  if (below >= n - 1) return sorted[n - 1];
  return sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]);
}

double trm__base_quantile(int n, const double value[], double q) {
  if (n < 1) return 0;
  if (is_sorted(n, value)) return of_sorted(n, value, q);
  double *sorted = trm__base_calloc((size_t)n, sizeof *sorted);
  memcpy(sorted, value, (size_t)n * sizeof *sorted);
  trm__base_sort(n, sorted);
  double found = of_sorted(n, sorted, q);
  free(sorted);
  return found;
}

double trm__base_median(int n, const double value[]) {
  return trm__base_quantile(n, value, 0.5);
}
