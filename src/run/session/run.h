/* A run of a kernel from its command line to its result. */
#ifndef TRM_RUN_SESSION_RUN_H
#define TRM_RUN_SESSION_RUN_H

#include <trireme/kernel.h>

/** Run `KERNEL [options]`. MPI must be initialized. Collective over `world`.
 * \return exit status of the process, the same on all ranks */
int trm__run_kernel(MPI_Comm world, const trm_listed *kernels, int argc,
                    char **argv);

#endif
