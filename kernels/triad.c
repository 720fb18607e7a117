/* The triad of STREAM (J. McCalpin, 1995), a = b + 3 c: memory bandwidth.
 * a and b change places after each step: b(i) = i (1 + 3k) after k, exactly.
 * TEST --n 10007 --steps 12 */
#include <trireme/kernel.h>
struct options {
  int64_t n;
  int variant;
};
struct state {
  trm_field *a, *b, *c;
  bool stream;
};
static const trm_option options[] = {
    TRM_OPT(struct options, n, .default_text = "20000000", .unit = "elements",
            .min = 1, .max = 1e12, .weak = 1, .help = "length of each array"),
    TRM_OPT(struct options, variant, .default_text = "plain",
            .choices = "plain|stream", .may_change = true,
            .help = "stores through or past the caches"),
    TRM_OPT_END};
static double ramp(const int64_t index[], void *slope) {
  return (double)index[0] * *(double *)slope;
}
static trm_status setup(trm_run *run, void *state, const void *opts) {
  const struct options *o = opts;
  struct state *s = state;
  const trm_layout *line;
  s->stream = o->variant == 1;
  TRM_TRY(trm_grid(run, 1, &o->n, 0, NULL, &line));
  TRM_TRY(trm_field_new(run, line, "a", TRM_F64, TRM_SCRATCH, &s->a));
  TRM_TRY(trm_field_new(run, line, "b", TRM_F64, TRM_EVOLVING, &s->b));
  TRM_TRY(trm_field_new(run, line, "c", TRM_F64, TRM_CONSTANT, &s->c));
  trm_field_fill(s->b, ramp, &(double){1});
  trm_field_fill(s->c, ramp, &(double){1});
  return TRM_OK;
}
static trm_status advance(trm_run *run, void *state, int64_t steps) {
  struct state *s = state;
  const int64_t n = s->a->layout->count, w = TRM_SIMD_F64;
  const int64_t streamed = s->stream ? n / w * w : 0;
  for (int64_t k = 0; k < steps; k++, trm_swap(s->a, s->b)) {
    double *a = s->a->data, *b = s->b->data, *c = s->c->data;
    TRM_PARALLEL(run, "triad", 2.0 * (double)n, 24.0 * (double)n) {
#pragma omp for nowait
      for (int64_t i = 0; i < streamed; i += w)
        trm_stream(a + i, trm_load(b + i) + 3 * trm_load(c + i));
#pragma omp for simd nowait
      for (int64_t i = streamed; i < n; i++) a[i] = b[i] + 3 * c[i];
      trm_stream_end();
    }
  }
  return TRM_OK;
}
static trm_status verify(trm_run *run, void *state, trm_verdict *verdict) {
  struct state *s = state;
  trm_field_fill(s->a, ramp, &(double){1 + 3 * (double)run->step});
  trm_expect(verdict, "wrong elements", trm_differing(run, s->a, s->b), 0, 0);
  return TRM_OK;
}
static void plan(const void *opts, int ranks, trm_plan *plan) {
  const struct options *o = opts;
  (void)ranks;
  *plan = trm_grid_plan(1, &o->n, 0, NULL);
}
static void work(const void *opts, const trm_span *span, trm_work *work) {
  const struct options *o = opts;
  trm_plan line;
  trm_layout part;
  plan(o, span->ranks, &line);
  if (!trm_layout_view(&line, span->ranks, span->rank, &part)) return;
  const double n = (double)part.count, steps = (double)span->steps;
  const int64_t vectors = o->variant == 1 ? part.count / TRM_SIMD_F64 : 0;
  *work = (trm_work){
      .updates = n * steps,
      .flops = 2 * n * steps,
      .read_bytes = 16 * n * steps,
      .write_bytes = 8 * n * steps,
      .streamed_bytes = 8.0 * (double)(vectors * TRM_SIMD_F64) * steps,
      .resident_bytes = 24 * n};
}
TRM_KERNEL(triad) = {.summary = "STREAM triad a = b + 3 c: memory bandwidth",
                     .unit = "element",
                     .options = options,
                     .options_size = sizeof(struct options),
                     .state_size = sizeof(struct state),
                     .setup = setup,
                     .advance = advance,
                     .verify = verify,
                     .plan = plan,
                     .work = work};
