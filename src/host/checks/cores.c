/* Give each thread its own core: bipartite matching (Kuhn). Where that is not
 * possible, find the core groups that violate Hall's condition (Dulmage and
 * Mendelsohn). */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "host/checks/launch.h"

typedef struct match {
  const trm__host_cpus *const *threads;
  int *core;           /* of each thread; -1: none */
  int user[TRM__CPUS]; /* thread of each core; -1: none */
  trm__host_cpus seen; /* cores tried without success */
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

/* Find all cores on alternating paths from a thread without a core. */
static void reach(match *m, int thread) {
  const trm__host_cpus *may = m->threads[thread];
  for (int c = trm__host_cpus_next(may, 0); c >= 0;
       c = trm__host_cpus_next(may, c + 1)) {
    if (trm__host_cpus_has(&m->seen, c)) continue;
    trm__host_cpus_add(&m->seen, c);
    reach(m, m->user[c]); /* in use, since the matching is largest */
  }
}

/* Add a group of these cores, merged with the groups that overlap it. */
static int join(trm__host_core_group *groups, int n,
                const trm__host_cpus *cores) {
  trm__host_core_group joined = {.cores = *cores};
  int left = 0;
  for (int i = 0; i < n; i++) {
    if (trm__host_cpus_overlap(&groups[i].cores, cores))
      trm__host_cpus_join(&joined.cores, &groups[i].cores);
    else
      groups[left++] = groups[i];
  }
  groups[left] = joined;
  return left + 1;
}

static int find_groups(match *m, int n, trm__host_core_group **groups) {
  int count = 0;
  for (int t = 0; t < n; t++) {
    if (m->core[t] >= 0 || trm__host_cpus_next(m->threads[t], 0) < 0) continue;
    bool inside = false;
    for (int i = 0; i < count && !inside; i++)
      inside = trm__host_cpus_within(m->threads[t], &(*groups)[i].cores);
    if (inside) continue;
    m->seen = (trm__host_cpus){{0}};
    reach(m, t);
    *groups = trm__base_grow(*groups, (size_t)count + 1, sizeof **groups);
    count = join(*groups, count, &m->seen);
  }
  return count;
}

/* A thread is in a group if its core is, or if it has no core and may use one
 * of the group. */
static void find_members(const match *m, int n, int group[], int count,
                         trm__host_core_group *groups) {
  for (int t = 0; t < n; t++) {
    group[t] = -1;
    for (int i = 0; i < count; i++)
      if (m->core[t] >= 0
              ? trm__host_cpus_has(&groups[i].cores, m->core[t])
              : trm__host_cpus_overlap(&groups[i].cores, m->threads[t]))
        group[t] = i;
    if (group[t] >= 0) groups[group[t]].threads++;
  }
}

int trm__host_core_groups_find(int n, const trm__host_cpus *const threads[],
                               int group[], trm__host_core_group **groups) {
  match m = {.threads = threads,
             .core = trm__base_calloc((size_t)n, sizeof(int))};
  for (int c = 0; c < TRM__CPUS; c++) m.user[c] = -1;
  for (int t = 0; t < n; t++) {
    m.core[t] = -1;
    /* cores that failed stay so until a thread is placed */
    if (place(&m, t)) m.seen = (trm__host_cpus){{0}};
  }
  *groups = NULL;
  int count = find_groups(&m, n, groups);
  find_members(&m, n, group, count, *groups);
  free(m.core);
  return count;
}
