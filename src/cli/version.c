#include <hdf5.h>
#include <mpi.h>
#include <stdio.h>
#include <string.h>

#include "base/blas.h"
#include "build.h"

#include "cli/commands.h"

/* "Open MPI v4.1.4, package: ...": up to the comma. */
static void print_mpi(void) {
  char text[MPI_MAX_LIBRARY_VERSION_STRING];
  int length;
  MPI_Get_library_version(text, &length);
  printf("  MPI       %.*s\n", (int)strcspn(text, ",\n"), text);
}

/* OpenBLAS describes itself as "OpenBLAS 0.3.21 DYNAMIC_ARCH ...". Without it only
 * kernels that use it fail. */
static void print_blas(void) {
  trm__base_blas blas;
  trm__base_error error = {TRM_OK, ""};
  if (trm__base_blas_load(&blas, &error))
    printf("  BLAS      none (%s)\n", error.text);
  else
    printf("  BLAS      %s, %s\n", blas.config, blas.path);
}

static int version_main(const trm__cli *cli) {
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
  print_blas();
  return 0;
}

const trm__cli_command trm__cli_version = {
    "version",    "",   "print version, build and libraries",
    version_main, NULL, false};
