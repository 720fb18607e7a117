/* Sets of processors as tests write them, "0-3,8". */
#ifndef TRM_TESTS_SETS_H
#define TRM_TESTS_SETS_H

#include <hwloc.h>

#include "check.h"
#include "host/checks/launch.h"

static inline trm__host_cpus set_of(const char *text) {
  trm__host_cpus set = {{0}};
  hwloc_bitmap_t bits = hwloc_bitmap_alloc();
  CHECK_INT(hwloc_bitmap_list_sscanf(bits, text), 0);
  for (int c = hwloc_bitmap_first(bits); c >= 0; c = hwloc_bitmap_next(bits, c))
    trm__host_cpus_add(&set, c);
  hwloc_bitmap_free(bits);
  return set;
}

/* A machine in hwloc's words; NULL: this one. */
static inline trm__host_topology *machine_of(const char *synthetic) {
  if (synthetic)
    setenv("TRM_SYNTHETIC", synthetic, 1);
  else
    unsetenv("TRM_SYNTHETIC");
  trm__host_topology *topology = trm__host_topology_load();
  CHECK(topology != NULL);
  return topology;
}

#endif
