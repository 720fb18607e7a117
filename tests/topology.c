/* Writes what hwloc finds on this machine to a file. Tests start thousands of ranks, and
 * each would search all of /sys for it. */
#include <hwloc.h>

int main(int argc, char **argv) {
  hwloc_topology_t topology;
  if (argc != 2 || hwloc_topology_init(&topology) ||
      hwloc_topology_load(topology) ||
      hwloc_topology_export_xml(topology, argv[1], 0))
    return 1;
  hwloc_topology_destroy(topology);
  return 0;
}
