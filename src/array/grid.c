/* The choice of a process grid, by search over all grids: the least work of the
 * fullest rank plus its halo surface. */
#include <trireme/layout.h>

typedef struct search {
  int ranks, dims;
  const int64_t *n;
  const int *min_block, *fixed;
  int grid[TRM_DIMS], best[TRM_DIMS];
  double cost;
} search;

/* Cells of the fullest block, and twice its cut faces: a cell that travels costs
 * a few that are computed. */
static double cost_of(const search *s) {
  double volume = 1, cost;
  int64_t len[TRM_DIMS];
  for (int d = 0; d < s->dims; d++) {
    len[d] = (s->n[d] + s->grid[d] - 1) / s->grid[d];
    volume *= (double)len[d];
  }
  cost = volume;
  for (int d = 0; d < s->dims; d++)
    if (s->grid[d] > 1 && len[d])
      cost += 2 * volume / (double)len[d] *
              (s->min_block[d] > 0 ? s->min_block[d] : 1);
  return cost;
}

static void try_axis(search *s, int d, int left) {
  if (d == s->dims || d == TRM_DIMS) {
    double cost = cost_of(s);
    if (s->cost < 0 || cost < s->cost) {
      s->cost = cost;
      for (int i = 0; i < s->dims; i++) s->best[i] = s->grid[i];
    }
    return;
  }
  int64_t thin = s->min_block[d] > 0 ? s->min_block[d] : 1;
  int64_t most = s->n[d] / thin < left ? s->n[d] / thin : left;
  if (most < 1) most = 1;
  int from = s->fixed[d] ? s->fixed[d] : (int)most;
  int to = s->fixed[d] ? s->fixed[d] : 1;
  for (int g = from; g >= to && g <= left; g--) {
    s->grid[d] = g;
    try_axis(s, d + 1, left / g);
  }
}

/* Axes that nothing remains for get 1; earlier axes are cut first, because their
 * faces are contiguous in memory. */
void trm_grid_choose(int ranks, int dims, const int64_t n[],
                     const int min_block[], const int fixed[], int grid[]) {
  search s = {.ranks = ranks,
              .dims = dims,
              .n = n,
              .min_block = min_block,
              .fixed = fixed,
              .cost = -1};
  for (int d = 0; d < TRM_DIMS; d++) s.best[d] = 1;
  try_axis(&s, 0, ranks);
  for (int d = 0; d < dims; d++) grid[d] = s.best[d];
}
