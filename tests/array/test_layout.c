/* TEST ranks=13 threads=1,2 split */
/* Layouts against their definition, worked out the slow way, over random plans.
 */
#include <trireme/kernel.h>

#include "plans.h"

enum { PLANS = 120 };

/* -- maps between global and local indices --------------------------------- */

static void check_dim(const trm_plan *p, const trm_layout *l, int d) {
  int64_t sum = 0;
  for (int c = 0; c < l->grid[d]; c++) {
    int64_t owned = 0;
    for (int64_t g = 0; g < l->n[d]; g++) owned += owns(p, l->grid, d, c, g);
    CHECK_INT(trm_length_at(l, d, c), owned);
    sum += owned;
  }
  bool copies = d >= p->dims || l->kind[d] == TRM_WHOLE;
  CHECK_INT(sum, copies ? l->n[d] * l->grid[d] : l->n[d]);
  if (l->coord[0] < 0) {
    CHECK_INT(l->len[d], 0);
    for (int64_t g = 0; g < l->n[d]; g++) CHECK_INT(trm_local(l, d, g), -1);
    return;
  }
  int64_t local = 0; /* grows with the global index */
  for (int64_t g = 0; g < l->n[d]; g++) {
    CHECK(owns(p, l->grid, d, trm_coord_of(l, d, g), g));
    if (owns(p, l->grid, d, l->coord[d], g)) {
      if (local == 0 && l->kind[d] != TRM_CYCLIC) CHECK_INT(l->lo[d], g);
      CHECK_INT(trm_local(l, d, g), local);
      CHECK_INT(trm_global(l, d, local), g);
      local++;
    } else {
      CHECK_INT(trm_local(l, d, g), -1);
    }
  }
  CHECK_INT(l->len[d], local);
  CHECK_INT(trm_local(l, d, -1), -1);
  CHECK_INT(trm_local(l, d, l->n[d]), -1);
}

/* Every element has one owner; all ranks agree who that is. */
static void check_owners(trm_run *run, const trm_plan *p, const trm_layout *l) {
  int64_t index[TRM_DIMS] = {0}, counted = 0;
  bool more = volume(l->n) > 0;
  for (; more; more = next_index(l->n, index)) {
    int lowest[TRM_DIMS] = {0};
    for (int d = 0; d < TRM_DIMS; d++)
      while (!owns(p, l->grid, d, lowest[d], index[d])) lowest[d]++;
    int owner = rank_of(p, l->grid, lowest);
    bool here = element_at(l, index) >= 0;
    CHECK_INT(trm_owner(l, index), owner);
    CHECK((owner == run->rank) == (here && l->first_owner));
    counted += owner == run->rank;
  }
  if (l->first_owner) CHECK_INT(l->count, counted);
  CHECK_INT(trm_total(run, counted), volume(l->n));
}

static void check_neighbours(const trm_plan *p, const trm_layout *l) {
  for (int d = 0; d < TRM_DIMS; d++)
    for (int side = 0; side < 2; side++) {
      int want = -1, at = l->coord[d] + (side ? 1 : -1), coord[TRM_DIMS];
      int parts = l->kind[d] == TRM_WHOLE ? 1 : l->grid[d];
      memcpy(coord, l->coord, sizeof coord);
      bool wraps = parts == 1 || at < 0 || at >= parts;
      coord[d] = parts == 1 ? l->coord[d] : (at + parts) % parts;
      if (l->coord[0] >= 0 && l->halo[d] && (!wraps || l->periodic[d]))
        want = rank_of(p, l->grid, coord);
      CHECK_INT(l->neighbour[d][side], want);
    }
}

/* -- memory ---------------------------------------------------------------- */

/* All cells, halo included, lie apart and inside. */
static void check_memory(const trm_plan *p, const trm_layout *l) {
  CHECK_INT(l->count, volume(l->len));
  if (l->count == 0) {
    CHECK_INT(l->total, 0);
    return;
  }
  uint8_t *taken = calloc((size_t)l->total, 1);
  int64_t with_halo[TRM_DIMS], i[TRM_DIMS] = {0}, halo = 0;
  int fastest = p->fastest ? p->fastest - 1 : p->dims - 1;
  for (int d = 0; d < TRM_DIMS; d++) {
    with_halo[d] = l->len[d] + 2 * l->halo[d];
    halo += l->halo[d];
  }
  CHECK_INT(l->stride[fastest], 1);
  do {
    int64_t at = l->origin;
    for (int d = 0; d < TRM_DIMS; d++) at += (i[d] - l->halo[d]) * l->stride[d];
    CHECK(at >= 0 && at < l->total && !taken[at]);
    if (at >= 0 && at < l->total) taken[at] = 1;
    if (halo && i[fastest] == l->halo[fastest]) CHECK_INT(at % 16, 0);
  } while (next_index(with_halo, i));
  if (!halo) CHECK(l->origin == 0 && l->total < l->count + 16);
  free(taken);
}

