/* TEST timeout=60 */
/* Layouts without a run: views against their definition over random plans, layouts as
 * bytes, bytes that are refused, and grids of many ranks. */
#include <limits.h>

#include <trireme/kernel.h>

#include "plans.h"

enum { PLANS = 400, ROOM = 4096 };

/* -- views ----------------------------------------------------------------- */

static void check_dim(const trm_plan *p, const trm_layout *l, int d) {
  for (int64_t g = 0; g < l->n[d]; g++) {
    int c = trm_coord_of(l, d, g);
    CHECK(owns(p, l->grid, d, c, g));
    int64_t local = trm_local(l, d, g);
    bool here = l->coord[0] >= 0 && owns(p, l->grid, d, l->coord[d], g);
    CHECK(local >= 0 ? here && trm_global(l, d, local) == g : !here);
  }
  for (int c = 0; c < l->grid[d]; c++) {
    int64_t owned = 0;
    for (int64_t g = 0; g < l->n[d]; g++) owned += owns(p, l->grid, d, c, g);
    CHECK_INT(trm_length_at(l, d, c), owned);
    if (c == l->coord[d]) CHECK_INT(l->len[d], owned);
  }
}

/* All ranks' views together: each element is owned by whom all of them name.
 * \return elements that count */
static int64_t check_owners(const trm_plan *p, const trm_layout *l, int rank) {
  int64_t index[TRM_DIMS] = {0}, counted = 0;
  bool more = volume(l->n) > 0;
  for (; more; more = next_index(l->n, index)) {
    int coord[TRM_DIMS] = {0};
    for (int d = 0; d < TRM_DIMS; d++)
      while (!owns(p, l->grid, d, coord[d], index[d])) coord[d]++;
    int owner = trm_owner(l, index);
    CHECK_INT(owner, rank_of(p, l->grid, coord));
    CHECK((owner == rank) == (element_at(l, index) >= 0 && l->first_owner));
    counted += owner == rank;
  }
  return counted;
}

static void views(const trm_plan *p, int ranks) {
  int64_t counted = 0, all = 0;
  for (int rank = 0; rank < ranks; rank++) {
    trm_layout l;
    CHECK(trm_layout_view(p, ranks, rank, &l));
    CHECK(l.run == NULL && l.own == NULL);
    for (int d = 0; d < TRM_DIMS; d++) check_dim(p, &l, d);
    counted += check_owners(p, &l, rank);
    all = volume(l.n);
  }
  CHECK_INT(counted, all);
}

/* -- the same, and the plan of a layout -------------------------------------- */

static bool same_members(const trm_layout *a, const trm_layout *b) {
#define SAME(member) !memcmp(&a->member, &b->member, sizeof a->member)
  return SAME(dims) && SAME(n) && SAME(lo) && SAME(len) && SAME(stride) &&
         SAME(origin) && SAME(total) && SAME(count) && SAME(halo) &&
         SAME(periodic) && SAME(kind) && SAME(block) && SAME(grid) &&
         SAME(coord) && SAME(neighbour) && SAME(first_owner) && SAME(fastest) &&
         SAME(places);
#undef SAME
}

static void again(const trm_plan *p, int ranks) {
  for (int rank = 0; rank < ranks; rank++) {
    trm_layout a, b;
    trm_layout_view(p, ranks, rank, &a);
    trm_plan plan = trm_layout_plan(&a);
    CHECK(trm_layout_view(&plan, ranks, rank, &b));
    CHECK(same_members(&a, &b));
    CHECK(trm_layout_same(&a, &b) && trm_layout_same(&b, &a));
  }
}

static trm_layout seen(const trm_plan *p, int ranks) {
  trm_layout l;
  CHECK(trm_layout_view(p, ranks, 0, &l));
  return l;
}

static void same(void) {
  const int64_t even[] = {4, 3, 3}, other[] = {3, 4, 3};
  const int map[] = {2, 3, 4}, mixed[] = {2, 4, 3};
  trm_plan p = {.dims = 1, .dim = {{.n = 10, .kind = TRM_SLICES, .grid = 3}}};
  trm_layout a = seen(&p, 5);
  p.dim[0].lengths = even; /* given or not, it is the same cut */
  trm_layout b = seen(&p, 5);
  CHECK(trm_layout_same(&a, &b) && trm_layout_same(&b, &a));
  p.dim[0].lengths = other;
  b = seen(&p, 5);
  CHECK(!trm_layout_same(&a, &b) && !trm_layout_same(&b, &a));
  p.dim[0].lengths = NULL;
  p.first = 2;
  a = seen(&p, 5);
  p.first = 0;
  p.map = map; /* the same ranks */
  b = seen(&p, 5);
  CHECK(trm_layout_same(&a, &b) && trm_layout_same(&b, &a));
  p.map = mixed;
  b = seen(&p, 5);
  CHECK(!trm_layout_same(&a, &b) && !trm_layout_same(&b, &a));
}

/* -- bytes ----------------------------------------------------------------- */

