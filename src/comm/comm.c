#include <trireme/comm.h>

#include <stdlib.h>

#include "base/memory.h"

static int64_t message_limit(void) {
  const char *text = getenv("TRM_MESSAGE_LIMIT");
  int64_t limit = text ? atoll(text) : 0;
  return limit > 0 && limit < TRM_MESSAGE_LIMIT ? limit : TRM_MESSAGE_LIMIT;
}

/* Takes over an MPI communicator. */
static trm_comm *wrap(MPI_Comm mpi, trm_counter *counter, int64_t limit) {
  if (mpi == MPI_COMM_NULL) return NULL;
  trm_comm *comm = trm__calloc(1, sizeof *comm);
  comm->mpi = mpi;
  MPI_Comm_rank(mpi, &comm->rank);
  MPI_Comm_size(mpi, &comm->ranks);
  comm->counter = counter;
  comm->limit = limit;
  return comm;
}

trm_comm *trm_comm_new(MPI_Comm from, trm_counter *counter) {
  MPI_Comm mpi;
  MPI_Comm_dup(from, &mpi);
  return wrap(mpi, counter, message_limit());
}

trm_comm *trm_comm_split(const trm_comm *comm, int color, int key) {
  MPI_Comm mpi;
  MPI_Comm_split(comm->mpi, color < 0 ? MPI_UNDEFINED : color, key, &mpi);
  return wrap(mpi, comm->counter, comm->limit);
}

trm_comm *trm_comm_host(const trm_comm *comm) {
  MPI_Comm mpi;
  MPI_Comm_split_type(comm->mpi, MPI_COMM_TYPE_SHARED, comm->rank,
                      MPI_INFO_NULL, &mpi);
  return wrap(mpi, comm->counter, comm->limit);
}

void trm_comm_free(trm_comm **comm) {
  if (!*comm) return;
  MPI_Comm_free(&(*comm)->mpi);
  free(*comm);
  *comm = NULL;
}

trm_cause trm_comm_cause(const trm_comm *comm, trm_cause cause) {
  trm_cause before = comm->counter->cause;
  if (before == TRM_FOR_KERNEL) comm->counter->cause = cause;
  return before;
}

void trm_comm_cause_end(const trm_comm *comm, trm_cause before) {
  comm->counter->cause = before;
}
