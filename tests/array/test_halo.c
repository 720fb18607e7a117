/* TEST ranks=13 threads=1,2 split */
/* Halos of random layouts against the global index of every cell: what lies
 * beyond a wall, what is owned and what pads memory stays as it was. */
#include <trireme/meter.h>

#include <trireme/kernel.h>

#include "plans.h"

enum { CASES = 60, MOST_FIELDS = 3 };

/* -- what memory must hold ------------------------------------------------- */

static void element(const trm_layout *l, const int64_t index[], int salt,
                    size_t size, char *out) {
  int64_t linear = 0;
  for (int d = 0; d < TRM_DIMS; d++) linear = linear * l->n[d] + index[d];
  for (size_t i = 0; i < size; i += 8) {
    uint64_t bits = trm_random((uint64_t)salt, i, (uint64_t)linear);
    memcpy(out + i, &bits, size - i < 8 ? size - i : 8);
  }
}

/* Is a cell at these local indices filled, and from which global index? */
static bool filled(const trm_layout *l, const int64_t i[], int most_outside,
                   int64_t index[]) {
  int outside = 0;
  for (int d = 0; d < TRM_DIMS; d++) {
    bool below = i[d] < 0, above = i[d] >= l->len[d];
    if ((below && l->neighbour[d][0] < 0) || (above && l->neighbour[d][1] < 0))
      return false;
    outside += below || above;
    index[d] = (trm_global(l, d, 0) + i[d] + l->n[d]) % l->n[d];
    if (!below && !above) index[d] = trm_global(l, d, i[d]);
  }
  return outside <= most_outside;
}

/* \param most_outside dimensions in which a cell may lie outside: 0 owned
 * cells, 1 star, 4 box */
static char *image(const trm_field *f, int salt, int most_outside) {
  const trm_layout *l = f->layout;
  size_t size = trm_type_size(f->type);
  char *memory = malloc((size_t)l->total * size + 1);
  int64_t with_halo[TRM_DIMS], k[TRM_DIMS] = {0}, i[TRM_DIMS], index[TRM_DIMS];
  memset(memory, 0x5a, (size_t)l->total * size);
  for (int d = 0; d < TRM_DIMS; d++) with_halo[d] = l->len[d] + 2 * l->halo[d];
  if (l->count == 0) return memory;
  do {
    int64_t at = l->origin;
    for (int d = 0; d < TRM_DIMS; d++) {
      i[d] = k[d] - l->halo[d];
      at += i[d] * l->stride[d];
    }
    if (filled(l, i, most_outside, index))
      element(l, index, salt, size, memory + (size_t)at * size);
  } while (next_index(with_halo, k));
  return memory;
}

static void *memory_of(const trm_field *f, size_t *bytes) {
  size_t size = trm_type_size(f->type);
  *bytes = (size_t)f->layout->total * size;
  return f->data ? (char *)f->data - (size_t)f->layout->origin * size : NULL;
}

static void prepare(trm_field *f, int salt) {
  size_t bytes;
  void *memory = memory_of(f, &bytes);
  char *want = image(f, salt, 0);
  if (bytes) memcpy(memory, want, bytes);
  free(want);
}

static bool is_filled(const trm_field *f, int salt, trm_reach reach) {
  size_t bytes;
  void *memory = memory_of(f, &bytes);
  char *want = image(f, salt, reach == TRM_BOX ? TRM_DIMS : 1);
  bool same = !bytes || !memcmp(memory, want, bytes);
  free(want);
  return same;
}

/* -- one exchange after the other ------------------------------------------ */

static trm_traffic sent(const trm_run *run) {
  return run->comm->counter->by[TRM_FOR_HALO];
}

static int64_t bytes_per_cell(int n, trm_field *const f[]) {
  int64_t sum = 0;
  for (int i = 0; i < n; i++) sum += (int64_t)trm_type_size(f[i]->type);
  return sum;
}

