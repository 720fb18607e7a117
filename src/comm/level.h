#ifndef TRM_COMM_LEVEL_H
#define TRM_COMM_LEVEL_H

/** Thread support that MPI was started with: MPI_THREAD_... Local. */
int trm__comm_mpi_level(void);

#endif
