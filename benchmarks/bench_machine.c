/* One figure of `trireme machine` for a given time, as the mean of all passes: what
 * other benchmarks print.
 *
 *   bench_machine FIGURE THREADS SECONDS MB
 *
 * FIGURE: read, copy, copy_stream, triad, triad_stream (MB of all arrays together),
 * fma_f64 or fma_f32. Prints GB/s or GF/s. */
#include <mpi.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/machine/machine.h"

static const char *const sweeps[] = {"read", "copy", "copy_stream", "triad",
                                     "triad_stream"};

/* Bytes/s over at least so many seconds, after one pass apart. */
static double bandwidth(trm__host_stage *stage, trm__host_arrays *s,
                        double seconds) {
  double t = 0, bytes = 0;
  s->now = s->n;
  trm__host_arrays_sweep(stage, s, stage->run->threads);
  while (t < seconds) {
    t += trm__host_all(stage, trm__host_arrays_sweep, s);
    bytes += trm__host_sweep_bytes(s->kind) * (double)s->n;
  }
  return bytes / t;
}

static double flops(trm_run *run, bool is_double, double seconds) {
  double (*loop)(int64_t, double *) =
      is_double ? trm__host_fma_f64 : trm__host_fma_f32;
  double rate = 0;
#pragma omp parallel num_threads(run->threads) reduction(+ : rate)
  {
    double result, done = 0, since;
#pragma omp barrier
    since = trm_now();
    while (trm_now() - since < seconds) done += loop(1000000, &result);
    rate += done / (trm_now() - since);
  }
  return rate;
}

static double measure(trm_run *run, const char *figure, double seconds,
                      double bytes) {
  trm_machine machine = {0};
  trm__host_stage stage;
  trm__host_arrays s;
  double rate = -1;
  trm__host_stage_open(&stage, run, &machine);
  if (!strncmp(figure, "fma", 3))
    rate = flops(run, !strcmp(figure, "fma_f64"), seconds);
  for (int k = 0; k < TRM__SWEEPS; k++) {
    if (strcmp(figure, sweeps[k])) continue;
    double array = bytes / (trm__host_sweep_bytes((trm__host_sweep_kind)k) / 8);
    if (trm__host_arrays_new(&stage, array, 0, &s)) break;
    s.kind = (trm__host_sweep_kind)k;
    rate = bandwidth(&stage, &s, seconds);
  }
  trm__host_stage_close(&stage);
  return rate;
}

int main(int argc, char **argv) {
  int level;
  trm_run *run = NULL;
  if (argc != 5) {
    fprintf(stderr, "usage: bench_machine FIGURE THREADS SECONDS MB\n");
    return 2;
  }
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level);
  if (trm_run_new(MPI_COMM_WORLD, atoi(argv[2]), 1, &run)) return 3;
  double rate = measure(run, argv[1], atof(argv[3]), 1e6 * atof(argv[4]));
  if (rate > 0) printf("%.4f\n", rate * 1e-9);
  trm_run_free(&run);
  MPI_Finalize();
  return rate > 0 ? 0 : 2;
}
