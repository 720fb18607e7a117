/* Runs pieces of work: when, on which core, and for how long. */
#include "host/machine/machine.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "comm/run.h"
#include "host/checks/topology.h"

enum { ROUNDS = 3, TAG = 1 }; /* rounds of every figure, at least */

/* -- caches ---------------------------------------------------------------- */

/* Without sizes from the system, sysconf may give those of a larger machine of
 * which this is a part. */
static void find_caches(trm__host_stage *stage) {
  trm__host_topology *topology = trm__host_topology_load();
  if (topology) stage->cache = trm__host_cache(topology, &stage->caches);
  trm__host_topology_free(&topology);
  if (stage->cache > 0) return;
  double told = (double)sysconf(_SC_LEVEL3_CACHE_SIZE);
  double limit = 128 << 20;
  stage->cache = told > 0 && told < limit ? told : 32 << 20;
  stage->caches = told > 0 && told < limit ? told : limit;
}

/* -- cores ----------------------------------------------------------------- */

static int nth_core(const cpu_set_t *set, int n) {
  for (int core = 0; core < CPU_SETSIZE; core++)
    if (CPU_ISSET(core, set) && n-- == 0) return core;
  return -1;
}

/* Cores that any rank of the host may use; `same`: all may use the same
 * ones. */
static int cores_of_host(const trm_comm *host, const cpu_set_t *mine,
                         bool *same) {
  size_t size = sizeof *mine;
  cpu_set_t *all = trm__base_calloc((size_t)host->ranks, size), any;
  trm_allgather(host, mine, (int64_t)size, all);
  CPU_ZERO(&any);
  *same = true;
  for (int r = 0; r < host->ranks; r++) {
    CPU_OR(&any, &any, &all[r]);
    *same = *same && CPU_EQUAL(&all[r], mine);
  }
  free(all);
  return CPU_COUNT(&any);
}

/* First thread of this rank among all threads of the host. */
static int threads_before(const trm__host_stage *stage, int *total) {
  const trm_comm *host = stage->host;
  int64_t before = trm_exscan(host, stage->run->threads);
  int64_t sum = stage->run->threads;
  trm_allreduce(host, &sum, 1, TRM_I64, TRM_SUM);
  *total = (int)sum;
  return (int)before;
}

/* Pin each thread to one core if the launch allows all cores to all. */
static void pin(trm__host_stage *stage) {
  cpu_set_t mine;
  bool same;
  int threads;
  CPU_ZERO(&mine);
  sched_getaffinity(0, sizeof mine, &mine);
  stage->machine->cores = cores_of_host(stage->host, &mine, &same);
  int first = threads_before(stage, &threads);
  stage->pinned = same && threads <= CPU_COUNT(&mine) &&
                  omp_get_proc_bind() == omp_proc_bind_false;
  if (!stage->pinned) return;
  stage->mask =
      trm__base_calloc((size_t)stage->run->threads, sizeof *stage->mask);
#pragma omp parallel num_threads(stage->run->threads)
  {
    int t = omp_get_thread_num();
    cpu_set_t one;
    sched_getaffinity(0, sizeof one, &stage->mask[t]);
    CPU_ZERO(&one);
    CPU_SET(nth_core(&mine, first + t), &one);
    sched_setaffinity(0, sizeof one, &one);
  }
}

void trm__host_stage_open(trm__host_stage *stage, trm_run *run,
                          trm_machine *machine) {
  *stage = (trm__host_stage){.run = run, .machine = machine};
  stage->host = run->own->host;
  stage->host_index = run->own->host_index;
  stage->hosts = run->own->hosts;
  stage->leader = stage->host->rank == 0;
  find_caches(stage);
  pin(stage);
}

void trm__host_stage_close(trm__host_stage *stage) {
  if (stage->pinned) {
#pragma omp parallel num_threads(stage->run->threads)
    sched_setaffinity(0, sizeof *stage->mask,
                      &stage->mask[omp_get_thread_num()]);
  }
  free(stage->mask);
  stage->mask = NULL;
}

/* -- turns ----------------------------------------------------------------- */

bool trm__host_turn(const trm__host_stage *stage, int rounds) {
  int more = rounds < ROUNDS || trm_now() < stage->until;
  trm_bcast(stage->run->comm, &more, sizeof more, 0);
  return more;
}

void trm__host_wait_asleep(const trm_comm *comm, int from) {
  char token = 0;
  trm_batch batch = {0};
  if (comm->rank != from) {
    trm_irecv(comm, &token, 1, from, TAG, &batch);
    while (!trm_batch_test(&batch)) usleep(200);
  } else
    for (int r = 0; r < comm->ranks; r++)
      if (r != from) trm_isend(comm, &token, 1, r, TAG, &batch);
  trm_batch_wait(&batch);
  trm_batch_free(&batch);
}

double trm__host_one(trm__host_stage *stage, trm__host_piece *piece,
                     void *what) {
  double seconds = 0;
  if (stage->leader) {
    double since = trm_now();
    piece(stage, what, 1);
    seconds = trm_now() - since;
  }
  trm__host_wait_asleep(stage->host, 0);
  return seconds;
}

/* From the first start to the last end: ranks of a host share a clock. */
double trm__host_all(trm__host_stage *stage, trm__host_piece *piece,
                     void *what) {
  trm_barrier(stage->host);
  double span[2];
  span[0] = -trm_now();
  piece(stage, what, stage->run->threads);
  span[1] = trm_now();
  trm_allreduce(stage->host, span, 2, TRM_F64, TRM_MAX);
  return span[1] + span[0];
}
