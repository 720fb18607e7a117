/* Kernels measured in short pieces in turns within one process, because memory
 * bandwidth drifts from one second to the next. Ranks and threads are pinned, one
 * to a core; ranks that are left out of a piece sleep. */
#ifndef TRM_BENCH_H
#define TRM_BENCH_H

#include <omp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <trireme/kernel.h>

#include "base/options.h"

enum { BENCH_MOST = 999 }; /* rounds */

typedef struct subject {
  const trm_kernel *kernel;
  trm_run *run; /* NULL on a rank that sleeps */
  trm__base_options *options;
  void *state;
  int64_t steps; /* of a piece */
} subject;

static inline void bench_pin(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  sched_setaffinity(0, sizeof set, &set);
}

static inline void bench_pin_all(const subject *s, int rank) {
  if (s->run->threads == 1) {
    bench_pin(rank);
    return;
  }
#pragma omp parallel num_threads(s->run->threads)
  bench_pin(omp_get_thread_num());
}

static inline void bench_open(subject *s, MPI_Comm comm, int threads, int argc,
                              char **argv) {
  if (comm == MPI_COMM_NULL) return;
  trm__base_error error = {TRM_OK, ""};
  trm_run_new(comm, threads, 1, &s->run);
  s->options =
      trm__base_options_new(s->kernel->options, s->kernel->options_size);
  if (trm__base_options_args(s->options, argc, argv, &error)) {
    fprintf(stderr, "%s\n", error.text);
    abort();
  }
  s->state = calloc(1, s->kernel->state_size);
  if (s->kernel->setup(s->run, s->state, s->options->values)) {
    fprintf(stderr, "%s\n", trm_message(s->run));
    abort();
  }
}

/* Seconds of one piece on the slowest rank. */
static inline double bench_piece(subject *s, int rank) {
  bench_pin_all(s, rank);
  trm_barrier(s->run->comm);
  double since = trm_now();
  if (s->kernel->advance(s->run, s->state, s->steps)) abort();
  s->run->step += s->steps;
  return trm_max(s->run, trm_now() - since);
}

static inline void bench_close(subject *s) {
  trm_run_free(&s->run);
  trm__base_options_free(&s->options);
  free(s->state);
}

/* Ranks that have nothing to do must not spin. */
static inline void bench_sleep_until(MPI_Comm comm) {
  MPI_Request request;
  int done = 0;
  MPI_Ibarrier(comm, &request);
  for (MPI_Test(&request, &done, MPI_STATUS_IGNORE); !done;
       MPI_Test(&request, &done, MPI_STATUS_IGNORE))
    usleep(2000);
}

static inline int bench_by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static inline void bench_head(const char *what) {
  printf("%-44s %8s %8s %8s %8s %8s\n", what, "min", "1/4", "median", "3/4",
         "max");
}

static inline void bench_show(const char *what, const double *values, int n) {
  double sorted[BENCH_MOST];
  memcpy(sorted, values, sizeof(double) * (size_t)n);
  qsort(sorted, (size_t)n, sizeof *sorted, bench_by_value);
  printf("  %-42s %8.3f %8.3f %8.3f %8.3f %8.3f\n", what, sorted[0],
         sorted[n / 4], sorted[n / 2], sorted[3 * n / 4], sorted[n - 1]);
}

#endif
