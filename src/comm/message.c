/* Point-to-point messages, split at the limit and counted. */
#include <stdlib.h>
#include <string.h>

#include <trireme/comm.h>

#include "base/memory.h"

static trm_traffic *traffic(const trm_comm *comm) {
  return &comm->counter->by[comm->counter->cause];
}

static MPI_Request *next_request(trm_batch *batch) {
  if (batch->n == batch->capacity) {
    batch->capacity = batch->capacity ? 2 * batch->capacity : 8;
    batch->requests = trm__grow(batch->requests, (size_t)batch->capacity,
                                sizeof *batch->requests);
  }
  return &batch->requests[batch->n++];
}

static void begin(trm_batch *batch, const trm_comm *comm, bool persistent) {
  batch->comm = comm;
  batch->persistent = persistent;
  batch->active = !persistent;
}

/* Pieces of one message travel with one tag: MPI keeps their order. */
#define EACH_PIECE(comm, bytes, at, size)                              \
  for (int64_t at = 0, size;                                           \
       size = (bytes)-at < (comm)->limit ? (bytes)-at : (comm)->limit, \
               at < (bytes);                                           \
       at += size)

void trm_isend(const trm_comm *comm, const void *data, int64_t bytes, int to,
               int tag, trm_batch *batch) {
  begin(batch, comm, false);
  EACH_PIECE(comm, bytes, at, size) {
    MPI_Isend((const char *)data + at, (int)size, MPI_BYTE, to, tag, comm->mpi,
              next_request(batch));
    traffic(comm)->messages++;
    traffic(comm)->bytes += size;
  }
}

void trm_irecv(const trm_comm *comm, void *data, int64_t bytes, int from,
               int tag, trm_batch *batch) {
  begin(batch, comm, false);
  EACH_PIECE(comm, bytes, at, size)
  MPI_Irecv((char *)data + at, (int)size, MPI_BYTE, from, tag, comm->mpi,
            next_request(batch));
}

void trm_send_init(const trm_comm *comm, const void *data, int64_t bytes,
                   int to, int tag, trm_batch *batch) {
  begin(batch, comm, true);
  EACH_PIECE(comm, bytes, at, size) {
    MPI_Send_init((const char *)data + at, (int)size, MPI_BYTE, to, tag,
                  comm->mpi, next_request(batch));
    batch->sends++;
    batch->send_bytes += size;
  }
}

void trm_recv_init(const trm_comm *comm, void *data, int64_t bytes, int from,
                   int tag, trm_batch *batch) {
  begin(batch, comm, true);
  EACH_PIECE(comm, bytes, at, size)
  MPI_Recv_init((char *)data + at, (int)size, MPI_BYTE, from, tag, comm->mpi,
                next_request(batch));
}

void trm_batch_start(trm_batch *batch) {
  batch->active = true;
  if (batch->n == 0) return;
  MPI_Startall(batch->n, batch->requests);
  traffic(batch->comm)->messages += batch->sends;
  traffic(batch->comm)->bytes += batch->send_bytes;
}

static void completed(trm_batch *batch) {
  batch->active = false;
  if (!batch->persistent) batch->n = 0;
}

bool trm_batch_test(trm_batch *batch) {
  if (!batch->active) return true;
  int done = 1;
  if (batch->n)
    MPI_Testall(batch->n, batch->requests, &done, MPI_STATUSES_IGNORE);
  if (done) completed(batch);
  return done;
}

void trm_batch_wait(trm_batch *batch) {
  if (!batch->active) return;
  if (batch->n) MPI_Waitall(batch->n, batch->requests, MPI_STATUSES_IGNORE);
  completed(batch);
}

void trm_batch_free(trm_batch *batch) {
  if (batch->persistent)
    for (int i = 0; i < batch->n; i++) MPI_Request_free(&batch->requests[i]);
  free(batch->requests);
  *batch = (trm_batch){0};
}

void trm_sendrecv(const trm_comm *comm, const void *send, int64_t send_bytes,
                  int to, void *recv, int64_t recv_bytes, int from, int tag) {
  if (to == comm->rank && from == comm->rank && send_bytes == recv_bytes) {
    if (send_bytes) memmove(recv, send, (size_t)send_bytes);
    return;
  }
  trm_batch batch = {0};
  trm_irecv(comm, recv, recv_bytes, from, tag, &batch);
  trm_isend(comm, send, send_bytes, to, tag, &batch);
  trm_batch_wait(&batch);
  trm_batch_free(&batch);
}
