/* What hwloc knows of the processors of this host. */
#ifndef TRM_HOST_CHECKS_TOPOLOGY_H
#define TRM_HOST_CHECKS_TOPOLOGY_H

#include "host/checks/cpus.h"

typedef struct hwloc_topology trm__host_topology;

/** Load it: some milliseconds, so once per process, and only where it is used.
 * For tests $TRM_SYNTHETIC describes another machine in hwloc's words, like
 * "package:2 core:4 pu:2". Local.
 * \return NULL: not known; to be freed with trm__host_topology_free */
trm__host_topology *trm__host_topology_load(void);
void trm__host_topology_free(trm__host_topology **);

/** The cores that have these processors. Pure. */
trm__host_cpus trm__host_cores(const trm__host_topology *,
                               const trm__host_cpus *cpus);
/** Processors that jobs may use: online, and in the control group's set. Pure. */
trm__host_cpus trm__host_allowed(const trm__host_topology *);

/** Bytes of the largest cache, 0: not known; *together: of all like it. Pure. */
double trm__host_cache(const trm__host_topology *, double *together);

#endif
