#include "comm/level.h"

#include <mpi.h>

int trm__comm_mpi_level(void) {
  int level = MPI_THREAD_SINGLE;
  MPI_Query_thread(&level);
  return level;
}
