/* TEST */
/* The inner loops of nbody: each against a direct sum in double, and the same bits
 * for any order of the tiles and any grouping of the targets. */
#include <trireme/kernel.h>

#include "check.h"

#include "../../kernels/nbody/force.c"

enum { TARGETS = 5 * NBODY_GROUP, SOURCES = 7 * NBODY_TILE + 13 };

typedef struct world {
  nbody_body source[SOURCES];
  float at[3][TARGETS];
  double sum[NBODY_SUMS][TARGETS];
} world;

static nbody_pairs pairs_of(world *w, double bound) {
  nbody_pairs p = {.source = w->source,
                   .sources = SOURCES,
                   .first = 100,
                   .target = 100 + 2 * NBODY_TILE,
                   .x = w->at[0],
                   .y = w->at[1],
                   .z = w->at[2],
                   .eps2 = 0.02f * 0.02f};
  memset(w->sum, 0, sizeof w->sum);
  for (int k = 0; k < NBODY_SUMS; k++) {
    p.sum[k] = w->sum[k];
    p.round[k] = nbody_round_for(bound);
  }
  return p;
}

/* Targets are among the sources, so that there are pairs of a body with itself. */
static world *make_world(void) {
  world *w = calloc(1, sizeof *w);
  for (int j = 0; j < SOURCES; j++) {
    float x[4];
    for (int d = 0; d < 4; d++)
      x[d] = (float)trm_random_uniform(5, (uint64_t)d, (uint64_t)j);
    w->source[j] = (nbody_body){x[0], x[1], x[2], x[3] / SOURCES};
  }
  for (int i = 0; i < TARGETS; i++) {
    nbody_body b = w->source[2 * NBODY_TILE + i];
    w->at[0][i] = b.x, w->at[1][i] = b.y, w->at[2][i] = b.z;
  }
  return w;
}

typedef struct exact { /* of one target */
  double a[3], size, potential, steepness;
} exact;

static exact direct(const world *w, float eps2, int i) {
  exact e = {.size = 0};
  for (int j = 0; j < SOURCES; j++) {
    const nbody_body *b = &w->source[j];
    double d[] = {(double)b->x - w->at[0][i], (double)b->y - w->at[1][i],
                  (double)b->z - w->at[2][i]};
    double r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2] + eps2, r = sqrt(r2);
    if (j == 2 * NBODY_TILE + i) continue;
    for (int k = 0; k < 3; k++) e.a[k] += b->m / (r * r2) * d[k];
    e.size += b->m / r2;
    e.potential += b->m / r;
    e.steepness += 2 * b->m / (r * r2);
  }
  return e;
}

/* rms error over rms acceleration; and no body is further off than a tile's float
 * additions can be. */
static void test_accuracy(const nbody_variant *v) {
  world *w = make_world();
  nbody_pairs p = pairs_of(w, 1000);
  double error = 0, all = 0, worst = 0;
  v->force(&p, 0, TARGETS / NBODY_GROUP);
  for (int i = 0; i < TARGETS; i++) {
    exact e = direct(w, p.eps2, i);
    for (int d = 0; d < 3; d++) {
      double off = w->sum[d][i] - e.a[d];
      error += off * off;
      all += e.a[d] * e.a[d];
      worst = fmax(worst, fabs(off) / e.size);
    }
  }
  printf("%-7s rms error %.2e, worst %.2e of the pair forces\n", v->name,
         sqrt(error / all), worst);
  CHECK(sqrt(error / all) < 1e-7);
  CHECK(worst < (NBODY_TILE + 8) * 0x1p-24);
  free(w);
}

static void test_strength(void) {
  world *w = make_world();
  nbody_pairs p = pairs_of(w, 1e6);
  nbody_strength(&p, 0, TARGETS / NBODY_GROUP);
  for (int i = 0; i < TARGETS; i++) {
    exact e = direct(w, p.eps2, i);
    CHECK_NEAR(w->sum[0][i], e.potential, 1e-6 * e.potential);
    CHECK_NEAR(w->sum[1][i], e.size, 1e-6 * e.size);
    CHECK_NEAR(w->sum[2][i], e.steepness, 1e-6 * e.steepness);
  }
  free(w);
}

/* Tiles from the last to the first, each in a call of its own, targets group by
 * group. */
static void backwards(nbody_fn *f, nbody_pairs p) {
  const nbody_body *source = p.source;
  const int64_t first = p.first;
  for (int64_t t = SOURCES / NBODY_TILE; t >= 0; t--)
    for (int64_t g = TARGETS / NBODY_GROUP - 1; g >= 0; g--) {
      p.source = source + t * NBODY_TILE;
      p.first = first + t * NBODY_TILE;
      p.sources = SOURCES - t * NBODY_TILE;
      if (p.sources > NBODY_TILE) p.sources = NBODY_TILE;
      f(&p, g, g + 1);
    }
}

/* Tiles of very different weight: unrounded, their sums would not fit into a double
 * together, and the order would show. */
static world *make_uneven_world(void) {
  world *w = make_world();
  for (int j = 0; j < SOURCES; j++)
    w->source[j].m *= exp2f(-9 * (float)((j / NBODY_TILE * 5) % 8));
  return w;
}

static void test_order(const char *name, nbody_fn *f, double bound) {
  world *a = make_uneven_world(), *b = make_uneven_world();
  nbody_pairs p = pairs_of(a, bound), q = pairs_of(b, bound);
  f(&p, 0, TARGETS / NBODY_GROUP);
  backwards(f, q);
  int differing = 0;
  for (int k = 0; k < NBODY_SUMS; k++)
    for (int i = 0; i < TARGETS; i++) differing += a->sum[k][i] != b->sum[k][i];
  CHECK__REPORT(differing == 0, "%s: %d sums depend on the order of the tiles",
                name, differing);
  free(a);
  free(b);
}

/* Rounding keeps what is a multiple of q and is exact up to the bound. */
static void test_rounding(void) {
  const double bounds[] = {1, 0.75, 1000, 1e-9, 962.25};
  for (int i = 0; i < 5; i++) {
    double c = nbody_round_for(bounds[i]), q = c / 1.5 * 0x1p-52;
    CHECK(bounds[i] < 0x1p51 * q && bounds[i] >= 0x1p50 * q);
    CHECK_SAME((bounds[i] + c) - c, rint(bounds[i] / q) * q);
    CHECK_SAME((-12345.4 * q + c) - c, -12345 * q);
    CHECK_SAME((0.3 * q + c) - c, 0);
  }
}

int main(void) {
  for (int k = 0; k < NBODY_VARIANTS; k++) {
    const nbody_variant *v = &nbody_variants[k];
    if (!v->available()) {
      printf("%s: skipped, this processor has none\n", v->name);
      continue;
    }
    test_accuracy(v);
    test_order(v->name, v->force, 1000);
  }
  test_strength();
  test_order("strength", nbody_strength, 1e6);
  test_rounding();
  return check_done();
}
