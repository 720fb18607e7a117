/* nbody in G interactions a second and core: its variants on one core, and the best
 * of them on 2 ranks and on 2 threads, in short pieces in turns within one process.
 *
 *   mpirun -n 2 --bind-to none build/benchmarks/bench_nbody [rounds] [n]
 *
 * Ranks and threads are pinned, one to a core; a rank that is not needed sleeps. */
#include <omp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <trireme/kernel.h>

#include "base/options.h"

enum { AVX512, AVX2, PLAIN, RANKS, THREADS, KINDS, MOST = 999 };

extern const trm_kernel trm_kernel_nbody;

typedef struct subject {
  const char *what;
  char *variant;
  int ranks, threads;
  double goal; /* G interactions a second and core; 0: none of its own */
  trm_run
      *run; /* NULL on a rank that sleeps, or for lack of the instructions */
  trm__base_options *options;
  void *state;
  double rate[MOST];
} subject;

static void pin(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  sched_setaffinity(0, sizeof set, &set);
}

static void pin_all(const subject *s, int rank) {
  if (s->threads == 1) {
    pin(rank);
    return;
  }
#pragma omp parallel num_threads(s->threads)
  pin(omp_get_thread_num());
}

static void open_subject(subject *s, MPI_Comm comm, char *n) {
  trm__base_error error = {TRM_OK, ""};
  char *words[] = {"--n", n, "--variant", s->variant};
  const trm_kernel *k = &trm_kernel_nbody;
  if (comm == MPI_COMM_NULL) return;
  if (trm_run_new(comm, s->threads, 1, &s->run)) abort();
  s->options = trm__base_options_new(k->options, k->options_size);
  if (trm__base_options_args(s->options, 4, words, &error)) abort();
  s->state = calloc(1, k->state_size);
  if (k->resolve(s->run, s->options->values)) {
    trm_run_free(&s->run);
    return;
  }
  if (k->setup(s->run, s->state, s->options->values)) abort();
}

static double piece(subject *s, int rank, double n) {
  pin_all(s, rank);
  trm_barrier(s->run->comm);
  double since = trm_now();
  if (trm_kernel_nbody.advance(s->run, s->state, 1)) abort();
  s->run->step++;
  double seconds = trm_max(s->run, trm_now() - since);
  return n * n / seconds / (s->ranks * s->threads) * 1e-9;
}

/* Ranks that have nothing to do must not spin. */
static void sleep_until(MPI_Comm comm) {
  MPI_Request request;
  int done = 0;
  MPI_Ibarrier(comm, &request);
  for (MPI_Test(&request, &done, MPI_STATUS_IGNORE); !done;
       MPI_Test(&request, &done, MPI_STATUS_IGNORE))
    usleep(1000);
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double show(const char *what, const double *values, int n) {
  double sorted[MOST];
  memcpy(sorted, values, sizeof(double) * (size_t)n);
  qsort(sorted, (size_t)n, sizeof *sorted, by_value);
  printf("  %-36s %7.3f %7.3f %7.3f %7.3f %7.3f\n", what, sorted[0],
         sorted[n / 4], sorted[n / 2], sorted[3 * n / 4], sorted[n - 1]);
  return sorted[n / 2];
}

static void show_ratio(const char *what, const subject *a, const subject *b,
                       int rounds) {
  double ratio[MOST];
  if (!a->run || !b->run) return;
  for (int i = 0; i < rounds; i++) ratio[i] = a->rate[i] / b->rate[i];
  show(what, ratio, rounds);
}

static void report(const subject s[KINDS], int rounds) {
  printf("%-38s %7s %7s %7s %7s %7s\n", "", "min", "1/4", "median", "3/4",
         "max");
  printf("G interactions/s and core\n");
  for (int k = 0; k < KINDS; k++) {
    if (!s[k].run) {
      printf("  %-36s not on this processor\n", s[k].what);
      continue;
    }
    double median = show(s[k].what, s[k].rate, rounds);
    if (s[k].goal > 0)
      printf("    goal %.2f: %s\n", s[k].goal,
             median >= s[k].goal ? "met" : "SHORT");
  }
  printf("ratios\n");
  show_ratio("avx512 / avx2 (goal 2.2 or less)", &s[AVX512], &s[AVX2], rounds);
  show_ratio("2 ranks / 1 core", &s[RANKS], &s[AVX512], rounds);
  show_ratio("2 ranks / 2 threads (goal 1)", &s[RANKS], &s[THREADS], rounds);
}

static void close_subject(subject *s) {
  trm_run_free(&s->run);
  trm__base_options_free(&s->options);
  free(s->state);
}

int main(int argc, char **argv) {
  int level, rank;
  static subject s[KINDS] = {
      {.what = "avx512, 1 core", .variant = "avx512", .goal = 3.5},
      {.what = "avx2, 1 core", .variant = "avx2", .goal = 3.5 / 2.2},
      {.what = "plain C, 1 core", .variant = "plain"},
      {.what = "best, 2 ranks", .variant = "auto", .ranks = 2},
      {.what = "best, 2 threads", .variant = "auto", .threads = 2}};
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  int rounds = argc > 1 ? atoi(argv[1]) : 41;
  char *n = argc > 2 ? argv[2] : "16384";
  if (rounds > MOST) rounds = MOST;
  MPI_Comm first;
  MPI_Comm_split(MPI_COMM_WORLD, rank ? MPI_UNDEFINED : 0, 0, &first);
  for (int k = 0; k < KINDS; k++) {
    if (!s[k].ranks) s[k].ranks = 1;
    if (!s[k].threads) s[k].threads = 1;
    open_subject(&s[k], s[k].ranks > 1 ? MPI_COMM_WORLD : first, n);
  }
  for (int i = -1; i < rounds; i++)
    for (int k = 0; k < KINDS; k++) {
      double r = s[k].run ? piece(&s[k], rank, atof(n)) : 0;
      if (i >= 0) s[k].rate[i] = r;
      sleep_until(MPI_COMM_WORLD);
    }
  if (rank == 0) report(s, rounds);
  for (int k = 0; k < KINDS; k++) close_subject(&s[k]);
  MPI_Finalize();
}
