/* TEST timeout=200 slow once */
#include "study/statistics/stat.h"

#include <trireme/random.h>

#include "check.h"
#include "study/statistics/distribution.h"
#include "study/statistics/ranks.h"

enum { MOST = 64 };

static int seeds(void) {
  return check_seeds(100, 200, 500);
}

static void distributions(void) {
  CHECK_NEAR(trm__study_normal_cdf(0), 0.5, 1e-15);
  CHECK_NEAR(trm__study_normal_cdf(1.959963984540054), 0.975, 1e-14);
  CHECK_NEAR(trm__study_normal_quantile(0.975), 1.959963984540054, 1e-12);
  CHECK_NEAR(trm__study_normal_quantile(0.001), -3.090232306167813, 1e-12);
  /* t tables: of 1 it is Cauchy's, of 2 it has a closed form */
  CHECK_NEAR(trm__study_t_quantile(0.75, 1), 1, 1e-12);
  CHECK_NEAR(trm__study_t_quantile(0.975, 1), 12.706204736432095, 1e-9);
  CHECK_NEAR(trm__study_t_quantile(0.975, 2), 4.302652729749464, 1e-11);
  CHECK_NEAR(trm__study_t_quantile(0.975, 3), 3.182446305284263, 1e-11);
  CHECK_NEAR(trm__study_t_quantile(0.95, 4), 2.131846786326649, 1e-11);
  CHECK_NEAR(trm__study_t_quantile(0.975, 10), 2.228138851986275, 1e-11);
  CHECK_NEAR(trm__study_t_quantile(0.025, 30), -2.042272456301238, 1e-11);
  CHECK_NEAR(trm__study_binomial_cdf(0, 4), 1. / 16, 1e-14);
  CHECK_NEAR(trm__study_binomial_cdf(4, 9), 0.5, 1e-13);
  CHECK_NEAR(trm__study_binomial_cdf(39, 100), 0.0176001001, 1e-9);
  CHECK_NEAR(trm__study_binomial_cdf(2000, 2000), 1, 1e-12);
}

static void quantiles(void) {
  const double v[] = {7, 1, 3, 5}; /* not sorted */
  CHECK_SAME(trm__base_median(4, v), 4);
  CHECK_SAME(trm__base_median(3, v), 3);
  CHECK_SAME(trm__base_median(1, v), 7);
  CHECK_SAME(trm__base_median(0, v), 0);
  CHECK_NEAR(trm__base_quantile(4, v, 0.25), 2.5, 1e-15);
  CHECK_SAME(trm__base_quantile(4, v, 0), 1);
  CHECK_SAME(trm__base_quantile(4, v, 1), 7);
  CHECK_SAME(v[0], 7);
}

/* Pairs of order statistics from the tables of the sign test. */
static void intervals(void) {
  static const struct {
    int n, low, high;
    double has;
  } table[] = {
      {1, 1, 1, 0},
      {2, 1, 2, 0.5},
      {3, 1, 3, 0.75},
      {4, 1, 4, 0.875},
      {5, 1, 5, 0.9375},
      {6, 1, 6, 1 - 2. / 64},
      {7, 1, 7, 1 - 2. / 128},
      {8, 1, 7, 1 - 10. / 256},   /* 1 + 9 of 256 outside */
      {9, 2, 8, 1 - 20. / 512},   /* 10 + 10 */
      {10, 2, 9, 1 - 22. / 1024}, /* 11 + 11 */
      {11, 2, 9, 1 - 79. / 2048}, /* 12 + 67 */
      {12, 3, 10, 1 - 158. / 4096},
      {20, 6, 15, 0.9586105346679688},
  };
  double v[MOST];
  for (int i = 0; i < MOST; i++) v[i] = (7 * i) % 20 + 1;
  for (size_t t = 0; t < sizeof table / sizeof *table; t++) {
    int n = table[t].n;
    for (int i = 0; i < n; i++) v[i] = (i * 7) % n + 1 ? n - i : 0;
    trm__study_interval i = trm__study_median_interval(n, v, 0.95);
    CHECK_SAME(i.low, table[t].low);
    CHECK_SAME(i.high, table[t].high);
    CHECK_NEAR(i.level, table[t].has, 1e-13);
    CHECK_SAME(i.mid, 0.5 * (n + 1));
  }
  trm__study_interval none = trm__study_median_interval(1, v, 0.95);
  CHECK(isinf(trm__study_interval_half(&none)));
  trm__study_interval some = {10, 9, 11.5, 0.95};
  CHECK_NEAR(trm__study_interval_half(&some), 0.125, 1e-15);
}

