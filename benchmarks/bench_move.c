/* Moves between layouts beside the plainest code that does the same, in turns
 * within one run, and what planning costs at 1,024 ranks:
 *
 *   mpirun -n RANKS bench_move [THREADS [N]]
 *
 * N^3 complex numbers are transposed; 512 takes 4 GiB for the two fields, and 4 GiB
 * for the plain code's buffers. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <trireme/kernel.h>

#include "array/move/route.h"

typedef double _Complex element;

enum { REPEATS = 7, PLANNED = 1024 };

typedef struct subject {
  trm_run *run;
  int64_t n;
  trm_field *from, *to;
  trm_move *move;
  element *send, *receive; /* of the plain code */
} subject;

static void must(trm_run *run, trm_status status) {
  if (status == TRM_OK) return;
  fprintf(stderr, "bench_move: %s\n", trm_message(run));
  MPI_Abort(MPI_COMM_WORLD, trm_status_exit(status));
}

/* -- the plain code: pack, exchange, unpack -------------------------------- */

static int64_t start_of(int64_t n, int parts, int c) {
  return n / parts * c + (c < n % parts ? c : n % parts);
}

static void pack(const subject *s, int64_t at[], int64_t bytes[]) {
  int ranks = s->run->ranks;
  int64_t n = s->n, mine = s->from->layout->len[0];
  const element *from = s->from->data;
  for (int r = 0; r < ranks; r++) {
    int64_t lo = start_of(n, ranks, r), hi = start_of(n, ranks, r + 1);
    element *to = s->send + mine * lo * n;
#pragma omp parallel for num_threads(s->run->threads)
    for (int64_t i = 0; i < mine; i++)
      memcpy(to + i * (hi - lo) * n, from + (i * n + lo) * n,
             sizeof(element) * (size_t)((hi - lo) * n));
    at[r] = mine * lo * n * (int64_t)sizeof(element);
    bytes[r] = mine * (hi - lo) * n * (int64_t)sizeof(element);
  }
}

static void unpack(const subject *s, bool transposed) {
  int ranks = s->run->ranks;
  int64_t n = s->n, mine = s->to->layout->len[1];
  element *to = s->to->data;
  for (int r = 0; r < ranks; r++) {
    int64_t lo = start_of(n, ranks, r), hi = start_of(n, ranks, r + 1);
    const element *from = s->receive + lo * mine * n;
    if (!transposed) {
      memcpy(to + lo * mine * n, from,
             sizeof(element) * (size_t)((hi - lo) * mine * n));
      continue;
    }
#pragma omp parallel for num_threads(s->run->threads)
    for (int64_t j = 0; j < mine; j++)
      for (int64_t k = 0; k < n; k++)
        for (int64_t i = lo; i < hi; i++)
          to[(j * n + k) * n + i] = from[((i - lo) * mine + j) * n + k];
  }
}

static void plain(const subject *s) {
  int ranks = s->run->ranks;
  int64_t n = s->n, mine = s->to->layout->len[1];
  int64_t *send = calloc(4 * (size_t)ranks, sizeof *send);
  int64_t *send_at = send + ranks, *receive = send_at + ranks,
          *receive_at = receive + ranks;
  pack(s, send_at, send);
  for (int r = 0; r < ranks; r++) {
    int64_t lo = start_of(n, ranks, r), hi = start_of(n, ranks, r + 1);
    receive_at[r] = lo * mine * n * (int64_t)sizeof(element);
    receive[r] = (hi - lo) * mine * n * (int64_t)sizeof(element);
  }
  trm_alltoallv(s->run->comm, s->send, send, send_at, s->receive, receive,
                receive_at);
  unpack(s, s->to->layout->fastest == 1);
  free(send);
}

/* -- the library ----------------------------------------------------------- */

static void planned(const subject *s) {
  trm_field *from[] = {s->from}, *to[] = {s->to};
  must(s->run, trm_move_start(s->move, from, to));
  trm_move_finish(s->move);
}

static void at_once(const subject *s) {
  must(s->run, trm_redistribute(s->run, s->from, s->to));
}

/* -- measuring ------------------------------------------------------------- */

typedef struct way {
  const char *name;
  void (*call)(const subject *);
} way;

static const way ways[] = {
    {"plain", plain}, {"trm_redistribute", at_once}, {"trm_move", planned}};
enum { WAYS = sizeof ways / sizeof *ways };

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(const double values[]) {
  double sorted[REPEATS];
  memcpy(sorted, values, sizeof sorted);
  qsort(sorted, REPEATS, sizeof *sorted, by_value);
  return sorted[REPEATS / 2];
}