static void check_sent(trm_run *run, const trm_plan *p, trm_traffic before,
                       trm_reach reach, int n, trm_field *const f[]) {
  int64_t messages, bytes, view_messages, view_bytes,
      size = bytes_per_cell(n, f);
  trm_layout view;
  trm_halo_traffic(f[0]->layout, reach, size, &messages, &bytes);
  CHECK_INT(sent(run).bytes - before.bytes, bytes);
  if (run->comm->limit == TRM_MESSAGE_LIMIT)
    CHECK_INT(sent(run).messages - before.messages, messages);
  CHECK(messages <= 2 * f[0]->layout->dims);
  CHECK(trm_layout_view(p, run->ranks, run->rank, &view));
  trm_halo_traffic(&view, reach, size, &view_messages, &view_bytes);
  CHECK_INT(view_messages, messages);
  CHECK_INT(view_bytes, bytes);
}

/* Let polls alone bring it so far that all messages are sent. */
static void poll_through(trm_run *run, trm_halo *h, trm_traffic before,
                         int64_t bytes) {
  double since = trm_now();
  while (sent(run).bytes - before.bytes < bytes && trm_now() - since < 20)
    trm_halo_poll(h);
  CHECK_INT(sent(run).bytes - before.bytes, bytes);
}

static void exchange(trm_run *run, const trm_plan *p, trm_reach reach, int n,
                     trm_field *const f[], int salt) {
  int64_t messages, bytes;
  trm_halo *h;
  for (int i = 0; i < n; i++) prepare(f[i], salt + i);
  trm_traffic before = sent(run);
  trm_halo_traffic(f[0]->layout, reach, bytes_per_cell(n, f), &messages,
                   &bytes);
  if (salt % 3 == 0) {
    CHECK_OK(run, trm_halo_fill(run, reach, n, f));
  } else {
    CHECK_OK(run, trm_halo_start(run, reach, n, f, &h));
    if (salt % 3 == 1) poll_through(run, h, before, bytes);
    CHECK_OK(run, trm_halo_finish(h));
    trm_halo_poll(h);
  }
  check_sent(run, p, before, reach, n, f);
  for (int i = 0; i < n; i++) CHECK(is_filled(f[i], salt + i, reach));
}

static void roll_halo_plan(dice *d, int ranks, random_plan *p) {
  int64_t n[TRM_DIMS];
  int dims = 1 + (int)roll(d, TRM_DIMS);
  roll_shape(d, dims, dims == 1 ? 80 : dims == 2 ? 20 : dims == 3 ? 9 : 6, n);
  if (roll(d, 4))
    for (int i = 0; i < dims; i++) n[i]++; /* mostly not empty */
  roll_plan(d, dims, n, 3, ranks, p);
  for (int i = 0; i < dims; i++) /* mostly with a halo, and cut at will */
    if (p->plan.dim[i].kind == TRM_CYCLIC && roll(d, 3))
      p->plan.dim[i] =
          (trm_dim){.n = n[i], .halo = n[i] > 0, .periodic = roll(d, 2)};
}

static void one_case(trm_run *run, dice *d) {
  static const char *const names[] = {"u", "v", "w"};
  random_plan p;
  const trm_layout *l;
  trm_field *f[MOST_FIELDS];
  int n = 1 + (int)roll(d, MOST_FIELDS);
  int64_t at_start = trm_memory_now(run);
  roll_halo_plan(d, run->ranks, &p);
  CHECK_OK(run, trm_layout_new(run, &p.plan, &l));
  for (int i = 0; i < n; i++) {
    trm_type type = (trm_type)roll(d, TRM_TYPE_COUNT);
    CHECK_OK(run, trm_field_new(run, l, names[i], type, TRM_SCRATCH, &f[i]));
  }
  exchange(run, &p.plan, TRM_STAR, n, f, (int)roll(d, 30));
  exchange(run, &p.plan, TRM_BOX, n, f, (int)roll(d, 30));
  exchange(run, &p.plan, TRM_STAR, 1, f, (int)roll(d, 30)); /* other plans */
  exchange(run, &p.plan, TRM_STAR, 1, f + n - 1, (int)roll(d, 30));
  int64_t now = trm_memory_now(run);
  exchange(run, &p.plan, TRM_STAR, n, f, (int)roll(d, 30));
  exchange(run, &p.plan, TRM_BOX, n, f, (int)roll(d, 30));
  CHECK_INT(trm_memory_now(run), now); /* a plan is made once */
  trm_layout_drop(run, &l);
  for (int i = 0; i < n; i++) trm_field_drop(run, &f[i]);
  CHECK_INT(trm_memory_now(run), at_start);
}

