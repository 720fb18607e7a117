/* The choice of a process grid by search: the least work of the fullest rank
 * plus its halo surface. Among grids of equal cost, the one with the fewest
 * cells per rank wins. Then the one with the longest rows, because faces across
 * rows are scattered in memory: heat, 256^3 on 8 ranks, takes 1.9 times as long
 * on a 2 x 2 x 2 grid as on 4 x 2 x 1. Then the one with the most compact
 * blocks, so that a box made of equal blocks is divided into these blocks
 * again; this keeps the block shape when weak scaling enlarges the box.
 *
 * The cost depends only on the lengths of the blocks and grows with each of
 * them. So a number of places on an axis is tried only if fewer places would
 * make longer blocks and more would leave fewer places to the other axes: about
 * 2 sqrt(r) of r numbers. A bound from the inequality of arithmetic and
 * geometric means eliminates most of these: the search takes well below a
 * millisecond for a million ranks. */
#include <math.h>

#include <trireme/layout.h>

typedef struct block { /* the largest block of a grid */
  int64_t length[TRM_DIMS];
  double cells, cost;
  int64_t sides; /* sum of the lengths; smaller is more compact */
} block;

typedef struct faces { /* faces of one place along each of some axes */
  int axes;
  double sum, product; /* of the faces, relative to a block's cells */
} faces;

typedef struct search {
  int dims, ranks;
  int last; /* the free axis that takes the remaining places; -1: none */
  int64_t n[TRM_DIMS], thin[TRM_DIMS];
  int fixed[TRM_DIMS]; /* 0: free, and long enough to be divided */
  /* cells of the axes from d on, with free axes undivided */
  double cells_from[TRM_DIMS + 1];
  faces free[TRM_DIMS + 1]; /* of the free axes from d on */
  block tried, best;        /* best: cost < 0: none yet */
  double bound;             /* grids that cost more are rejected */
} search;

static int64_t length_of(int64_t n, int64_t places) {
  return (n + places - 1) / places;
}

static int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}

static double with_slack(double cost) {
  return cost * (1 + 1e-9);
}

/* Is an axis divided? Blocks of two or more places are shorter than the whole.
 */
static bool is_cut(const search *s, int d, int64_t length) {
  return s->fixed[d] ? s->fixed[d] > 1 : length < s->n[d];
}

/* The cost: cells of the block, plus twice its faces between ranks, because
 * sending a cell costs about as much as computing a few. */
static void rate(const search *s, block *b) {
  b->cells = 1;
  b->sides = 0;
  for (int d = 0; d < s->dims; d++) {
    b->cells *= (double)b->length[d];
    b->sides += b->length[d];
  }
  b->cost = b->cells;
  for (int d = 0; d < s->dims; d++)
    if (is_cut(s, d, b->length[d]))
      b->cost += 2 * b->cells / (double)b->length[d] * (double)s->thin[d];
}

/* Earlier axes are divided first, because their faces are contiguous in memory.
 */
static bool is_better(const search *s, const block *a, const block *b) {
  if (a->cost != b->cost) return a->cost < b->cost;
  if (a->cells != b->cells) return a->cells < b->cells;
  if (s->last >= 0 && a->length[s->last] != b->length[s->last])
    return a->length[s->last] > b->length[s->last];
  if (a->sides != b->sides) return a->sides < b->sides;
  for (int d = 0; d < s->dims; d++)
    if (a->length[d] != b->length[d]) return a->length[d] < b->length[d];
  return false;
}

static void keep_better(search *s) {
  rate(s, &s->tried);
  if (s->best.cost >= 0 && !is_better(s, &s->tried, &s->best)) return;
  s->best = s->tried;
  s->bound = fmin(s->bound, with_slack(s->best.cost));
}

static int64_t most_places(const search *s, int d, int64_t left) {
  int64_t most = least(s->n[d] / s->thin[d], left);
  return most < 1 ? 1 : most;
}

/* The maximum number of places that gives blocks of this length. */
static int64_t places_up_to(const search *s, int d, int64_t length) {
  return length > 1 ? (s->n[d] - 1) / (length - 1) : s->n[d];
}

static void add_axis(faces *f, double face) {
  f->axes++;
  f->sum += face;
  f->product *= face;
}

/* Lower bound of the faces of some axes with `places` places in total, without
 * rounding to whole numbers: it is attained by equal faces, because the product
 * is given and the sum is minimised. An axis with one place has no face; fewer
 * places cost more. */
static double fewest_faces(const faces *f, double places) {
  if (f->axes == 0 || f->sum > 1) return 0;
  double each = f->product * places;
  if (f->axes == 2) each = sqrt(each);
  if (f->axes > 2) each = pow(each, 1. / f->axes);
  return fmax(0, f->axes * each - f->sum);
}

