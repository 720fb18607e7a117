/* TEST ranks=1,3 threads=1 timeout=120 uses=trireme_preload once */
/* The wrappers of MPI, under a program that has nothing of Trireme: what they
 * count is exact, kind by kind. It starts itself again with the library. */
#include <trireme/kernel.h>

#include "check.h"
#include "../preload/again.h"

static trm_preload_totals before;
static int rank, ranks;

/* -- calls counted since begin() ------------------------------------------- */

static void begin(void) {
  look(&before);
}

static trm_preload_total since(trm_preload_kind kind) {
  trm_preload_totals now;
  look(&now);
  trm_preload_total a = before.untracked[kind], b = now.untracked[kind];
  CHECK(b.seconds >= a.seconds);
  return (trm_preload_total){b.calls - a.calls, b.messages - a.messages,
                             b.bytes - a.bytes, b.seconds - a.seconds};
}

#define WANT(kind, want_calls, want_messages, want_bytes) \
  do {                                                    \
    trm_preload_total t = since(TRM_PRELOAD_##kind);      \
    CHECK_INT(t.calls, want_calls);                       \
    CHECK_INT(t.messages, want_messages);                 \
    CHECK_INT(t.bytes, want_bytes);                       \
  } while (0)

/* -- point to point -------------------------------------------------------- */

static double out[64], in[64];

static void messages(void) {
  int to = (rank + 1) % ranks, from = (rank + ranks - 1) % ranks, flag = 0;
  MPI_Request r[2];
  MPI_Status s;
  begin();
  MPI_Irecv(in, 5, MPI_DOUBLE, from, 1, MPI_COMM_WORLD, &r[0]);
  MPI_Isend(out, 5, MPI_DOUBLE, to, 1, MPI_COMM_WORLD, &r[1]);
  MPI_Waitall(2, r, MPI_STATUSES_IGNORE);
  MPI_Isend(out, 7, MPI_INT, to, 2, MPI_COMM_WORLD, &r[0]);
  MPI_Probe(from, 2, MPI_COMM_WORLD, &s);
  MPI_Recv(in, 7, MPI_INT, from, 2, MPI_COMM_WORLD, &s);
  MPI_Wait(&r[0], &s);
  MPI_Isend(out, 0, MPI_INT, to, 2, MPI_COMM_WORLD, &r[0]); /* empty */
  MPI_Recv(in, 0, MPI_INT, from, 2, MPI_COMM_WORLD, &s);
  MPI_Wait(&r[0], &s);
  MPI_Test(&r[0], &flag, &s);
  MPI_Sendrecv(out, 3, MPI_CHAR, to, 3, in, 3, MPI_CHAR, from, 3,
               MPI_COMM_WORLD, &s);
  MPI_Send(out, 9, MPI_DOUBLE, MPI_PROC_NULL, 4, MPI_COMM_WORLD);
  WANT(SEND, 4, 3, 5 * 8 + 7 * 4);
  WANT(RECEIVE, 3, 0, 0);
  WANT(SENDRECV, 1, 1, 3);
  WANT(WAIT, 3, 0, 0);
  WANT(PROBE, 1, 0, 0);
  WANT(TEST, 1, 0, 0);
}

static void persistent(void) {
  int to = (rank + 1) % ranks, from = (rank + ranks - 1) % ranks;
  MPI_Request r[3];
  MPI_Datatype pair; /* a gap between two doubles is no payload */
  MPI_Type_vector(2, 1, 3, MPI_DOUBLE, &pair);
  MPI_Type_commit(&pair);
  begin();
  MPI_Send_init(out, 4, MPI_DOUBLE, to, 5, MPI_COMM_WORLD, &r[0]);
  MPI_Recv_init(in, 4, MPI_DOUBLE, from, 5, MPI_COMM_WORLD, &r[1]);
  MPI_Send_init(out, 2, pair, MPI_PROC_NULL, 5, MPI_COMM_WORLD, &r[2]);
  WANT(START, 0, 0, 0);
  for (int k = 0; k < 3; k++) {
    MPI_Startall(3, r);
    MPI_Waitall(3, r, MPI_STATUSES_IGNORE);
  }
  MPI_Start(&r[1]);
  MPI_Start(&r[0]);
  MPI_Waitall(2, r, MPI_STATUSES_IGNORE);
  for (int i = 0; i < 3; i++) MPI_Request_free(&r[i]);
  WANT(START, 5, 4, 4 * 32);
  WANT(SEND, 0, 0, 0);
  MPI_Isend(out, 3, pair, to, 6, MPI_COMM_WORLD, &r[0]);
  MPI_Recv(in, 6, MPI_DOUBLE, from, 6, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  MPI_Wait(&r[0], MPI_STATUS_IGNORE);
  WANT(SEND, 1, 1, 3 * 16);
  MPI_Type_free(&pair);
}

/* -- collectives ----------------------------------------------------------- */

static void from_one(void) {
  int n[64], at[64], sum = 0;
  MPI_Request r;
  for (int i = 0; i < ranks; i++) {
    n[i] = i + 1;
    at[i] = sum;
    sum += n[i];
  }
  begin();
  MPI_Barrier(MPI_COMM_WORLD);
  MPI_Ibarrier(MPI_COMM_WORLD, &r);
  MPI_Wait(&r, MPI_STATUS_IGNORE);
  MPI_Bcast(out, 6, MPI_DOUBLE, ranks - 1, MPI_COMM_WORLD);
  MPI_Gather(out, 2, MPI_INT, in, 2, MPI_INT, 0, MPI_COMM_WORLD);
  MPI_Scatterv(out, n, at, MPI_DOUBLE, in, n[rank], MPI_DOUBLE, 0,
               MPI_COMM_WORLD);
  WANT(BARRIER, 2, 0, 0);
  WANT(WAIT, 1, 0, 0);
  WANT(BCAST, 1, 0, rank == ranks - 1 ? 48 : 0);
  WANT(GATHER, 1, 0, 8);
  WANT(SCATTER, 1, 0, rank ? 0 : 8 * sum);
}

static void reductions(void) {
  MPI_Request r;
  begin();
  MPI_Allreduce(MPI_IN_PLACE, out, 3, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  MPI_Iallreduce(out, in, 4, MPI_INT, MPI_SUM, MPI_COMM_WORLD, &r);
  MPI_Wait(&r, MPI_STATUS_IGNORE);
  MPI_Reduce(out, in, 5, MPI_CHAR, MPI_SUM, 0, MPI_COMM_WORLD);
  MPI_Exscan(out, in, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  MPI_Reduce_scatter_block(out, in, 2, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  WANT(ALLREDUCE, 2, 0, 24 + 16);
  WANT(REDUCE, 1, 0, 5);
  WANT(SCAN, 1, 0, 8);
  WANT(REDUCE_SCATTER, 1, 0, 16 * ranks);
}

static void all_to_all(void) {
  int n[64], at[64];
  for (int i = 0; i < ranks; i++) {
    n[i] = 1;
    at[i] = i;
  }
  begin();
  MPI_Allgather(out, 1, MPI_DOUBLE, in, 1, MPI_DOUBLE, MPI_COMM_WORLD);
  MPI_Allgather(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, in, 2, MPI_DOUBLE,
                MPI_COMM_WORLD);
  MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, in, n, at, MPI_INT,
                 MPI_COMM_WORLD);
  MPI_Alltoall(out, 2, MPI_INT, in, 2, MPI_INT, MPI_COMM_WORLD);
  MPI_Alltoallv(out, n, at, MPI_DOUBLE, in, n, at, MPI_DOUBLE, MPI_COMM_WORLD);
  WANT(ALLGATHER, 3, 0, 8 + 16 + 4);
  WANT(ALLTOALL, 2, 0, 16 * ranks);
}

static void neighbours(void) {
  MPI_Comm ring;
  MPI_Request r;
  MPI_Cart_create(MPI_COMM_WORLD, 1, &ranks, (int[]){1}, 0, &ring);
  begin();
  MPI_Neighbor_alltoall(out, 3, MPI_DOUBLE, in, 3, MPI_DOUBLE, ring);
  MPI_Ineighbor_allgather(out, 2, MPI_DOUBLE, in, 2, MPI_DOUBLE, ring, &r);
  MPI_Wait(&r, MPI_STATUS_IGNORE);
  WANT(NEIGHBOUR, 2, 0, 2 * 24 + 16);
  WANT(WAIT, 1, 0, 0);
  MPI_Comm_free(&ring);
}

/* -- one-sided ------------------------------------------------------------- */

static void one_sided(void) {
  double *shared, one = 1;
  int to = (rank + 1) % ranks;
  MPI_Win win;
  MPI_Win_allocate(64, 8, MPI_INFO_NULL, MPI_COMM_WORLD, &shared, &win);
  begin();
  MPI_Win_fence(0, win);
  MPI_Put(out, 2, MPI_DOUBLE, to, 0, 2, MPI_DOUBLE, win);
  MPI_Put(out, 2, MPI_DOUBLE, MPI_PROC_NULL, 0, 2, MPI_DOUBLE, win);
  MPI_Win_fence(0, win);
  MPI_Win_lock(MPI_LOCK_SHARED, to, 0, win);
  MPI_Get(in, 3, MPI_DOUBLE, to, 0, 3, MPI_DOUBLE, win);
  MPI_Win_flush(to, win);
  MPI_Win_unlock(to, win);
  MPI_Win_lock_all(0, win);
  MPI_Accumulate(&one, 1, MPI_DOUBLE, to, 4, 1, MPI_DOUBLE, MPI_SUM, win);
  MPI_Fetch_and_op(&one, in, MPI_DOUBLE, to, 5, MPI_SUM, win);
  MPI_Win_unlock_all(win);
  WANT(PUT, 2, 1, 16);
  WANT(GET, 1, 1, 24);
  WANT(ACCUMULATE, 2, 2, 16);
  WANT(SYNC, 7, 0, 0);
  MPI_Win_free(&win);
}

/* -- whose calls they are -------------------------------------------------- */

static void inside_and_untracked(void) {
  trm_preload_totals now;
  int *flag = inside();
  CHECK(flag == inside());
  begin();
  *flag = 1;
  MPI_Allreduce(out, in, 3, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  *flag = 0;
  MPI_Allreduce(out, in, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  look(&now);
  WANT(ALLREDUCE, 1, 0, 8);
  const trm_preload_total *a = &before.inside[TRM_PRELOAD_ALLREDUCE],
                          *b = &now.inside[TRM_PRELOAD_ALLREDUCE];
  CHECK_INT(b->calls - a->calls, 1);
  CHECK_INT(b->bytes - a->bytes, 24);
  CHECK(b->seconds > a->seconds);
}

/* -- the whole ------------------------------------------------------------- */

static void test(void) {
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  messages();
  persistent();
  from_one();
  reductions();
  all_to_all();
  neighbours();
  one_sided();
  inside_and_untracked();
}

int main(int argc, char **argv) {
  if (!again_preloaded(argv)) return 1;
  MPI_Init(&argc, &argv);
  test();
  int failed = check_failed;
  MPI_Allreduce(MPI_IN_PLACE, &failed, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  MPI_Finalize();
  if (!rank && !failed) check_done();
  return failed > 0;
}
