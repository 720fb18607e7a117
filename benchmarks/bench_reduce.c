/* Reproducible reductions against plain OpenMP loops of the same flags, in turn
 * within one run, best of the repeats:
 *
 *   mpirun -n RANKS bench_reduce [THREADS [ELEMENTS]]
 *
 * ELEMENTS of the largest field on all ranks together; 1e8 takes 1.6 GB. */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

#include <trireme/kernel.h>

typedef struct pair { /* what is reduced */
  trm_run *run;
  trm_field *x, *y;
} pair;

typedef double (*measured)(const pair *);

static double over_ranks(trm_run *run, double sum) {
  trm_allreduce(run->comm, &sum, 1, TRM_F64, TRM_SUM);
  return sum;
}

/* Loops of their own: clang does not vectorise `parallel for simd` here. */
static double simd_dot(const double *x, const double *y, int64_t n) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; i++) sum += x[i] * y[i];
  return sum;
}

static double simd_sum(const double *x, int64_t n) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; i++) sum += x[i];
  return sum;
}

/* y == NULL: the sum of x. */
static double plain(trm_run *run, const double *x, const double *y, int64_t n) {
  double sum = 0;
#pragma omp parallel reduction(+ : sum) num_threads(run->threads)
  {
    int64_t thread = omp_get_thread_num(), threads = omp_get_num_threads();
    int64_t from = n * thread / threads, to = n * (thread + 1) / threads;
    sum += y ? simd_dot(x + from, y + from, to - from)
             : simd_sum(x + from, to - from);
  }
  return over_ranks(run, sum);
}

static double plain_dot(const pair *p) {
  return plain(p->run, p->x->data, p->y->data, p->x->layout->count);
}

static double plain_sum(const pair *p) {
  return plain(p->run, p->x->data, NULL, p->x->layout->count);
}

static double exact_dot(const pair *p) {
  return trm_dot(p->run, p->x, p->y);
}

static double exact_sum(const pair *p) {
  return trm_sum(p->run, p->x);
}

static double digest(const pair *p) {
  return (double)trm_digest(p->run, p->x);
}

static double largest(const pair *p) {
  return trm_max_at(p->run, p->x).value;
}

static double draw(const pair *p) {
  trm_field_random(p->run, p->x, 0);
  return 0;
}

static double seconds(measured f, const pair *p) {
  trm_barrier(p->run->comm);
  double since = trm_now();
  f(p);
  return trm_max(p->run, trm_now() - since);
}

enum { CASES = 7 };
static const struct {
  const char *name;
  measured call;
  int fields;
} cases[CASES] = {{"plain dot", plain_dot, 2},  {"trm_dot", exact_dot, 2},
                  {"plain sum", plain_sum, 1},  {"trm_sum", exact_sum, 1},
                  {"trm_digest", digest, 1},    {"trm_max_at", largest, 1},
                  {"trm_field_random", draw, 1}};

/* Of both signs, one in 16 scaled by a factor: 2^-60 takes a third fold. */
static double spread(const int64_t index[], void *factor) {
  const double u = trm_random_uniform(1, 1, (uint64_t)index[0]) - 0.5;
  return index[0] % 16 ? u : u * *(double *)factor;
}

static pair make(trm_run *run, int64_t n, double factor) {
  const trm_layout *layout;
  pair p = {.run = run};
  trm_status s = trm_grid(run, 1, &n, 0, (bool[]){false}, &layout);
  if (!s) s = trm_field_new(run, layout, "x", TRM_F64, TRM_SCRATCH, &p.x);
  if (!s) s = trm_field_new(run, layout, "y", TRM_F64, TRM_SCRATCH, &p.y);
  if (s) {
    fprintf(stderr, "bench_reduce: %s\n", trm_message(run));
    MPI_Abort(MPI_COMM_WORLD, trm_status_exit(s));
  }
  trm_layout_drop(run, &layout);
  trm_field_random(run, p.x, 0);
  trm_field_random(run, p.y, 1);
  if (factor < 1) trm_field_fill(p.x, spread, &factor);
  return p;
}

static void table(trm_run *run, int64_t n, double factor) {
  pair p = make(run, n, factor);
  const int used = factor < 1 ? 4 : CASES;
  int repeats = n > 10000000 ? 7 : n > 1000000 ? 50 : 1000;
  double best[CASES], plain = 0;
  for (int c = 0; c < CASES; c++) best[c] = 1e30;
  for (int r = 0; r < repeats; r++)
    for (int c = 0; c < used; c++) {
      double t = seconds(cases[c].call, &p);
      if (t < best[c]) best[c] = t;
    }
  if (!run->rank)
    printf("\n%lld elements, some times %g\n", (long long)n, factor);
  for (int c = 0; c < used && !run->rank; c++) {
    double bytes = 8. * (double)n * cases[c].fields;
    if (!(c & 1)) plain = best[c];
    printf("  %-17s %10.2f us %8.2f GB/s", cases[c].name, best[c] * 1e6,
           bytes / best[c] * 1e-9);
    printf(c == 1 || c == 3 ? "  %5.2f of plain\n" : "\n", best[c] / plain);
  }
  trm_field_drop(run, &p.x);
  trm_field_drop(run, &p.y);
}

int main(int argc, char **argv) {
  int level;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level);
  const int threads = argc > 1 ? atoi(argv[1]) : 1;
  const double most = argc > 2 ? atof(argv[2]) : 1e8;
  trm_run *run;
  if (trm_run_new(MPI_COMM_WORLD, threads, 42, &run) != TRM_OK) return 3;
  const int64_t cores = run->ranks * run->threads;
  if (!run->rank) printf("%d ranks x %d threads\n", run->ranks, run->threads);
  table(run, 2048 * cores, 1);
  table(run, 32768 * cores, 1);
  table(run, 32768 * cores, 0x1p-60);
  table(run, 32768 * cores, 0x1p-300);
  table(run, 1000000, 1);
  table(run, (int64_t)most, 1);
  table(run, (int64_t)most, 0x1p-60);
  table(run, (int64_t)most, 0x1p-300);
  trm_run_free(&run);
  MPI_Finalize();
  return 0;
}
