/* TEST ranks=13 split */
/* Messages and collectives with a limit so low that most are split, and what is
 * counted of them. */
#include <trireme/kernel.h>

#include "check_mpi.h"

enum { LIMIT = 1000 };

static trm_counter counter;

static uint8_t byte_of(int from, int to, int64_t i) {
  return (uint8_t)trm_random(7, (uint64_t)(from * 64 + to), (uint64_t)i);
}

static void fill(uint8_t *data, int from, int to, int64_t n) {
  for (int64_t i = 0; i < n; i++) data[i] = byte_of(from, to, i);
}

static int64_t wrong(const uint8_t *data, int from, int to, int64_t n) {
  int64_t bad = 0;
  for (int64_t i = 0; i < n; i++) bad += data[i] != byte_of(from, to, i);
  return bad;
}

static int64_t pieces(int64_t bytes) {
  return (bytes + LIMIT - 1) / LIMIT;
}

/* Counts what has been sent since the last call, for one cause. */
static void expect_sent(trm_cause cause, int64_t messages, int64_t bytes) {
  CHECK_INT(counter.by[cause].messages, messages);
  CHECK_INT(counter.by[cause].bytes, bytes);
  counter.by[cause].messages = counter.by[cause].bytes = 0;
}

static void expect_called(trm_cause cause, trm_collective kind, int64_t calls,
                          int64_t bytes) {
  trm_traffic *t = &counter.by[cause];
  CHECK_INT(t->calls[kind], calls);
  CHECK_INT(t->call_bytes[kind], bytes);
  t->calls[kind] = t->call_bytes[kind] = 0;
}

static void expect_silence(void) {
  for (int c = 0; c < TRM_CAUSE_COUNT; c++) {
    expect_sent((trm_cause)c, 0, 0);
    for (int k = 0; k < TRM_COLLECTIVE_COUNT; k++)
      expect_called((trm_cause)c, (trm_collective)k, 0, 0);
  }
}

static const int64_t lengths[] = {0, 1, 999, 1000, 1001, 2000, 12345};
enum { LENGTHS = sizeof lengths / sizeof *lengths, LONGEST = 12345 };

/* Around a ring, all lengths under way at once. */
static void ring(const trm_comm *comm) {
  static uint8_t out[LENGTHS][LONGEST], in[LENGTHS][LONGEST];
  int to = (comm->rank + 1) % comm->ranks;
  int from = (comm->rank + comm->ranks - 1) % comm->ranks;
  trm_batch batch = {0};
  int64_t messages = 0, bytes = 0;
  memset(in, 0, sizeof in);
  for (int k = 0; k < LENGTHS; k++) {
    fill(out[k], comm->rank, k, lengths[k]);
    trm_irecv(comm, in[k], lengths[k], from, 5, &batch);
    trm_isend(comm, out[k], lengths[k], to, 5, &batch);
    messages += pieces(lengths[k]);
    bytes += lengths[k];
  }
  while (!trm_batch_test(&batch)) continue;
  CHECK(trm_batch_test(&batch));
  for (int k = 0; k < LENGTHS; k++)
    CHECK_INT(wrong(in[k], from, k, lengths[k]), 0);
  expect_sent(TRM_FOR_KERNEL, messages, bytes);
  /* the same batch once more, and in another order of tags */
  trm_irecv(comm, in[1], 2000, from, 6, &batch);
  trm_irecv(comm, in[0], 1001, from, 5, &batch);
  fill(out[0], comm->rank, 0, 1001);
  fill(out[1], comm->rank, 1, 2000);
  trm_isend(comm, out[0], 1001, to, 5, &batch);
  trm_isend(comm, out[1], 2000, to, 6, &batch);
  trm_batch_wait(&batch);
  trm_batch_wait(&batch);
  CHECK_INT(wrong(in[0], from, 0, 1001) + wrong(in[1], from, 1, 2000), 0);
  expect_sent(TRM_FOR_KERNEL, 4, 3001);
  trm_batch_free(&batch);
}

static void persistent(const trm_comm *comm) {
  uint8_t out[2500], in[2500];
  int to = (comm->rank + 1) % comm->ranks;
  int from = (comm->rank + comm->ranks - 1) % comm->ranks;
  trm_batch batch = {0}, none = {0};
  trm_recv_init(comm, in, sizeof in, from, 9, &batch);
  trm_send_init(comm, out, sizeof out, to, 9, &batch);
  CHECK(trm_batch_test(&batch)); /* nothing is under way */
  expect_sent(TRM_FOR_KERNEL, 0, 0);
  for (int round = 0; round < 3; round++) {
    memset(in, 0, sizeof in);
    fill(out, comm->rank, round, sizeof out);
    trm_batch_start(&batch);
    if (round == 1)
      while (!trm_batch_test(&batch)) continue;
    trm_batch_wait(&batch);
    CHECK_INT(wrong(in, from, round, sizeof in), 0);
    expect_sent(TRM_FOR_KERNEL, 3, sizeof out);
  }
  trm_batch_free(&batch);
  trm_send_init(comm, out, 0, to, 9, &none);
  trm_batch_start(&none);
  CHECK(trm_batch_test(&none));
  trm_batch_free(&none);
  trm_batch_wait(&none);
  expect_sent(TRM_FOR_KERNEL, 0, 0);
}