static void random_cases(trm_run *run, int cases, uint64_t seed) {
  dice d = {.seed = seed + (uint64_t)run->ranks};
  for (int k = 0; k < cases; k++) {
    int failed = check_failed;
    one_case(run, &d);
    if (check_failed > failed)
      fprintf(stderr, "in case %d, seed %d on %d ranks\n", k, (int)seed,
              run->ranks);
  }
}

/* The same with messages of at most 64 bytes. */
static void small_messages(trm_run *run) {
  trm_run *inner;
  setenv("TRM_MESSAGE_LIMIT", "64", 1);
  trm_run_new(run->comm->mpi, run->threads, run->seed, &inner);
  unsetenv("TRM_MESSAGE_LIMIT");
  random_cases(inner, 8, 500);
  trm_run_free(&inner);
}

/* -- several under way ----------------------------------------------------- */

/* Two of the same kind, polled in another order on each rank. */
static void two_in_flight(trm_run *run, trm_reach reach) {
  const trm_layout *l;
  trm_field *a, *b;
  trm_halo *ha, *hb;
  bool periodic[] = {true, true, false};
  CHECK_OK(run, trm_grid(run, 3, (int64_t[]){13, 12, 11}, 1, periodic, &l));
  CHECK_OK(run, trm_field_new(run, l, "a", TRM_F64, TRM_SCRATCH, &a));
  CHECK_OK(run, trm_field_new(run, l, "b", TRM_I64, TRM_SCRATCH, &b));
  for (int round = 0; round < 6; round++) {
    int64_t messages, bytes;
    prepare(a, round);
    prepare(b, 100 + round);
    trm_halo_traffic(l, reach, 8, &messages, &bytes);
    trm_traffic before = sent(run);
    CHECK_OK(run, trm_halo_start(run, reach, 1, &a, &ha));
    if (round % 2 && run->rank % 2) /* done here, but not known elsewhere */
      for (int i = 0; i < 1000; i++) trm_halo_poll(ha);
    CHECK_OK(run, trm_halo_start(run, reach, 1, &b, &hb));
    CHECK(ha != hb);
    for (int i = 0; i < run->rank % 4; i++) trm_halo_poll(i % 2 ? ha : hb);
    CHECK_OK(run, trm_halo_finish(round % 3 ? hb : ha));
    CHECK_OK(run, trm_halo_finish(round % 3 ? ha : hb));
    CHECK_INT(sent(run).messages - before.messages, 2 * messages);
    CHECK(is_filled(a, round, reach));
    CHECK(is_filled(b, 100 + round, reach));
  }
  trm_field_drop(run, &a);
  trm_field_drop(run, &b);
  trm_layout_drop(run, &l);
}

