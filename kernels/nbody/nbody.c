/* Gravity between all pairs of n bodies, softened: a compute-bound kernel.
 *
 *   a_i = G sum_j m_j (x_j - x_i) / (|x_j - x_i|^2 + eps^2)^(3/2)
 *
 * Leapfrog as kick, drift, kick: second order, reversible in time. Positions
 * and velocities are double. Pair forces are float, summed in double tile by
 * tile (force.h); each acceleration is accurate to about 1e-7 of the largest
 * term.
 *
 * Ranks own whole tiles of bodies. Blocks of 16 bytes per body pass around the
 * ring of ranks: each rank sends all but one of them, on average 16 n (1 - 1/P)
 * bytes per step, and the next block is transferred while the current one is
 * computed. Ranks beyond the number of tiles own nothing and send nothing. Sums
 * of a tile are rounded to a quantum for which double addition is exact, using
 * the bound |a| <= 2 G M / (3 sqrt(3) eps^2): results are bit-identical on any
 * number of ranks and threads. To keep the quantum ten times below the rounding
 * of floats, eps must be at least 1/2048 of the rms radius. Variants differ in
 * the last bits, so --variant may not change on resume.
 *
 * An update is an interaction: n^2 per step. Flops are those of the variant's
 * loop, an fma counting 2 and the estimate of 1/R counting 1: 23, 25 or 20
 * (others count 20 or 38 for the same).
 * TEST --n 1000 --steps 6 */
#include "nbody.h"

#include <math.h>
#include <stdlib.h>

enum { AUTO }; /* the choices that follow are the variants */

enum { FINEST = 2048 }; /* rms radius / eps */

static const trm_option options[] = {
    TRM_OPT(
        nbody_options, n, .default_text = "16384", .unit = "bodies", .min = 1,
        .max = 1e9, .weak = 1. / 2,
        .help = "bodies of the Plummer sphere; an input sets its own number"),
    TRM_OPT(nbody_options, eps, .default_text = "0.02", .min = 1e-9, .max = 1e9,
            .help = "softening length, at least 1/2048 of the rms radius, so "
                    "that sums are as exact as floats"),
    TRM_OPT(nbody_options, dt, .default_text = "0.001953125", .min = 1e-12,
            .max = 1e12, .help = "time step"),
    TRM_OPT(nbody_options, g, .default_text = "1", .min = 0, .max = 1e12,
            .help = "constant of gravity"),
    TRM_OPT(nbody_options, input, .default_text = "", .unit = "FILE",
            .help = "start from these bodies: text with x y z vx vy vz m per "
                    "line, or FILE.h5:/GROUP with datasets of these names"),
    TRM_OPT(
        nbody_options, variant, .default_text = "auto",
        .choices = "auto|avx512|avx2|plain", .rtol = 1e-6,
        .help = "instruction set of the inner loop; auto: the best available"),
    TRM_OPT_END};

/* -- a step ---------------------------------------------------------------- */

/* Positions and masses as floats. */
TRM_INLINE void pack(nbody_state *s, int64_t i) {
  float x[NBODY_DIMS];
  for (int d = 0; d < NBODY_DIMS; d++)
    s->target[d][i] = x[d] = (float)nbody_values(s->f.x[d])[i];
  s->own[i] = (nbody_body){x[0], x[1], x[2],
                           (float)(s->o->g * nbody_values(s->f.m)[i])};
}

static void kick_and_drift(trm_run *run, nbody_state *s) {
  const double dt = s->o->dt;
  const int64_t n = s->count;
  TRM_PARALLEL(run, "drift", 12.0 * (double)n, 140.0 * (double)n) {
#pragma omp for schedule(static) nowait
    for (int64_t i = 0; i < n; i++) {
      for (int d = 0; d < NBODY_DIMS; d++) {
        nbody_values(s->f.v[d])[i] += 0.5 * dt * s->a[d][i];
        nbody_values(s->f.x[d])[i] += dt * nbody_values(s->f.v[d])[i];
      }
      pack(s, i);
    }
  }
}

static void kick(trm_run *run, nbody_state *s) {
  const double dt = s->o->dt;
  const int64_t n = s->count;
  TRM_PARALLEL(run, "kick", 6.0 * (double)n, 72.0 * (double)n) {
#pragma omp for schedule(static) nowait
    for (int64_t i = 0; i < n; i++)
      for (int d = 0; d < NBODY_DIMS; d++)
        nbody_values(s->f.v[d])[i] += 0.5 * dt * s->a[d][i];
  }
}

