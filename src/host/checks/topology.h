/* What hwloc knows about the processors of this host. */
#ifndef TRM_HOST_CHECKS_TOPOLOGY_H
#define TRM_HOST_CHECKS_TOPOLOGY_H

#include "host/checks/cpus.h"

typedef struct hwloc_topology trm__host_topology;

/** Load it, once per process and only where needed: it takes milliseconds. For
 * tests, $TRM_SYNTHETIC describes another machine in hwloc's format, such as
 * "package:2 core:4 pu:2". Local.
 * \return NULL: not known; free with trm__host_topology_free */
trm__host_topology *trm__host_topology_load(void);
void trm__host_topology_free(trm__host_topology **);

/** The cores of these processors. Pure. */
trm__host_cpus trm__host_cores(const trm__host_topology *,
                               const trm__host_cpus *cpus);
/** Processors that jobs may use: online, and in the control group's set.
 * Pure. */
trm__host_cpus trm__host_allowed(const trm__host_topology *);

/** Bytes of the largest cache, 0: not known; *together: sum over all caches of
 * that level. Pure. */
double trm__host_cache(const trm__host_topology *, double *together);

#endif
