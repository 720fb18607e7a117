/* What is known of the end: momentum, energy and the way back. Each tolerance is a
 * bound derived from the state itself. */
#include "nbody.h"

#include <math.h>
#include <string.h>

/* Worst relative error of a sum of a tile in float: each term rounds some five times
 * and goes through the additions of one tile. */
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

/* Leapfrog keeps not H but H + dt^2 (v.(grad a).v / 12 - a^2 / 24) and terms of
 * higher order (E. Hairer, C. Lubich, G. Wanner, Geometric Numerical Integration,
 * section IX.3), each of which is bounded here for one body. */
static double error(const nbody_state *s, int64_t i) {
  return mass(s, i) *
         (2 * speed2(s, i) * s->diagnosis[2][i] + square(s->a, i)) / 12;
}

static double wobble(const nbody_state *s, int64_t i) {
  const double ulp = 0x1p-23 * s->start.extent;
  return momentum_size(s, i) *
         (GAMMA * s->diagnosis[1][i] + ulp * s->diagnosis[2][i]);
}

double nbody_largest(trm_run *run, int64_t n, const double *x) {
  double most = 0;
  for (int64_t i = 0; i < n; i++) most = fmax(most, fabs(x[i]));
  return trm_max(run, most);
}

void nbody_look(trm_run *run, nbody_state *s, nbody_facts *now) {
  nbody_pass diagnosis = {"diagnosis", nbody_strength, s->diagnosis,
                          s->round_diagnosis, 20};
  nbody_go_round(run, s, &diagnosis);
  *now =
      (nbody_facts){.steepest = nbody_largest(run, s->count, s->diagnosis[2])};
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
  now->wobble = sum_of_terms(run, s, wobble);
}

static void check_momentum(trm_run *run, const nbody_state *s,
                           const nbody_facts *now, trm_verdict *verdict) {
  static const char *const what[] = {"momentum in x", "momentum in y",
                                     "momentum in z"};
  const double steps = (double)run->step, time = steps * s->o->dt;
  double tol = time * GAMMA * (s->start.force + now->force) +
               (steps + 1) * 0x1p-50 * (s->start.speed + now->speed);
  for (int d = 0; d < NBODY_DIMS; d++)
    trm_expect(verdict, what[d], now->momentum[d], s->start.momentum[d],
               tol + 1e-300);
}

/* The bound of the leading order, twice; the rounding of potentials; the work of
 * the rounding of forces. */
static void check_energy(trm_run *run, const nbody_state *s,
                         const nbody_facts *now, trm_verdict *verdict) {
  const nbody_facts *then = &s->start;
  const double time = (double)run->step * s->o->dt;
  double tol =
      2 * s->o->dt * s->o->dt * (then->error + now->error) +
      GAMMA * (fabs(then->potential) + fabs(now->potential)) +
      0x1p-23 * (then->extent * then->force + now->extent * now->force) +
      time * (then->wobble + now->wobble);
  trm_expect(verdict, "energy", now->kinetic + now->potential,
             then->kinetic + then->potential, tol + 1e-300);
}

typedef struct saved { /* positions and velocities of the end */
  double *x[NBODY_DIMS], *v[NBODY_DIMS];
} saved;

static trm_status save(trm_run *run, const nbody_state *s, saved *to) {
  const int64_t bytes = (int64_t)sizeof(double) * s->count;
  trm_status status = TRM_OK;
  for (int d = 0; d < NBODY_DIMS; d++) {
    void **x = (void **)&to->x[d], **v = (void **)&to->v[d];
    if (!status)
      status = trm_alloc(run, "positions to return to", bytes + 8, x);
    if (!status)
      status = trm_alloc(run, "velocities to return to", bytes + 8, v);
    if (status || !s->count) continue;
    memcpy(to->x[d], s->f.x[d]->data, (size_t)bytes);
    memcpy(to->v[d], s->f.v[d]->data, (size_t)bytes);
  }
  return trm_agree(run, status);
}

static void bring_back(trm_run *run, nbody_state *s, saved *from) {
  const size_t bytes = sizeof(double) * (size_t)s->count;
  for (int d = 0; d < NBODY_DIMS; d++) {
    if (s->count) memcpy(s->f.x[d]->data, from->x[d], bytes);
    if (s->count) memcpy(s->f.v[d]->data, from->v[d], bytes);
    trm_release(run, (void **)&from->x[d]);
    trm_release(run, (void **)&from->v[d]);
  }
}

static void turn_round(nbody_state *s) {
  for (int d = 0; d < NBODY_DIMS; d++)
    for (int64_t i = 0; i < s->count; i++)
      nbody_values(s->f.v[d])[i] = -nbody_values(s->f.v[d])[i];
}

static double distance_from(trm_run *run, const nbody_state *s,
                            const saved *end) {
  double most = 0;
  for (int d = 0; d < NBODY_DIMS; d++)
    for (int64_t i = 0; i < s->count; i++) {
      double off = fabs(nbody_values(s->f.x[d])[i] - end->x[d][i]) +
                   s->o->dt * fabs(nbody_values(s->f.v[d])[i] - end->v[d][i]);
      if (!(off <= most)) most = off; /* NaN is most */
    }
  return trm_max(run, most);
}

/* Back in time and again to the end: a few steps, which are a tenth of the run at
 * most (of a short run: two). Additions in double round, and where that moves a
 * float to its neighbour, forces change by their gradient. */
static trm_status check_reversal(trm_run *run, nbody_state *s,
                                 const nbody_facts *now, trm_verdict *verdict) {
  const int64_t k = run->step < 40 ? 1 : run->step < 160 ? run->step / 20 : 8;
  const double steps = 2 * (double)k, dt = s->o->dt;
  saved end;
  TRM_TRY(save(run, s, &end));
  for (int way = 0; way < 2; way++) {
    turn_round(s);
    nbody_advance(run, s, k);
  }
  double reach =
      now->extent + dt * sqrt(3) * nbody_largest(run, s->count, end.v[0]);
  trm_expect(verdict, "distance from the end, back and forth",
             distance_from(run, s, &end), 0,
             steps * 0x1p-48 * reach +
                 steps * steps * dt * dt * now->steepest * 0x1p-22 * reach);
  bring_back(run, s, &end);
  return nbody_restore(run, s);
}

trm_status nbody_verify(trm_run *run, void *state, trm_verdict *verdict) {
  nbody_state *s = state;
  int64_t bad = 0;
  nbody_facts now;
  for (int d = 0; d < NBODY_DIMS; d++)
    bad += trm_nonfinite(run, s->f.x[d]) + trm_nonfinite(run, s->f.v[d]);
  trm_expect(verdict, "coordinates that are NaN or infinite", (double)bad, 0,
             0);
  if (bad) return TRM_OK;
  nbody_look(run, s, &now);
  check_momentum(run, s, &now, verdict);
  check_energy(run, s, &now, verdict);
  return check_reversal(run, s, &now, verdict);
}