static void find_forces(trm_run *run, nbody_state *s) {
  nbody_pass forces = {"forces", s->force, s->a, s->round, s->flops};
  nbody_sum_pairs(run, s, &forces);
}

static void step(trm_run *run, nbody_state *s) {
  kick_and_drift(run, s);
  find_forces(run, s);
  kick(run, s);
}

trm_status nbody_advance(trm_run *run, void *state, int64_t steps) {
  for (int64_t k = 0; k < steps; k++) step(run, state);
  return TRM_OK;
}

/* Recompute what depends on the positions. */
trm_status nbody_restore(trm_run *run, void *state) {
  nbody_state *s = state;
  for (int64_t i = 0; i < s->count; i++) pack(s, i);
  find_forces(run, s);
  return TRM_OK;
}

/* -- setup ----------------------------------------------------------------- */

static trm_status choose_variant(trm_run *run, nbody_options *o) {
  int v = o->variant == AUTO ? 0 : o->variant - 1;
  while (o->variant == AUTO && !nbody_variants[v].available()) v++;
  v = (int)trm_max(run, v); /* hosts may differ */
  o->variant = v + 1;
  trm_status status = TRM_OK;
  if (!nbody_variants[v].available())
    status = trm_fail(run, TRM_EOPTION,
                      "--variant %s: this processor has no %s; use auto",
                      nbody_variants[v].name, nbody_variants[v].name);
  return trm_agree(run, status);
}

static trm_status resolve(trm_run *run, void *opts) {
  nbody_options *o = opts;
  TRM_TRY(choose_variant(run, o));
  return *o->input ? nbody_count(run, o->input, &o->n) : TRM_OK;
}

static trm_status allocate(trm_run *run, nbody_state *s) {
  const int64_t padded = (nbody_groups(s->count) + 1) * NBODY_GROUP,
                block = (nbody_length(s->n, s->blocks, 0) + 1) * 16;
  trm_status status = TRM_OK;
  for (int k = 0; k < NBODY_SUMS && !status; k++) {
    status =
        trm_alloc(run, "float positions", 4 * padded, (void **)&s->target[k]);
    if (!status)
      status = trm_alloc(run, "accelerations", 8 * padded, (void **)&s->a[k]);
    if (!status)
      status =
          trm_alloc(run, "diagnosis", 8 * padded, (void **)&s->diagnosis[k]);
  }
  if (!status) status = trm_alloc(run, "own block", block, (void **)&s->own);
  for (int k = 0; k < 2 && !status && s->blocks > 1; k++)
    status = trm_alloc(run, "travelling block", block, (void **)&s->block[k]);
  return trm_agree(run, status);
}

/* Bounds of the sums, for any positions of the bodies. */
static void choose_rounding(nbody_state *s, double total) {
  const double margin = 1.001, gm = margin * s->o->g * total, eps = s->o->eps;
  for (int d = 0; d < NBODY_DIMS; d++)
    s->round[d] = nbody_round_for(2 / (3 * sqrt(3)) * gm / (eps * eps));
  s->round_diagnosis[0] = nbody_round_for(gm / eps);
  s->round_diagnosis[1] = nbody_round_for(gm / (eps * eps));
  s->round_diagnosis[2] = nbody_round_for(2 * gm / (eps * eps * eps));
}

/* Check that values fit into float, and sums into their accumulators. */
static trm_status check_ranges(trm_run *run, const nbody_state *s,
                               double total) {
  static const double LIMIT = 1e9;
  double squares = 0, extent = 0;
  for (int d = 0; d < NBODY_DIMS; d++) {
    squares += trm_dot(run, s->f.x[d], s->f.x[d]);
    extent =
        fmax(extent, nbody_largest(run, s->count, nbody_values(s->f.x[d])));
  }
  double radius = sqrt(squares / (double)s->n), gm = s->o->g * total;
  if (extent > LIMIT || gm > LIMIT || (gm > 0 && gm < 1 / LIMIT))
    return trm_fail(
        run, TRM_EINPUT,
        "coordinates up to %g, G times total mass %g: expected at most "
        "%g each and G m at least %g; choose other units",
        extent, gm, LIMIT, 1 / LIMIT);
  if (s->o->eps * FINEST >= radius) return TRM_OK;
  return trm_fail(run, TRM_EOPTION,
                  "--eps %g: the rms radius is %g; use at least 1/%d of "
                  "it, %.3g, for forces as exact as floats",
                  s->o->eps, radius, FINEST, radius / FINEST);
}

