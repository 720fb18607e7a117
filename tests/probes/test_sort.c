/* TEST ranks=1,3,5 timeout=150 */
/* Sample sort (W. Frazer, A. McKellar, 1970) of keys that are shuffled and
 * sorted again, round after round: slices whose lengths change with every step,
 * and a checkpoint between any two of them. */
#include <trireme/kernel.h>

#include "probe.h"

enum { SAMPLES = 32 }; /* of each rank */

struct options {
  int64_t n, rounds;
};
struct state {
  trm_field *keys;
  int64_t n;
};

static const trm_option options[] = {
    TRM_OPT(struct options, n, .default_text = "100000", .unit = "keys",
            .min = 0, .max = 1e12, .weak = 1, .help = "keys in all"),
    TRM_OPT(struct options, rounds, .default_text = "3", .min = 1, .max = 1e6,
            .help = "times that all are sorted"),
    TRM_OPT_END};

static trm_status setup(trm_run *run, void *state, const void *opts) {
  const struct options *o = opts;
  struct state *s = state;
  const trm_layout *line;
  s->n = o->n;
  TRM_TRY(trm_layout_new(
      run,
      &(trm_plan){.dims = 1,
                  .dim = {{.n = o->n, .kind = TRM_SLICES, .grid = run->ranks}}},
      &line));
  TRM_TRY(trm_field_new(run, line, "keys", TRM_U64, TRM_EVOLVING, &s->keys));
  trm_layout_drop(run, &line); /* the field keeps it as long as it is there */
  trm_field_random(run, s->keys, 0);
  return TRM_OK;
}