/* -- the same without a run, and from bytes -------------------------------- */

/* test_layout_view.c tries what can be done with a view. */
static void check_view(const trm_plan *p, const trm_layout *l, int ranks,
                       int rank) {
  trm_layout view;
  CHECK(trm_layout_view(p, ranks, rank, &view));
  CHECK(view.run == NULL && view.own == NULL);
  CHECK(trm_layout_same(l, &view) && trm_layout_same(&view, l));
#define SAME(member) CHECK(!memcmp(&view.member, &l->member, sizeof l->member))
  SAME(dims);
  SAME(n);
  SAME(lo);
  SAME(len);
  SAME(stride);
  SAME(origin);
  SAME(total);
  SAME(count);
  SAME(halo);
  SAME(periodic);
  SAME(kind);
  SAME(block);
  SAME(grid);
  SAME(coord);
  SAME(neighbour);
  SAME(first_owner);
  SAME(fastest);
  SAME(places);
  int coord[TRM_DIMS];
  bool member = place_of(p, l->grid, rank, coord);
  CHECK((l->coord[0] >= 0) == member);
  if (member) CHECK(!memcmp(coord, l->coord, sizeof coord));
}

/* Written by one rank and read by all, in a run and without. */
static void check_bytes(trm_run *run, const trm_layout *l) {
  const trm_layout *twin;
  trm_layout view;
  trm_plan plan;
  size_t size = trm_layout_write(l, NULL, 0);
  char *bytes = malloc(size);
  if (run->rank == run->ranks - 1) trm_layout_write(l, bytes, size);
  trm_bcast(run->comm, bytes, (int64_t)size, run->ranks - 1);
  CHECK(trm_layout_read(bytes, size, &plan, NULL));
  CHECK(trm_layout_view(&plan, run->ranks, run->rank, &view));
  CHECK(trm_layout_same(&view, l));
  CHECK_OK(run, trm_layout_new(run, &plan, &twin));
  free(bytes); /* the layout has its own copy */
  CHECK(trm_layout_same(twin, l));
  CHECK(twin->total == l->total && twin->count == l->count);
  CHECK(!memcmp(twin->neighbour, l->neighbour, sizeof l->neighbour));
  trm_layout_drop(run, &twin);
}

/* -- communicators of the axes --------------------------------------------- */

static void check_axes(trm_run *run, const trm_layout *l) {
  for (int axis = 0; axis < TRM_DIMS; axis++) {
    const trm_comm *line, *again;
    CHECK_OK(run, trm_axis(run, l, axis, &line));
    CHECK_OK(run, trm_axis(run, l, axis, &again));
    CHECK(line == again && (line != NULL) == (l->coord[0] >= 0));
    if (!line) continue;
    CHECK_INT(line->ranks, l->grid[axis]);
    CHECK_INT(line->rank, l->coord[axis]);
    int coords[MOST_RANKS][TRM_DIMS];
    trm_allgather(line, l->coord, sizeof l->coord, coords);
    for (int c = 0; c < line->ranks; c++)
      for (int d = 0; d < TRM_DIMS; d++)
        CHECK_INT(coords[c][d], d == axis ? c : l->coord[d]);
  }
}

/* Two layouts are the same if their memory is, on every rank. */
static void check_same(trm_run *run, dice *d, random_plan *p,
                       const trm_layout *l) {
  const trm_layout *twin, *other;
  CHECK_OK(run, trm_layout_new(run, &p->plan, &twin));
  CHECK(trm_layout_same(l, twin));
  random_plan q = *p;
  int dim = (int)roll(d, p->plan.dims);
  if (roll(d, 2))
    q.plan.fastest = 1 + dim;
  else
    q.plan.dim[dim].n++, q.plan.dim[dim].lengths = NULL;
  if (trm_layout_new(run, &q.plan, &other) == TRM_OK) {
    bool same = trm_layout_same(l, other), mine = l->total == other->total;
    for (int i = 0; i < TRM_DIMS; i++)
      mine = mine && l->n[i] == other->n[i] && l->stride[i] == other->stride[i];
    int64_t votes = trm_total(run, same);
    CHECK(votes == 0 || votes == run->ranks);
    if (same) CHECK(mine);
    trm_layout_drop(run, &other);
  } else {
    trm_agree(run, TRM_OK);
  }
  trm_layout_drop(run, &twin);
}

