/* TEST ranks=13 threads=1,2 split */
/* Redistribution between random layouts, and linear windows: every element by
 * its global index, nothing else touched, nothing sent that need not be. */
#include <trireme/kernel.h>

#include "images.h"

#include "array/move/linear.h"

enum { PAIRS = 50, CHUNK = 1 << 20 };

/* -- what must be sent ----------------------------------------------------- */

/* Elements of `from` that count on this rank and are wanted by each other rank.
 */
static void elements_for(const trm_layout *from, const random_plan *to_plan,
                         const trm_layout *to, int64_t elements[]) {
  int ranks = from->run->ranks, me = from->run->rank;
  const trm_plan *p = &to_plan->plan;
  int64_t index[TRM_DIMS] = {0};
  int coord[MOST_RANKS][TRM_DIMS];
  bool member[MOST_RANKS], more = volume(from->n) > 0;
  for (int r = 0; r < ranks; r++) {
    elements[r] = 0;
    member[r] = place_of(p, to->grid, r, coord[r]);
  }
  for (; more; more = next_index(from->n, index)) {
    if (trm_owner(from, index) != me) continue;
    for (int r = 0; r < ranks; r++) {
      bool wanted = member[r];
      for (int d = 0; d < TRM_DIMS && wanted; d++)
        wanted = owns(p, to->grid, d, coord[r][d], index[d]);
      elements[r] += wanted;
    }
  }
}

static trm_traffic sent(const trm_run *run) {
  return run->comm->counter->by[TRM_FOR_REDISTRIBUTE];
}

static void check_sent(trm_run *run, trm_traffic before,
                       const int64_t elements[], size_t size) {
  int64_t messages = 0, bytes = 0, limit = run->comm->limit;
  for (int r = 0; r < run->ranks; r++)
    if (r != run->rank) {
      int64_t part = elements[r] * (int64_t)size;
      bytes += part;
      for (; part > 0; part -= CHUNK)
        messages += ((part < CHUNK ? part : CHUNK) + limit - 1) / limit;
    }
  CHECK_INT(sent(run).bytes - before.bytes, bytes);
  CHECK_INT(sent(run).messages - before.messages, messages);
  for (int c = 0; c < TRM_CAUSE_COUNT; c++)
    if (c != TRM_FOR_REDISTRIBUTE)
      CHECK_INT(run->comm->counter->by[c].messages, 0);
}

/* -- pairs of layouts ------------------------------------------------------ */

static void move(trm_run *run, const random_plan *a, const random_plan *b,
                 trm_type type) {
  const trm_layout *la, *lb;
  trm_field *from, *to;
  int64_t elements[MOST_RANKS];
  CHECK_OK(run, trm_layout_new(run, &a->plan, &la));
  CHECK_OK(run, trm_layout_new(run, &b->plan, &lb));
  CHECK_OK(run, trm_field_new(run, la, "from", type, TRM_SCRATCH, &from));
  CHECK_OK(run, trm_field_new(run, lb, "to", type, TRM_SCRATCH, &to));
  set_image(from, 0xa5, &everything, 1);
  set_image(to, 0x5a, NULL, 0);
  elements_for(la, b, lb, elements);
  trm_traffic before = sent(run);
  CHECK_OK(run, trm_redistribute(run, from, to));
  check_sent(run, before, elements, trm_type_size(type));
  CHECK(has_image(to, 0x5a, &everything, 1));
  CHECK(has_image(from, 0xa5, &everything, 1));
  int64_t again = trm_memory_now(run);
  CHECK_OK(run, trm_redistribute(run, from, to));
  CHECK_INT(trm_memory_now(run), again);
  trm_field_drop(run, &from);
  trm_field_drop(run, &to);
  trm_layout_drop(run, &la);
  trm_layout_drop(run, &lb);
}

