/* Figures from samples. */
#include "host/machine/machine.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/memory.h"

const trm__host_figure_row trm__host_figure_rows[TRM__FIGURE_COUNT] = {
#define TRM__ROW(member, better, unit, words) \
  {#member, unit, words, TRM__##better, offsetof(trm_machine, member)},
    TRM__FIGURES(TRM__ROW)
#undef TRM__ROW
};

trm_figure *trm__host_figure_in(trm_machine *machine, int row) {
  return (trm_figure *)((char *)machine + trm__host_figure_rows[row].offset);
}

void trm__host_samples_add(trm__host_samples *series, double value) {
  if (!(value > 0) || !isfinite(value)) return;
  if (series->n == series->capacity) {
    series->capacity = series->capacity ? 2 * series->capacity : 64;
    series->value = trm__base_grow(series->value, (size_t)series->capacity,
                                   sizeof *series->value);
  }
  series->value[series->n++] = value;
}

void trm__host_samples_clear(trm__host_samples *series) {
  free(series->value);
  *series = (trm__host_samples){NULL, 0, 0};
}

trm_figure trm__host_samples_figure(trm__host_samples *series,
                                    trm__host_better better) {
  int n = series->n;
  const double *value = series->value;
  if (n < 1) return (trm_figure){0, 0, 0};
  trm__base_sort(n, series->value);
  double median = trm__base_quantile(n, value, 0.5);
  double quartiles =
      trm__base_quantile(n, value, 0.75) - trm__base_quantile(n, value, 0.25);
  return (trm_figure){better == TRM__HIGHER ? value[n - 1] : value[0], median,
                      quartiles / median};
}
