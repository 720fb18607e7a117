/* Point-to-point messages, split at the limit and counted. */
#include <stdlib.h>
#include <string.h>

#include <trireme/comm.h>

#include "base/memory.h"
#include "comm/call.h"

static trm__comm_posted *next_posted(trm_batch *batch) {
  if (batch->n == batch->capacity) {
    batch->capacity = batch->capacity ? 2 * batch->capacity : 8;
    size_t n = (size_t)batch->capacity;
    batch->requests =
        trm__base_grow(batch->requests, n, sizeof *batch->requests);
    batch->posted = trm__base_grow(batch->posted, n, sizeof *batch->posted);
  }
  return &batch->posted[batch->n++];
}

static MPI_Request *request_of(trm_batch *batch,
                               const trm__comm_posted *posted) {
  return &batch->requests[posted - batch->posted];
}

static void begin(trm_batch *batch, const trm_comm *comm, bool persistent) {
  if (batch->n == 0) batch->id = trm__comm_batch_name(comm);
  batch->comm = comm;
  batch->persistent = persistent;
  batch->active = !persistent;
}

/* Count a message for contracts and for the meter. */
static void count(const trm_comm *comm, const trm__comm_posted *posted,
                  uint32_t batch, double enter, double leave) {
  trm_traffic *traffic = &comm->counter->by[comm->counter->cause];
  if (posted->send) {
    traffic->messages++;
    traffic->bytes += posted->bytes;
  }
  trm__comm_message_log(comm, posted, batch, enter, leave);
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
    trm__comm_posted *p = next_posted(batch);
    *p = (trm__comm_posted){size, to, tag, true};
    double enter = trm__comm_call_enter(comm);
    MPI_Isend((const char *)data + at, (int)size, MPI_BYTE, to, tag, comm->mpi,
              request_of(batch, p));
    count(comm, p, batch->id, enter,
          trm__comm_call_leave(comm, TRM_CALL_POST, enter));
  }
}

void trm_irecv(const trm_comm *comm, void *data, int64_t bytes, int from,
               int tag, trm_batch *batch) {
  begin(batch, comm, false);
  EACH_PIECE(comm, bytes, at, size) {
    trm__comm_posted *p = next_posted(batch);
    *p = (trm__comm_posted){size, from, tag, false};
    double enter = trm__comm_call_enter(comm);
    MPI_Irecv((char *)data + at, (int)size, MPI_BYTE, from, tag, comm->mpi,
              request_of(batch, p));
    count(comm, p, batch->id, enter,
          trm__comm_call_leave(comm, TRM_CALL_POST, enter));
  }
}

void trm_send_init(const trm_comm *comm, const void *data, int64_t bytes,
                   int to, int tag, trm_batch *batch) {
  begin(batch, comm, true);
  EACH_PIECE(comm, bytes, at, size) {
    trm__comm_posted *p = next_posted(batch);
    *p = (trm__comm_posted){size, to, tag, true};
    MPI_Send_init((const char *)data + at, (int)size, MPI_BYTE, to, tag,
                  comm->mpi, request_of(batch, p));
  }
}

void trm_recv_init(const trm_comm *comm, void *data, int64_t bytes, int from,
                   int tag, trm_batch *batch) {
  begin(batch, comm, true);
  EACH_PIECE(comm, bytes, at, size) {
    trm__comm_posted *p = next_posted(batch);
    *p = (trm__comm_posted){size, from, tag, false};
    MPI_Recv_init((char *)data + at, (int)size, MPI_BYTE, from, tag, comm->mpi,
                  request_of(batch, p));
  }
}

void trm_batch_start(trm_batch *batch) {
  batch->active = true;
  if (batch->n == 0) return;
  double enter = trm__comm_call_enter(batch->comm);
  MPI_Startall(batch->n, batch->requests);
  double leave = trm__comm_call_leave(batch->comm, TRM_CALL_POST, enter);
  for (int i = 0; i < batch->n; i++)
    count(batch->comm, &batch->posted[i], batch->id, enter, i ? enter : leave);
}

static void completed(trm_batch *batch) {
  batch->active = false;
  if (!batch->persistent) batch->n = 0;
}

bool trm_batch_test(trm_batch *batch) {
  if (!batch->active) return true;
  int done = 1;
  if (batch->n) {
    double enter = trm__comm_call_enter(batch->comm);
    MPI_Testall(batch->n, batch->requests, &done, MPI_STATUSES_IGNORE);
    double leave = trm__comm_call_leave(batch->comm, TRM_CALL_TEST, enter);
    trm__comm_wait_log(batch->comm, TRM__EVENT_TEST, batch->id, done, enter,
                       leave);
  }
  if (done) completed(batch);
  return done;
}

void trm_batch_wait(trm_batch *batch) {
  if (!batch->active) return;
  if (batch->n) {
    double enter = trm__comm_call_enter(batch->comm);
    MPI_Waitall(batch->n, batch->requests, MPI_STATUSES_IGNORE);
    double leave = trm__comm_call_leave(batch->comm, TRM_CALL_WAIT, enter);
    trm__comm_wait_log(batch->comm, TRM__EVENT_WAIT, batch->id, true, enter,
                       leave);
  }
  completed(batch);
}

void trm_batch_free(trm_batch *batch) {
  if (batch->persistent)
    for (int i = 0; i < batch->n; i++) MPI_Request_free(&batch->requests[i]);
  free(batch->requests);
  free(batch->posted);
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