static int ascending(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static void sort_keys(trm_run *run, uint64_t *keys, int64_t n) {
  if (n == 0) return;
  TRM_WORK(run, "sort", 0, 16.0 * (double)n) {
    qsort(keys, (size_t)n, sizeof *keys, ascending);
  }
}

/* What an exchange sends depends on the keys, so it is stated in each step: the
 * lengths to all other ranks, the keys that go to them. */
static void state_exchange(trm_run *run, const int64_t out[]) {
  const int others = run->ranks - 1;
  trm_traffic sent = {.messages = others, .bytes = 8 * others};
  for (int r = 0; r < run->ranks; r++) {
    if (r == run->rank || !out[r]) continue;
    sent.messages++;
    sent.bytes += out[r];
  }
  trm_state_traffic(run, &sent);
}

/* Send keys[at[r]] .. keys[at[r+1]-1] to rank r; what arrives is the new slice.
 */
static trm_status exchange(trm_run *run, struct state *s, const uint64_t *keys,
                           const int64_t at[]) {
  const int ranks = run->ranks;
  const trm_layout *line;
  int64_t *list = calloc((size_t)(4 * ranks), sizeof *list), mine = 0;
  int64_t *out = list, *out_at = out + ranks, *in = out_at + ranks,
          *in_at = in + ranks;
  for (int r = 0; r < ranks; r++) {
    out[r] = 8 * (at[r + 1] - at[r]);
    out_at[r] = 8 * at[r];
  }
  state_exchange(run, out);
  trm_alltoall(run->comm, out, sizeof *out, in);
  for (int r = 0; r < ranks; mine += in[r++]) in_at[r] = mine;
  trm_status status = trm_slices(run, mine / 8, &line);
  if (status == TRM_OK) {
    status = trm_reshape(run, s->keys, line);
    trm_layout_drop(run, &line);
  }
  if (status == TRM_OK)
    trm_alltoallv(run->comm, keys, out, out_at, s->keys->data, in, in_at);
  free(list);
  return status;
}

/* First of the sorted keys that is not less. */
static int64_t lower_bound(const uint64_t *keys, int64_t n, uint64_t key) {
  int64_t low = 0;
  while (n > 0) {
    int64_t half = n / 2;
    bool less = keys[low + half] < key;
    low = less ? low + half + 1 : low;
    n = less ? n - half - 1 : half;
  }
  return low;
}

/* Where the sorted keys are cut, by samples of all ranks. */
static void choose_cuts(trm_run *run, const uint64_t *keys, int64_t n,
                        int64_t at[]) {
  const int64_t all = SAMPLES * (int64_t)run->ranks;
  uint64_t mine[SAMPLES], *samples = calloc((size_t)all, sizeof *samples);
  for (int i = 0; i < SAMPLES; i++)
    mine[i] = n ? keys[n * i / SAMPLES] : UINT64_MAX;
  trm_allgather(run->comm, mine, sizeof mine, samples);
  qsort(samples, (size_t)all, sizeof *samples, ascending);
  at[0] = 0;
  for (int r = 1; r < run->ranks; r++)
    at[r] = lower_bound(keys, n, samples[r * SAMPLES]);
  at[run->ranks] = n;
  free(samples);
}

/* Where a key goes in a shuffle. */
static int somewhere(trm_run *run, uint64_t key, int64_t step) {
  return (int)(trm_random(run->seed, 1 + (uint64_t)step, key) %
               (uint64_t)run->ranks);
}

/* Copy keys in the order of their new ranks. */
static void scatter(trm_run *run, const uint64_t *keys, int64_t n, int64_t step,
                    uint64_t *out, int64_t at[]) {
  for (int64_t i = 0; i < n; i++) at[somewhere(run, keys[i], step) + 1]++;
  for (int r = 0; r < run->ranks; r++) at[r + 1] += at[r];
  for (int64_t i = n - 1; i >= 0; i--) {
    int r = somewhere(run, keys[i], step);
    out[--at[r + 1]] = keys[i];
  }
  memmove(at, at + 1, sizeof *at * (size_t)run->ranks);
  at[run->ranks] = n;
}

/* Steps 0, 2, 4 ... sort, those between shuffle. */
static trm_status one_step(trm_run *run, struct state *s, int64_t step) {
  const int64_t n = s->keys->layout->count;
  int64_t *at = calloc((size_t)run->ranks + 1, sizeof *at);
  void *memory = NULL;
  trm_status status =
      trm_agree(run, trm_alloc(run, "keys to send", 8 * n, &memory));
  uint64_t *out = memory;
  if (status == TRM_OK) {
    if (step % 2) {
      scatter(run, s->keys->data, n, step, out, at);
    } else {
      if (n) memcpy(out, s->keys->data, sizeof *out * (size_t)n);
      sort_keys(run, out, n);
      choose_cuts(run, out, n, at);
    }
    status = exchange(run, s, out, at);
    if (step % 2 == 0) sort_keys(run, s->keys->data, s->keys->layout->count);
  }
  trm_release(run, &memory);
  free(at);
  return status;
}

static trm_status advance(trm_run *run, void *state, int64_t steps) {
  struct state *s = state;
  for (int64_t k = 0; k < steps; k++) TRM_TRY(one_step(run, s, run->step + k));
  return TRM_OK;
}

static int64_t all_steps(const void *opts) {
  return 2 * ((const struct options *)opts)->rounds - 1;
}

/* Keys that are less than the one before them, on this rank or a lower one. */
static int64_t out_of_order(trm_run *run, const uint64_t *keys, int64_t n) {
  typedef struct ends {
    uint64_t first, last;
    int64_t n;
  } ends;
  ends mine = {n ? keys[0] : 0, n ? keys[n - 1] : 0, n};
  ends *all = calloc((size_t)run->ranks, sizeof *all);
  uint64_t last = 0;
  int64_t wrong = 0;
  for (int64_t i = 1; i < n; i++) wrong += keys[i] < keys[i - 1];
  trm_allgather(run->comm, &mine, sizeof mine, all);
  for (int r = 0; r <= run->rank; r++) {
    if (all[r].n == 0) continue;
    if (r == run->rank) wrong += all[r].first < last;
    last = all[r].last;
  }
  free(all);
  return trm_total(run, wrong);
}

/* Sum of a hash of the keys that there are, less that of the first ones. */
static uint64_t lost_or_found(trm_run *run, const struct state *s) {
  const uint64_t *keys = s->keys->data;
  uint64_t sum = 0;
  for (int64_t i = 0; i < s->keys->layout->count; i++)
    sum += trm_random(5, 5, keys[i]);
  for (int64_t i = run->rank; i < s->n; i += run->ranks)
    sum -= trm_random(5, 5, trm_random(run->seed, 0, (uint64_t)i));
  trm_allreduce(run->comm, &sum, 1, TRM_U64, TRM_SUM);
  return sum;
}

static trm_status verify(trm_run *run, void *state, trm_verdict *verdict) {
  struct state *s = state;
  int64_t wrong = out_of_order(run, s->keys->data, s->keys->layout->count);
  if (run->step % 2) /* the last step was a sort */
    trm_expect(verdict, "keys out of order", (double)wrong, 0, 0);
  trm_expect(verdict, "keys lost or found", (double)lost_or_found(run, s), 0,
             0);
  return TRM_OK;
}

/* What does not depend on the keys: the lengths of the new slices in each step,
 * samples in those that sort. */
static void work(const void *opts, const trm_span *span, trm_work *w) {
  const int64_t end = span->first + span->steps,
                sorts = (end + 1) / 2 - (span->first + 1) / 2;
  (void)opts;
  w->calls[TRM_ALLGATHER] = span->steps + sorts;
  w->call_bytes[TRM_ALLGATHER] = 8 * (span->steps + SAMPLES * sorts);
  w->updates = span->rank == 0 ? (double)span->steps : 0;
}

static TRM_KERNEL(sort) = {.summary = "sample sort of shuffled keys",
                           .unit = "sort",
                           .options = options,
                           .options_size = sizeof(struct options),
                           .state_size = sizeof(struct state),
                           .setup = setup,
                           .advance = advance,
                           .verify = verify,
                           .steps = all_steps,
                           .work = work};

static const trm_listed kernels[] = {TRM_LISTED(sort), TRM_LIST_END};

int main(int argc, char **argv) {
  PROBE(argc, argv, kernels, "sort", "--n", "20011", "--rounds", "4");
}