static void random_plans(trm_run *run) {
  dice d = {.seed = (uint64_t)run->ranks};
  for (int k = 0; k < PLANS; k++) {
    int64_t n[TRM_DIMS];
    random_plan p;
    int dims = 1 + (int)roll(&d, TRM_DIMS);
    roll_shape(&d, dims, dims == 1 ? 60 : dims == 2 ? 14 : 6, n);
    roll_plan(&d, dims, n, 3, run->ranks, &p);
    const trm_layout *l;
    int failed = check_failed;
    CHECK_OK(run, trm_layout_new(run, &p.plan, &l));
    if (!l) continue;
    for (int i = 0; i < TRM_DIMS; i++) check_dim(&p.plan, l, i);
    check_owners(run, &p.plan, l);
    check_neighbours(&p.plan, l);
    check_memory(&p.plan, l);
    check_view(&p.plan, l, run->ranks, run->rank);
    check_bytes(run, l);
    if (k % 8 == 0) check_axes(run, l);
    check_same(run, &d, &p, l);
    if (check_failed > failed)
      fprintf(stderr, "in plan %d on %d ranks\n", k, run->ranks);
    trm_layout_drop(run, &l);
    CHECK(l == NULL);
  }
}

/* -- slices that each rank names ------------------------------------------- */

static void slices(trm_run *run) {
  for (int empty = 0; empty < 2; empty++) {
    const trm_layout *l;
    int64_t mine = empty ? 0 : run->rank * 7 % 5,
            before = trm_exscan(run->comm, mine);
    CHECK_OK(run, trm_slices(run, mine, &l));
    CHECK_INT(l->len[0], mine);
    CHECK_INT(l->count, mine);
    if (mine) CHECK_INT(l->lo[0], before);
    CHECK_INT(l->n[0], trm_total(run, mine));
    CHECK_INT(trm_length_at(l, 0, run->ranks - 1),
              empty ? 0 : (run->ranks - 1) * 7 % 5);
    check_bytes(run, l);
    trm_layout_drop(run, &l);
  }
}

/* -- what is refused ------------------------------------------------------- */

static void refused(trm_run *run, const trm_plan *p, const char *why) {
  const trm_layout *l;
  trm_layout view;
  CHECK_STATUS(trm_layout_new(run, p, &l), TRM_EINPUT);
  CHECK(l == NULL);
  CHECK_TEXT(trm_message(run), why);
  CHECK(!trm_layout_view(p, run->ranks, run->rank, &view));
  trm_agree(run, TRM_OK);
}

#define REFUSED(why, count, ...) \
  refused(run, &(trm_plan){.dims = count, .dim = __VA_ARGS__}, why)

