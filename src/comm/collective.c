/* Collective operations. Small ones are MPI's; what MPI's 32-bit counts cannot
 * carry, and all-to-alls of uneven lengths, go over point-to-point messages. */
#include <stdlib.h>
#include <string.h>

#include <trireme/comm.h>

#include "base/memory.h"
#include "comm/call.h"
#include "comm/tags.h"

/* A collective call is over. \param root -1: none */
static void count(const trm_comm *comm, trm_call call, double enter,
                  int64_t bytes, int root) {
  trm_traffic *t = &comm->counter->by[comm->counter->cause];
  double leave = trm__comm_call_leave(comm, call, enter);
  t->calls++;
  t->call_bytes += bytes;
  trm__comm_call_log(comm, call, enter, leave, bytes, root);
}

void trm_barrier(const trm_comm *comm) {
  double enter = trm__comm_call_enter(comm);
  MPI_Barrier(comm->mpi);
  count(comm, TRM_CALL_BARRIER, enter, 0, -1);
}

void trm_bcast(const trm_comm *comm, void *data, int64_t bytes, int root) {
  for (int64_t at = 0; at < bytes; at += comm->limit) {
    int64_t size = bytes - at < comm->limit ? bytes - at : comm->limit;
    double enter = trm__comm_call_enter(comm);
    MPI_Bcast((char *)data + at, (int)size, MPI_BYTE, root, comm->mpi);
    count(comm, TRM_CALL_BCAST, enter, comm->rank == root ? size : 0, root);
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
    count(comm, TRM_CALL_ALLREDUCE, enter, part * size, -1);
  }
}

void trm_allgather(const trm_comm *comm, const void *mine, int64_t bytes,
                   void *all) {
  if (bytes <= comm->limit) {
    double enter = trm__comm_call_enter(comm);
    MPI_Allgather(mine, (int)bytes, MPI_BYTE, all, (int)bytes, MPI_BYTE,
                  comm->mpi);
    count(comm, TRM_CALL_ALLGATHER, enter, bytes, -1);
    return;
  }
  int64_t *each = trm__base_calloc((size_t)comm->ranks, sizeof *each);
  for (int r = 0; r < comm->ranks; r++) each[r] = bytes;
  trm_allgatherv(comm, mine, all, each);
  free(each);
}

/* Everybody's piece to everybody, each rank beginning with its successor. */
static void gather_by_messages(const trm_comm *comm, const void *mine,
                               char *all, const int64_t bytes[],
                               const int64_t at[]) {
  trm_batch batch = {0};
  for (int d = 1; d < comm->ranks; d++) {
    int to = (comm->rank + d) % comm->ranks;
    int from = (comm->rank - d + comm->ranks) % comm->ranks;
    trm_irecv(comm, all + at[from], bytes[from], from, TRM__TAG_GATHER, &batch);
    trm_isend(comm, mine, bytes[comm->rank], to, TRM__TAG_GATHER, &batch);
  }
  trm_batch_wait(&batch);
  trm_batch_free(&batch);
  if (bytes[comm->rank])
    memmove(all + at[comm->rank], mine, (size_t)bytes[comm->rank]);
}

void trm_allgatherv(const trm_comm *comm, const void *mine, void *all,
                    const int64_t bytes[]) {
  size_t ranks = (size_t)comm->ranks;
  int64_t *at = trm__base_calloc(ranks + 1, sizeof *at);
  for (int r = 0; r < comm->ranks; r++) at[r + 1] = at[r] + bytes[r];
  if (at[comm->ranks] > comm->limit) {
    gather_by_messages(comm, mine, all, bytes, at);
  } else {
    int *n = trm__base_calloc(2 * ranks, sizeof *n);
    for (size_t r = 0; r < ranks; r++) {
      n[r] = (int)bytes[r];
      n[ranks + r] = (int)at[r];
    }
    double enter = trm__comm_call_enter(comm);
    MPI_Allgatherv(mine, n[comm->rank], MPI_BYTE, all, n, n + ranks, MPI_BYTE,
                   comm->mpi);
    count(comm, TRM_CALL_ALLGATHER, enter, bytes[comm->rank], -1);
    free(n);
  }
  free(at);
}

void trm_alltoall(const trm_comm *comm, const void *send, int64_t bytes,
                  void *recv) {
  if (bytes <= comm->limit / comm->ranks) {
    double enter = trm__comm_call_enter(comm);
    MPI_Alltoall(send, (int)bytes, MPI_BYTE, recv, (int)bytes, MPI_BYTE,
                 comm->mpi);
    count(comm, TRM_CALL_ALLTOALL, enter, bytes * comm->ranks, -1);
    return;
  }
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

/* Doubling: after step d a rank holds the sum of itself and d-1 ranks below. */
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