static void refused(const void *bytes, size_t size, const char *why) {
  const char *said = NULL;
  trm_plan plan = {.dims = -7};
  CHECK(!trm_layout_read(bytes, size, &plan, &said));
  CHECK_INT(plan.dims, -7);
  if (said) CHECK_TEXT(said, why);
  CHECK(said && !trm_layout_read(bytes, size, &plan, NULL));
}

/* Read from exactly so many bytes, so that a sanitizer sees what is read beyond. */
static void cut_and_damaged(const char *bytes, size_t size) {
  for (size_t n = 0; n < size; n += n < 16 ? 1 : 13) {
    char *part = malloc(n + 1);
    memcpy(part, bytes, n);
    refused(part, n, "cut short");
    free(part);
  }
  char *part = malloc(size);
  for (size_t i = 32; i < size; i += 3) {
    memcpy(part, bytes, size);
    part[i] = (char)(part[i] ^ 1 << i % 8);
    refused(part, size, "damaged");
  }
  free(part);
}

static void round_trip(const trm_plan *p, int ranks, bool damage) {
  static int64_t bytes[ROOM / 8], twin[ROOM / 8];
  for (int rank = 0; rank < ranks; rank++) {
    trm_layout a, b;
    trm_plan plan;
    trm_layout_view(p, ranks, rank, &a);
    size_t size = trm_layout_write(&a, NULL, 0);
    CHECK(size <= 220 + 8 * TRM_DIMS * MOST_RANKS + 4 * MOST_RANKS);
    CHECK_INT(trm_layout_write(&a, bytes, sizeof bytes), size);
    CHECK(trm_layout_read(bytes, sizeof bytes, &plan, NULL));
    CHECK(trm_layout_view(&plan, ranks, rank, &b));
    CHECK(same_members(&a, &b) && trm_layout_same(&a, &b));
    if (rank == 0) memcpy(twin, bytes, size);
    CHECK(!memcmp(twin, bytes, size)); /* the same on every rank */
    CHECK_INT(trm_layout_write(&b, twin, sizeof twin), size);
    CHECK(!memcmp(twin, bytes, size));
    memset(twin, 0x55, sizeof twin); /* too little room: untouched */
    CHECK_INT(trm_layout_write(&a, twin, size - 1), size);
    CHECK_INT(twin[0], 0x5555555555555555);
    memcpy(twin, bytes, size);
    if (damage && rank == 0) cut_and_damaged((char *)bytes, size);
  }
}

static void bad_bytes(void) {
  int64_t bytes[64] = {0}, wrong[64];
  trm_plan p = trm_grid_plan(2, (int64_t[]){100, 100}, 0, NULL);
  trm_layout l = seen(&p, 4);
  size_t size = trm_layout_write(&l, bytes, sizeof bytes);
  refused((char *)bytes + 1, size, "not aligned to 8 bytes");
  memcpy(wrong, bytes, size);
  wrong[0] = (int64_t)__builtin_bswap64((uint64_t)wrong[0]);
  refused(wrong, size, "written on a machine of the other byte order");
  wrong[0] = 1;
  refused(wrong, size, "not a layout");
  wrong[0] = bytes[0];
  wrong[1]++;
  refused(wrong, size, "a layout of another version");
  memcpy(wrong, bytes, size);
  wrong[2] = -1;
  refused(wrong, size, "damaged");
  wrong[2] = INT64_MAX;
  refused(wrong, size, "cut short");
}

/* A grid takes as few bytes on a million ranks as on four. */
static void small(void) {
  trm_plan p = trm_grid_plan(2, (int64_t[]){100000, 100000}, 1, NULL);
  trm_layout few = seen(&p, 4), many = seen(&p, 1000000);
  size_t size = trm_layout_write(&few, NULL, 0);
  CHECK(size <= 220);
  CHECK_INT(trm_layout_write(&many, NULL, 0), size);
  trm_plan even = {.dims = 1, .dim = {{.n = 1 << 20, .kind = TRM_SLICES}}};
  many = seen(&even, 1000000);
  CHECK_INT(trm_layout_write(&many, NULL, 0), size);
}

static void random_plans(void) {
  dice d = {.seed = 11};
  for (int k = 0; k < PLANS; k++) {
    int64_t n[TRM_DIMS];
    random_plan p;
    int dims = 1 + (int)roll(&d, TRM_DIMS), ranks = 1 + (int)roll(&d, 13);
    roll_shape(&d, dims, dims == 1 ? 60 : dims == 2 ? 14 : 5, n);
    roll_plan(&d, dims, n, 3, ranks, &p);
    int failed = check_failed;
    views(&p.plan, ranks);
    again(&p.plan, ranks);
    round_trip(&p.plan, ranks, k % 16 == 0);
    if (check_failed > failed)
      fprintf(stderr, "in plan %d on %d ranks\n", k, ranks);
  }
}

/* -- as in work models ----------------------------------------------------- */