static void bad_plans(trm_run *run) {
  if (run->ranks != 4) return;
  int64_t lengths[] = {3, -1, 8}, thin[] = {1, 5, 4};
  int far[] = {1, 4}, twice[] = {1, 1};
  int64_t overflow[] = {INT64_MAX, INT64_MAX, 12};
  REFUSED("a layout of 0 dimensions; expected 1 to 4", 0, {{0}});
  REFUSED("a layout of 5 dimensions; expected 1 to 4", 5, {{0}});
  REFUSED("dimension 1 has length -3; expected >= 0", 2, {{.n = 4}, {.n = -3}});
  REFUSED("dimension 0 has halo -1; expected >= 0", 1, {{.n = 4, .halo = -1}});
  REFUSED("dimension 0 has a grid of -2; expected >= 0", 1,
          {{.n = 4, .grid = -2}});
  REFUSED("dimension 0 has length 2; expected >= its halo, 3", 1,
          {{.n = 2, .halo = 3}});
  REFUSED("dimension 0: cyclic requires a block >= 1 and no halo", 1,
          {{.n = 9, .kind = TRM_CYCLIC}});
  REFUSED("dimension 0: cyclic requires a block >= 1 and no halo", 1,
          {{.n = 9, .kind = TRM_CYCLIC, .block = 2, .halo = 1}});
  REFUSED("dimension 0: lengths of slices require a grid", 1,
          {{.n = 10, .kind = TRM_SLICES, .lengths = thin}});
  REFUSED("dimension 0: slice 1 has length -1; expected >= 0", 1,
          {{.n = 10, .kind = TRM_SLICES, .lengths = lengths, .grid = 3}});
  REFUSED(
      "dimension 0: slice 0 has length 1; expected >= 2", 1,
      {{.n = 10, .kind = TRM_SLICES, .lengths = thin, .grid = 3, .halo = 2}});
  REFUSED("dimension 0: slices sum to 10; expected 11", 1,
          {{.n = 11, .kind = TRM_SLICES, .lengths = thin, .grid = 3}});
  REFUSED("dimension 0: slices sum to more than 2^63", 1,
          {{.n = 10, .kind = TRM_SLICES, .lengths = overflow, .grid = 3}});
  REFUSED("dimension 0: 3 blocks of 8 are thinner than the halo, 3", 1,
          {{.n = 8, .grid = 3, .halo = 3}});
  REFUSED("dimension 0: 3 blocks of 8 are thinner than the halo, 3", 1,
          {{.n = 8, .grid = 3, .halo = 3, .kind = TRM_SLICES}});
  REFUSED("a grid of 5 ranks; only 4 are available", 1, {{.n = 8, .grid = 5}});
  REFUSED("a grid of 6 ranks; only 4 are available", 2,
          {{.n = 8, .grid = 2}, {.n = 8, .grid = 3}});
  REFUSED("a grid of 3 ranks; only 2 are available", 1, {{.n = 8, .grid = 3}},
          .first = 2);
  REFUSED("a layout on 0 ranks from rank 4; the run has 4", 1, {{.n = 8}},
          .first = 4);
  REFUSED("a layout on 3 ranks from rank 2; the run has 4", 1, {{.n = 8}},
          .first = 2, .ranks = 3);
  REFUSED("a layout on 2147483647 ranks from rank 1; the run has 4", 1,
          {{.n = 8}}, .first = 1, .ranks = 2147483647);
  REFUSED("fastest is 3; expected 0 to 2", 2, {{.n = 8}, {.n = 8}},
          .fastest = 3);
  REFUSED("the map names rank 4; the run has 4 ranks", 1, {{.n = 8, .grid = 2}},
          .map = far);
  REFUSED("the map names rank 1 twice", 1, {{.n = 8, .grid = 2}}, .map = twice);
  int64_t big = (int64_t)1 << 30;
  REFUSED("the product of the dimensions' lengths exceeds 2^59", 2,
          {{.n = big}, {.n = big}});
  REFUSED("the product of the dimensions' lengths exceeds 2^59", 1,
          {{.n = INT64_MAX}});
  REFUSED(
      "the product of the dimensions' lengths exceeds 2^59, halo and "
      "padding included",
      2, {{.n = big, .halo = 1}, {.n = big / 2 - 1}});
}

/* Sizes that are allowed must not overflow on the way to the memory's size. */
static void large(trm_run *run) {
  trm_layout l;
  int64_t n[TRM_DIMS] = {(int64_t)1 << 20, (int64_t)1 << 19, 1 << 10, 1 << 9};
  trm_plan p = trm_grid_plan(4, n, 0, NULL);
  CHECK(trm_layout_view(&p, run->ranks, run->rank, &l));
  CHECK(l.total >= l.count && l.total < INT64_MAX / 16);
  p = trm_grid_plan(1, &(int64_t){((int64_t)1 << 59) - 17 - 3 * 16 - 2}, 1,
                    NULL);
  CHECK(trm_layout_view(&p, 1, 0, &l));
  CHECK(l.total > l.count && l.total <= INT64_MAX / 16);
}

/* -- the choice of a grid -------------------------------------------------- */

/* The cost as layout.h has it: cells of the fullest rank, twice those it sends.
 */
static double cost(int dims, const int64_t n[], const int thin[],
                   const int grid[]) {
  double cells = 1, sent = 0;
  for (int d = 0; d < dims; d++) cells *= ceil((double)n[d] / grid[d]);
  for (int d = 0; d < dims; d++)
    if (grid[d] > 1) sent += cells / ceil((double)n[d] / grid[d]) * thin[d];
  return cells + 2 * sent;
}

typedef struct choice {
  int grid[3];
  double cost, cells, row, sides;
} choice;

/* The least cost; of equals the fewest cells, the longest rows, the shortest sides, and
 * the most places on earlier axes. */
static bool is_better(const choice *a, const choice *b) {
  if (a->cost != b->cost) return a->cost < b->cost;
  if (a->cells != b->cells) return a->cells < b->cells;
  if (a->row != b->row) return a->row > b->row;
  if (a->sides != b->sides) return a->sides < b->sides;
  return false; /* tried in that order */
}

