/* The environment of processes that a rank starts. */
#ifndef TRM_BASE_ENVIRONMENT_H
#define TRM_BASE_ENVIRONMENT_H

#include <stdbool.h>

/** Is this one ("OMPI_COMM_WORLD_RANK=3") of the variables by which an MPI tells a
 * process that it is a rank? A process that a rank starts must not have them. Pure. */
bool trm__base_environment_of_mpi(const char *variable);

/** Return this process's environment without those, with one more variable, for
 * posix_spawn. Borrows its texts; free with free().
 * \param more "NAME=value"; NULL: none */
char **trm__base_environment_plain(char *more);

#endif