static void same_interval(trm__study_interval got, trm__study_interval want,
                          double scale) {
  CHECK_NEAR(got.mid, want.mid * scale, 1e-13 * want.mid * scale);
  CHECK_NEAR(got.low, want.low * scale, 1e-13 * want.low * scale);
  CHECK_NEAR(got.high, want.high * scale, 1e-13 * want.high * scale);
  CHECK_NEAR(got.level, want.level, 1e-15);
}

/* Lognormal with a tail: skewed, some far above. Its median is `median`. */
static double skewed(double median, double sigma, uint64_t stream,
                     uint64_t index) {
  double z = trm_random_normal(11, stream, index);
  double off = expm1(sigma * fabs(z)) * (z < 0 ? 0.3 : 2);
  return median * (z < 0 ? 1 / (1 + off) : 1 + off);
}

static void fill(int n, double v[], double median, uint64_t stream) {
  for (int i = 0; i < n; i++) v[i] = skewed(median, 0.1, stream, (uint64_t)i);
}

/* Units, order and the seed decide nothing; swapping turns the ratio round. */
static void invariances(void) {
  double a[9], b[9], ka[9], kb[9], back[9];
  fill(9, a, 1, 1);
  fill(9, b, 1.2, 2);
  for (int i = 0; i < 9; i++) {
    ka[i] = 60 * a[i];
    kb[i] = 60 * b[i];
    back[i] = a[8 - i];
  }
  trm__study_interval r = trm__study_ratio(9, a, 9, b, 0.95, 3);
  same_interval(trm__study_ratio(9, ka, 9, kb, 0.95, 3), r, 1);
  same_interval(trm__study_ratio(9, back, 9, b, 0.95, 3), r, 1);
  same_interval(trm__study_ratio(9, a, 9, kb, 0.95, 3), r, 60);
  CHECK_NEAR(r.mid, trm__base_median(9, b) / trm__base_median(9, a), 1e-15);
  CHECK(r.low <= r.mid && r.mid <= r.high && r.low < r.high);
  trm__study_interval turned = trm__study_ratio(9, b, 9, a, 0.95, 3);
  CHECK_NEAR(turned.low * r.high, 1, 0.02);
  CHECK_NEAR(turned.high * r.low, 1, 0.02);
  trm__study_interval other = trm__study_ratio(9, a, 9, b, 0.95, 4);
  CHECK_NEAR(other.low, r.low, 0.02 * r.low);
  trm__study_interval p = trm__study_paired_ratio(9, a, b, 0.95, 3);
  same_interval(trm__study_paired_ratio(9, ka, b, 0.95, 3), p, 1. / 60);
  CHECK(p.low <= p.mid && p.mid <= p.high && p.low < p.high);
  trm__study_interval exact = trm__study_paired_ratio(9, a, ka, 0.95, 3);
  CHECK_NEAR(exact.low, 60, 1e-12);
  CHECK_NEAR(exact.high, 60, 1e-12);
  /* few values: never more than is known */
  CHECK_SAME(trm__study_ratio(3, a, 9, b, 0.95, 3).level, 0.75);
  CHECK_SAME(trm__study_paired_ratio(2, a, b, 0.95, 3).level, 0.5);
  CHECK_SAME(trm__study_paired_ratio(1, a, b, 0.95, 3).level, 0);
  CHECK(isnan(trm__study_ratio(0, a, 9, b, 0.95, 3).mid));
}

static double signed_rank_of(int n, const double d[], double ratio) {
  double a[MOST], b[MOST];
  for (int i = 0; i < n; i++) {
    a[i] = 2;
    b[i] = 2 * exp2(d[i]); /* whole d are exact, so that ties tie */
  }
  return trm__study_signed_rank(n, a, b, ratio);
}

/* Wilcoxon's table: of 8 pairs, a sum of at most 5 against has 10 of 256 signs. */
static void signed_ranks(void) {
  double d[MOST];
  for (int i = 0; i < 8; i++) d[i] = 0.1 * (i + 1);
  CHECK_NEAR(signed_rank_of(8, d, 1), 1. / 256, 1e-15);
  d[4] = -0.5; /* 5 is the sum against; sums of at most 5: 1 1 1 2 2 3 */
  CHECK_NEAR(signed_rank_of(8, d, 1), 10. / 256, 1e-15);
  for (int i = 0; i < 8; i++) d[i] = -d[i];
  CHECK_NEAR(signed_rank_of(8, d, 1), 1 - 7. / 256, 1e-15);
  /* ties: (1.5, 1.5, 3), all above; then the two equal ones divided */
  CHECK_NEAR(signed_rank_of(3, (double[]){1, 1, 2}, 1), 1. / 8, 1e-15);
  CHECK_NEAR(signed_rank_of(3, (double[]){1, -1, 2}, 1), 3. / 8, 1e-15);
  CHECK_NEAR(signed_rank_of(3, (double[]){1, 1, -1}, 1), 4. / 8, 1e-15);
  CHECK_SAME(signed_rank_of(3, (double[]){0, 0, 0}, 1), 1); /* nothing known */
  CHECK_NEAR(signed_rank_of(1, (double[]){0.5}, 1.2), 0.5, 1e-15);
  /* exact and normal agree where they meet: means of 300 made-up tests */
  double worst = 0;
  for (uint64_t s = 0; s < 300; s++) {
    for (int i = 0; i < 31; i++) d[i] = trm_random_normal(5, s, (uint64_t)i);
    double normal = signed_rank_of(31, d, 1);
    d[30] = 0; /* drops the pair that counts least or most: 30 are exact */
    worst += signed_rank_of(30, d, 1) - normal;
  }
  CHECK_NEAR(worst / 300, 0, 0.02);
}