/* All that a halo calls is booked under halo. */
static void booked(trm_run *run, trm_reach reach) {
  const trm_layout *l;
  trm_field *f;
  trm_halo *h;
  int64_t messages, bytes;
  bool periodic[] = {true, true};
  CHECK_OK(run, trm_grid(run, 2, (int64_t[]){29, 31}, 1, periodic, &l));
  CHECK_OK(run, trm_field_new(run, l, "f", TRM_F64, TRM_SCRATCH, &f));
  trm_halo_traffic(l, reach, 8, &messages, &bytes);
  trm_meter before = trm_meter_read(run);
  CHECK_OK(run, trm_halo_start(run, reach, 1, &f, &h));
  trm_halo_poll(h);
  CHECK_OK(run, trm_halo_finish(h));
  CHECK_OK(run, trm_halo_fill(run, reach, 1, &f));
  trm_meter after = trm_meter_read(run);
  const trm_call_total *halo = after.calls[TRM_FOR_HALO],
                       *was = before.calls[TRM_FOR_HALO];
  bool sends = messages > 0;
  CHECK((halo[TRM_CALL_POST].calls > was[TRM_CALL_POST].calls) == sends);
  CHECK((halo[TRM_CALL_TEST].calls > was[TRM_CALL_TEST].calls) == sends);
  CHECK((halo[TRM_CALL_WAIT].calls > was[TRM_CALL_WAIT].calls) == sends);
  for (int c = 0; c < TRM_CALL_COUNT; c++)
    CHECK_INT(after.calls[TRM_FOR_KERNEL][c].calls,
              before.calls[TRM_FOR_KERNEL][c].calls);
  trm_field_drop(run, &f);
  trm_layout_drop(run, &l);
}

/* Halos follow the memory when fields swap. */
static void swapped(trm_run *run) {
  const trm_layout *l;
  trm_field *a, *b;
  CHECK_OK(run,
           trm_grid(run, 2, (int64_t[]){17, 19}, 2, (bool[]){true, true}, &l));
  CHECK_OK(run, trm_field_new(run, l, "a", TRM_F32, TRM_SCRATCH, &a));
  CHECK_OK(run, trm_field_new(run, l, "b", TRM_F32, TRM_SCRATCH, &b));
  for (int round = 0; round < 4; round++) {
    prepare(a, round);
    prepare(b, 50 + round);
    CHECK_OK(run, trm_halo_fill(run, TRM_STAR, 1, &a));
    trm_swap(a, b);
    CHECK(is_filled(b, round, TRM_STAR));
    CHECK_OK(run, trm_halo_fill(run, TRM_STAR, 1, &a));
    CHECK(is_filled(a, 50 + round, TRM_STAR));
    CHECK(is_filled(b, round, TRM_STAR));
  }
  trm_field_drop(run, &a);
  trm_field_drop(run, &b);
  trm_layout_drop(run, &l);
}

/* Faces so large that threads share the copying. */
static void large(trm_run *run) {
  const trm_layout *l;
  trm_field *f;
  trm_plan p = trm_grid_plan(3, (int64_t[]){16, 160, 130}, 2,
                             (bool[]){true, true, true});
  if (run->ranks > 3) return;
  CHECK_OK(run, trm_layout_new(run, &p, &l));
  CHECK_OK(run, trm_field_new(run, l, "f", TRM_F64, TRM_SCRATCH, &f));
  exchange(run, &p, TRM_BOX, 1, &f, 1);
  exchange(run, &p, TRM_STAR, 1, &f, 2);
  trm_field_drop(run, &f);
  trm_layout_drop(run, &l);
}

static void refused(trm_run *run) {
  const trm_layout *l, *m;
  trm_field *f[2];
  trm_halo *h;
  CHECK_OK(run, trm_grid(run, 1, (int64_t[]){40}, 1, NULL, &l));
  CHECK_OK(run, trm_grid(run, 1, (int64_t[]){41}, 1, NULL, &m));
  CHECK_OK(run, trm_field_new(run, l, "f", TRM_F64, TRM_SCRATCH, &f[0]));
  CHECK_OK(run, trm_field_new(run, m, "g", TRM_F64, TRM_SCRATCH, &f[1]));
  CHECK_STATUS(trm_halo_start(run, TRM_STAR, 2, f, &h), TRM_EINPUT);
  CHECK_TEXT(trm_message(run),
             "the halos of f and g cannot be exchanged together: "
             "use one layout");
  trm_agree(run, TRM_OK);
  CHECK_STATUS(trm_halo_fill(run, TRM_STAR, 0, f), TRM_EINPUT);
  CHECK_TEXT(trm_message(run), "a halo of 0 fields; expected at least 1");
  trm_agree(run, TRM_OK);
}

