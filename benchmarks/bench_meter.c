/* What the meter costs: heat at 64^3 cells a rank, small enough that clocks and
 * events are not nothing, with the meter on and off in turns:
 *
 *   mpirun -n RANKS --bind-to none build/benchmarks/bench_meter [rounds] [threads]
 *
 * On: clocks in sites and calls, the ledger's sums, and events recorded until the
 * window of the piece is full. */
#include "bench.h"

#include "comm/meter.h"
#include "comm/run.h"

extern const trm_kernel trm_kernel_heat;

static double metered(subject *s, int rank, bool on, int64_t chunk) {
  trm__comm_meter_switch(s->run->own->meter, on);
  trm__comm_meter_begin(s->run->own->meter);
  trm__comm_window_open(s->run->own->meter, chunk, s->run->step, s->steps);
  double seconds = bench_piece(s, rank);
  trm__comm_window_close(s->run->own->meter, s->steps);
  trm__comm_meter_end(s->run->own->meter, s->run->threads);
  return seconds;
}

int main(int argc, char **argv) {
  int level, rank, ranks;
  static double on[BENCH_MOST], ratio[BENCH_MOST], off[BENCH_MOST];
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  int rounds = argc > 1 ? atoi(argv[1]) : 201;
  int threads = argc > 2 ? atoi(argv[2]) : 1;
  char nz[20];
  snprintf(nz, sizeof nz, "%d", 64 * ranks);
  char *options[] = {"--n", "64", "--nz", nz};
  subject s = {.kernel = &trm_kernel_heat, .steps = 100};
  bench_open(&s, MPI_COMM_WORLD, threads, 4, options);
  for (int i = -3; i < rounds && i < BENCH_MOST; i++) {
    double first = metered(&s, rank, i % 2 == 0, i + 3);
    double second = metered(&s, rank, i % 2 != 0, i + 3);
    if (i < 0) continue;
    on[i] = (i % 2 ? second : first) / 100 * 1e6;
    off[i] = (i % 2 ? first : second) / 100 * 1e6;
    ratio[i] = on[i] / off[i];
  }
  if (rank == 0) {
    printf("heat, %d x 64^3 cells, %d ranks x %d threads\n", ranks, ranks,
           threads);
    bench_head("microseconds a step");
    bench_show("meter on", on, rounds);
    bench_show("meter off", off, rounds);
    bench_head("ratio");
    bench_show("on / off (goal 1.01)", ratio, rounds);
  }
  bench_close(&s);
  MPI_Finalize();
}