static void rank_sums(void) {
  double a[MOST], b[MOST], larger;
  for (int i = 0; i < MOST; i++) {
    a[i] = 2 * i;
    b[i] = 2 * i + 1;
  }
  /* 3 against 3 all above: 2 of 20 choices; 4 against 5: U = 10 of 20 */
  CHECK_NEAR(trm__study_rank_sum(3, a, 3, (double[]){9, 8, 7}, &larger), 0.1,
             1e-14);
  CHECK_SAME(larger, 1);
  CHECK_NEAR(trm__study_rank_sum(3, (double[]){9, 8, 7}, 3, a, &larger), 0.1,
             1e-14);
  CHECK_SAME(larger, 0);
  /* table of U: 5 and 5, U <= 2 one-sided 4 / 252 (1 + 1 + 2) */
  CHECK_NEAR(trm__study_rank_sum(5, (double[]){1, 2, 3, 4, 7}, 5,
                                 (double[]){5, 6, 8, 9, 10}, &larger),
             8. / 252, 1e-14);
  CHECK_NEAR(larger, 23. / 25, 1e-15);
  CHECK_SAME(trm__study_rank_sum(4, (double[]){5, 5, 5, 5}, 2, (double[]){5, 5},
                                 &larger),
             1);
  CHECK_SAME(larger, 0.5);
  CHECK_SAME(trm__study_rank_sum(0, a, 2, b, &larger), 1);
  /* exact and normal agree where they meet */
  double sum = 0;
  for (uint64_t s = 0; s < 300; s++) {
    for (int i = 0; i < 21; i++) {
      a[i] = trm_random_normal(6, s, (uint64_t)i);
      b[i] = trm_random_normal(6, s, 100 + (uint64_t)i) + 0.3;
    }
    sum += trm__study_rank_sum(21, a, 21, b, NULL) -
           trm__study_rank_sum(20, a, 20, b, NULL);
  }
  CHECK_NEAR(sum / 300, 0, 0.03);
}

/* A share of the seeds that is not below a level but by chance. */
static void at_least(const char *what, int n, int hits, int of, double level) {
  double share = hits / (double)of;
  printf("%-6s n = %2d: %.3f of %d seeds, level %.3f\n", what, n, share, of,
         level);
  double least = level - 2.6 * sqrt(level * (1 - level) / of);
  CHECK__REPORT(share >= least, "%s of %d: %.3f of %d seeds, want %.3f or more",
                what, n, share, of, least);
}

/* How often intervals hold the truth. */
static void median_coverage(int n) {
  double a[MOST], level = 0;
  int hits = 0;
  for (uint64_t s = 0; s < 1000; s++) {
    fill(n, a, 3, 1000 + s);
    trm__study_interval m = trm__study_median_interval(n, a, 0.95);
    hits += m.low <= 3 && 3 <= m.high;
    level = m.level;
  }
  CHECK(level >= fmin(0.95, 1 - ldexp(1, 1 - n)));
  at_least("median", n, hits, 1000, level);
}

static void ratio_coverage(int n) {
  double a[MOST], b[MOST], wide = 0;
  int hits = 0, paired = 0;
  for (uint64_t s = 0; s < (uint64_t)seeds(); s++) {
    fill(n, a, 3, 1000 + 2 * s);
    fill(n, b, 3.3, 1001 + 2 * s);
    trm__study_interval r = trm__study_ratio(n, a, n, b, 0.95, s);
    hits += r.low <= 1.1 && 1.1 <= r.high;
    for (int i = 0; i < n; i++) /* drifts together by a fifth */
      b[i] =
          a[i] * skewed(1.1, 0.03, 9000 + s, (uint64_t)i) * (1 + 0.2 * i / n);
    for (int i = 0; i < n; i++) a[i] *= 1 + 0.2 * i / n;
    trm__study_interval p = trm__study_paired_ratio(n, a, b, 0.95, s);
    paired += p.low <= 1.1 && 1.1 <= p.high;
    wide += trm__study_interval_half(&p) / seeds();
  }
  double level = fmin(0.95, 1 - ldexp(1, 1 - n));
  at_least("ratio", n, hits, seeds(), level);
  at_least("pairs", n, paired, seeds(), level);
  CHECK(wide < 0.3 / sqrt(n)); /* the noise of pairs, not of the drift */
}

