/* TEST ranks=1,4 threads=1 timeout=150 apart uses=trireme_preload once */
/* Nothing bypasses the floor of messages: what it counted is what MPI
 * wrappers saw, over all that the library sends. The program starts itself
 * again with libtrireme_preload.so. */
#include <trireme/kernel.h>

#include "check_mpi.h"
#include "comm/untracked.h"
#include "comm/run.h"
#include "comm/meter.h"
#include "../preload/again.h"

typedef struct totals {
  int64_t messages, bytes;   /* point-to-point, sent */
  int64_t calls, call_bytes; /* collectives: calls, bytes contributed */
} totals;

static void add(totals *sum, const trm_preload_total of[]) {
  for (int k = 0; k < TRM_PRELOAD_KIND_COUNT; k++) {
    bool point = k < TRM_PRELOAD_BARRIER;
    sum->messages += of[k].messages;
    sum->bytes += point ? of[k].bytes : 0;
    sum->calls += point ? 0 : of[k].calls;
    sum->call_bytes += point ? 0 : of[k].bytes;
  }
}

static totals seen(void) {
  trm_preload_totals all;
  totals sum = {0};
  look(&all);
  add(&sum, all.inside);
  return sum;
}

static totals counted(const trm_run *run) {
  totals t = {0};
  for (int c = 0; c < TRM_CAUSE_COUNT; c++) {
    const trm_traffic *by = &run->comm->counter->by[c];
    t.messages += by->messages;
    t.bytes += by->bytes;
    for (int k = 0; k < TRM_COLLECTIVE_COUNT; k++) {
      t.calls += by->calls[k];
      t.call_bytes += by->call_bytes[k];
    }
  }
  return t;
}

/* What both saw since the start of the test. */
static void compare(const trm_run *run, const char *what, totals start) {
  totals want = seen(), got = counted(run);
  int failed = check_failed;
  CHECK_INT(got.messages, want.messages - start.messages);
  CHECK_INT(got.bytes, want.bytes - start.bytes);
  CHECK_INT(got.calls, want.calls - start.calls);
  CHECK_INT(got.call_bytes, want.call_bytes - start.call_bytes);
  if (check_failed > failed) fprintf(stderr, "after %s\n", what);
}

static void messages(trm_run *run, int64_t n) {
  int p = run->ranks, to = (run->rank + 1) % p, from = (run->rank + p - 1) % p;
  char *out = calloc((size_t)(p * n + 1), 1),
       *in = calloc((size_t)(p * n + 1), 1);
  int64_t each[64], at[64];
  for (int r = 0; r < p; r++) {
    each[r] = n;
    at[r] = r * n;
  }
  trm_sendrecv(run->comm, out, n, to, in, n, from, 1);
  trm_bcast(run->comm, out, n, p - 1);
  trm_allgather(run->comm, out, n, in);
  trm_allgatherv(run->comm, out, in, each);
  trm_alltoall(run->comm, out, n, in);
  trm_alltoallv(run->comm, out, each, at, in, each, at);
  trm_exscan(run->comm, n);
  trm_allreduce(run->comm, out, n, TRM_U8, TRM_BOR);
  trm_barrier(run->comm);
  free(out);
  free(in);
}

static void arrays(trm_run *run) {
  const trm_layout *grid, *slices;
  trm_field *f[2];
  int64_t n[] = {23, 17, 12};
  CHECK_OK(run, trm_grid(run, 3, n, 2, (bool[]){true, false, true}, &grid));
  CHECK_OK(run, trm_field_new(run, grid, "u", TRM_F64, TRM_SCRATCH, &f[0]));
  CHECK_OK(run, trm_field_new(run, grid, "v", TRM_U8, TRM_SCRATCH, &f[1]));
  for (int k = 0; k < 3; k++) {
    CHECK_OK(run, trm_halo_fill(run, TRM_STAR, 2, f));
    CHECK_OK(run, trm_halo_fill(run, TRM_BOX, 1, f));
  }
  trm_plan plan = {.dims = 3,
                   .dim = {{.n = 23, .kind = TRM_CYCLIC, .block = 3},
                           {.n = 17, .kind = TRM_WHOLE},
                           {.n = 12}}};
  CHECK_OK(run, trm_layout_new(run, &plan, &slices));
  CHECK_OK(run, trm_relayout(run, f[0], slices));
  CHECK_OK(run, trm_slices(run, run->rank * 3 + 1, &slices));
  CHECK_OK(run, trm_reshape(run, f[1], slices));
  trm_sum(run, f[0]);
  trm_dot(run, f[0], f[0]);
  trm_max_at(run, f[1]);
  trm_nonfinite(run, f[0]);
  trm_digest(run, f[0]);
  trm_sum_ranks(run, 1.5);
  trm_max(run, 1);
  trm_agree(run, TRM_EFILE);
}