/* Every rank with every other, itself included. */
static void sendrecv(const trm_comm *comm) {
  uint8_t out[1500], in[1500];
  for (int d = 0; d < comm->ranks; d++) {
    int to = (comm->rank + d) % comm->ranks;
    int from = (comm->rank + comm->ranks - d) % comm->ranks;
    fill(out, comm->rank, to, sizeof out);
    trm_sendrecv(comm, out, sizeof out, to, in, sizeof in, from, 1);
    CHECK_INT(wrong(in, from, comm->rank, sizeof in), 0);
    expect_sent(TRM_FOR_KERNEL, d ? 2 : 0, d ? (int64_t)sizeof out : 0);
  }
  trm_sendrecv(comm, NULL, 0, -5, NULL, 0, -5, 1);
  expect_sent(TRM_FOR_KERNEL, 0, 0);
}

static void broadcast(const trm_comm *comm) {
  static uint8_t data[LONGEST];
  for (int root = 0; root < comm->ranks; root++)
    for (int k = 0; k < LENGTHS; k++) {
      memset(data, 0, sizeof data);
      if (comm->rank == root) fill(data, root, k, lengths[k]);
      trm_bcast(comm, data, lengths[k], root);
      CHECK_INT(wrong(data, root, k, lengths[k]), 0);
      expect_called(TRM_FOR_KERNEL, TRM_BCAST, pieces(lengths[k]),
                    comm->rank == root ? lengths[k] : 0);
    }
}

#define SUMS(ctype, type)                                                 \
  do {                                                                    \
    ctype x[700];                                                         \
    int64_t size = sizeof *x, most = LIMIT / size;                        \
    for (int i = 0; i < 700; i++) x[i] = (ctype)(me + i % 3);             \
    trm_allreduce(comm, x, 700, type, TRM_SUM);                           \
    for (int i = 0; i < 700; i++)                                         \
      CHECK(x[i] == (ctype)(p * (p - 1) / 2 + i % 3 * p));                \
    expect_called(TRM_FOR_KERNEL, TRM_ALLREDUCE, (700 + most - 1) / most, \
                  700 * size);                                            \
  } while (0)

static void reductions(const trm_comm *comm) {
  int me = comm->rank, p = comm->ranks;
  SUMS(double, TRM_F64);
  SUMS(float, TRM_F32);
  SUMS(int64_t, TRM_I64);
  SUMS(int32_t, TRM_I32);
  SUMS(uint64_t, TRM_U64);
  SUMS(uint8_t, TRM_U8);
  SUMS(double _Complex, TRM_C128);
  int64_t low = 100 - me, high = me, bits = (int64_t)1 << me;
  trm_allreduce(comm, &low, 1, TRM_I64, TRM_MIN);
  trm_allreduce(comm, &high, 1, TRM_I64, TRM_MAX);
  trm_allreduce(comm, &bits, 1, TRM_I64, TRM_BOR);
  CHECK_INT(low, 101 - p);
  CHECK_INT(high, p - 1);
  CHECK_INT(bits, ((int64_t)1 << p) - 1);
  expect_called(TRM_FOR_KERNEL, TRM_ALLREDUCE, 3, 24);
  trm_barrier(comm);
  expect_called(TRM_FOR_KERNEL, TRM_BARRIER, 1, 0);
}

static void gathers(const trm_comm *comm) {
  int me = comm->rank, p = comm->ranks;
  uint8_t *mine = malloc(3000), *all = calloc((size_t)p, 3000);
  for (int64_t n = 10; n <= 2500; n *= 250) {
    fill(mine, me, 0, n);
    trm_allgather(comm, mine, n, all);
    for (int r = 0; r < p; r++) CHECK_INT(wrong(all + r * n, r, 0, n), 0);
    expect_called(TRM_FOR_KERNEL, TRM_ALLGATHER, pieces(n), n);
  }
  for (int step = 7; step <= 700; step *= 100) {
    int64_t bytes[64], at = 0;
    for (int r = 0; r < p; r++) bytes[r] = r % 4 * step;
    fill(mine, me, 1, bytes[me]);
    trm_allgatherv(comm, bytes[me] ? mine : NULL, all, bytes);
    for (int r = 0; r < p; at += bytes[r++])
      CHECK_INT(wrong(all + at, r, 1, bytes[r]), 0);
    expect_sent(TRM_FOR_KERNEL, (p - 1) * pieces(bytes[me]),
                (p - 1) * bytes[me]);
  }
  free(mine);
  free(all);
}

static int64_t uneven(int from, int to) {
  return (from * 5 + to * 3) % 7 * 301;
}

