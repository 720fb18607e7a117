/* What the tests stand on: checks that print both values, and a main for each
 * kind of test. A test file opens with a line that CMake reads:
 *
 *   / * TEST ranks=1,3,13 threads=1,2 timeout=60 * /     (without the blanks)
 *
 * No ranks: a plain program without mpirun. Environment: env=NAME=VALUE. */
#ifndef TRM_TESTS_CHECK_H
#define TRM_TESTS_CHECK_H

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <trireme/kernel.h>

static int check_failed, check_passed;

#define CHECK__REPORT(ok, ...)                        \
  do {                                                \
    if (ok) {                                         \
      check_passed++;                                 \
    } else if (check_failed++ < 20) {                 \
      fprintf(stderr, "%s:%d: ", __FILE__, __LINE__); \
      fprintf(stderr, __VA_ARGS__);                   \
      fputc('\n', stderr);                            \
    }                                                 \
  } while (0)

#define CHECK(cond) CHECK__REPORT(cond, "false: %s", #cond)
#define CHECK_INT(got, want)                                                  \
  do {                                                                        \
    int64_t g_ = (int64_t)(got), w_ = (int64_t)(want);                        \
    CHECK__REPORT(g_ == w_, "%s = %" PRId64 ", want %" PRId64, #got, g_, w_); \
  } while (0)
#define CHECK_HEX(got, want)                                                   \
  do {                                                                         \
    uint64_t g_ = (got), w_ = (want);                                          \
    CHECK__REPORT(g_ == w_, "%s = %016" PRIx64 ", want %016" PRIx64, #got, g_, \
                  w_);                                                         \
  } while (0)
/* the same bits, NaN equal to NaN */
#define CHECK_SAME(got, want)                                                \
  do {                                                                       \
    double g_ = (got), w_ = (want);                                          \
    CHECK__REPORT(!memcmp(&g_, &w_, sizeof g_) || (isnan(g_) && isnan(w_)),  \
                  "%s = %.17g (%a), want %.17g (%a)", #got, g_, g_, w_, w_); \
  } while (0)
#define CHECK_NEAR(got, want, tol)                                         \
  do {                                                                     \
    double g_ = (got), w_ = (want), t_ = (tol);                            \
    CHECK__REPORT(fabs(g_ - w_) <= t_, "%s = %.17g, want %.17g within %g", \
                  #got, g_, w_, t_);                                       \
  } while (0)
#define CHECK_TEXT(got, want)                                                 \
  do {                                                                        \
    const char *g_ = (got), *w_ = (want);                                     \
    CHECK__REPORT(!strcmp(g_, w_), "%s = \"%s\", want \"%s\"", #got, g_, w_); \
  } while (0)
#define CHECK_OK(run, call)                                               \
  do {                                                                    \
    trm_status s_ = (call);                                               \
    CHECK__REPORT(s_ == TRM_OK, "%s: %s: %s", #call, trm_status_name(s_), \
                  trm_message(run));                                      \
  } while (0)
#define CHECK_STATUS(got, want)                                             \
  do {                                                                      \
    trm_status g_ = (got), w_ = (want);                                     \
    CHECK__REPORT(g_ == w_, "%s is %s, want %s", #got, trm_status_name(g_), \
                  trm_status_name(w_));                                     \
  } while (0)

/* Ends a test without MPI. */
static inline int check_done(void) {
  if (!check_failed) printf("%d checks passed\n", check_passed);
  return check_failed || !check_passed ? 1 : 0;
}

static const int check_rank_counts[] = {1, 2, 3, 4, 5, 7, 8, 13};

/* Runs `test` on all ranks of the launch, or, when TEST has `split`, in turn on
 * the first 1, 2, 3, 4, 5, 7, 8 and 13 of them. */
static inline int check_mpi(int argc, char **argv, void (*test)(trm_run *)) {
  int level, size, rank;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  const char *threads = getenv("CHECK_THREADS"), *split = getenv("CHECK_SPLIT");
  for (int i = 0; i < 8; i++) {
    int ranks = split ? check_rank_counts[i] : size;
    if (ranks > size) break;
    MPI_Comm part;
    MPI_Comm_split(MPI_COMM_WORLD, rank < ranks ? 0 : MPI_UNDEFINED, rank,
                   &part);
    if (part != MPI_COMM_NULL) {
      trm_run *run = NULL;
      if (trm_run_new(part, threads ? atoi(threads) : 1, 42, &run) != TRM_OK)
        MPI_Abort(part, 9);
      test(run);
      trm_run_free(&run);
      MPI_Comm_free(&part);
    }
    MPI_Barrier(MPI_COMM_WORLD);
    if (!split) break;
  }
  int all[2] = {check_failed, check_passed};
  MPI_Allreduce(MPI_IN_PLACE, all, 2, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  MPI_Finalize();
  if (!rank && !all[0]) printf("%d checks passed\n", all[1]);
  return all[0] || !all[1] ? 1 : 0;
}

#endif