static void try_axis(search *, int d, int64_t left, double cells, double cut);

/* \param left places for the axes behind d
 * \param cells, cut of the axes before d; cut: faces over cells */
static void try_places(search *s, int d, int64_t places, int64_t left,
                       double cells, double cut) {
  int64_t length = length_of(s->n[d], places);
  s->tried.length[d] = length;
  cells *= (double)length;
  if (places > 1) cut += 2 * (double)s->thin[d] / (double)length;
  double least_cut = cut + fewest_faces(&s->free[d + 1], (double)left);
  if (cells * s->cells_from[d + 1] / (double)left * (1 + least_cut) <= s->bound)
    try_axis(s, d + 1, left, cells, cut);
}

static void try_free_axis(search *s, int d, int64_t left, double cells,
                          double cut) {
  int64_t most = most_places(s, d, left), places = 1;
  while (places <= most) {
    int64_t others = left / places;
    /* the maximum that leaves this number */
    places = least(most, left / others);
    try_places(s, d, places, others, cells, cut);
    int64_t as_long = places_up_to(s, d, length_of(s->n[d], places));
    places = (as_long > places ? as_long : places) + 1;
  }
}

/* The last free axis gets all remaining places, or one place, without faces. */
static void try_axis(search *s, int d, int64_t left, double cells, double cut) {
  if (d == s->dims || d == TRM_DIMS) {
    keep_better(s);
  } else if (s->fixed[d]) {
    try_places(s, d, s->fixed[d], left, cells, cut);
  } else if (d < s->last) {
    try_free_axis(s, d, left, cells, cut);
  } else {
    int64_t most = most_places(s, d, left);
    try_places(s, d, most, 1, cells, cut);
    if (most > 1) try_places(s, d, 1, 1, cells, cut);
  }
}

/* Cost of a nearly even grid. */
static double cost_when_even(const search *s) {
  block b = {.cost = 0};
  double cells = 1;
  int free = 0, left = s->ranks;
  for (int d = 0; d < s->dims; d++)
    if (!s->fixed[d]) cells *= (double)s->n[d], free++;
  for (int d = 0; d < s->dims; d++) {
    int64_t places = s->fixed[d];
    if (!places) {
      double n = (double)s->n[d], most = (double)most_places(s, d, left);
      double even = n * pow(left / cells, 1. / free--) + 0.01;
      if (d == s->last || !(even < most)) even = most;
      places = even > 1 ? (int64_t)even : 1;
      left /= (int)places;
      cells /= n;
    }
    b.length[d] = length_of(s->n[d], places);
  }
  rate(s, &b);
  return b.cost;
}

/* The grid with the best lengths, with as many places on earlier axes as
 * possible without lengthening the blocks of others. */
static void grid_of_best(const search *s, int grid[]) {
  int64_t left = s->ranks;
  for (int d = 0; d < s->dims; d++) {
    int64_t room = left;
    for (int e = d + 1; e < s->dims; e++)
      if (!s->fixed[e]) room /= length_of(s->n[e], s->best.length[e]);
    room = least(room, places_up_to(s, d, s->best.length[d]));
    grid[d] = s->fixed[d] ? s->fixed[d] : (int)most_places(s, d, room);
    if (!s->fixed[d]) left /= grid[d];
  }
}

/* An axis too short for two blocks is not searched. */
static void set_axis(search *s, int d, int64_t n, int thin, int fixed) {
  s->n[d] = n > 0 ? n : 1;
  s->thin[d] = thin > 0 ? thin : 1;
  s->fixed[d] = fixed || s->n[d] / s->thin[d] > 1 ? fixed : 1;
  int64_t length = length_of(s->n[d], s->fixed[d] ? s->fixed[d] : 1);
  s->cells_from[d] = s->cells_from[d + 1] * (double)length;
  s->free[d] = s->free[d + 1];
  if (s->fixed[d]) {
    s->ranks /= s->fixed[d];
  } else {
    if (s->last < 0) s->last = d;
    add_axis(&s->free[d], 2 * (double)s->thin[d] / (double)s->n[d]);
  }
}

/* Axes without remaining places get 1. An empty axis is treated like one of
 * length 1: nothing is computed on any grid. */
void trm_grid_choose(int ranks, int dims, const int64_t n[],
                     const int min_block[], const int fixed[], int grid[]) {
  search s = {.dims = dims, .ranks = ranks, .last = -1, .best.cost = -1};
  s.cells_from[dims] = s.free[dims].product = 1;
  for (int d = dims - 1; d >= 0; d--) {
    set_axis(&s, d, n[d], min_block[d], fixed[d]);
    grid[d] = 1;
  }
  if (s.ranks < 1) return;
  s.bound = with_slack(cost_when_even(&s));
  try_axis(&s, 0, s.ranks, 1, 0);
  grid_of_best(&s, grid);
}
