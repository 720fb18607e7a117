/* The choice of a process grid, by search: the least work of the fullest rank plus
 * its halo surface. Of grids that cost the same, with blocks of as many cells, the one
 * with the most compact blocks is taken, so that a box that is made of equal blocks is
 * cut into these again, which keeps the shape of a share when a weak study lets the
 * box grow. But rows are not cut for that, because faces across rows are scattered:
 * heat, 256^3 on 8 ranks, takes 1.9 times as long cut 2 x 2 x 2 as 4 x 2 x 1. */
#include <math.h>

#include <trireme/layout.h>

typedef struct block { /* the fullest of a grid */
  double cells, cost;
  int64_t row;   /* its side along the last free axis */
  int64_t sides; /* the sum of all: the less, the more compact */
} block;

typedef struct search {
  int dims, last; /* last: the free axis that takes what the others leave */
  const int64_t *n;
  const int *fixed;
  int64_t thin[TRM_DIMS];
  double rest[TRM_DIMS + 1]; /* cells of the axes from d on, free ones whole */
  int grid[TRM_DIMS], best[TRM_DIMS];
  block found;  /* of `best`; cost < 0: none yet */
  double bound; /* what costs more is not the best */
} search;

static double with_slack(double cost) {
  return cost * (1 + 1e-9);
}

/* Cells of the fullest block, and twice its cut faces: a cell that travels costs
 * a few that are computed. */
static block block_of(const search *s) {
  block b = {.cells = 1};
  int64_t len[TRM_DIMS];
  for (int d = 0; d < s->dims; d++) {
    len[d] = (s->n[d] + s->grid[d] - 1) / s->grid[d];
    b.cells *= (double)len[d];
    b.sides += len[d];
    if (d == s->last) b.row = len[d];
  }
  b.cost = b.cells;
  for (int d = 0; d < s->dims; d++)
    if (s->grid[d] > 1 && len[d])
      b.cost += 2 * b.cells / (double)len[d] * (double)s->thin[d];
  return b;
}

static bool is_better(const block *a, const block *b) {
  if (a->cost != b->cost) return a->cost < b->cost;
  return a->cells == b->cells && a->row >= b->row && a->sides < b->sides;
}

static void keep_better(search *s) {
  block b = block_of(s), *found = &s->found;
  if (found->cost >= 0 && !is_better(&b, found)) return;
  *found = b;
  s->bound = fmin(s->bound, with_slack(b.cost));
  for (int d = 0; d < s->dims; d++) s->best[d] = s->grid[d];
}

static int64_t most_places(const search *s, int d, int left) {
  int64_t most = s->n[d] / s->thin[d];
  if (most > left) most = left;
  return most < 1 ? 1 : most;
}

/* Not so many that a block's faces across this axis alone exceed the bound.
 * \param cells that a block has at least
 * \param faces of the axes before, over its cells */
static int useful_places(const search *s, int d, int left, double cells,
                         double faces) {
  int64_t most = most_places(s, d, left);
  if (!(cells > 0)) return (int)most;
  double room = s->bound / cells - 1 - faces;
  double thinnest = room > 0 ? 2 * (double)s->thin[d] / room : INFINITY;
  double places =
      thinnest > 1 ? (double)s->n[d] / (thinnest - 1) + 1 : INFINITY;
  return places < (double)most ? (int)places : (int)most;
}

/* Along the last free axis as many places as there are, or one, without faces.
 * \param left places for the free axes from d on
 * \param cells, faces of the axes before */
static void try_axis(search *s, int d, int left, double cells, double faces) {
  if (d == s->dims || d == TRM_DIMS) {
    keep_better(s);
    return;
  }
  int fixed = s->fixed[d], to = fixed ? fixed : 1;
  int g = fixed ? fixed
                : useful_places(s, d, left, cells * s->rest[d] / left, faces);
  while (g >= to) {
    int others = fixed ? left : left / g;
    double len = (double)((s->n[d] + g - 1) / g), cut = faces;
    if (g > 1 && len > 0) cut += 2 * (double)s->thin[d] / len;
    s->grid[d] = g;
    if (cells * len * s->rest[d + 1] / others * (1 + cut) <= s->bound)
      try_axis(s, d + 1, others, cells * len, cut);
    g = d == s->last && g > 1 ? 1 : g - 1;
  }
}

/* Cost of a grid that is about even. */
static double cost_when_even(search *s, int left) {
  double cells = 1;
  int free = 0;
  for (int d = 0; d < s->dims; d++) {
    if (s->fixed[d]) continue;
    cells *= (double)s->n[d];
    free++;
  }
  for (int d = 0; d < s->dims; d++) {
    s->grid[d] = s->fixed[d];
    if (s->fixed[d]) continue;
    double most = (double)most_places(s, d, left), n = (double)s->n[d];
    double places = n * pow(left / cells, 1. / free--) + 0.01;
    if (d == s->last || !(places < most)) places = most;
    s->grid[d] = places > 1 ? (int)places : 1;
    left /= s->grid[d];
    cells /= n;
  }
  return block_of(s).cost;
}

/* Axes that nothing remains for get 1; earlier axes are cut first, because their
 * faces are contiguous in memory. */
void trm_grid_choose(int ranks, int dims, const int64_t n[],
                     const int min_block[], const int fixed[], int grid[]) {
  search s = {
      .dims = dims, .last = -1, .n = n, .fixed = fixed, .found.cost = -1};
  s.rest[dims] = 1;
  for (int d = dims - 1; d >= 0; d--) {
    int places = fixed[d] ? fixed[d] : 1;
    s.best[d] = 1;
    s.thin[d] = min_block[d] > 0 ? min_block[d] : 1;
    s.rest[d] = s.rest[d + 1] * (double)((n[d] + places - 1) / places);
    if (!fixed[d] && s.last < 0) s.last = d;
    ranks /= places;
  }
  if (ranks > 0) {
    s.bound = with_slack(cost_when_even(&s, ranks));
    try_axis(&s, 0, ranks, 1, 0);
  }
  for (int d = 0; d < dims; d++) grid[d] = s.best[d];
}
