/* Figures from samples. */
#include "measure/machine/machine.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/memory.h"

const trm__figure_row trm__figure_rows[TRM__FIGURE_COUNT] = {
#define TRM__ROW(member, better, unit, words) \
  {#member, unit, words, TRM__##better, offsetof(trm_machine, member)},
    TRM__FIGURES(TRM__ROW)
#undef TRM__ROW
};

trm_figure *trm__figure_in(trm_machine *machine, int row) {
  return (trm_figure *)((char *)machine + trm__figure_rows[row].offset);
}

void trm__series_add(trm__series *series, double value) {
  if (!(value > 0) || !isfinite(value)) return;
  if (series->n == series->capacity) {
    series->capacity = series->capacity ? 2 * series->capacity : 64;
    series->value = trm__grow(series->value, (size_t)series->capacity,
                              sizeof *series->value);
  }
  series->value[series->n++] = value;
}

void trm__series_clear(trm__series *series) {
  free(series->value);
  *series = (trm__series){NULL, 0, 0};
}

trm_figure trm__series_figure(trm__series *series, trm__better better) {
  int n = series->n;
  const double *value = series->value;
  if (n < 1) return (trm_figure){0, 0, 0};
  trm__sort(n, series->value);
  double median = trm__quantile(n, value, 0.5);
  double quartiles =
      trm__quantile(n, value, 0.75) - trm__quantile(n, value, 0.25);
  return (trm_figure){better == TRM__HIGHER ? value[n - 1] : value[0], median,
                      quartiles / median};
}
