/* TEST shapes=1x2,2x1,5x2 timeout=150 */
/* Poisson's equation on a square, -laplace(u) = f, by Jacobi's iteration until
 * the residual is small: a run that does not know its number of steps. With the
 * lowest eigenmode as f the error after k steps is cos(pi/(n+1))^k times the
 * solution. */
#include <math.h>

#include <trireme/kernel.h>

#include "probe.h"

struct options {
  int64_t n;
  double tol;
};
struct state {
  trm_field *u, *next, *f, *change;
  int64_t n;
  double tol, start;
};

static const trm_option options[] = {
    TRM_OPT(struct options, n, .default_text = "31", .unit = "points", .min = 1,
            .max = 1e5, .weak = 1. / 2, .help = "along each side, walls apart"),
    TRM_OPT(struct options, tol, .default_text = "1e-6", .min = 1e-14, .max = 1,
            .help = "residual to stop at, relative to the first"),
    TRM_OPT_END};

static double mode(const int64_t i[], void *state) {
  double h = M_PI / (double)(((struct state *)state)->n + 1);
  return sin((double)(i[0] + 1) * h) * sin((double)(i[1] + 1) * h);
}

/* f h^2 / 4 of the solution `mode` */
static double source(const int64_t i[], void *state) {
  double h = M_PI / (double)(((struct state *)state)->n + 1);
  return (1 - cos(h)) * mode(i, state);
}

static trm_status setup(trm_run *run, void *state, const void *opts) {
  const struct options *o = opts;
  struct state *s = state;
  const trm_layout *square;
  s->n = o->n;
  s->tol = o->tol;
  TRM_TRY(trm_grid(run, 2, (int64_t[]){o->n, o->n}, 1, NULL, &square));
  TRM_TRY(trm_field_new(run, square, "u", TRM_F64, TRM_EVOLVING, &s->u));
  TRM_TRY(trm_field_new(run, square, "next", TRM_F64, TRM_SCRATCH, &s->next));
  TRM_TRY(trm_field_new(run, square, "f", TRM_F64, TRM_CONSTANT, &s->f));
  TRM_TRY(
      trm_field_new(run, square, "change", TRM_F64, TRM_SCRATCH, &s->change));
  trm_field_fill(s->f, source, s);
  s->start = trm_norm(run, s->f); /* of the first change, because u = 0 */
  return TRM_OK;
}

/* What lies beyond the walls is never written and stays 0. */
static void sweep(trm_run *run, const struct state *s) {
  const int64_t *len = s->u->layout->len, row = s->u->layout->stride[0];
  const double *u = s->u->data, *f = s->f->data,
               cells = (double)s->u->layout->count;
  double *next = s->next->data, *change = s->change->data;
  TRM_PARALLEL(run, "sweep", 6 * cells, 32 * cells) {
#pragma omp for nowait
    for (int64_t i = 0; i < len[0]; i++)
      for (int64_t k = i * row; k < i * row + len[1]; k++) {
        next[k] =
            ((u[k - row] + u[k + row]) + (u[k - 1] + u[k + 1])) / 4 + f[k];
        change[k] = next[k] - u[k];
      }
  }
}

static trm_status advance(trm_run *run, void *state, int64_t steps) {
  struct state *s = state;
  for (int64_t k = 1; k <= steps; k++) {
    TRM_TRY(trm_halo_fill(run, TRM_STAR, 1, &s->u));
    sweep(run, s);
    trm_swap(s->u, s->next);
    double residual = trm_norm(run, s->change) / s->start;
    trm_gauge(run, "residual", residual);
    if (residual <= s->tol) return trm_ended(run, k);
  }
  return TRM_OK;
}

static int64_t unknown(const void *opts) {
  (void)opts;
  return -1;
}

static trm_status verify(trm_run *run, void *state, trm_verdict *verdict) {
  struct state *s = state;
  double rate = cos(M_PI / (double)(s->n + 1)), k = (double)run->step;
  trm_field_fill(s->next, mode, s);
  double got = trm_norm(run, s->u) / trm_norm(run, s->next);
  trm_expect(verdict, "part of the solution", got, 1 - pow(rate, k), 1e-12);
  /* the residual after k steps is rate^(k-1) */
  double all = 1 + ceil(log(s->tol) / log(rate));
  trm_expect(verdict, "steps too many", fmax(k - all, 0), 0, 0);
  return TRM_OK;
}

/* Each step fills a halo and takes a norm, however many steps there are. */
static void work(const void *opts, const trm_span *span, trm_work *w) {
  const struct options *o = opts;
  const trm_traffic norm = trm_reduce_traffic(TRM_REDUCE_SUM);
  const int64_t n[] = {o->n, o->n};
  trm_plan plan = trm_grid_plan(2, n, 1, NULL);
  trm_layout l;
  trm_work_add_traffic(w, &norm, span->steps);
  if (!trm_layout_view(&plan, span->ranks, span->rank, &l)) return;
  trm_halo_traffic(&l, TRM_STAR, 8, &w->messages, &w->message_bytes);
  w->messages *= span->steps;
  w->message_bytes *= span->steps;
  w->updates = (double)l.count * (double)span->steps;
  w->flops = 6 * w->updates;
  w->read_bytes = 16 * w->updates;
  w->write_bytes = 16 * w->updates;
  w->resident_bytes = 32.0 * (double)l.total;
}

static TRM_KERNEL(converge) = {.summary = "Jacobi's iteration to a tolerance",
                               .unit = "point",
                               .options = options,
                               .options_size = sizeof(struct options),
                               .state_size = sizeof(struct state),
                               .setup = setup,
                               .advance = advance,
                               .verify = verify,
                               .steps = unknown,
                               .work = work};

static const trm_listed kernels[] = {TRM_LISTED(converge), TRM_LIST_END};

int main(int argc, char **argv) {
  PROBE(argc, argv, kernels, "converge", "--n", "21");
}
