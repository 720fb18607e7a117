/* What Open MPI allocates in its start and end, and never frees, is no leak of ours. To
 * say so here costs nothing; the search for leaks would take seconds per process to match
 * thousands of call stacks with suppressions. Linked into each C test under sanitizers. */
#include <mpi.h>
#include <sanitizer/lsan_interface.h>

/* weak: a test may have its own */
__attribute__((weak)) int MPI_Init_thread(int *argc, char ***argv, int required,
                                          int *provided) {
  __lsan_disable();
  int status = PMPI_Init_thread(argc, argv, required, provided);
  __lsan_enable();
  return status;
}

__attribute__((weak)) int MPI_Finalize(void) {
  __lsan_disable();
  int status = PMPI_Finalize();
  __lsan_enable();
  return status;
}
