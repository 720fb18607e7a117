/* MPI wrappers that count what passes, whoever called: point-to-point messages
 * and bytes sent, calls of collective operations. Preloaded by tests/comm/
 * test_counts.c, which compares this with what the library's own floor counted.
 */
#include <mpi.h>
#include <stdint.h>
#include <stdlib.h>

#include "preload.h"

static preload_totals totals;

void preload_read(preload_totals *out) {
  *out = totals;
}

static int64_t bytes_of(int count, MPI_Datatype type) {
  int size;
  PMPI_Type_size(type, &size);
  return (int64_t)count * size;
}

static void sent(int count, MPI_Datatype type) {
  totals.messages++;
  totals.bytes += bytes_of(count, type);
}

/* -- point to point -------------------------------------------------------- */

#define SEND(name)                                                            \
  int MPI_##name(const void *data, int n, MPI_Datatype type, int to, int tag, \
                 MPI_Comm comm) {                                             \
    sent(n, type);                                                            \
    return PMPI_##name(data, n, type, to, tag, comm);                         \
  }
SEND(Send)
SEND(Bsend)
SEND(Ssend)
SEND(Rsend)

#define ISEND(name)                                                           \
  int MPI_##name(const void *data, int n, MPI_Datatype type, int to, int tag, \
                 MPI_Comm comm, MPI_Request *request) {                       \
    sent(n, type);                                                            \
    return PMPI_##name(data, n, type, to, tag, comm, request);                \
  }
ISEND(Isend)
ISEND(Ibsend)
ISEND(Issend)
ISEND(Irsend)

int MPI_Sendrecv(const void *out, int n, MPI_Datatype type, int to, int tag,
                 void *in, int m, MPI_Datatype in_type, int from, int in_tag,
                 MPI_Comm comm, MPI_Status *status) {
  sent(n, type);
  return PMPI_Sendrecv(out, n, type, to, tag, in, m, in_type, from, in_tag,
                       comm, status);
}

/* Persistent sends count at each start. */
enum { PERSISTENT = 1 << 16 };
static struct {
  MPI_Request request;
  int64_t bytes;
} persistent[PERSISTENT];
static int npersistent;

int MPI_Send_init(const void *data, int n, MPI_Datatype type, int to, int tag,
                  MPI_Comm comm, MPI_Request *request) {
  int status = PMPI_Send_init(data, n, type, to, tag, comm, request);
  if (npersistent == PERSISTENT) abort();
  persistent[npersistent].request = *request;
  persistent[npersistent++].bytes = bytes_of(n, type);
  return status;
}

int MPI_Request_free(MPI_Request *request) {
  for (int i = 0; i < npersistent; i++)
    if (persistent[i].request == *request) {
      persistent[i] = persistent[--npersistent];
      break;
    }
  return PMPI_Request_free(request);
}

static void started(MPI_Request request) {
  for (int i = 0; i < npersistent; i++)
    if (persistent[i].request == request) {
      totals.messages++;
      totals.bytes += persistent[i].bytes;
    }
}

int MPI_Start(MPI_Request *request) {
  started(*request);
  return PMPI_Start(request);
}

int MPI_Startall(int n, MPI_Request requests[]) {
  for (int i = 0; i < n; i++) started(requests[i]);
  return PMPI_Startall(n, requests);
}

/* -- collective ------------------------------------------------------------ */

/* The name, its parameters, what is handed on, bytes that this rank contributes
 */
#define COLLECTIVE(name, parameters, arguments, contributed) \
  int MPI_##name parameters {                                \
    totals.calls++;                                          \
    totals.call_bytes += contributed;                        \
    return PMPI_##name arguments;                            \
  }

static int64_t part(int count, MPI_Datatype type, MPI_Comm comm, int root) {
  int rank, size;
  PMPI_Comm_rank(comm, &rank);
  PMPI_Comm_size(comm, &size);
  if (root == -1) return bytes_of(count, type) * size;
  return rank == root ? bytes_of(count, type) : 0;
}

COLLECTIVE(Barrier, (MPI_Comm comm), (comm), 0)
COLLECTIVE(Bcast,
           (void *data, int n, MPI_Datatype type, int root, MPI_Comm comm),
           (data, n, type, root, comm), part(n, type, comm, root))
COLLECTIVE(Allreduce,
           (const void *in, void *out, int n, MPI_Datatype type, MPI_Op op,
            MPI_Comm comm),
           (in, out, n, type, op, comm), bytes_of(n, type))
COLLECTIVE(Reduce,
           (const void *in, void *out, int n, MPI_Datatype type, MPI_Op op,
            int root, MPI_Comm comm),
           (in, out, n, type, op, root, comm), bytes_of(n, type))
COLLECTIVE(Allgather,
           (const void *in, int n, MPI_Datatype type, void *out, int m,
            MPI_Datatype out_type, MPI_Comm comm),
           (in, n, type, out, m, out_type, comm), bytes_of(n, type))
COLLECTIVE(Allgatherv,
           (const void *in, int n, MPI_Datatype type, void *out, const int m[],
            const int at[], MPI_Datatype out_type, MPI_Comm comm),
           (in, n, type, out, m, at, out_type, comm), bytes_of(n, type))
COLLECTIVE(Gather,
           (const void *in, int n, MPI_Datatype type, void *out, int m,
            MPI_Datatype out_type, int root, MPI_Comm comm),
           (in, n, type, out, m, out_type, root, comm), bytes_of(n, type))
COLLECTIVE(Alltoall,
           (const void *in, int n, MPI_Datatype type, void *out, int m,
            MPI_Datatype out_type, MPI_Comm comm),
           (in, n, type, out, m, out_type, comm), part(n, type, comm, -1))
COLLECTIVE(Alltoallv,
           (const void *in, const int n[], const int in_at[], MPI_Datatype type,
            void *out, const int m[], const int at[], MPI_Datatype out_type,
            MPI_Comm comm),
           (in, n, in_at, type, out, m, at, out_type, comm), 0)
COLLECTIVE(Scan,
           (const void *in, void *out, int n, MPI_Datatype type, MPI_Op op,
            MPI_Comm comm),
           (in, out, n, type, op, comm), bytes_of(n, type))
COLLECTIVE(Exscan,
           (const void *in, void *out, int n, MPI_Datatype type, MPI_Op op,
            MPI_Comm comm),
           (in, out, n, type, op, comm), bytes_of(n, type))
