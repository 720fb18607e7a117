/* The string of test_cxx_program.sh without a macro of the library, as another
 * language would write it. Compiles as C17 and as C++20. */
#include <math.h>

#include <trireme/kernel.h>

struct options {
  int64_t n;
};
struct state {
  trm_field *now, *before;
};

static const trm_option options[] = {{.name = "n",
                                      .default_text = "100",
                                      .min = 3,
                                      .max = 1e9,
                                      .help = "length",
                                      .type = TRM_I64,
                                      .offset = offsetof(struct options, n)},
                                     {.name = NULL}};

static double shape(const int64_t index[], void *context) {
  return sin(*(const double *)context * (double)index[0]);
}

static trm_status setup(trm_run *run, void *space, const void *given) {
  const struct options *o = (const struct options *)given;
  struct state *s = (struct state *)space;
  const trm_layout *line;
  const bool periodic[] = {true};
  double scale = 6.28125 * 2 / (double)o->n;
  trm_status status = trm_grid(run, 1, &o->n, 1, periodic, &line);
  if (status == TRM_OK)
    status = trm_field_new(run, line, "now", TRM_F64, TRM_EVOLVING, &s->now);
  if (status == TRM_OK)
    status =
        trm_field_new(run, line, "before", TRM_F64, TRM_EVOLVING, &s->before);
  if (status != TRM_OK) return status;
  trm_field_fill(s->now, shape, &scale);
  trm_field_fill(s->before, shape, &scale);
  return TRM_OK;
}

/* on each thread of a parallel site */
static void swing(void *space) {
  struct state *s = (struct state *)space;
  const double *u = (const double *)s->now->data;
  double *next = (double *)s->before->data;
  const int64_t n = s->now->layout->count;
#pragma omp for nowait
  for (int64_t i = 0; i < n; i++)
    next[i] = 2 * u[i] - next[i] + 0.25 * (u[i - 1] - 2 * u[i] + u[i + 1]);
}

static trm_status advance(trm_run *run, void *space, int64_t steps) {
  struct state *s = (struct state *)space;
  const double n = (double)s->now->layout->count;
  for (int64_t k = 0; k < steps; k++) {
    trm_status status = trm_halo_fill(run, TRM_STAR, 1, &s->now);
    if (status != TRM_OK) return status;
    trm_parallel(run, "swing", 6 * n, 24 * n, swing, s);
    trm_site swap = trm_site_enter(run, "swap", 0, 0, NULL);
    trm_swap(s->now, s->before);
    trm_site_leave(&swap);
  }
  return TRM_OK;
}

static const trm_kernel bare = {.size = sizeof(trm_kernel),
                                .summary = "a string that swings",
                                .options = options,
                                .options_size = sizeof(struct options),
                                .state_size = sizeof(struct state),
                                .setup = setup,
                                .advance = advance};

int main(int argc, char **argv) {
  const trm_listed kernels[] = {{"bare", &bare, 0}, {NULL, NULL, 0}};
  return trm_main(argc, argv, kernels);
}
