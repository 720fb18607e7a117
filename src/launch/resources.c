#include "launch/resources.h"

#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "host/checks/launch.h"

int trm__launch_host_cores(void) {
  trm__host_cpus cores;
  trm__host_topology *topology = trm__host_topology_load();
  bool known = trm__host_facts_cores(topology, &cores);
  trm__host_topology_free(&topology);
  if (known) return trm__host_cpus_count(&cores);
  long n = sysconf(_SC_NPROCESSORS_ONLN);
  return n > 0 ? (int)n : 1;
}

/* A count in the environment; 0: there is none. */
static long said(const char *name) {
  const char *text = getenv(name);
  char *end;
  long n = text ? strtol(text, &end, 10) : 0;
  return text && end != text && !*end && n > 0 && n < 1 << 20 ? n : 0;
}

/* Hardware threads of a core that this process may use. */
static long siblings(int cores) {
  long cpus = sysconf(_SC_NPROCESSORS_ONLN);
  cpu_set_t mine;
  if (!sched_getaffinity(0, sizeof mine, &mine)) cpus = CPU_COUNT(&mine);
  return cpus > cores ? cpus / cores : 1;
}

/* Slurm counts hardware threads, ranks are bound to cores. */
int trm__launch_available_cores(void) {
  int here = trm__launch_host_cores();
  long room = said("SLURM_JOB_NUM_NODES") * said("SLURM_CPUS_ON_NODE");
  room /= siblings(here);
  return room > 0 && room < INT_MAX ? (int)room : here;
}

int trm__launch_hosts(int cores) {
  long hosts = said("SLURM_JOB_NUM_NODES");
  int here = trm__launch_host_cores();
  return hosts ? (int)hosts : (cores - 1) / here + 1;
}

double trm__launch_memory(void) {
  trm__host_limit limit[TRM__LIMITS];
  double room = trm__host_system_memory(trm__host_launch_root());
  int n = trm__host_system_limits(trm__host_launch_root(), limit);
  for (int i = 0; i < n; i++)
    if (!limit[i].cpu && (room < 0 || limit[i].room < room))
      room = limit[i].room;
  return room;
}