/* \param last the last axis that may be cut and is long enough */
static choice choice_of(int dims, const int64_t n[], const int thin[], int last,
                        const int grid[]) {
  choice c = {.cost = cost(dims, n, thin, grid), .cells = 1};
  for (int i = 0; i < dims; i++) {
    double length = ceil((double)n[i] / grid[i]);
    c.grid[i] = grid[i];
    c.cells *= length;
    c.sides += length;
    if (i == last) c.row = length;
  }
  return c;
}

static void choose_slowly(int ranks, int dims, const int64_t n[],
                          const int thin[], const int fixed[], int best[]) {
  choice found = {.cost = INFINITY};
  int g[3], last = dims - 1;
  while (last > 0 && (fixed[last] || n[last] / thin[last] < 2)) last--;
  for (g[0] = ranks; g[0] >= 1; g[0]--)
    for (g[1] = dims > 1 ? ranks / g[0] : 1; g[1] >= 1; g[1]--)
      for (g[2] = dims > 2 ? ranks / g[0] / g[1] : 1; g[2] >= 1; g[2]--) {
        bool fits = true;
        for (int i = 0; i < dims; i++)
          fits =
              fits && n[i] / g[i] >= thin[i] && (!fixed[i] || fixed[i] == g[i]);
        choice c = choice_of(dims, n, thin, last, g);
        if (fits && is_better(&c, &found)) found = c;
      }
  memcpy(best, found.grid, sizeof found.grid);
}

static void choose_one(dice *d, int ranks) {
  int dims = 1 + (int)roll(d, 3), thin[3], fixed[3] = {0}, got[3], want[3];
  int64_t n[3];
  for (int i = 0; i < 3; i++) {
    n[i] = 1 + roll(d, roll(d, 2) ? 12 : 500);
    thin[i] = 1 + (int)roll(d, n[i] < 4 ? n[i] : 4);
  }
  if (dims > 1 && roll(d, 3) == 0) {
    int i = (int)roll(d, dims);
    fixed[i] =
        1 + (int)roll(d, ranks < n[i] / thin[i] ? ranks : n[i] / thin[i]);
  }
  trm_grid_choose(ranks, dims, n, thin, fixed, got);
  choose_slowly(ranks, dims, n, thin, fixed, want);
  int places = 1;
  for (int i = 0; i < dims; i++) {
    places *= got[i];
    CHECK(n[i] / got[i] >= thin[i]);
    CHECK_INT(got[i], want[i]);
  }
  CHECK(places >= 1 && places <= ranks);
}

static void choices(trm_run *run) {
  if (run->rank) return;
  dice d = {.seed = 5};
  for (int ranks = 1; ranks <= 40; ranks++)
    for (int k = 0; k < 6; k++) choose_one(&d, ranks);
  for (int k = 0; k < 6; k++) choose_one(&d, 100 + (int)roll(&d, 300));
  /* a dimension that is too thin for its halo stays whole; primes are used */
  int grid[2], one[] = {3, 3}, none[] = {0, 0};
  trm_grid_choose(64, 2, (int64_t[]){5, 700}, one, none, grid);
  CHECK(grid[0] == 1 && grid[1] == 64);
  trm_grid_choose(1021, 1, (int64_t[]){1 << 20}, one, none, grid);
  CHECK_INT(grid[0], 1021);
  /* of equals the compact one, in whose blocks a box of blocks falls apart again; but
   * rows are not cut for that */
  const int64_t cube[] = {64, 64, 64}, plates[] = {128, 128, 64};
  const int thinnest[] = {1, 1, 1}, free[] = {0, 0, 0};
  int of[3];
  trm_grid_choose(8, 3, cube, thinnest, free, of);
  CHECK(of[0] == 4 && of[1] == 2 && of[2] == 1);
  trm_grid_choose(4, 3, plates, thinnest, free, of);
  CHECK(of[0] == 2 && of[1] == 2 && of[2] == 1);
  trm_grid_choose(27, 3, cube, thinnest, free, of);
  CHECK(of[0] == 3 && of[1] == 3 && of[2] == 3);
  trm_grid_choose(2, 1, (int64_t[]){4}, thinnest, free, grid); /* none idle */
  CHECK_INT(grid[0], 2);
}

static void test(trm_run *run) {
  random_plans(run);
  slices(run);
  bad_plans(run);
  large(run);
  if (run->ranks == 1) choices(run);
}

int main(int argc, char **argv) {
  return check_mpi(argc, argv, test);
}
