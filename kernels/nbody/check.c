/* Verification: momentum, energy and reversibility. Each tolerance is a bound
 * derived from the state itself. */
#include "nbody.h"

#include <math.h>
#include <string.h>

/* Worst relative error of a tile's sum in float: each term rounds about five
 * times and passes through the additions of one tile. */
static const double GAMMA = (NBODY_TILE + 8) * 0x1p-24;

static double sum_of_terms(trm_run *run, nbody_state *s,
                           double (*term)(const nbody_state *, int64_t)) {
  for (int64_t i = 0; i < s->count; i++) nbody_values(s->term)[i] = term(s, i);
  return trm_sum(run, s->term);
}

static double square(double *const of[], int64_t i) {
  return of[0][i] * of[0][i] + of[1][i] * of[1][i] + of[2][i] * of[2][i];
}

static double speed2(const nbody_state *s, int64_t i) {
  double *v[] = {nbody_values(s->f.v[0]), nbody_values(s->f.v[1]),
                 nbody_values(s->f.v[2])};
  return square(v, i);
}

static double mass(const nbody_state *s, int64_t i) {
  return nbody_values(s->f.m)[i];
}

static double kinetic(const nbody_state *s, int64_t i) {
  return 0.5 * mass(s, i) * speed2(s, i);
}

static double potential(const nbody_state *s, int64_t i) {
  return -0.5 * mass(s, i) * s->diagnosis[0][i];
}

static double force(const nbody_state *s, int64_t i) {
  return mass(s, i) * s->diagnosis[1][i];
}

static double momentum_size(const nbody_state *s, int64_t i) {
  return mass(s, i) * sqrt(speed2(s, i));
}

/* Leapfrog conserves not H but H + dt^2 (v.(grad a).v / 12 - a^2 / 24) and
 * terms of higher order (E. Hairer, C. Lubich, G. Wanner, Geometric Numerical
 * Integration, section IX.3). Each term is bounded here for one body. */
static double error(const nbody_state *s, int64_t i) {
  return mass(s, i) *
         (2 * speed2(s, i) * s->diagnosis[2][i] + square(s->a, i)) / 12;
}

static double rounding_power(const nbody_state *s, int64_t i) {
  const double ulp = 0x1p-23 * s->start.extent;
  return momentum_size(s, i) *
         (GAMMA * s->diagnosis[1][i] + ulp * s->diagnosis[2][i]);
}

double nbody_largest(trm_run *run, int64_t n, const double *x) {
  double most = 0;
  for (int64_t i = 0; i < n; i++) most = fmax(most, fabs(x[i]));
  return trm_max(run, most);
}

void nbody_find_totals(trm_run *run, nbody_state *s, nbody_totals *now) {
  nbody_pass diagnosis = {"diagnosis", nbody_strength, s->diagnosis,
                          s->round_diagnosis, 20};
  nbody_sum_pairs(run, s, &diagnosis);
  *now =
      (nbody_totals){.steepest = nbody_largest(run, s->count, s->diagnosis[2])};
  for (int d = 0; d < NBODY_DIMS; d++) {
    now->extent = fmax(now->extent,
                       nbody_largest(run, s->count, nbody_values(s->f.x[d])));
    now->momentum[d] = trm_dot(run, s->f.m, s->f.v[d]);
  }
  now->kinetic = sum_of_terms(run, s, kinetic);
  now->potential = sum_of_terms(run, s, potential);
  now->force = sum_of_terms(run, s, force);
  now->error = sum_of_terms(run, s, error);
  now->speed = sum_of_terms(run, s, momentum_size);
  now->rounding_power = sum_of_terms(run, s, rounding_power);
}

static void check_momentum(trm_run *run, const nbody_state *s,
                           const nbody_totals *now, trm_verdict *verdict) {
  static const char *const what[] = {"momentum in x", "momentum in y",
                                     "momentum in z"};
  const double steps = (double)run->step, time = steps * s->o->dt;
  double tol = time * GAMMA * (s->start.force + now->force) +
               (steps + 1) * 0x1p-50 * (s->start.speed + now->speed);
  for (int d = 0; d < NBODY_DIMS; d++)
    trm_expect(verdict, what[d], now->momentum[d], s->start.momentum[d],
               tol + 1e-300);
}

/* The tolerance adds twice the bound of the leading order, the rounding of
 * potentials, and the work of the rounding of forces. */
