/* The kernel to copy: `cp _skeleton.c NAME.c` gives a kernel that is listed,
 * run, checkpointed and tested. The example computes the probability of finding
 * a random walker at each cell of a ring after k steps.
 *
 * The words after TEST are the options of its tests: choose a small and uneven
 * problem.
 * TEST --n 101 --steps 12 */
#include <trireme/kernel.h>

struct options { /* what a user can set; become --n and --from */
  int64_t n, from;
};

struct state { /* shared by the hooks; zeroed at first */
  trm_field *p, *next;
};

static const trm_option options[] = {
    TRM_OPT(struct options, n, .default_text = "1000", .unit = "cells",
            .min = 1, .max = 1e12, .weak = 1, .help = "cells of the ring"),
    TRM_OPT(struct options, from, .default_text = "0", .min = 0, .max = 1e12,
            .help = "cell where the walker starts"),
    TRM_OPT_END};

static double at_start(const int64_t index[], void *from) {
  return index[0] == *(int64_t *)from ? 1 : 0;
}

/* Make layouts and fields. An evolving field is checkpointed, restored and
 * fingerprinted. */
static trm_status setup(trm_run *run, void *state, const void *opts) {
  const struct options *o = opts;
  struct state *s = state;
  const trm_layout *ring;
  int64_t from = o->from;
  if (from >= o->n)
    return trm_fail(run, TRM_EOPTION, "--from=%lld: expected less than n, %lld",
                    (long long)from, (long long)o->n);
  TRM_TRY(trm_grid(run, 1, &o->n, 1, (bool[]){true}, &ring));
  TRM_TRY(trm_field_new(run, ring, "p", TRM_F64, TRM_EVOLVING, &s->p));
  TRM_TRY(trm_field_new(run, ring, "next", TRM_F64, TRM_SCRATCH, &s->next));
  trm_field_fill(s->p, at_start, &from);
  return TRM_OK;
}

/* Local indices run from 0 to len-1; -1 and len are the halo. */
static void step(trm_run *run, struct state *s) {
  const double *p = s->p->data;
  double *next = s->next->data;
  int64_t n = s->p->layout->count;
  TRM_PARALLEL(run, "step", 2.0 * (double)n, 16.0 * (double)n) {
#pragma omp for nowait
    for (int64_t i = 0; i < n; i++) next[i] = 0.5 * (p[i - 1] + p[i + 1]);
  }
  trm_swap(s->p, s->next);
}

static trm_status advance(trm_run *run, void *state, int64_t steps) {
  struct state *s = state;
  for (int64_t k = 0; k < steps; k++) {
    TRM_TRY(trm_halo_fill(run, TRM_STAR, 1, &s->p));
    step(run, s);
  }
  return TRM_OK;
}

/* Check something that is known: here, that the probabilities sum to 1. */
static trm_status verify(trm_run *run, void *state, trm_verdict *verdict) {
  struct state *s = state;
  trm_expect(verdict, "probability", trm_sum(run, s->p), 1, 1e-12);
  return TRM_OK;
}

/* The layout that `work` depends on: estimates for many ranks call `work` for a
 * few of them. */
static void plan(const void *opts, int ranks, trm_plan *plan) {
  const struct options *o = opts;
  (void)ranks;
  *plan = trm_grid_plan(1, &o->n, 1, (bool[]){true});
}

/* What one rank does in a span of steps: the basis for rates, and the contract,
 * which states all that it sends in `advance`. A sum in each step would add
 * trm_work_add_traffic(w, &sum, steps) with `trm_traffic sum =
 * trm_reduce_traffic(TRM_REDUCE_SUM)`. */
static void work(const void *opts, const trm_span *span, trm_work *w) {
  double steps = (double)span->steps;
  trm_plan ring;
  trm_layout l;
  plan(opts, span->ranks, &ring);
  if (!trm_layout_view(&ring, span->ranks, span->rank, &l)) return;
  trm_halo_traffic(&l, TRM_STAR, 8, &w->messages, &w->message_bytes);
  w->messages *= span->steps;
  w->message_bytes *= span->steps;
  w->updates = steps * (double)l.count;
  w->flops = 2 * w->updates;
  w->read_bytes = w->write_bytes = 8 * w->updates;
  w->resident_bytes = 16.0 * (double)l.total;
}

/* The name in parentheses must be the file's. Members may be left out. */
TRM_KERNEL(_skeleton) = {.summary = "a random walker on a ring",
                         .unit = "cell",
                         .options = options,
                         .options_size = sizeof(struct options),
                         .state_size = sizeof(struct state),
                         .setup = setup,
                         .advance = advance,
                         .verify = verify,
                         .work = work,
                         .plan = plan};
