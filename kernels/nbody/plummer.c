/* A Plummer sphere by the method of S. Aarseth, M. Henon and R. Wielen (1974,
 * Astronomy and Astrophysics 37, 183), in Henon units: G = M = 1, E = -1/4. The
 * random numbers of a body depend only on its index. */
#include "nbody.h"

#include <math.h>

static const double PI = 3.14159265358979323846;
static const double FRACTION = 0.999; /* of the mass; cuts off at 39 radii */

/* streams of random numbers */
enum { RADIUS, DIRECTION, VELOCITY_DIRECTION, SPEED = 4 };

typedef struct vector {
  double of[NBODY_DIMS];
} vector;

static vector random_direction(uint64_t seed, uint64_t stream, uint64_t i) {
  double z = 1 - 2 * trm_random_uniform(seed, stream, 2 * i);
  double angle = 2 * PI * trm_random_uniform(seed, stream, 2 * i + 1);
  double radius = sqrt(fmax(0, 1 - z * z));
  return (vector){{radius * cos(angle), radius * sin(angle), z}};
}

/* Draw a speed in units of the escape speed, with density q^2 (1 - q^2)^(7/2),
 * whose maximum is just below 0.1. */
static double random_speed(uint64_t seed, uint64_t i) {
  for (uint64_t stream = SPEED;; stream += 2) {
    double q = trm_random_uniform(seed, stream, i);
    double at = 0.1 * trm_random_uniform(seed, stream + 1, i);
    if (at < q * q * pow(1 - q * q, 3.5)) return q;
  }
}

static void fill_body(nbody_fields *f, uint64_t seed, int64_t local) {
  const uint64_t i = (uint64_t)trm_global(f->m->layout, 0, local);
  double fraction = FRACTION * (1 - trm_random_uniform(seed, RADIUS, i));
  double r = 1 / sqrt(pow(fraction, -2. / 3) - 1);
  double speed = random_speed(seed, i) * sqrt(2) * pow(1 + r * r, -0.25);
  vector x = random_direction(seed, DIRECTION, i),
         v = random_direction(seed, VELOCITY_DIRECTION, i);
  double length = 3 * PI / 16; /* conversion to Henon units */
  for (int d = 0; d < NBODY_DIMS; d++) {
    ((double *)f->x[d]->data)[local] = length * r * x.of[d];
    ((double *)f->v[d]->data)[local] = speed / sqrt(length) * v.of[d];
  }
}

static double equal_mass(const int64_t i[], void *n) {
  (void)i;
  return 1 / (double)*(int64_t *)n;
}

/* Masses are equal, so the mean is the centre of mass. */
static void centre(trm_run *run, trm_field *f) {
  double mean = trm_sum(run, f) / (double)f->layout->n[0];
  double *x = f->data;
  for (int64_t i = 0; i < f->layout->count; i++) x[i] -= mean;
}

trm_status nbody_plummer(trm_run *run, nbody_fields *f) {
  const int64_t n = f->m->layout->count;
  const uint64_t seed = run->seed;
  trm_field_fill(f->m, equal_mass, &(int64_t){f->m->layout->n[0]});
  if (trm_resuming(run)) return TRM_OK; /* a checkpoint holds the rest */
  TRM_PARALLEL(run, "plummer", 0, 56.0 * (double)n) {
#pragma omp for nowait
    for (int64_t i = 0; i < n; i++) fill_body(f, seed, i);
  }
  for (int d = 0; d < NBODY_DIMS; d++) {
    centre(run, f->x[d]);
    centre(run, f->v[d]);
  }
  return TRM_OK;
}