/* The wrappers saw no untracked call. */
static void nothing_untracked(trm__comm_untracked before) {
  trm__comm_untracked now;
  CHECK(trm__comm_untracked_read(&now));
  CHECK_INT(now.messages, before.messages);
  CHECK_INT(now.calls, before.calls);
  CHECK(now.seconds <= before.seconds);
}

static void test(trm_run *run) {
  trm__comm_untracked before;
  trm__comm_untracked_read(&before);
  totals start = seen(), none = counted(run);
  CHECK_INT(none.messages + none.calls, 0);
  messages(run, 100);
  compare(run, "messages", start);
  messages(run, 0);
  compare(run, "empty messages", start);
  arrays(run);
  compare(run, "arrays", start);
  CHECK(run->ranks == 1 || seen().messages > start.messages);
  CHECK(seen().calls > start.calls);
  nothing_untracked(before);
}

/* What a kernel sends itself. */
static void untracked(const trm_run *run) {
  char out[13] = {0}, in[13];
  double sum;
  trm__comm_untracked a, b;
  CHECK(trm__comm_untracked_read(&a));
  MPI_Sendrecv(out, 13, MPI_CHAR, (run->rank + 1) % run->ranks, 1, in, 13,
               MPI_CHAR, MPI_ANY_SOURCE, 1, run->comm->mpi, MPI_STATUS_IGNORE);
  MPI_Allreduce(&(double){1}, &sum, 1, MPI_DOUBLE, MPI_SUM, run->comm->mpi);
  CHECK(trm__comm_untracked_read(&b));
  CHECK_INT(b.messages - a.messages, 1);
  CHECK_INT(b.bytes - a.bytes, 13);
  CHECK_INT(b.calls - a.calls, 1);
  CHECK_INT(b.call_bytes - a.call_bytes, 8);
  CHECK(b.seconds > a.seconds);
}

static void call_untracked(const trm_run *run) {
  double sum, one = 1;
  MPI_Allreduce(&one, &sum, 1, MPI_DOUBLE, MPI_SUM, run->comm->mpi);
}

/* The meter books what it was not told, but no more than the time that nothing else
 * explains: a call inside a site is useful time. */
static void booked(trm_run *run, bool in_site) {
  trm__comm_meter *m = run->own->meter;
  const trm_call_total *total =
      &m->shown.calls[TRM_FOR_KERNEL][TRM_CALL_UNTRACKED];
  trm_call_total before = *total;
  trm__comm_meter_begin(run->own->meter);
  if (in_site)
    TRM_WORK(run, "kernel's own", 0, 0) call_untracked(run);
  else
    call_untracked(run);
  trm_barrier(run->comm);
  trm__comm_meter_end(run->own->meter, run->threads);
  double seconds = total->seconds - before.seconds;
  trm__comm_spent s = m->spent;
  CHECK_INT(total->calls - before.calls, 1);
  CHECK(in_site || seconds > 0);
  CHECK(seconds <= s.calls);
  CHECK(s.serial + s.calls <= s.wall * (1 + 1e-12));
}

static void small_pieces(trm_run *outer) {
  trm_run *run;
  setenv("TRM_MESSAGE_LIMIT", "128", 1);
  trm_run_new(outer->comm->mpi, 1, 1, &run);
  unsetenv("TRM_MESSAGE_LIMIT");
  test(run);
  trm_run_free(&run);
}

static void with_and_without(trm_run *run) {
  test(run);
  small_pieces(run);
  untracked(run);
  booked(run, false);
  booked(run, true);
}

int main(int argc, char **argv) {
  if (!again_preloaded(argv)) return 1;
  return check_mpi(argc, argv, with_and_without);
}
