/* Resources for launches: cores, hosts, memory. Local. */
#ifndef TRM_LAUNCH_RESOURCES_H
#define TRM_LAUNCH_RESOURCES_H

/** Return the cores of this machine that this process may use, at least 1; hardware
 * threads of a core count as one. */
int trm__launch_host_cores(void);

/** Return the cores that launches may use: of all hosts of a Slurm allocation
 * (SLURM_JOB_NUM_NODES x SLURM_CPUS_ON_NODE), else of this machine. */
int trm__launch_available_cores(void);

/** Return the hosts for a number of cores: those of the Slurm allocation, else the number of
 * machines like this one. */
int trm__launch_hosts(int cores);

/** Return the memory that this process may use, bytes; -1: unknown. */
double trm__launch_memory(void);

#endif
