/* TEST */
/* Lines, LogGP parameters and the eager switch from made-up times. */
#include <trireme/kernel.h>

#include "check.h"
#include "host/machine/machine.h"

/* -1 to 1, the same each time */
static double noise(int i) {
  return 2 * trm_random_uniform(7, 1, (uint64_t)i) - 1;
}

static void test_exact_line(void) {
  const double x[] = {0, 1, 5, 100, 4000}, a = 3, b = 0.25;
  double y[5];
  for (int i = 0; i < 5; i++) y[i] = a + b * x[i];
  trm__host_fitted_line l = trm__host_line_fit(5, x, y);
  CHECK_NEAR(l.at_zero, a, 1e-10);
  CHECK_NEAR(l.slope, b, 1e-12);
  CHECK_NEAR(l.fit, 1, 1e-12);
  CHECK_INT(l.used, 5);
}

/* A third of the points far off: the line is that of the others. */
static void test_outliers(void) {
  double x[12], y[12];
  for (int i = 0; i < 12; i++) {
    x[i] = pow(2, i);
    y[i] = (1 + 0.01 * x[i]) * (1 + 0.005 * noise(i));
    if (i % 3 == 1) y[i] *= 4;
  }
  trm__host_fitted_line l = trm__host_line_fit(12, x, y);
  CHECK_NEAR(l.at_zero, 1, 0.02);
  CHECK_NEAR(l.slope, 0.01, 0.0002);
  CHECK_INT(l.used, 8);
  CHECK(l.fit > 0.999);
}

/* What is no line at all has a bad fit. */
static void test_no_line(void) {
  double x[20], y[20];
  for (int i = 0; i < 20; i++) {
    x[i] = i;
    y[i] = 2 + noise(i);
  }
  CHECK(trm__host_line_fit(20, x, y).fit < 0.5);
}

typedef struct truth {
  double L, send, receive, g, G;
} truth;

static int make_prtt(const truth *p, int64_t first, int n, double level,
                     trm__host_prtt t[]) {
  for (int i = 0; i < n; i++) {
    int64_t s = first << i;
    double bytes = (double)(s - 1);
    t[i] = (trm__host_prtt){s, 2 * (p->L + p->send + p->receive + bytes * p->G),
                            p->g + bytes * p->G, p->send, p->receive};
    t[i].round_trip *= 1 + level * noise(4 * i);
    t[i].stream *= 1 + level * noise(4 * i + 1);
    t[i].send *= 1 + level * noise(4 * i + 2);
    t[i].receive *= 1 + level * noise(4 * i + 3);
  }
  return n;
}

static void check_loggp(const truth *p, const trm_loggp *f, double tol) {
  CHECK_NEAR(f->latency / p->L, 1, tol);
  CHECK_NEAR(f->overhead / ((p->send + p->receive) / 2), 1, tol);
  CHECK_NEAR(f->overhead_send / p->send, 1, tol);
  CHECK_NEAR(f->overhead_receive / p->receive, 1, tol);
  CHECK_NEAR(f->gap / p->g, 1, tol);
  CHECK_NEAR(f->gap_per_byte / p->G, 1, tol);
  CHECK_NEAR(f->message_per_byte / p->G, 1, tol);
}

static void test_loggp(void) {
  const truth p = {1.2e-6, 0.2e-6, 0.3e-6, 0.4e-6, 1e-10};
  trm__host_prtt t[16];
  int n = make_prtt(&p, 1, 16, 0, t);
  trm_loggp f = trm__host_loggp_fit(n, t);
  check_loggp(&p, &f, 1e-9);
  CHECK_NEAR(f.fit, 1, 1e-9);
  CHECK_INT(f.from, 1);
  CHECK_INT(f.to, 32768);
  n = make_prtt(&p, 1, 16, 0.01, t);
  t[3].stream *= 3;
  t[9].round_trip *= 5;
  t[12].receive *= 2;
  f = trm__host_loggp_fit(n, t);
  check_loggp(&p, &f, 0.03);
  CHECK(f.fit > 0.99 && f.fit <= 1);
  CHECK_SAME(trm__host_loggp_fit(2, t).fit, 0);
}

/* Sends that last as long as the message: L + 2 o stays what one takes. */
static void test_rendezvous(void) {
  const truth p = {1e-6, 2e-6, 2e-6, 3e-6, 1e-10};
  trm__host_prtt t[8];
  int n = make_prtt(&p, 5000, 8, 0, t);
  for (int i = 0; i < n; i++) t[i].round_trip -= 4e-6;
  trm_loggp f = trm__host_loggp_fit(n, t);
  CHECK_NEAR(f.latency, 0, 1e-15);
  CHECK_NEAR(f.overhead * 2, 3e-6, 1e-15);
  CHECK_NEAR(f.gap_per_byte, 1e-10, 1e-18);
}

/* -- the switch ------------------------------------------------------------ */

typedef struct probe {
  int64_t limit;
  int asked;
} probe;

static bool fits(int64_t bytes, void *what) {
  probe *p = what;
  p->asked++;
  return bytes <= p->limit;
}

static void test_search(void) {
  const int64_t limits[] = {1, 2, 3, 256, 4040, 65535, 65536, (1 << 22) - 1};
  for (int i = 0; i < 8; i++) {
    probe p = {limits[i], 0};
    CHECK_INT(trm__host_eager_search(1, 1 << 22, fits, &p), limits[i]);
    CHECK(p.asked <= 30);
  }
  probe none = {0, 0}, all = {1 << 30, 0};
  CHECK_INT(trm__host_eager_search(1, 1 << 22, fits, &none), 0);
  CHECK_INT(trm__host_eager_search(1, 1 << 22, fits, &all), -1);
}

static void test_curve(void) {
  int64_t bytes[22];
  double bent[22], straight[22], steps[22];
  for (int i = 0; i < 22; i++) {
    bytes[i] = (int64_t)1 << i;
    double s = (double)bytes[i], wobble = 1 + 0.02 * noise(i);
    straight[i] = (1e-6 + 1e-10 * s) * wobble;
    bent[i] =
        (bytes[i] <= 4096 ? 0.5e-6 + 2e-10 * s : 4e-6 + 1e-10 * s) * wobble;
    steps[i] = (bytes[i] <= 256 ? 1e-6 : 5e-6 + 1e-10 * s) * wobble;
  }
  CHECK_INT(trm__host_curve_switch(22, bytes, bent), 4096);
  CHECK_INT(trm__host_curve_switch(22, bytes, steps), 256);
  CHECK_INT(trm__host_curve_switch(22, bytes, straight), -1);
  CHECK_INT(trm__host_curve_switch(5, bytes, bent), -1);
}

int main(void) {
  test_exact_line();
  test_outliers();
  test_no_line();
  test_loggp();
  test_rendezvous();
  test_search();
  test_curve();
  return check_done();
}