static void examples(void) {
  trm_plan p = trm_grid_plan(2, (int64_t[]){100, 100}, 1, NULL);
  trm_layout l;
  CHECK(trm_layout_view(&p, 4, 3, &l));
  CHECK_INT(trm_owner(&l, (int64_t[]){99, 99}), 3);
  CHECK_INT(trm_local(&l, 0, 99), l.len[0] - 1);
  int64_t lengths[] = {3, 4, 5}, messages, bytes;
  p = (trm_plan){.dims = 1,
                 .dim = {{.n = 12,
                          .kind = TRM_SLICES,
                          .lengths = lengths,
                          .halo = 2,
                          .grid = 3}}};
  CHECK(trm_layout_view(&p, 3, 1, &l));
  CHECK_INT(l.lo[0], 3);
  CHECK_INT(trm_length_at(&l, 0, 2), 5);
  CHECK_INT(trm_owner(&l, (int64_t[]){7}), 2);
  CHECK_INT(trm_coord_of(&l, 0, 2), 0);
  trm_halo_traffic(&l, TRM_STAR, 8, &messages, &bytes);
  CHECK(messages == 2 && bytes == 32);
  p.dim[0].lengths = (int64_t[]){3, 4, 6};
  CHECK(!trm_layout_view(&p, 3, 1, &l));
  CHECK(l.count == 0 && l.coord[0] == -1 && l.dims == 0);
}

/* -- many ranks ------------------------------------------------------------ */

/* Neighbours of one another, and the last place is the last rank's. */
static void ends(const trm_plan *p, int ranks) {
  trm_layout l;
  CHECK(trm_layout_view(p, ranks, 0, &l));
  int places = l.places;
  CHECK(places <= ranks && places > ranks / 2);
  CHECK_INT(trm_owner(&l, (int64_t[]){0, 0, 0}), 0);
  int64_t last[] = {l.n[0] - 1, l.n[1] - 1, l.n[2] - 1, 0};
  CHECK_INT(trm_owner(&l, last), places - 1);
  CHECK(trm_layout_view(p, ranks, places - 1, &l));
  for (int d = 0; d < l.dims; d++) {
    CHECK_INT(l.lo[d] + l.len[d], l.n[d]);
    CHECK_INT(l.neighbour[d][1], -1);
  }
  if (ranks == places) return;
  CHECK(trm_layout_view(p, ranks, ranks - 1, &l));
  CHECK(l.coord[0] == -1 && l.count == 0);
}

/* No loop of these is over the ranks, else the test does not end in time. */
static void many(void) {
  const int ranks[] = {64000, 999983, 1000000, 1000003, INT_MAX};
  const int64_t n[][3] = {{512, 512, 512},
                          {4096, 4096, 4096},
                          {1000, 20000, 300},
                          {1 << 20, 1 << 20, 1 << 10},
                          {INT64_C(3000000000), 7, 1}};
  for (int r = 0; r < 4; r++)
    for (int k = 1; k < 5; k++) {
      trm_plan p = trm_grid_plan(3, n[k], 1, NULL);
      ends(&p, ranks[r]);
    }
  for (int r = 0; r < 5; r++) {
    trm_plan p = trm_grid_plan(3, n[4], 1, NULL);
    ends(&p, ranks[r]);
    p = trm_grid_plan(2, (int64_t[]){1 << 29, 1 << 29}, 0, NULL);
    for (int rank = 0; rank < 1000; rank++) {
      trm_layout l;
      CHECK(trm_layout_view(&p, ranks[r], ranks[r] - rank - 1, &l));
    }
  }
}

/* Products of a grid's extents, or of a block's with the ranks, may not wrap. */
static void huge(void) {
  trm_layout l;
  trm_plan p = {.dims = 4,
                .dim = {{.n = 1 << 14, .grid = 65536},
                        {.n = 1 << 14, .grid = 65536},
                        {.n = 1 << 14, .grid = 65536},
                        {.n = 1 << 14, .grid = 65536}}};
  CHECK(!trm_layout_view(&p, INT_MAX, 0, &l)); /* 2^64 places */
  for (int d = 0; d < 4; d++) p.dim[d].grid = INT_MAX;
  CHECK(!trm_layout_view(&p, INT_MAX, 0, &l));
  p = (trm_plan){.dims = 1,
                 .dim = {{.n = 100, .kind = TRM_CYCLIC, .block = INT64_MAX}}};
  CHECK(trm_layout_view(&p, 7, 0, &l));
  CHECK_INT(l.count, 100);
  CHECK_INT(trm_local(&l, 0, 99), 99);
  CHECK(trm_layout_view(&p, 7, 6, &l));
  CHECK_INT(l.count, 0);
  CHECK_INT(trm_local(&l, 0, 99), -1);
  p = (trm_plan){.dims = 1, .dim = {{.n = 10}}, .first = INT_MAX - 1};
  CHECK(trm_layout_view(&p, INT_MAX, INT_MAX - 1, &l));
  CHECK_INT(l.count, 10);
}

int main(void) {
  random_plans();
  same();
  bad_bytes();
  small();
  examples();
  many();
  huge();
  return check_done();
}
