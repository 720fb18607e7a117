/* Point to point: sends, receives, persistent ones, probes, waits and tests. A
 * message to MPI_PROC_NULL is not counted. */
#include <pthread.h>
#include <stdlib.h>

#include "preload/own.h"

static int64_t bytes_to(int to, int n, MPI_Datatype type) {
  return to == MPI_PROC_NULL ? 0 : trm__preload_bytes(n, type);
}

/* -- sends ----------------------------------------------------------------- */

#define SEND(name, iname)                                                      \
  TRM__WRAP_BOTH(name, iname, SEND, to != MPI_PROC_NULL,                       \
                 bytes_to(to, n, type),                                        \
                 (const void *data, int n, MPI_Datatype type, int to, int tag, \
                  MPI_Comm comm),                                              \
                 (data, n, type, to, tag, comm))
SEND(Send, Isend)
SEND(Bsend, Ibsend)
SEND(Ssend, Issend)
SEND(Rsend, Irsend)

/* -- receives -------------------------------------------------------------- */

TRM__WRAP(Recv, RECEIVE, 0, 0,
          (void *data, int n, MPI_Datatype type, int from, int tag,
           MPI_Comm comm, MPI_Status *status_out),
          (data, n, type, from, tag, comm, status_out))
TRM__WRAP(Irecv, RECEIVE, 0, 0,
          (void *data, int n, MPI_Datatype type, int from, int tag,
           MPI_Comm comm, MPI_Request *request),
          (data, n, type, from, tag, comm, request))
TRM__WRAP(Mrecv, RECEIVE, 0, 0,
          (void *data, int n, MPI_Datatype type, MPI_Message *message,
           MPI_Status *status_out),
          (data, n, type, message, status_out))
TRM__WRAP(Imrecv, RECEIVE, 0, 0,
          (void *data, int n, MPI_Datatype type, MPI_Message *message,
           MPI_Request *request),
          (data, n, type, message, request))
TRM__WRAP(Sendrecv, SENDRECV, to != MPI_PROC_NULL, bytes_to(to, n, type),
          (const void *data, int n, MPI_Datatype type, int to, int tag,
           void *in, int m, MPI_Datatype in_type, int from, int in_tag,
           MPI_Comm comm, MPI_Status *status_out),
          (data, n, type, to, tag, in, m, in_type, from, in_tag, comm,
           status_out))
TRM__WRAP(Sendrecv_replace, SENDRECV, to != MPI_PROC_NULL,
          bytes_to(to, n, type),
          (void *data, int n, MPI_Datatype type, int to, int tag, int from,
           int in_tag, MPI_Comm comm, MPI_Status *status_out),
          (data, n, type, to, tag, from, in_tag, comm, status_out))

/* -- persistent sends: counted at each start -- ---------------------------- */

typedef struct persistent {
  struct persistent *next;
  MPI_Request request;
  int64_t messages, bytes;
} persistent;

enum { BUCKETS = 1024 };
static persistent *buckets[BUCKETS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static persistent **place(MPI_Request request) {
  uint64_t key = (uint64_t)(uintptr_t)request * 0x9e3779b97f4a7c15u;
  persistent **at = &buckets[key >> 54];
  while (*at && (*at)->request != request) at = &(*at)->next;
  return at;
}

static void forget(MPI_Request request) {
  pthread_mutex_lock(&lock);
  persistent **at = place(request), *found = *at;
  if (found) *at = found->next;
  pthread_mutex_unlock(&lock);
  free(found);
}

static void remember(MPI_Request request, int64_t messages, int64_t bytes) {
  persistent *p = malloc(sizeof *p);
  if (!p) abort();
  forget(request); /* the handle of a freed request may be reused */
  pthread_mutex_lock(&lock);
  persistent **at = place(request);
  *p = (persistent){*at, request, messages, bytes};
  *at = p;
  pthread_mutex_unlock(&lock);
}

#define SEND_INIT(name)                                                       \
  int MPI_##name(const void *data, int n, MPI_Datatype type, int to, int tag, \
                 MPI_Comm comm, MPI_Request *request) {                       \
    int status = PMPI_##name(data, n, type, to, tag, comm, request);          \
    if (status == MPI_SUCCESS)                                                \
      remember(*request, to != MPI_PROC_NULL, bytes_to(to, n, type));         \
    return status;                                                            \
  }