/* More plans than tags could once tell apart, all under way at once; ranks poll
 * them in an order of their own, so later stages start in that order too. */
static void many_plans(trm_run *run) {
  enum { PLANS = 261 };
  const trm_layout *l;
  static trm_field *f[PLANS];
  static trm_halo *h[PLANS];
  if (run->ranks < 2 || run->ranks > 5) return;
  CHECK_OK(run,
           trm_grid(run, 2, (int64_t[]){7, 9}, 1, (bool[]){true, true}, &l));
  for (int i = 0; i < PLANS; i++) {
    char name[16];
    snprintf(name, sizeof name, "f%d", i);
    CHECK_OK(run, trm_field_new(run, l, name, TRM_I64, TRM_SCRATCH, &f[i]));
    prepare(f[i], i);
    CHECK_OK(run, trm_halo_start(run, TRM_BOX, 1, &f[i], &h[i]));
  }
  for (int k = 0; k < 50 * PLANS; k++)
    trm_halo_poll(h[run->rank % 2 ? k % PLANS : PLANS - 1 - k % PLANS]);
  for (int i = 0; i < PLANS; i++) {
    CHECK_OK(run, trm_halo_finish(h[i]));
    CHECK(is_filled(f[i], i, TRM_BOX));
  }
  CHECK_OK(run, trm_halo_fill(run, TRM_BOX, PLANS, f)); /* in one message */
  for (int i = 0; i < PLANS; i++) CHECK(is_filled(f[i], i, TRM_BOX));
  for (int i = 0; i < PLANS; i++) trm_field_drop(run, &f[i]);
  trm_layout_drop(run, &l);
}

/* An MPI with few tags: what is dropped makes room, what is too much is said. */
static void few_tags(trm_run *run) {
  const trm_layout *l[3];
  trm_field *f[3];
  setenv("TRM_TAG_LIMIT", "30101", 1);
  for (int i = 0; i < 3; i++) {
    CHECK_OK(run, trm_grid(run, 1, (int64_t[]){40 + i}, 1, NULL, &l[i]));
    char name[] = {(char)('a' + i), 0};
    CHECK_OK(run, trm_field_new(run, l[i], name, TRM_F32, TRM_SCRATCH, &f[i]));
  }
  CHECK_OK(run, trm_halo_fill(run, TRM_STAR, 1, &f[0]));
  CHECK_OK(run, trm_halo_fill(run, TRM_STAR, 1, &f[1]));
  CHECK_STATUS(trm_halo_fill(run, TRM_STAR, 1, &f[2]), TRM_EINPUT);
  CHECK_TEXT(trm_message(run),
             "too many plans of halos and moves: this MPI has tags for 2; free "
             "moves and drop layouts that are no longer used");
  trm_agree(run, TRM_OK);
  trm_field_drop(run, &f[0]);
  trm_layout_drop(run, &l[0]);
  prepare(f[2], 1);
  CHECK_OK(run, trm_halo_fill(run, TRM_STAR, 1, &f[2]));
  CHECK(is_filled(f[2], 1, TRM_STAR));
  for (int i = 1; i < 3; i++) {
    trm_field_drop(run, &f[i]);
    trm_layout_drop(run, &l[i]);
  }
  unsetenv("TRM_TAG_LIMIT");
}

static void test(trm_run *run) {
  few_tags(run);
  many_plans(run);
  random_cases(run, CASES, 0);
  small_messages(run);
  two_in_flight(run, TRM_STAR);
  two_in_flight(run, TRM_BOX);
  booked(run, TRM_STAR);
  booked(run, TRM_BOX);
  swapped(run);
  large(run);
  refused(run);
}

int main(int argc, char **argv) {
  return check_mpi(argc, argv, test);
}