static void pairs(trm_run *run, int count, uint64_t seed) {
  dice d = {.seed = seed + (uint64_t)run->ranks};
  for (int k = 0; k < count; k++) {
    int64_t n[TRM_DIMS];
    random_plan a, b;
    int dims = 1 + (int)roll(&d, TRM_DIMS), failed = check_failed;
    roll_shape(&d, dims, dims == 1 ? 300 : dims == 2 ? 20 : 7, n);
    roll_plan(&d, dims, n, roll(&d, 2) ? 0 : 2, run->ranks, &a);
    roll_plan(&d, dims, n, roll(&d, 2) ? 0 : 2, run->ranks, &b);
    move(run, &a, &b, (trm_type)(k % TRM_TYPE_COUNT));
    if (check_failed > failed)
      fprintf(stderr, "in pair %d, seed %d on %d ranks\n", k, (int)seed,
              run->ranks);
  }
}

/* The same with messages of at most 100 bytes. */
static void small_messages(trm_run *run) {
  trm_run *inner;
  setenv("TRM_MESSAGE_LIMIT", "100", 1);
  trm_run_new(run->comm->mpi, run->threads, run->seed, &inner);
  unsetenv("TRM_MESSAGE_LIMIT");
  CHECK_INT(inner->comm->limit, 100);
  pairs(inner, 15, 100);
  trm_run_free(&inner);
}

/* More chunks than buffers, both ways at once, with a stride on one side. */
static void many_chunks(trm_run *run) {
  if (run->ranks != 2) return;
  random_plan a = {.plan = {.dims = 2, .dim = {{.n = 401}, {.n = 3000}}}},
              b = a;
  for (int r = 0; r < run->ranks; r++) b.map[r] = run->ranks - 1 - r;
  a.plan.dim[0].grid = b.plan.dim[0].grid = run->ranks;
  b.plan.map = b.map;
  b.plan.fastest = 1;
  move(run, &a, &b, TRM_C128);
  b.plan.dim[0] = (trm_dim){.n = 401, .grid = 1};
  b.plan.dim[1] =
      (trm_dim){.n = 3000, .grid = run->ranks, .kind = TRM_CYCLIC, .block = 64};
  move(run, &a, &b, TRM_C128);
}

static void refused(trm_run *run) {
  const trm_layout *la, *lb, *lc;
  trm_field *a, *b, *c, *d;
  int64_t n[] = {5, 7, 1};
  CHECK_OK(run, trm_grid(run, 2, n, 0, NULL, &la));
  CHECK_OK(run, trm_grid(run, 2, (int64_t[]){5, 8}, 0, NULL, &lb));
  CHECK_OK(run, trm_grid(run, 3, n, 0, NULL, &lc));
  CHECK_OK(run, trm_field_new(run, la, "a", TRM_F64, TRM_SCRATCH, &a));
  CHECK_OK(run, trm_field_new(run, lb, "b", TRM_F64, TRM_SCRATCH, &b));
  CHECK_OK(run, trm_field_new(run, la, "c", TRM_I64, TRM_SCRATCH, &c));
  CHECK_OK(run, trm_field_new(run, lc, "d", TRM_F64, TRM_SCRATCH, &d));
  CHECK_STATUS(trm_redistribute(run, a, b), TRM_EINPUT);
  CHECK_TEXT(trm_message(run),
             "redistribute a to b: shapes 5 x 7 and 5 x 8 must be the same");
  trm_agree(run, TRM_OK);
  CHECK_STATUS(trm_redistribute(run, a, c), TRM_EINPUT);
  CHECK_TEXT(trm_message(run),
             "redistribute a to c: types f64 and i64 must be the same");
  trm_agree(run, TRM_OK);
  CHECK_STATUS(trm_redistribute(run, a, d), TRM_EINPUT);
  CHECK_TEXT(
      trm_message(run),
      "redistribute a to d: shapes 5 x 7 and 5 x 7 x 1 must be the same");
  trm_agree(run, TRM_OK);
  trm_field *fields[] = {a, b, c, d};
  for (int i = 0; i < 4; i++) trm_field_drop(run, &fields[i]);
}

/* -- linear windows -------------------------------------------------------- */

/* Windows of ascending ranges with gaps, handed out to the ranks in any order.
 */