/* -- launches that end when they are enough --------------------------------- */

static void checks(void) {
  static const int want[] = {8, 11, 15, 21, 29, 40, 56, 78};
  double v[MOST];
  int n = 0;
  for (int k = 0; k < 8; k++) {
    CHECK_INT(trm__study_next_check(n), want[k]);
    CHECK_INT(trm__study_next_check(want[k]), want[k]);
    n = want[k] + 1;
  }
  fill(MOST, v, 3, 1);
  for (n = 1; n <= MOST; n++) {
    trm__study_interval i = trm__study_checked_median(n, v);
    trm__study_interval whole =
        trm__study_median_interval(n, v, n < 8 ? 0.95 : 0.975);
    CHECK_SAME(i.mid, whole.mid);
    CHECK_SAME(i.low, whole.low);
    CHECK_SAME(i.high, whole.high);
    CHECK_SAME(i.level, fmin(whole.level, 0.95));
    CHECK_SAME(trm__study_checked_level(n), n < 8 ? 0.95 : 0.975);
  }
}

enum { LAUNCHES = 100 };

/* Launch after launch of a noise until its median is known to `target`, as in a
 * study. */
static int launch(uint64_t stream, double truth, double sigma, double target,
                  double v[LAUNCHES], trm__study_interval *known) {
  for (int n = 1;; n++) {
    v[n - 1] = skewed(truth, sigma, stream, (uint64_t)n);
    if (n != trm__study_next_check(n) && n != LAUNCHES) continue;
    *known = trm__study_checked_median(n, v);
    if (n == LAUNCHES || trm__study_interval_half(known) <= target) return n;
  }
}

/* Noise of 0.2 % to 20 %: from what is known at the first look to what is not known
 * after the last. */
static void stopping(void) {
  static const double sigma[] = {0.002, 0.005, 0.01, 0.02,
                                 0.035, 0.05,  0.1,  0.2},
                      target[] = {0.01, 0.02, 0.05};
  double v[LAUNCHES];
  int all = 0;
  for (uint64_t k = 0; k < 24; k++) {
    int hits = 0, launches = 0;
    double noise = sigma[k / 3], want = target[k % 3];
    for (uint64_t seed = 0; seed < 1000; seed++) {
      trm__study_interval i;
      launches += launch(50000 + 1000 * k + seed, 3, noise, want, v, &i);
      hits += i.low <= 3 && 3 <= i.high;
    }
    printf("noise %.1f %%, target %.0f %%, launches %.1f: ", 100 * noise,
           100 * want, launches / 1000.);
    at_least("stops", launches / 1000, hits, 1000, 0.95);
    all += hits;
  }
  at_least("stops, all", LAUNCHES, all, 24000, 0.95);
}

/* Speed-ups are ratios of two that stopped so. */
static void stopped_ratios(void) {
  static const double target[] = {0.005, 0.01, 0.02};
  double a[LAUNCHES], b[LAUNCHES];
  for (uint64_t t = 0; t < 3; t++) {
    int hits = 0;
    for (uint64_t s = 0; s < (uint64_t)seeds(); s++) {
      trm__study_interval i;
      int na = launch(90000 + 2000 * t + 2 * s, 3, 0.02, target[t], a, &i);
      int nb = launch(90001 + 2000 * t + 2 * s, 3.3, 0.01, target[t], b, &i);
      double level =
          fmax(trm__study_checked_level(na), trm__study_checked_level(nb));
      trm__study_interval r = trm__study_ratio(na, a, nb, b, level, s);
      hits += r.low <= 1.1 && 1.1 <= r.high;
    }
    at_least("stopped ratio", (int)(1000 * target[t]), hits, seeds(), 0.95);
  }
}

static void coverages(void) {
  for (int n = 2; n <= 64; n += n < 26 ? 1 : 19) median_coverage(n);
  static const int few[] = {5, 7, 13, 20};
  for (int i = 0; i < 4; i++) ratio_coverage(few[i]);
}

int main(void) {
  distributions();
  quantiles();
  intervals();
  invariances();
  signed_ranks();
  rank_sums();
  coverages();
  checks();
  stopping();
  stopped_ratios();
  return check_done();
}
