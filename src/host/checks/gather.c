/* The facts of all ranks, on rank 0. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <trireme/comm.h>

#include "base/memory.h"
#include "host/checks/launch.h"

static double wall_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int64_t size_of(const trm__host_facts *f) {
  return (int64_t)(sizeof *f + (size_t)f->team * sizeof *f->thread_cores);
}

static char *pack(const trm__host_facts *f) {
  char *packed = trm__base_calloc(1, (size_t)size_of(f));
  memcpy(packed, f, sizeof *f);
  memcpy(packed + sizeof *f, f->thread_cores,
         (size_t)f->team * sizeof *f->thread_cores);
  return packed;
}

static trm__host_facts *unpack(int ranks, const char *packed,
                               const int64_t at[]) {
  trm__host_facts *all = trm__base_calloc((size_t)ranks, sizeof *all);
  for (int r = 0; r < ranks; r++) {
    trm__host_facts *f = &all[r];
    memcpy(f, packed + at[r], sizeof *f);
    size_t bytes = (size_t)f->team * sizeof *f->thread_cores;
    f->thread_cores = trm__base_calloc(1, bytes);
    memcpy(f->thread_cores, packed + at[r] + sizeof *f, bytes);
  }
  return all;
}

/* All ranks send to rank 0; there are no other messages. */
static trm__host_facts *send(const trm_comm *comm, const trm__host_facts *mine,
                             const int64_t sizes[]) {
  size_t n = (size_t)comm->ranks;
  int64_t *lists = trm__base_calloc(4 * n, sizeof *lists);
  int64_t *out = lists, *out_at = lists + n, *in = lists + 2 * n,
          *in_at = lists + 3 * n, total = 0;
  out[0] = sizes[comm->rank];
  for (int r = 0; comm->rank == 0 && r < comm->ranks; r++) {
    in[r] = sizes[r];
    in_at[r] = total;
    total += sizes[r];
  }
  char *packed = pack(mine), *all = trm__base_calloc(1, (size_t)total);
  trm_alltoallv(comm, packed, out, out_at, all, in, in_at);
  trm__host_facts *facts =
      comm->rank == 0 ? unpack(comm->ranks, all, in_at) : NULL;
  free(all);
  free(packed);
  free(lists);
  return facts;
}

/* Rank 0 knows all lengths only when all ranks have answered, so every other
 * clock is read between rank 0's two readings. */
trm__host_facts *trm__host_facts_gather(const trm_comm *comm, int host,
                                        const trm__host_launch *launch) {
  trm_cause before = trm_comm_cause(comm, TRM_FOR_CONTROL);
  trm__host_facts mine;
  trm__host_facts_find(launch, &mine);
  mine.rank = comm->rank;
  mine.host = host;
  int64_t *sizes = trm__base_calloc((size_t)comm->ranks, sizeof *sizes);
  int64_t size = size_of(&mine);
  mine.asked = wall_clock();
  trm_allgather(comm, &size, sizeof size, sizes);
  mine.clock = wall_clock();
  trm__host_facts *all = send(comm, &mine, sizes);
  if (all) all[0].answered = wall_clock();
  free(sizes);
  trm__host_facts_clear(&mine);
  trm_comm_cause_end(comm, before);
  return all;
}

void trm__host_facts_free(trm__host_facts **pointer, int ranks) {
  trm__host_facts *all = *pointer;
  for (int r = 0; all && r < ranks; r++) trm__host_facts_clear(&all[r]);
  free(all);
  *pointer = NULL;
}