static void roll_windows(dice *d, int64_t total, int ranks, int64_t first[],
                         int64_t length[], range ranges[]) {
  int64_t at = 0;
  int turn = (int)roll(d, ranks);
  for (int i = 0; i < ranks; i++) {
    int r = (i + turn) % ranks;
    at += roll(d, 3) ? 0 : roll(d, total - at + 1) / 4;
    int64_t most = roll(d, 3) ? (total - at) * 2 / (ranks - i + 1) : total - at;
    first[r] = at;
    length[r] = roll(d, 4) ? roll(d, most + 1) : 0;
    at += length[r];
    ranges[r] = (range){first[r], at};
  }
}

static void one_window(trm_run *run, dice *d, trm_type type) {
  int64_t n[TRM_DIMS], first[MOST_RANKS], length[MOST_RANKS];
  range ranges[MOST_RANKS];
  random_plan p;
  const trm_layout *l;
  trm_field *f;
  int dims = 1 + (int)roll(d, TRM_DIMS), me = run->rank;
  roll_shape(d, dims, dims == 1 ? 300 : dims == 2 ? 20 : 7, n);
  roll_plan(d, dims, n, roll(d, 2) ? 0 : 2, run->ranks, &p);
  roll_windows(d, volume(n), run->ranks, first, length, ranges);
  CHECK_OK(run, trm_layout_new(run, &p.plan, &l));
  CHECK_OK(run, trm_field_new(run, l, "windowed", type, TRM_SCRATCH, &f));
  set_image(f, 0xa5, &everything, 1);
  size_t size = trm_type_size(type), bytes = (size_t)length[me] * size;
  char *buffer = malloc(bytes + 16), *want = malloc(bytes + 16);
  memset(buffer, 0x77, bytes + 16);
  memset(want, 0x77, bytes + 16);
  for (int64_t i = 0; i < length[me]; i++)
    element(first[me] + i, size, want + (size_t)i * size);
  trm__array_linear w = {first, length};
  CHECK_OK(run, trm__array_linear_from_field(run, f, &w, buffer));
  CHECK(!memcmp(buffer, want, bytes + 16));
  set_image(f, 0x5a, NULL, 0);
  CHECK_OK(run, trm__array_linear_to_field(run, &w, want, f));
  CHECK(has_image(f, 0x5a, ranges, run->ranks));
  free(buffer);
  free(want);
  trm_field_drop(run, &f);
  trm_layout_drop(run, &l);
}

static void windows(trm_run *run) {
  dice d = {.seed = 77 + (uint64_t)run->ranks};
  for (int k = 0; k < PAIRS; k++) {
    int failed = check_failed;
    one_window(run, &d, (trm_type)(k % TRM_TYPE_COUNT));
    if (check_failed > failed)
      fprintf(stderr, "in window %d on %d ranks\n", k, run->ranks);
  }
}

/* Boxes of an interval come in linear order and cover it. */
static void boxes(trm_run *run) {
  if (run->ranks > 1) return;
  int64_t n[] = {3, 4, 1, 5}, lo[7][TRM_DIMS], len[7][TRM_DIMS];
  for (int64_t first = 0; first <= 60; first++)
    for (int64_t length = 0; first + length <= 60; length++) {
      int count = trm__array_linear_boxes(4, n, first, length, lo, len);
      int64_t at = first;
      CHECK(count <= 7);
      for (int b = 0; b < count; b++) {
        int64_t i[TRM_DIMS] = {0};
        CHECK(volume(len[b]) > 0);
        do {
          int64_t index[TRM_DIMS];
          for (int d = 0; d < TRM_DIMS; d++) index[d] = lo[b][d] + i[d];
          CHECK_INT(linear_of(n, index), at++);
        } while (next_index(len[b], i));
      }
      CHECK_INT(at, first + length);
    }
}

static void test(trm_run *run) {
  boxes(run);
  pairs(run, PAIRS, 0);
  small_messages(run);
  many_chunks(run);
  refused(run);
  windows(run);
}

int main(int argc, char **argv) {
  return check_mpi(argc, argv, test);
}
