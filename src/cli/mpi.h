/* How the driver starts MPI. */
#ifndef TRM_CLI_MPI_H
#define TRM_CLI_MPI_H

#include "cli/command.h"

/** Set up the environment; the program may execute itself again with it, once. */
void trm__cli_settle(const trm__cli *);

/** Set up the environment, start MPI, call the body, end MPI. The only place of the
 * driver that starts MPI.  \return exit status of the body, or of an MPI that does not
 * start */
int trm__cli_mpi(const trm__cli *, int (*body)(const trm__cli *));

#endif
