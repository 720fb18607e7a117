#include "host/checks/topology.h"

#include <hwloc.h>
#include <stdlib.h>

/* hwloc's functions take what they only read as something they may change. */
static hwloc_topology_t reading(const trm__host_topology *topology) {
  return (hwloc_topology_t)(uintptr_t)topology;
}

static trm__host_cpus cpus_of(hwloc_const_bitmap_t set) {
  trm__host_cpus cpus = {{0}};
  for (int c = hwloc_bitmap_first(set); c >= 0 && c < TRM__CPUS;
       c = hwloc_bitmap_next(set, c))
    trm__host_cpus_add(&cpus, c);
  return cpus;
}

/* hwloc's component for x86 runs on every processor in turn to ask it, which
 * takes 0.1 s on busy ones; Linux tells all but the caches of some virtual
 * machines. Processors that jobs may not use still share cores with others. */
static int load(hwloc_topology_t topology, const char *synthetic) {
  if (hwloc_topology_set_components(
          topology, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, "x86") ||
      hwloc_topology_set_flags(topology,
                               HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED) ||
      (synthetic && hwloc_topology_set_synthetic(topology, synthetic)))
    return -1;
  return hwloc_topology_load(topology);
}

trm__host_topology *trm__host_topology_load(void) {
  hwloc_topology_t topology;
  if (hwloc_topology_init(&topology)) return NULL;
  if (!load(topology, getenv("TRM_SYNTHETIC"))) return topology;
  hwloc_topology_destroy(topology);
  return NULL;
}

void trm__host_topology_free(trm__host_topology **topology) {
  if (*topology) hwloc_topology_destroy(*topology);
  *topology = NULL;
}

trm__host_cpus trm__host_cores(const trm__host_topology *topology,
                               const trm__host_cpus *cpus) {
  trm__host_cpus cores = {{0}}, left = *cpus;
  hwloc_obj_t core = NULL;
  while ((core = hwloc_get_next_obj_by_type(reading(topology), HWLOC_OBJ_CORE,
                                            core))) {
    trm__host_cpus threads = cpus_of(core->cpuset);
    if (!trm__host_cpus_overlap(&threads, cpus)) continue;
    trm__host_cpus_add(&cores, trm__host_cpus_next(&threads, 0));
    trm__host_cpus_remove(&left, &threads);
  }
  trm__host_cpus_join(&cores, &left); /* of no core that is known */
  return cores;
}

trm__host_cpus trm__host_allowed(const trm__host_topology *topology) {
  return cpus_of(hwloc_topology_get_allowed_cpuset(reading(topology)));
}

double trm__host_cache(const trm__host_topology *topology, double *together) {
  double largest = 0;
  for (hwloc_obj_type_t type = HWLOC_OBJ_L1CACHE; type <= HWLOC_OBJ_L5CACHE;
       type++) {
    double sum = 0, most = 0;
    hwloc_obj_t cache = NULL;
    while (
        (cache = hwloc_get_next_obj_by_type(reading(topology), type, cache))) {
      double bytes = (double)cache->attr->cache.size;
      sum += bytes;
      if (bytes > most) most = bytes;
    }
    if (most <= largest) continue;
    largest = most;
    *together = sum;
  }
  return largest;
}
