/* Collective operations. Those that contracts count as calls are MPI's, cut
 * into pieces that MPI's 32-bit counts can carry; the others go over messages.
 * Which way one goes never depends on its size, so that a kernel can state
 * it. */
#include <stdlib.h>
#include <string.h>

#include <trireme/comm.h>

#include "base/memory.h"
#include "comm/call.h"
#include "comm/tags.h"

static const trm_call call_of[] = {
#define TRM__KIND(name, text) TRM_CALL_##name,
    TRM_COLLECTIVES(TRM__KIND)
#undef TRM__KIND
};

/* Leave and count a collective call.  \param root -1: none */
static void count(const trm_comm *comm, trm_collective kind, double enter,
                  int64_t bytes, int root) {
  trm_traffic *t = &comm->counter->by[comm->counter->cause];
  double leave = trm__comm_call_leave(comm, call_of[kind], enter);
  t->calls[kind]++;
  t->call_bytes[kind] += bytes;
  trm__comm_call_log(comm, call_of[kind], enter, leave, bytes, root);
}

void trm_barrier(const trm_comm *comm) {
  double enter = trm__comm_call_enter(comm);
  MPI_Barrier(comm->mpi);
  count(comm, TRM_BARRIER, enter, 0, -1);
}

void trm_bcast(const trm_comm *comm, void *data, int64_t bytes, int root) {
  for (int64_t at = 0; at < bytes; at += comm->limit) {
    int64_t size = bytes - at < comm->limit ? bytes - at : comm->limit;
    double enter = trm__comm_call_enter(comm);
    MPI_Bcast((char *)data + at, (int)size, MPI_BYTE, root, comm->mpi);
    count(comm, TRM_BCAST, enter, comm->rank == root ? size : 0, root);
  }
}

static MPI_Datatype mpi_type(trm_type type) {
  switch (type) {
    case TRM_F64:
      return MPI_DOUBLE;
    case TRM_F32:
      return MPI_FLOAT;
    case TRM_I64:
      return MPI_INT64_T;
    case TRM_I32:
      return MPI_INT32_T;
    case TRM_U64:
      return MPI_UINT64_T;
    case TRM_U8:
      return MPI_UINT8_T;
    case TRM_C128:
      return MPI_C_DOUBLE_COMPLEX;
    default:
      abort();
  }
}

static MPI_Op mpi_op(trm_op op) {
  switch (op) {
    case TRM_SUM:
      return MPI_SUM;
    case TRM_MIN:
      return MPI_MIN;
    case TRM_MAX:
      return MPI_MAX;
    default:
      return MPI_BOR;
  }
}

void trm_allreduce(const trm_comm *comm, void *data, int64_t n, trm_type type,
                   trm_op op) {
  int64_t size = (int64_t)trm_type_size(type);
  int64_t most = comm->limit < size ? 1 : comm->limit / size;
  for (int64_t at = 0; at < n; at += most) {
    int64_t part = n - at < most ? n - at : most;
    double enter = trm__comm_call_enter(comm);
    MPI_Allreduce(MPI_IN_PLACE, (char *)data + at * size, (int)part,
                  mpi_type(type), mpi_op(op), comm->mpi);
    count(comm, TRM_ALLREDUCE, enter, part * size, -1);
  }
}

/* A piece of each rank's data, spaced as the whole data is. */
static MPI_Datatype piece_of(int64_t size, int64_t apart) {
  MPI_Datatype piece, spread;
  MPI_Type_contiguous((int)size, MPI_BYTE, &piece);
  MPI_Type_create_resized(piece, 0, (MPI_Aint)apart, &spread);
  MPI_Type_commit(&spread);
  MPI_Type_free(&piece);
  return spread;
}

void trm_allgather(const trm_comm *comm, const void *mine, int64_t bytes,
                   void *all) {
  int64_t at = 0;
  do {
    int64_t size = bytes - at < comm->limit ? bytes - at : comm->limit;
    bool whole = size == bytes;
    MPI_Datatype piece = whole ? MPI_BYTE : piece_of(size, bytes);
    double enter = trm__comm_call_enter(comm);
    MPI_Allgather((const char *)mine + at, (int)size, MPI_BYTE,
                  (char *)all + at, whole ? (int)size : 1, piece, comm->mpi);
    count(comm, TRM_ALLGATHER, enter, size, -1);
    if (!whole) MPI_Type_free(&piece);
    at += comm->limit;
  } while (at < bytes);
}

/* Each rank sends its piece to all others, its successor first. */
void trm_allgatherv(const trm_comm *comm, const void *mine, void *all,
                    const int64_t bytes[]) {
  const int me = comm->rank, ranks = comm->ranks;
  int64_t *at = trm__base_calloc((size_t)ranks + 1, sizeof *at);
  for (int r = 0; r < ranks; r++) at[r + 1] = at[r] + bytes[r];
  trm_batch batch = {0};
  for (int d = 1; d < ranks; d++) {
    int to = (me + d) % ranks, from = (me - d + ranks) % ranks;
    trm_irecv(comm, (char *)all + at[from], bytes[from], from, TRM__TAG_GATHER,
              &batch);
    trm_isend(comm, mine, bytes[me], to, TRM__TAG_GATHER, &batch);
  }
  if (bytes[me]) memmove((char *)all + at[me], mine, (size_t)bytes[me]);
  trm_batch_wait(&batch);
  trm_batch_free(&batch);
  free(at);
}

void trm_alltoall(const trm_comm *comm, const void *send, int64_t bytes,
                  void *recv) {
  int64_t *lists = trm__base_calloc(2 * (size_t)comm->ranks, sizeof *lists);
  int64_t *each = lists, *at = lists + comm->ranks;
  for (int r = 0; r < comm->ranks; r++) {
    each[r] = bytes;
    at[r] = r * bytes;
  }
  trm_alltoallv(comm, send, each, at, recv, each, at);
  free(lists);
}

void trm_alltoallv(const trm_comm *comm, const void *send,
                   const int64_t send_bytes[], const int64_t send_at[],
                   void *recv, const int64_t recv_bytes[],
                   const int64_t recv_at[]) {
  trm_batch batch = {0};
  int me = comm->rank;
  for (int d = 1; d < comm->ranks; d++) {
    int from = (me - d + comm->ranks) % comm->ranks;
    trm_irecv(comm, (char *)recv + recv_at[from], recv_bytes[from], from,
              TRM__TAG_ALLTOALL, &batch);
  }
  for (int d = 1; d < comm->ranks; d++) {
    int to = (me + d) % comm->ranks;
    trm_isend(comm, (const char *)send + send_at[to], send_bytes[to], to,
              TRM__TAG_ALLTOALL, &batch);
  }
  if (send_bytes[me])
    memmove((char *)recv + recv_at[me], (const char *)send + send_at[me],
            (size_t)send_bytes[me]);
  trm_batch_wait(&batch);
  trm_batch_free(&batch);
}

/* Doubling: after step d a rank has the sum of itself and the d-1 ranks
 * below. */
int64_t trm_exscan(const trm_comm *comm, int64_t mine) {
  int64_t sum = mine;
  for (int d = 1; d < comm->ranks; d *= 2) {
    int64_t below = 0;
    bool up = comm->rank + d < comm->ranks, down = comm->rank >= d;
    trm_sendrecv(comm, &sum, up ? (int64_t)sizeof sum : 0, comm->rank + d,
                 &below, down ? (int64_t)sizeof below : 0, comm->rank - d,
                 TRM__TAG_SCAN);
    sum += below;
  }
  return sum - mine;
}
