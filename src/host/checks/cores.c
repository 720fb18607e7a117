/* Each thread a core of its own: bipartite matching (Kuhn), and the sets that
 * Hall's theorem names where there is none (Dulmage and Mendelsohn). */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "host/checks/launch.h"

typedef struct match {
  const trm__host_cpus *const *threads;
  int *core;           /* of each thread; -1: none */
  int user[TRM__CPUS]; /* thread of each core; -1: none */
  trm__host_cpus seen; /* cores that were tried in vain */
} match;

/* An augmenting path is at most as long as there are cores. */
static bool place(match *m, int thread) {
  const trm__host_cpus *may = m->threads[thread];
  for (int c = trm__host_cpus_next(may, 0); c >= 0;
       c = trm__host_cpus_next(may, c + 1)) {
    if (trm__host_cpus_has(&m->seen, c)) continue;
    trm__host_cpus_add(&m->seen, c);
    if (m->user[c] >= 0 && !place(m, m->user[c])) continue;
    m->user[c] = thread;
    m->core[thread] = c;
    return true;
  }
  return false;
}

/* All cores on alternating paths from a thread that has none. */
static void reach(match *m, int thread) {
  const trm__host_cpus *may = m->threads[thread];
  for (int c = trm__host_cpus_next(may, 0); c >= 0;
       c = trm__host_cpus_next(may, c + 1)) {
    if (trm__host_cpus_has(&m->seen, c)) continue;
    trm__host_cpus_add(&m->seen, c);
    reach(m, m->user[c]); /* taken: else the matching could be larger */
  }
}

/* Put the cores in a crowd, with the crowds that have some of them. */
static int join(trm__host_core_group *crowds, int n,
                const trm__host_cpus *cores) {
  trm__host_core_group joined = {.cores = *cores};
  int left = 0;
  for (int i = 0; i < n; i++) {
    if (trm__host_cpus_meet(&crowds[i].cores, cores))
      trm__host_cpus_join(&joined.cores, &crowds[i].cores);
    else
      crowds[left++] = crowds[i];
  }
  crowds[left] = joined;
  return left + 1;
}

static int find_crowds(match *m, int n, trm__host_core_group **crowds) {
  int count = 0;
  for (int t = 0; t < n; t++) {
    if (m->core[t] >= 0 || trm__host_cpus_next(m->threads[t], 0) < 0) continue;
    bool inside = false;
    for (int i = 0; i < count && !inside; i++)
      inside = trm__host_cpus_within(m->threads[t], &(*crowds)[i].cores);
    if (inside) continue;
    m->seen = (trm__host_cpus){{0}};
    reach(m, t);
    *crowds = trm__base_grow(*crowds, (size_t)count + 1, sizeof **crowds);
    count = join(*crowds, count, &m->seen);
  }
  return count;
}

/* A thread that got no core, or one that a crowd needs, is in that crowd. */
static void find_members(const match *m, int n, int crowd[], int count,
                         trm__host_core_group *crowds) {
  for (int t = 0; t < n; t++) {
    crowd[t] = -1;
    for (int i = 0; i < count; i++)
      if (m->core[t] >= 0
              ? trm__host_cpus_has(&crowds[i].cores, m->core[t])
              : trm__host_cpus_meet(&crowds[i].cores, m->threads[t]))
        crowd[t] = i;
    if (crowd[t] >= 0) crowds[crowd[t]].threads++;
  }
}

int trm__host_core_groups_find(int n, const trm__host_cpus *const threads[],
                               int crowd[], trm__host_core_group **crowds) {
  match m = {.threads = threads,
             .core = trm__base_calloc((size_t)n, sizeof(int))};
  for (int c = 0; c < TRM__CPUS; c++) m.user[c] = -1;
  for (int t = 0; t < n; t++) {
    m.core[t] = -1;
    /* what was tried in vain stays in vain until a thread is placed */
    if (place(&m, t)) m.seen = (trm__host_cpus){{0}};
  }
  *crowds = NULL;
  int count = find_crowds(&m, n, crowds);
  find_members(&m, n, crowd, count, *crowds);
  free(m.core);
  return count;
}
