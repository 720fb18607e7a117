/* The picture: each body is drawn as the Plummer sphere that the softening
 * makes of it, with surface density m h^2 / (pi (h^2 + R^2)^2). h is 1 to 2
 * pixels; spheres end at 8 h, where they are too faint to be seen. Masses are
 * added as integers, so the order does not matter. */
#include "nbody.h"

#include <math.h>
#include <string.h>

enum { SIDE = NBODY_SIDE, BINS = 4096, PER_OCTAVE = 64, REACH = 8 };
static const double UNIT = 0x1p50; /* integer value of the total mass */
static const double DEPTH = 3e-4;  /* darkest value / maximum density */
static const double INSIDE = 0.95; /* of the mass */
static const double PI = 3.14159265358979323846;

typedef struct view { /* a square of the plane */
  double mass, x, y, half;
} view;

trm_status nbody_density_new(trm_run *run, trm_field **f) {
  const trm_layout *grid;
  TRM_TRY(trm_grid(run, 2, (int64_t[]){SIDE, SIDE}, 0, NULL, &grid));
  return trm_field_new(run, grid, "density", TRM_F64, TRM_OUTPUT, f);
}

static double at(const trm_field *f, int64_t i) {
  return ((const double *)f->data)[i];
}

/* Half the side of the square of a bin, in steps of 1/64 octave. */
static double half_of(int bin) {
  return exp2((double)(bin - BINS / 2) / PER_OCTAVE);
}

static int bin_of(double distance) {
  double bin = ceil(log2(distance) * PER_OCTAVE) + BINS / 2;
  return bin > 0 ? bin < BINS - 1 ? (int)bin : BINS - 1 : 0;
}

/* Half the side of the smallest square around the centre of mass that holds the
 * fraction INSIDE of the mass. */
static double find_half(trm_run *run, const nbody_fields *f, const view *v) {
  static const double TINY = 0x1p-40;
  int64_t bins[BINS] = {0}, sum = 0, n = f->m->layout->count;
  TRM_WORK(run, "density", 6.0 * (double)n, 24.0 * (double)n) {
    for (int64_t i = 0; i < n; i++) {
      double x = fabs(at(f->x[NBODY_X], i) - v->x),
             y = fabs(at(f->x[NBODY_Y], i) - v->y);
      bins[bin_of(fmax(fmax(x, y), TINY))] +=
          llround(at(f->m, i) / v->mass * UNIT);
    }
  }
  trm_allreduce(run->comm, bins, BINS, TRM_I64, TRM_SUM);
  for (int b = 0; b < BINS; b++)
    if ((double)(sum += bins[b]) >= INSIDE * UNIT) return half_of(b);
  return 1;
}

static view choose(trm_run *run, const nbody_fields *f) {
  view v = {.mass = trm_sum(run, f->m), .half = 1};
  if (!(v.mass > 0)) return v;
  v.x = trm_dot(run, f->m, f->x[NBODY_X]) / v.mass;
  v.y = trm_dot(run, f->m, f->x[NBODY_Y]) / v.mass;
  v.half = 1.05 * find_half(run, f, &v);
  return v;
}

/* Draw one body; x points right, y upwards; in pixels. */
static void draw(int64_t *plane, double column, double row, double mass,
                 double h) {
  int64_t from = (int64_t)fmax(0, ceil(row - REACH * h)),
          to = (int64_t)fmin(SIDE - 1, floor(row + REACH * h)),
          left = (int64_t)fmax(0, ceil(column - REACH * h)),
          right = (int64_t)fmin(SIDE - 1, floor(column + REACH * h));
  for (int64_t r = from; r <= to; r++)
    for (int64_t c = left; c <= right; c++) {
      double dx = (double)c - column, dy = (double)r - row,
             q = h * h + dx * dx + dy * dy;
      if (q > (REACH * REACH + 1) * h * h) continue;
      plane[r * SIDE + c] += llround(mass * UNIT * h * h / (PI * q * q));
    }
}

static void draw_all(trm_run *run, const nbody_fields *f, const view *v,
                     double eps, int64_t *plane) {
  const double scale = SIDE / (2 * v->half), far = 1e6;
  const double h = fmin(2, fmax(1, eps * scale)),
               area = 4 * REACH * REACH * h * h;
  const int64_t n = f->m->layout->count;
  TRM_WORK(run, "density", 9 * area * (double)n, 24.0 * (double)n) {
    for (int64_t i = 0; i < n; i++) {
      double c = (at(f->x[NBODY_X], i) - v->x + v->half) * scale - 0.5,
             r = (v->half - at(f->x[NBODY_Y], i) + v->y) * scale - 0.5;
      if (fabs(c) < far && fabs(r) < far)
        draw(plane, c, r, at(f->m, i) / v->mass, h);
    }
  }
}

/* Fill the field with the logarithm of the density, limited from below. */
static void fill(trm_field *f, const int64_t *plane, const view *v) {
  const trm_layout *l = f->layout;
  const double area = pow(2 * v->half / SIDE, 2), unit = v->mass / UNIT / area;
  int64_t most = 1;
  for (int64_t i = 0; i < SIDE * SIDE; i++)
    if (plane[i] > most) most = plane[i];
  for (int64_t i = 0; i < l->count; i++) {
    int64_t row = l->lo[0] + i / l->len[1], column = l->lo[1] + i % l->len[1];
    double value =
        fmax((double)plane[row * SIDE + column], DEPTH * (double)most);
    ((double *)f->data)[i] = log10(value * unit);
  }
}

trm_status nbody_density(trm_run *run, const nbody_fields *f, double eps,
                         trm_field *density) {
  void *plane;
  const int64_t pixels = SIDE * SIDE;
  view v = choose(run, f);
  if (!(v.mass > 0)) return TRM_OK;
  TRM_TRY(trm_agree(
      run, trm_alloc(run, "picture of the bodies", 8 * pixels, &plane)));
  draw_all(run, f, &v, eps, plane);
  trm_allreduce(run->comm, plane, pixels, TRM_I64, TRM_SUM);
  fill(density, plane, &v);
  trm_release(run, &plane);
  return TRM_OK;
}