static void measure(const subject *s, const char *what) {
  double seconds[WAYS][REPEATS], ratio[REPEATS];
  for (int r = -1; r < REPEATS; r++) /* the first touches the memory */
    for (int w = 0; w < WAYS; w++) {
      trm_barrier(s->run->comm);
      double since = trm_now();
      ways[w].call(s);
      double t = trm_max(s->run, trm_now() - since);
      if (r >= 0) seconds[w][r] = t;
    }
  double bytes = 16. * (double)s->n * (double)s->n * (double)s->n;
  for (int w = 0; w < WAYS && s->run->rank == 0; w++) {
    for (int r = 0; r < REPEATS; r++) ratio[r] = seconds[w][r] / seconds[0][r];
    printf("  %-34s %-17s %8.3f s %7.2f GB/s  %5.2f of plain\n", w ? "" : what,
           ways[w].name, median(seconds[w]), bytes / median(seconds[w]) * 1e-9,
           median(ratio));
  }
}

static void transposition(trm_run *run, int64_t n, bool transposed) {
  subject s = {.run = run, .n = n};
  trm_plan plan = {.dims = 3, .dim = {{.n = n}, {.n = n}, {.n = n}}};
  const trm_layout *from, *to;
  trm_type type = TRM_C128;
  plan.dim[0].grid = run->ranks;
  must(run, trm_layout_new(run, &plan, &from));
  plan.dim[0].grid = 0;
  plan.dim[1].grid = run->ranks;
  plan.fastest = transposed ? 1 : 0;
  must(run, trm_layout_new(run, &plan, &to));
  must(run, trm_field_new(run, from, "from", type, TRM_SCRATCH, &s.from));
  must(run, trm_field_new(run, to, "to", type, TRM_SCRATCH, &s.to));
  must(run, trm_move_new(run, from, to, 1, &type, &s.move));
  s.send = malloc(sizeof(element) * (size_t)from->count);
  s.receive = malloc(sizeof(element) * (size_t)to->count);
  trm_field_random(run, s.from, 0);
  measure(&s, transposed ? "slabs, transposed in memory too" : "slabs");
  uint64_t digest = trm_digest(run, s.to);
  if (digest != trm_digest(run, s.from)) abort();
  free(s.send);
  free(s.receive);
  trm_move_free(run, &s.move);
  trm_field_drop(run, &s.from);
  trm_field_drop(run, &s.to);
  trm_layout_drop(run, &from);
  trm_layout_drop(run, &to);
}

/* -- planning -------------------------------------------------------------- */

static void plan_for_one(const char *what, const trm_plan *a,
                         const trm_plan *b) {
  trm_layout from, to;
  trm__array_route route;
  trm_type type = TRM_C128;
  int rank = 2 * PLANNED / 3;
  if (!trm_layout_view(a, PLANNED, rank, &from) ||
      !trm_layout_view(b, PLANNED, rank, &to))
    abort();
  trm__array_side sides[2] = {{&from, NULL}, {&to, NULL}};
  double best = 1e30;
  size_t bytes = 0;
  for (int i = 0; i < 20; i++) {
    size_t before = mallinfo2().uordblks;
    double since = trm_now();
    trm__array_route_find(&route, &sides[0], &sides[1], 1, &type, rank,
                          PLANNED);
    double t = trm_now() - since;
    bytes = mallinfo2().uordblks - before;
    if (t < best) best = t;
    if (i < 19) trm__array_route_clear(&route);
  }
  printf("  %-34s %5d partners %10.1f us %10.1f kB\n", what, route.stage.nout,
         best * 1e6, (double)bytes * 1e-3);
  trm__array_route_clear(&route);
}

static trm_plan cube(int64_t n, int g0, int g1, int g2) {
  trm_plan p = {.dims = 3, .dim = {{.n = n}, {.n = n}, {.n = n}}};
  p.dim[0].grid = g0;
  p.dim[1].grid = g1;
  p.dim[2].grid = g2;
  return p;
}

static void planning(void) {
  trm_plan a = cube(2048, PLANNED, 1, 1), b = cube(2048, 1, PLANNED, 1);
  printf("planning for one of %d ranks\n", PLANNED);
  plan_for_one("slabs, 2048^3", &a, &b);
  a = cube(2048, 32, 32, 1), b = cube(2048, 32, 1, 32);
  plan_for_one("pencils, 2048^3", &a, &b);
  a = b = (trm_plan){.dims = 2, .dim = {{.n = 65536}, {.n = 65536}}};
  a.dim[0].grid = a.dim[1].grid = b.dim[0].grid = b.dim[1].grid = 32;
  b.dim[0].kind = b.dim[1].kind = TRM_CYCLIC;
  b.dim[0].block = b.dim[1].block = 64;
  plan_for_one("blocks to cyclic(64), 65536^2", &a, &b);
}

int main(int argc, char **argv) {
  int level;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level);
  const int threads = argc > 1 ? atoi(argv[1]) : 1;
  const int64_t n = argc > 2 ? atoll(argv[2]) : 512;
  trm_run *run;
  if (trm_run_new(MPI_COMM_WORLD, threads, 42, &run) != TRM_OK) return 3;
  if (!run->rank)
    printf("%lld^3 complex numbers, %d ranks x %d threads\n", (long long)n,
           run->ranks, run->threads);
  transposition(run, n, false);
  transposition(run, n, true);
  if (!run->rank) planning();
  trm_run_free(&run);
  MPI_Finalize();
  return 0;
}
