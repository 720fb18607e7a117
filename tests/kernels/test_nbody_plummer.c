/* TEST ranks=1,3 threads=1,2 */
/* The Plummer sphere of nbody: centred, of the right energies and profile within the
 * error of a sample, the same on any ranks. */
#include "check_mpi.h"

#include "../../kernels/nbody/bodies.c"
#include "../../kernels/nbody/plummer.c"

enum { N = 20011 };

static double at(const trm_field *f, int64_t i) {
  return ((const double *)f->data)[i];
}

static void test_centre(trm_run *run, const nbody_fields *f) {
  for (int d = 0; d < NBODY_DIMS; d++) {
    CHECK_NEAR(trm_dot(run, f->m, f->x[d]), 0, 1e-15);
    CHECK_NEAR(trm_dot(run, f->m, f->v[d]), 0, 1e-15);
  }
  CHECK_NEAR(trm_sum(run, f->m), 1, 1e-12);
}

/* Kinetic energy 1/4; mean of v^2 has a relative deviation of about 1 / sqrt(N). */
static void test_energy(trm_run *run, const nbody_fields *f) {
  double twice = 0;
  for (int d = 0; d < NBODY_DIMS; d++) twice += trm_dot(run, f->v[d], f->v[d]);
  CHECK_NEAR(twice / (2 * N), 0.25, 5 * 0.25 / sqrt(N));
}

/* The mass inside of r is (1 + (a / r)^2)^(-3/2), a = 3 pi / 16, of what is not cut
 * off. No body is beyond the escape speed. */
static void test_profile(trm_run *run, const nbody_fields *f) {
  const double a = 3 * 3.14159265358979323846 / 16, radii[] = {0.2, 0.5, 1, 3};
  int64_t inside[4] = {0}, fast = 0;
  for (int64_t i = 0; i < f->m->layout->count; i++) {
    double r2 = 0, v2 = 0;
    for (int d = 0; d < NBODY_DIMS; d++) {
      r2 += pow(at(f->x[d], i), 2);
      v2 += pow(at(f->v[d], i), 2);
    }
    fast += v2 > 2.001 / sqrt(r2 + a * a);
    for (int k = 0; k < 4; k++) inside[k] += r2 < radii[k] * radii[k];
  }
  CHECK_INT(trm_total(run, fast), 0);
  for (int k = 0; k < 4; k++) {
    double want = pow(1 + pow(a / radii[k], 2), -1.5) / 0.999;
    CHECK_NEAR((double)trm_total(run, inside[k]) / N, want,
               5 * sqrt(want * (1 - want) / N));
  }
}

static void test_digests(trm_run *run, const nbody_fields *f) {
  trm_run *one = NULL;
  nbody_fields g;
  const trm_layout *line;
  CHECK_OK(run, trm_run_new(MPI_COMM_SELF, 1, run->seed, &one));
  CHECK_OK(one, trm_grid(one, 1, &(int64_t){N}, 0, NULL, &line));
  CHECK_OK(one, nbody_fields_new(one, line, &g));
  CHECK_OK(one, nbody_plummer(one, &g));
  for (int d = 0; d < NBODY_DIMS; d++) {
    CHECK_HEX(trm_digest(run, f->x[d]), trm_digest(one, g.x[d]));
    CHECK_HEX(trm_digest(run, f->v[d]), trm_digest(one, g.v[d]));
  }
  trm_run_free(&one);
}

static void test(trm_run *run) {
  nbody_fields f;
  const trm_layout *line;
  CHECK_OK(run, trm_grid(run, 1, &(int64_t){N}, 0, NULL, &line));
  CHECK_OK(run, nbody_fields_new(run, line, &f));
  CHECK_OK(run, nbody_plummer(run, &f));
  test_centre(run, &f);
  test_energy(run, &f);
  test_profile(run, &f);
  test_digests(run, &f);
}

int main(int argc, char **argv) {
  return check_mpi(argc, argv, test);
}