static void check_energy(trm_run *run, const nbody_state *s,
                         const nbody_totals *now, trm_verdict *verdict) {
  const nbody_totals *then = &s->start;
  const double time = (double)run->step * s->o->dt;
  double tol =
      2 * s->o->dt * s->o->dt * (then->error + now->error) +
      GAMMA * (fabs(then->potential) + fabs(now->potential)) +
      0x1p-23 * (then->extent * then->force + now->extent * now->force) +
      time * (then->rounding_power + now->rounding_power);
  trm_expect(verdict, "energy", now->kinetic + now->potential,
             then->kinetic + then->potential, tol + 1e-300);
}

typedef struct snapshot { /* positions and velocities at the end */
  double *x[NBODY_DIMS], *v[NBODY_DIMS];
} snapshot;

static trm_status take_snapshot(trm_run *run, const nbody_state *s,
                                snapshot *to) {
  const int64_t bytes = (int64_t)sizeof(double) * s->count;
  trm_status status = TRM_OK;
  for (int d = 0; d < NBODY_DIMS; d++) {
    void **x = (void **)&to->x[d], **v = (void **)&to->v[d];
    if (!status) status = trm_alloc(run, "saved positions", bytes + 8, x);
    if (!status) status = trm_alloc(run, "saved velocities", bytes + 8, v);
    if (status || !s->count) continue;
    memcpy(to->x[d], s->f.x[d]->data, (size_t)bytes);
    memcpy(to->v[d], s->f.v[d]->data, (size_t)bytes);
  }
  return trm_agree(run, status);
}

static void restore_snapshot(trm_run *run, nbody_state *s, snapshot *from) {
  const size_t bytes = sizeof(double) * (size_t)s->count;
  for (int d = 0; d < NBODY_DIMS; d++) {
    if (s->count) memcpy(s->f.x[d]->data, from->x[d], bytes);
    if (s->count) memcpy(s->f.v[d]->data, from->v[d], bytes);
    trm_release(run, (void **)&from->x[d]);
    trm_release(run, (void **)&from->v[d]);
  }
}

static void reverse_velocities(nbody_state *s) {
  for (int d = 0; d < NBODY_DIMS; d++)
    for (int64_t i = 0; i < s->count; i++)
      nbody_values(s->f.v[d])[i] = -nbody_values(s->f.v[d])[i];
}

static double distance_from(trm_run *run, const nbody_state *s,
                            const snapshot *end) {
  double most = 0;
  for (int d = 0; d < NBODY_DIMS; d++)
    for (int64_t i = 0; i < s->count; i++) {
      double off = fabs(nbody_values(s->f.x[d])[i] - end->x[d][i]) +
                   s->o->dt * fabs(nbody_values(s->f.v[d])[i] - end->v[d][i]);
      if (!(off <= most)) most = off; /* NaN counts as largest */
    }
  return trm_max(run, most);
}

/* Go back in time and forward to the end again: a few steps, at most a tenth of
 * the run (two steps of a short run). Additions in double round; where that
 * moves a float to its neighbour, forces change by their gradient. */
static trm_status check_reversal(trm_run *run, nbody_state *s,
                                 const nbody_totals *now,
                                 trm_verdict *verdict) {
  const int64_t k = run->step < 40 ? 1 : run->step < 160 ? run->step / 20 : 8;
  const double steps = 2 * (double)k, dt = s->o->dt;
  snapshot end;
  TRM_TRY(take_snapshot(run, s, &end));
  for (int way = 0; way < 2; way++) {
    reverse_velocities(s);
    nbody_advance(run, s, k);
  }
  double reach =
      now->extent + dt * sqrt(3) * nbody_largest(run, s->count, end.v[0]);
  trm_expect(verdict, "distance after reversal in time",
             distance_from(run, s, &end), 0,
             steps * 0x1p-48 * reach +
                 steps * steps * dt * dt * now->steepest * 0x1p-22 * reach);
  restore_snapshot(run, s, &end);
  return nbody_restore(run, s);
}

trm_status nbody_verify(trm_run *run, void *state, trm_verdict *verdict) {
  nbody_state *s = state;
  int64_t bad = 0;
  nbody_totals now;
  for (int d = 0; d < NBODY_DIMS; d++)
    bad += trm_nonfinite(run, s->f.x[d]) + trm_nonfinite(run, s->f.v[d]);
  trm_expect(verdict, "coordinates that are NaN or infinite", (double)bad, 0,
             0);
  if (bad) return TRM_OK;
  nbody_find_totals(run, s, &now);
  check_momentum(run, s, &now, verdict);
  check_energy(run, s, &now, verdict);
  return check_reversal(run, s, &now, verdict);
}
