#include <hdf5.h>
#include <mpi.h>
#include <stdio.h>
#include <string.h>

#include "build.h"

#include "cli/cli.h"

/* OpenBLAS says of itself "OpenBLAS 0.3.21 DYNAMIC_ARCH ..." */
char *openblas_get_config(void);

/* "Open MPI v4.1.4, package: ...": up to the comma. */
static void print_mpi(void) {
  char text[MPI_MAX_LIBRARY_VERSION_STRING];
  int length;
  MPI_Get_library_version(text, &length);
  printf("  MPI       %.*s\n", (int)strcspn(text, ",\n"), text);
}

int trm__cli_version(const trm__cli *cli) {
  if (cli->argc > 0)
    return trm__cli_usage("version takes no \"%s\"", cli->argv[0]);
  unsigned major, minor, release;
  H5get_libversion(&major, &minor, &release);
  printf("Trireme %s\n", TRM_BUILD_VERSION);
  printf("  commit    %s\n", TRM_BUILD_COMMIT);
  printf("  compiler  %s\n", TRM_BUILD_COMPILER);
  printf("  flags     %s\n", TRM_BUILD_FLAGS);
  print_mpi();
  printf("  HDF5      %u.%u.%u\n", major, minor, release);
  printf("  BLAS      %s\n", openblas_get_config());
  return 0;
}
