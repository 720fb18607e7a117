/* What launches may use: cores, hosts, memory. Local. */
#ifndef TRM_LAUNCH_RESOURCES_H
#define TRM_LAUNCH_RESOURCES_H

/** Cores of this machine that this process may use; hardware threads of one core
 * are one. At least 1. */
int trm__launch_host_cores(void);

/** Cores that launches may use: of all hosts of a Slurm allocation
 * (SLURM_JOB_NUM_NODES x SLURM_CPUS_ON_NODE), else of this machine. */
int trm__launch_available_cores(void);

/** Hosts that so many cores are on: those of the allocation, else as many as this
 * machine goes into them. */
int trm__launch_hosts(int cores);

/** Memory that this process may use, bytes; -1: not known. */
double trm__launch_memory(void);

#endif