static trm_status make_layout(trm_run *run, nbody_state *s,
                              const trm_layout **line) {
  int64_t *lengths = malloc(sizeof(int64_t) * (size_t)run->ranks);
  if (!lengths) abort();
  s->blocks = nbody_blocks(s->n, run->ranks);
  for (int r = 0; r < run->ranks; r++)
    lengths[r] = nbody_length(s->n, s->blocks, r);
  s->count = lengths[run->rank];
  s->first = s->count ? nbody_first(s->n, s->blocks, run->rank) : s->n;
  trm_plan plan = {.dims = 1,
                   .dim = {{.n = s->n,
                            .kind = TRM_SLICES,
                            .lengths = lengths,
                            .grid = run->ranks}}};
  trm_status status = trm_layout_new(run, &plan, line);
  free(lengths);
  return status;
}

static trm_status make_bodies(trm_run *run, nbody_state *s) {
  const trm_layout *line;
  TRM_TRY(make_layout(run, s, &line));
  if (*s->o->input) {
    TRM_TRY(nbody_read(run, s->o->input, line, &s->f));
  } else {
    TRM_TRY(nbody_fields_new(run, line, &s->f));
    TRM_TRY(nbody_plummer(run, &s->f));
  }
  return trm_field_new(run, line, "term", TRM_F64, TRM_SCRATCH, &s->term);
}

static trm_status setup(trm_run *run, void *state, const void *opts) {
  nbody_state *s = state;
  s->o = opts;
  s->n = s->o->n;
  const nbody_variant *v = &nbody_variants[s->o->variant - 1]; /* resolved */
  s->force = v->force;
  s->flops = v->flops;
  TRM_TRY(make_bodies(run, s));
  TRM_TRY(nbody_density_new(run, &s->density));
  TRM_TRY(allocate(run, s));
  double total = trm_sum(run, s->f.m);
  if (!trm_resuming(run)) TRM_TRY(check_ranges(run, s, total));
  choose_rounding(s, total);
  if (!trm_resuming(run)) {
    TRM_TRY(nbody_restore(run, s));
    nbody_find_totals(run, s, &s->start);
  }
  return trm_keep(run, "start", TRM_F64, NBODY_TOTALS, &s->start);
}

static trm_status checkpoint(trm_run *run, void *state) {
  nbody_state *s = state;
  return nbody_density(run, &s->f, s->o->eps, s->density);
}

/* The tiles are distributed evenly. The last tile may be partly filled, so the
 * work of the last rank and the bytes that its predecessor sends may differ
 * from the others'. */
static void plan(const void *opts, int ranks, trm_plan *plan) {
  const nbody_options *o = opts;
  *plan = trm_grid_plan(1, &(int64_t){nbody_tiles(o->n)}, 0, NULL);
  plan->dim[0].grid = nbody_blocks(o->n, ranks);
}

static void work(const void *opts, const trm_span *span, trm_work *w) {
  const nbody_options *o = opts;
  const int blocks = nbody_blocks(o->n, span->ranks);
  const int64_t n = o->n, mine = nbody_length(n, blocks, span->rank),
                not_sent = nbody_length(n, blocks, (span->rank + 1) % blocks);
  const double steps = (double)span->steps,
               picture = 8.0 * NBODY_SIDE * NBODY_SIDE;
  const int v = o->variant == AUTO ? NBODY_AVX512 : o->variant - 1;
  w->resident_bytes =
      140 * (double)mine + picture * (1 + 1 / (double)span->ranks) +
      (blocks > 1 ? 32 * (double)nbody_length(n, blocks, 0) : 0);
  if (!mine) return;
  w->messages = span->steps * (blocks - 1);
  w->message_bytes = blocks > 1 ? span->steps * 16 * (n - not_sent) : 0;
  w->updates = steps * (double)mine * (double)n;
  w->single = true;
  w->flops = nbody_variants[v].flops * w->updates + 18 * steps * (double)mine;
  w->read_bytes = steps * (16 * (double)n + 164 * (double)mine);
  w->write_bytes = steps * 124 * (double)mine;
}

TRM_KERNEL(nbody) = {.summary = "gravity between all pairs of bodies, leapfrog",
                     .unit = "interaction",
                     .options = options,
                     .options_size = sizeof(nbody_options),
                     .state_size = sizeof(nbody_state),
                     .setup = setup,
                     .advance = nbody_advance,
                     .verify = nbody_verify,
                     .work = work,
                     .plan = plan,
                     .resolve = resolve,
                     .checkpoint = checkpoint,
                     .restore = nbody_restore};
