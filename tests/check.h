/* What the tests stand on: checks that print both values. check_mpi.h has a main for
 * those on several ranks. A test file opens with a line that CMake reads:
 *
 *   / * TEST ranks=1,3,13 threads=1,2 timeout=60 * /     (without the blanks)
 *
 * No ranks: a plain program without mpirun. All words: tests/README.md. */
#ifndef TRM_TESTS_CHECK_H
#define TRM_TESTS_CHECK_H

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <trireme/status.h>

static int check_failed, check_passed;
static char check_shape[32]; /* " (3x2)", ranks x threads, in check_mpi */

#define CHECK__REPORT(ok, ...)                                       \
  do {                                                               \
    if (ok) {                                                        \
      check_passed++;                                                \
    } else if (check_failed++ < 20) {                                \
      fprintf(stderr, "%s:%d:%s ", __FILE__, __LINE__, check_shape); \
      fprintf(stderr, __VA_ARGS__);                                  \
      fputc('\n', stderr);                                           \
    }                                                                \
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

/* Is this the full run, `sh tests/run.sh all`? */
static inline bool check_all(void) {
  return getenv("TRIREME_TEST_ALL") != NULL;
}

static inline bool check_sanitized(void) {
  const char *sanitize = getenv("TRIREME_SANITIZE");
  return sanitize && *sanitize;
}

/* How many seeds a statistical test draws: `all` in the full run, `some` in the
 * others, `few` under sanitizers, which make each of them ten times slower. */
static inline int check_seeds(int few, int some, int all) {
  if (check_sanitized()) return few;
  return check_all() ? all : some;
}

#endif
