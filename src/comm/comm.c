#include <trireme/comm.h>

#include <stdlib.h>

#include "base/memory.h"
#include "comm/tags.h"

static int64_t message_limit(void) {
  const char *text = getenv("TRM_MESSAGE_LIMIT");
  int64_t limit = text ? atoll(text) : 0;
  return limit > 0 && limit < TRM_MESSAGE_LIMIT ? limit : TRM_MESSAGE_LIMIT;
}

int trm__comm_tag_limit(const trm_comm *comm) {
  int *value, known, limit = 32767; /* guaranteed by MPI */
  const char *text = getenv("TRM_TAG_LIMIT");
  MPI_Comm_get_attr(comm->mpi, MPI_TAG_UB, &value, &known);
  if (known) limit = *value;
  int lower = text ? atoi(text) : limit;
  return lower < limit ? lower : limit;
}

/* Takes ownership of an MPI communicator. */
static trm_comm *wrap(MPI_Comm mpi, trm_counter *counter, int64_t limit,
                      uint32_t id) {
  if (mpi == MPI_COMM_NULL) return NULL;
  trm_comm *comm = trm__base_calloc(1, sizeof *comm);
  comm->mpi = mpi;
  MPI_Comm_rank(mpi, &comm->rank);
  MPI_Comm_size(mpi, &comm->ranks);
  comm->counter = counter;
  comm->limit = limit;
  comm->id = id;
  return comm;
}

/* An id depends on the parent, the order of splits and the colour: a hash of 32
 * bits (Fowler, Noll, Vo), good enough for a log. */
static uint32_t name_of(uint32_t parent, uint32_t split, uint32_t color) {
  const uint32_t part[] = {parent, split, color};
  uint32_t hash = 2166136261u;
  for (int i = 0; i < 3; i++)
    for (int b = 0; b < 32; b += 8)
      hash = (hash ^ ((part[i] >> b) & 255)) * 16777619u;
  return hash;
}

trm_comm *trm_comm_new(MPI_Comm from, trm_counter *counter) {
  MPI_Comm mpi;
  MPI_Comm_dup(from, &mpi);
  return wrap(mpi, counter, message_limit(),
              name_of(0, ++counter->communicators, 0));
}

/* The new ranks as ranks of the first ancestor. */
static const int *globals(const trm_comm *parent, const trm_comm *comm) {
  MPI_Group to, from;
  int *own = trm__base_calloc(2 * (size_t)comm->ranks, sizeof *own);
  int *of = own + comm->ranks;
  for (int r = 0; r < comm->ranks; r++) own[r] = r;
  MPI_Comm_group(parent->mpi, &to);
  MPI_Comm_group(comm->mpi, &from);
  MPI_Group_translate_ranks(from, comm->ranks, own, to, of);
  MPI_Group_free(&from);
  MPI_Group_free(&to);
  for (int r = 0; r < comm->ranks; r++)
    own[r] = parent->global ? parent->global[of[r]] : of[r];
  return own;
}

static trm_comm *child(const trm_comm *parent, MPI_Comm mpi, int color) {
  /* counted on all ranks of the parent, colourless ones too; comm.h makes a
   * communicator read-only for others */
  uint32_t split = ++((trm_comm *)parent)->splits;
  trm_comm *comm = wrap(mpi, parent->counter, parent->limit,
                        name_of(parent->id, split, (uint32_t)color));
  if (comm) comm->global = globals(parent, comm);
  return comm;
}

trm_comm *trm_comm_split(const trm_comm *comm, int color, int key) {
  MPI_Comm mpi;
  MPI_Comm_split(comm->mpi, color < 0 ? MPI_UNDEFINED : color, key, &mpi);
  return child(comm, mpi, color);
}

trm_comm *trm_comm_host(const trm_comm *comm) {
  MPI_Comm mpi;
  MPI_Comm_split_type(comm->mpi, MPI_COMM_TYPE_SHARED, comm->rank,
                      MPI_INFO_NULL, &mpi);
  trm_comm *host = child(comm, mpi, 0);
  /* the colour of a host is its lowest rank */
  host->id = name_of(comm->id, comm->splits, 1u + (uint32_t)host->global[0]);
  return host;
}

void trm_comm_free(trm_comm **comm) {
  if (!*comm) return;
  MPI_Comm_free(&(*comm)->mpi);
  free((int *)(*comm)->global);
  free(*comm);
  *comm = NULL;
}

trm_cause trm_comm_cause(const trm_comm *comm, trm_cause cause) {
  trm_cause before = comm->counter->cause;
  bool control = cause == TRM_FOR_CONTROL && before != TRM_FOR_CHECKPOINT;
  if (before == TRM_FOR_KERNEL || control) comm->counter->cause = cause;
  return before;
}

void trm_comm_cause_end(const trm_comm *comm, trm_cause before) {
  comm->counter->cause = before;
}

void trm_traffic_add(trm_traffic *to, const trm_traffic *more, int64_t times) {
  to->messages += times * more->messages;
  to->bytes += times * more->bytes;
  for (int k = 0; k < TRM_COLLECTIVE_COUNT; k++) {
    to->calls[k] += times * more->calls[k];
    to->call_bytes[k] += times * more->call_bytes[k];
  }
}
