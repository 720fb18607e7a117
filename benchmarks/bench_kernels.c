/* heat against the streaming triad, and 2 ranks against 2 threads:
 *
 *   mpirun -n 2 --bind-to none build/benchmarks/bench_kernels [rounds] [n]
 *
 * Each round runs the triad on 2 ranks, heat on 2 ranks, and heat on 2 threads of
 * rank 0 while rank 1 sleeps. */
#include "bench.h"

enum { TRIAD, HEAT, THREADS, KINDS };

extern const trm_kernel trm_kernel_triad, trm_kernel_heat;

static void report(double rate[KINDS][BENCH_MOST], int rounds) {
  double a[BENCH_MOST], b[BENCH_MOST];
  for (int i = 0; i < rounds; i++) {
    a[i] = rate[HEAT][i] / rate[TRIAD][i];
    b[i] = rate[HEAT][i] / rate[THREADS][i];
  }
  bench_head("GB/s");
  bench_show("triad, streaming stores, 2 ranks", rate[TRIAD], rounds);
  bench_show("heat, 2 ranks x 1 thread", rate[HEAT], rounds);
  bench_show("heat, 1 rank x 2 threads", rate[THREADS], rounds);
  bench_head("ratios");
  bench_show("heat / triad (goal 0.85)", a, rounds);
  bench_show("2 ranks / 2 threads (goal 1)", b, rounds);
}

int main(int argc, char **argv) {
  int level, rank;
  static double rate[KINDS][BENCH_MOST];
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  int rounds = argc > 1 ? atoi(argv[1]) : 41;
  char *n = argc > 2 ? argv[2] : "256";
  char *triad[] = {"--variant", "stream", "--n", "20000000"};
  char *heat[] = {"--n", n, "--stores", "stream"};
  double cells = atof(n) * atof(n) * atof(n);
  const double bytes[KINDS] = {24 * 2e7 * 15, 16 * cells * 20, 16 * cells * 20};
  subject s[KINDS] = {{.kernel = &trm_kernel_triad, .steps = 15},
                      {.kernel = &trm_kernel_heat, .steps = 20},
                      {.kernel = &trm_kernel_heat, .steps = 20}};
  MPI_Comm first;
  MPI_Comm_split(MPI_COMM_WORLD, rank ? MPI_UNDEFINED : 0, 0, &first);
  bench_open(&s[TRIAD], MPI_COMM_WORLD, 1, 4, triad);
  bench_open(&s[HEAT], MPI_COMM_WORLD, 1, 4, heat);
  bench_open(&s[THREADS], first, 2, 4, heat);
  for (int i = -1; i < rounds && i < BENCH_MOST; i++)
    for (int k = 0; k < KINDS; k++) {
      double seconds = s[k].run ? bench_piece(&s[k], rank) : 1;
      if (i >= 0) rate[k][i] = bytes[k] / seconds * 1e-9;
      if (k == THREADS) bench_sleep_until(MPI_COMM_WORLD);
    }
  if (rank == 0) report(rate, rounds);
  for (int k = 0; k < KINDS; k++) bench_close(&s[k]);
  MPI_Finalize();
}
