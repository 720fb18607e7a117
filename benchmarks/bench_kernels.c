/* heat against the streaming triad, and 2 ranks against 2 threads, in short
 * pieces in turns within one process, because memory bandwidth drifts from one
 * second to the next.
 *
 *   mpirun -n 2 --bind-to none build/benchmarks/bench_kernels [rounds] [n]
 *
 * Each round runs the triad on 2 ranks, heat on 2 ranks, and heat on 2 threads of
 * rank 0 while rank 1 sleeps. Ranks and threads are pinned, one to a core. */
#include <omp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <trireme/kernel.h>

#include "base/options.h"

enum { TRIAD, HEAT, THREADS, KINDS, MOST = 999 };

extern const trm_kernel trm_kernel_triad, trm_kernel_heat;

typedef struct subject {
  const trm_kernel *kernel;
  trm_run *run; /* NULL on a rank that sleeps */
  trm__options *options;
  void *state;
  int64_t steps; /* of a piece */
  double bytes;  /* that a step moves */
} subject;

static void pin(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  sched_setaffinity(0, sizeof set, &set);
}

static void pin_all(const subject *s, int rank) {
  if (s->run->threads == 1) {
    pin(rank);
    return;
  }
#pragma omp parallel num_threads(s->run->threads)
  pin(omp_get_thread_num());
}

static void open_subject(subject *s, MPI_Comm comm, int threads, int argc,
                         char **argv) {
  if (comm == MPI_COMM_NULL) return;
  trm__error error = {TRM_OK, ""};
  trm_run_new(comm, threads, 1, &s->run);
  s->options = trm__options_new(s->kernel->options, s->kernel->options_size);
  if (trm__options_args(s->options, argc, argv, &error)) abort();
  s->state = calloc(1, s->kernel->state_size);
  if (s->kernel->setup(s->run, s->state, s->options->values)) abort();
}

static double piece(subject *s, int rank) {
  pin_all(s, rank);
  trm_barrier(s->run->comm);
  double since = trm_now();
  if (s->kernel->advance(s->run, s->state, s->steps)) abort();
  s->run->step += s->steps;
  double seconds = trm_max(s->run, trm_now() - since);
  return s->bytes * (double)s->steps / seconds * 1e-9;
}

/* Ranks that have nothing to do must not spin. */
static void sleep_until(MPI_Comm comm) {
  MPI_Request request;
  int done = 0;
  MPI_Ibarrier(comm, &request);
  for (MPI_Test(&request, &done, MPI_STATUS_IGNORE); !done;
       MPI_Test(&request, &done, MPI_STATUS_IGNORE))
    usleep(2000);
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void show(const char *what, const double *values, int n) {
  double sorted[MOST];
  memcpy(sorted, values, sizeof(double) * (size_t)n);
  qsort(sorted, (size_t)n, sizeof *sorted, by_value);
  printf("  %-36s %7.2f %7.2f %7.2f %7.2f %7.2f\n", what, sorted[0],
         sorted[n / 4], sorted[n / 2], sorted[3 * n / 4], sorted[n - 1]);
}

static void report(double rate[KINDS][MOST], int rounds) {
  double a[MOST], b[MOST];
  for (int i = 0; i < rounds; i++) {
    a[i] = rate[HEAT][i] / rate[TRIAD][i];
    b[i] = rate[HEAT][i] / rate[THREADS][i];
  }
  printf("%-38s %7s %7s %7s %7s %7s\n", "", "min", "1/4", "median", "3/4",
         "max");
  printf("GB/s\n");
  show("triad, streaming stores, 2 ranks", rate[TRIAD], rounds);
  show("heat, 2 ranks x 1 thread", rate[HEAT], rounds);
  show("heat, 1 rank x 2 threads", rate[THREADS], rounds);
  printf("ratios\n");
  show("heat / triad (goal 0.85)", a, rounds);
  show("2 ranks / 2 threads (goal 1)", b, rounds);
}

int main(int argc, char **argv) {
  int level, rank;
  static double rate[KINDS][MOST];
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  int rounds = argc > 1 ? atoi(argv[1]) : 41;
  char *n = argc > 2 ? argv[2] : "256";
  char *triad[] = {"--variant", "stream", "--n", "20000000"};
  char *heat[] = {"--n", n, "--stores", "stream"};
  double cells = atof(n) * atof(n) * atof(n);
  subject s[KINDS] = {
      {.kernel = &trm_kernel_triad, .bytes = 24 * 2e7, .steps = 15},
      {.kernel = &trm_kernel_heat, .bytes = 16 * cells, .steps = 20},
      {.kernel = &trm_kernel_heat, .bytes = 16 * cells, .steps = 20}};
  MPI_Comm first;
  MPI_Comm_split(MPI_COMM_WORLD, rank ? MPI_UNDEFINED : 0, 0, &first);
  open_subject(&s[TRIAD], MPI_COMM_WORLD, 1, 4, triad);
  open_subject(&s[HEAT], MPI_COMM_WORLD, 1, 4, heat);
  open_subject(&s[THREADS], first, 2, 4, heat);
  for (int i = -1; i < rounds && i < MOST; i++)
    for (int k = 0; k < KINDS; k++) {
      double r = s[k].run ? piece(&s[k], rank) : 0;
      if (i >= 0) rate[k][i] = r;
      if (k == THREADS) sleep_until(MPI_COMM_WORLD);
    }
  if (rank == 0) report(rate, rounds);
  for (int k = 0; k < KINDS; k++) {
    trm_run_free(&s[k].run);
    trm__options_free(&s[k].options);
    free(s[k].state);
  }
  MPI_Finalize();
}
