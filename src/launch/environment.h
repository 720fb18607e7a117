/* The environment of a command that is launched. */
#ifndef TRM_LAUNCH_ENVIRONMENT_H
#define TRM_LAUNCH_ENVIRONMENT_H

/** Set OMP_NUM_THREADS (0: left as it is), allow Open MPI to run as root where this is
 * root, and, where this process is itself a rank, remove what its MPI told it: an
 * mpirun that finds OMPI_*, PMIX_*, ORTE_* or PMI_* there ends with status 1 and no
 * message. Local: changes this process's environment; call it in the child. */
void trm__launch_environment(int threads);

#endif
