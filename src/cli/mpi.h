/* How the driver starts MPI. */
#ifndef TRM_CLI_MPI_H
#define TRM_CLI_MPI_H

#include "cli/command.h"

/** Settle the environment; the program may start itself anew with it, once. */
void trm__cli_settle(const trm__cli *);

/** Settle the environment, start MPI, call the body (on MPI_COMM_WORLD), end MPI.
 * The only place of the driver that does.  \return the exit status: the body's,
 * or that of an MPI that does not start */
int trm__cli_mpi(const trm__cli *, int (*body)(const trm__cli *));

#endif