SEND_INIT(Send_init)
SEND_INIT(Bsend_init)
SEND_INIT(Ssend_init)
SEND_INIT(Rsend_init)

int MPI_Request_free(MPI_Request *request) {
  forget(*request);
  return PMPI_Request_free(request);
}

typedef struct sum {
  int64_t messages, bytes;
} sum;

static sum started(int n, const MPI_Request requests[]) {
  sum s = {0, 0};
  pthread_mutex_lock(&lock);
  for (int i = 0; i < n; i++) {
    const persistent *p = *place(requests[i]);
    if (!p) continue; /* a receive */
    s.messages += p->messages;
    s.bytes += p->bytes;
  }
  pthread_mutex_unlock(&lock);
  return s;
}

int MPI_Startall(int n, MPI_Request requests[]) {
  sum s = started(n, requests);
  trm__preload_booking booking =
      trm__preload_book(TRM_PRELOAD_START, s.messages, s.bytes);
  int status = PMPI_Startall(n, requests);
  trm__preload_booked(&booking);
  return status;
}

int MPI_Start(MPI_Request *request) {
  sum s = started(1, request);
  trm__preload_booking booking =
      trm__preload_book(TRM_PRELOAD_START, s.messages, s.bytes);
  int status = PMPI_Start(request);
  trm__preload_booked(&booking);
  return status;
}

/* -- probes, waits, tests -------------------------------------------------- */

TRM__WRAP(Probe, PROBE, 0, 0,
          (int from, int tag, MPI_Comm comm, MPI_Status *status_out),
          (from, tag, comm, status_out))
TRM__WRAP(Iprobe, PROBE, 0, 0,
          (int from, int tag, MPI_Comm comm, int *flag, MPI_Status *status_out),
          (from, tag, comm, flag, status_out))
TRM__WRAP(Mprobe, PROBE, 0, 0,
          (int from, int tag, MPI_Comm comm, MPI_Message *message,
           MPI_Status *status_out),
          (from, tag, comm, message, status_out))
TRM__WRAP(Improbe, PROBE, 0, 0,
          (int from, int tag, MPI_Comm comm, int *flag, MPI_Message *message,
           MPI_Status *status_out),
          (from, tag, comm, flag, message, status_out))

TRM__WRAP(Wait, WAIT, 0, 0, (MPI_Request * request, MPI_Status *status_out),
          (request, status_out))
TRM__WRAP(Waitall, WAIT, 0, 0,
          (int n, MPI_Request requests[], MPI_Status statuses[]),
          (n, requests, statuses))
TRM__WRAP(Waitany, WAIT, 0, 0,
          (int n, MPI_Request requests[], int *index, MPI_Status *status_out),
          (n, requests, index, status_out))
TRM__WRAP(Waitsome, WAIT, 0, 0,
          (int n, MPI_Request requests[], int *done, int indices[],
           MPI_Status statuses[]),
          (n, requests, done, indices, statuses))

TRM__WRAP(Test, TEST, 0, 0,
          (MPI_Request * request, int *flag, MPI_Status *status_out),
          (request, flag, status_out))
TRM__WRAP(Testall, TEST, 0, 0,
          (int n, MPI_Request requests[], int *flag, MPI_Status statuses[]),
          (n, requests, flag, statuses))
TRM__WRAP(Testany, TEST, 0, 0,
          (int n, MPI_Request requests[], int *index, int *flag,
           MPI_Status *status_out),
          (n, requests, index, flag, status_out))
TRM__WRAP(Testsome, TEST, 0, 0,
          (int n, MPI_Request requests[], int *done, int indices[],
           MPI_Status statuses[]),
          (n, requests, done, indices, statuses))
TRM__WRAP(Request_get_status, TEST, 0, 0,
          (MPI_Request request, int *flag, MPI_Status *status_out),
          (request, flag, status_out))