static void all_to_all(const trm_comm *comm) {
  enum { SPACE = 2500 };
  int me = comm->rank, p = comm->ranks;
  uint8_t *out = calloc((size_t)p, SPACE), *in = calloc((size_t)p, SPACE);
  int64_t lists[4][64] = {{0}}, messages = 0, bytes = 0;
  for (int r = 0; r < p; r++) {
    lists[0][r] = uneven(me, r);
    lists[1][r] = (int64_t)(p - 1 - r) * SPACE; /* backwards, with gaps */
    lists[2][r] = uneven(r, me);
    lists[3][r] = (int64_t)r * SPACE + 3;
    fill(out + lists[1][r], me, r, lists[0][r]);
    messages += r == me ? 0 : pieces(uneven(me, r));
    bytes += r == me ? 0 : uneven(me, r);
  }
  memset(in, 0xee, (size_t)p * SPACE);
  trm_alltoallv(comm, out, lists[0], lists[1], in, lists[2], lists[3]);
  for (int r = 0; r < p; r++) {
    CHECK_INT(wrong(in + lists[3][r], r, me, uneven(r, me)), 0);
    CHECK_INT(in[lists[3][r] + uneven(r, me)], 0xee);
    CHECK_INT(in[lists[3][r] - 1], 0xee);
  }
  expect_sent(TRM_FOR_KERNEL, messages, bytes);
  for (int64_t n = 8; n <= 2400; n *= 300) {
    for (int r = 0; r < p; r++) fill(out + r * n, me, r, n);
    trm_alltoall(comm, out, n, in);
    for (int r = 0; r < p; r++) CHECK_INT(wrong(in + r * n, r, me, n), 0);
    expect_sent(TRM_FOR_KERNEL, (p - 1) * pieces(n), (p - 1) * n);
  }
  free(out);
  free(in);
}

static void scan(const trm_comm *comm) {
  int64_t want = 0;
  for (int r = 0; r < comm->rank; r++) want += (r + 1) * 1000003 - 5000000;
  int64_t got = trm_exscan(comm, (comm->rank + 1) * 1000003 - 5000000);
  CHECK_INT(got, want);
  int64_t sent = 0;
  for (int d = 1; d < comm->ranks; d *= 2) sent += comm->rank + d < comm->ranks;
  expect_sent(TRM_FOR_KERNEL, sent, 8 * sent);
}

/* The outermost cause wins. */
static void causes(const trm_comm *comm) {
  trm_cause outer = trm_comm_cause(comm, TRM_FOR_CHECKPOINT);
  CHECK_INT(outer, TRM_FOR_KERNEL);
  trm_cause inner = trm_comm_cause(comm, TRM_FOR_REDUCE);
  trm_barrier(comm);
  trm_comm_cause_end(comm, inner);
  trm_barrier(comm);
  trm_comm_cause_end(comm, outer);
  trm_barrier(comm);
  inner = trm_comm_cause(comm, TRM_FOR_REDUCE);
  trm_barrier(comm);
  trm_comm_cause_end(comm, inner);
  expect_called(TRM_FOR_CHECKPOINT, TRM_BARRIER, 2, 0);
  expect_called(TRM_FOR_KERNEL, TRM_BARRIER, 1, 0);
  expect_called(TRM_FOR_REDUCE, TRM_BARRIER, 1, 0);
}

/* Odd and even ranks apart, in the opposite order; rank 0 stays out. */
static void splits(const trm_comm *comm) {
  int me = comm->rank, p = comm->ranks;
  trm_comm *part = trm_comm_split(comm, me ? me % 2 : -1, -me);
  CHECK((part == NULL) == (me == 0));
  if (part) {
    int higher = 0;
    for (int r = me + 1; r < p; r++) higher += r % 2 == me % 2;
    CHECK_INT(part->rank, higher);
    CHECK_INT(part->limit, LIMIT);
    CHECK_INT(trm_exscan(part, 1), higher);
    CHECK(counter.by[TRM_FOR_KERNEL].messages > 0 ||
          part->rank == part->ranks - 1);
  }
  trm_comm_free(&part);
  CHECK(part == NULL);
  trm_comm_free(&part);
  counter = (trm_counter){0};
  trm_comm *host = trm_comm_host(comm);
  int64_t hosts = host->rank == 0;
  trm_allreduce(comm, &hosts, 1, TRM_I64, TRM_SUM);
  CHECK(host->ranks <= p && hosts >= 1 && host->ranks * hosts >= p);
  trm_comm_free(&host);
  expect_called(TRM_FOR_KERNEL, TRM_ALLREDUCE, 1, 8);
}

static void test(trm_run *run) {
  counter = (trm_counter){0};
  setenv("TRM_MESSAGE_LIMIT", "1000", 1);
  trm_comm *comm = trm_comm_new(run->comm->mpi, &counter);
  unsetenv("TRM_MESSAGE_LIMIT");
  CHECK_INT(comm->limit, LIMIT);
  CHECK_INT(run->comm->limit, TRM_MESSAGE_LIMIT);
  CHECK_INT(comm->rank, run->rank);
  CHECK_INT(comm->ranks, run->ranks);
  void (*const parts[])(const trm_comm *) = {
      ring,    persistent, sendrecv, broadcast, reductions,
      gathers, all_to_all, scan,     causes,    splits};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    parts[i](comm);
    expect_silence();
  }
  trm_comm_free(&comm);
}

int main(int argc, char **argv) {
  return check_mpi(argc, argv, test);
}
