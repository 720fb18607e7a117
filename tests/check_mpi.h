/* A main for tests on several ranks: one launch tries all ranks x threads that the
 * TEST line names. */
#ifndef TRM_TESTS_CHECK_MPI_H
#define TRM_TESTS_CHECK_MPI_H

#include <mpi.h>
#include <time.h>

#include <trireme/run.h>

#include "check.h"

/* Waits for all ranks without taking a core from those that work. */
static inline void check__barrier(void) {
  MPI_Request request;
  int done = 0;
  MPI_Ibarrier(MPI_COMM_WORLD, &request);
  for (MPI_Test(&request, &done, MPI_STATUS_IGNORE); !done;
       MPI_Test(&request, &done, MPI_STATUS_IGNORE))
    nanosleep(&(struct timespec){0, 500 * 1000}, NULL);
}

/* One run on the first `ranks` of the launch. */
static inline void check__on(int ranks, int threads, void (*test)(trm_run *)) {
  int rank;
  MPI_Comm part;
  trm_run *run = NULL;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_split(MPI_COMM_WORLD, rank < ranks ? 0 : MPI_UNDEFINED, rank, &part);
  snprintf(check_shape, sizeof check_shape, " (%dx%d)", ranks, threads);
  if (part != MPI_COMM_NULL) {
    if (trm_run_new(part, threads, 42, &run) != TRM_OK) MPI_Abort(part, 9);
    test(run);
    trm_run_free(&run);
    MPI_Comm_free(&part);
  }
  check__barrier();
}

/* The numbers of a list such as "1,3,13", at most 16, or `fallback`. */
static inline int check__list(const char *text, int fallback, int list[16]) {
  int n = 0;
  for (; text && *text && n < 16; text += strcspn(text, ","), text += !!*text)
    list[n++] = atoi(text);
  if (!n) list[n++] = fallback;
  return n;
}

/* Runs `test` on each number of ranks and of threads that the TEST line names, one
 * after the other in this one launch. Under sanitizers only the first number of
 * threads, but in the full run. */
static inline int check_mpi(int argc, char **argv, void (*test)(trm_run *)) {
  int level, size, rank, ranks[16], threads[16];
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  int n_ranks = check__list(getenv("CHECK_RANKS"), size, ranks);
  int n_threads = check__list(getenv("CHECK_THREADS"), 1, threads);
  if (check_sanitized() && !check_all()) n_threads = 1;
  for (int t = 0; t < n_threads; t++)
    for (int r = 0; r < n_ranks; r++)
      if (ranks[r] <= size) check__on(ranks[r], threads[t], test);
  int all[2] = {check_failed, check_passed};
  MPI_Allreduce(MPI_IN_PLACE, all, 2, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  MPI_Finalize();
  if (!rank && !all[0]) printf("%d checks passed\n", all[1]);
  return all[0] || !all[1] ? 1 : 0;
}

#endif
