/* TEST */
/* The exact accumulator against known sums and against a slow oracle that
 * counts bit by bit. */
#include "check.h"

#include "array/exact.h"

/* -- the oracle ------------------------------------------------------------ */

enum { BOTTOM = -1074, BITS = 2300 };

typedef struct oracle {
  int64_t bit[BITS];
} oracle; /* weights 2^(i+BOTTOM) */

static void oracle_add(oracle *o, double x) {
  int e;
  int64_t m = (int64_t)ldexp(frexp(fabs(x), &e), 53);
  int sign = x < 0 ? -1 : 1;
  for (int i = 0; i < 53; i++)
    if (m >> i & 1) o->bit[e - 53 + i - BOTTOM] += sign;
}

/* Two's complement; returns the sign. */
static int64_t oracle_carry(oracle *o) {
  int64_t carry = 0;
  for (int i = 0; i < BITS; i++) {
    int64_t v = o->bit[i] + carry;
    o->bit[i] = v & 1;
    carry = (v - o->bit[i]) / 2;
  }
  return carry;
}

static double oracle_magnitude(const oracle *o) {
  int top = BITS - 1;
  while (top >= 0 && !o->bit[top]) top--;
  int last = top > 52 ? top - 52 : 0;
  double m = 0;
  for (int i = top; i >= last; i--) m = 2 * m + (double)o->bit[i];
  bool half = last > 0 && o->bit[last - 1], more = false;
  for (int i = 0; i < last - 1; i++) more = more || o->bit[i];
  if (half && (more || o->bit[last])) m += 1;
  return ldexp(m, last + BOTTOM);
}

static double oracle_sum(const double *x, int n) {
  oracle *o = calloc(1, sizeof *o);
  for (int i = 0; i < n; i++) oracle_add(o, x[i]);
  bool negative = oracle_carry(o) < 0;
  if (negative) {
    memset(o, 0, sizeof *o);
    for (int i = 0; i < n; i++) oracle_add(o, -x[i]);
    oracle_carry(o);
  }
  double sum = oracle_magnitude(o);
  free(o);
  return negative ? -sum : sum;
}

/* -- numbers --------------------------------------------------------------- */

static uint64_t state = 1;

static uint64_t next(void) { /* splitmix64 */
  uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

static double uniform(void) {
  return (double)(next() >> 11) * 0x1p-53;
}

/* Sign and 53 bits at random, exponents low to high. */
static double wide(int low, int high) {
  int e = low + (int)(next() % (uint64_t)(high - low + 1));
  double x = ldexp(1 + uniform(), e);
  return next() & 1 ? x : -x;
}

static void shuffle(double *x, int n) {
  for (int i = n - 1; i > 0; i--) {
    int j = (int)(next() % (uint64_t)(i + 1));
    double t = x[i];
    x[i] = x[j];
    x[j] = t;
  }
}

static double sum_of(const double *x, int64_t n) {
  trm__array_exact a = {.folds = 0};
  trm__array_exact_add(&a, x, n);
  return trm__array_exact_round(&a);
}

/* In pieces, each in an accumulator of its own. */
static double sum_in_pieces(const double *x, int n, int pieces) {
  trm__array_exact all = {.folds = 0};
  for (int p = 0; p < pieces; p++) {
    trm__array_exact a = {.folds = 0};
    int from = n * p / pieces, to = n * (p + 1) / pieces;
    trm__array_exact_add(&a, x + from, to - from);
    trm__array_exact_merge(&all, &a);
  }
  return trm__array_exact_round(&all);
}

/* -- tests ----------------------------------------------------------------- */

#define SUM(...)                  \
  sum_of((double[]){__VA_ARGS__}, \
         sizeof((double[]){__VA_ARGS__}) / sizeof(double))

static void test_known(void) {
  CHECK_SAME(sum_of(NULL, 0), 0.0);
  CHECK_SAME(SUM(-0.0), 0.0);
  CHECK_SAME(SUM(-0.0, -0.0, 0.0), 0.0);
  CHECK_SAME(SUM(1.5), 1.5);
  CHECK_SAME(SUM(-1.5), -1.5);
  CHECK_SAME(SUM(1e308, 1, -1e308), 1.0);
  CHECK_SAME(SUM(1e308, -0x1p-1074, -1e308), -0x1p-1074);
  CHECK_SAME(SUM(1e308, 1e308, -1e308), 1e308);
  CHECK_SAME(SUM(1e100, 1, -1e100, 1e-100, -1), 1e-100);
  CHECK_SAME(SUM(0.1, 0.2, 0.3, -0.6), 0x1p-55);
}

static void test_rounding(void) {
  const double u = 0x1p-53;
  CHECK_SAME(SUM(1, u), 1.0);                  /* tie to even, down */
  CHECK_SAME(SUM(1 + 2 * u, u), 1 + 4 * u);    /* tie to even, up */
  CHECK_SAME(SUM(1, u, 0x1p-1074), 1 + 2 * u); /* just above the tie */
  CHECK_SAME(SUM(1, u, -0x1p-1074), 1.0);      /* just below it */
  CHECK_SAME(SUM(1 + 2 * u, u, -0x1p-1074), 1 + 2 * u);
  CHECK_SAME(SUM(-1, -u), -1.0);
  CHECK_SAME(SUM(-1 - 2 * u, -u), -1 - 4 * u);
  CHECK_SAME(SUM(-1, -u, -0x1p-1074), -1 - 2 * u);
  CHECK_SAME(SUM(2 - 2 * u, u), 2.0); /* carries into the exponent */
  CHECK_SAME(SUM(0x1p53, 1), 0x1p53);
  CHECK_SAME(SUM(0x1p53, 1, 0x1p-60), 0x1p53 + 2);
}

static void test_ends(void) {
  const double most = 0x1.fffffffffffffp1023, ulp = 0x1p971;
  CHECK_SAME(SUM(0x1p-1074, 0x1p-1074), 0x1p-1073);
  CHECK_SAME(SUM(0x1p-1022, -0x1p-1074), 0x1p-1022 - 0x1p-1074);
  CHECK_SAME(SUM(-0x1p-1022, 0x1p-1074), -0x1p-1022 + 0x1p-1074);
  CHECK_SAME(SUM(0x1p-1021, 0x1p-1074), 0x1p-1021);
  CHECK_SAME(SUM(0x1p-1021, 0x1p-1073), 0x1p-1021 + 0x1p-1073);
  CHECK_SAME(SUM(most), most);
  CHECK_SAME(SUM(most, ulp / 2), INFINITY);
  CHECK_SAME(SUM(most, ulp / 2, -0x1p-1074), most);
  CHECK_SAME(SUM(-most, -most), -INFINITY);
  CHECK_SAME(SUM(most, most, most, -most, -most), most);
  CHECK_SAME(SUM(0x1p1022, 0x1p1021, 0x1p-1074), 0x1.8p1022);
}

static void test_special(void) {
  CHECK_SAME(SUM(INFINITY, 1, -1e308), INFINITY);
  CHECK_SAME(SUM(1, -INFINITY), -INFINITY);
  CHECK_SAME(SUM(INFINITY, -INFINITY), NAN);
  CHECK_SAME(SUM(1, NAN, 2), NAN);
  CHECK_SAME(SUM(INFINITY, NAN), NAN);
  double x[5000];
  for (int i = 0; i < 5000; i++) x[i] = 1;
  x[4321] = INFINITY; /* when the scale is already known */
  CHECK_SAME(sum_of(x, 5000), INFINITY);
  x[4999] = -INFINITY;
  CHECK_SAME(sum_of(x, 5000), NAN);
  x[4999] = x[4321] = NAN;
  CHECK_SAME(sum_of(x, 5000), NAN);
}

static void check_oracle(double *x, int n) {
  double want = oracle_sum(x, n);
  CHECK_SAME(sum_of(x, n), want);
  CHECK_SAME(sum_in_pieces(x, n, 7), want);
  shuffle(x, n);
  CHECK_SAME(sum_of(x, n), want);
}

/* Block borders, one number more and one less, and many blocks. */
static const int sizes[] = {1,    2,    3,    7,    255, 2047,
                            2048, 2049, 4095, 4097, 9999};

static void test_random(int low, int high) {
  static double x[9999];
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    for (int i = 0; i < sizes[s]; i++) x[i] = wide(low, high);
    check_oracle(x, sizes[s]);
    for (int i = 0; i < sizes[s] / 2; i++) x[i] = -x[sizes[s] - 1 - i];
    check_oracle(x, sizes[s]); /* next to nothing is left */
  }
}

/* The scale of the block before is too small, then too large; or just one
 * number of a block is out of the ordinary. */
static void test_changing(void) {
  static double x[9999];
  const int jump[] = {1, 4, 5, 50, 52, 60, 104, 150, 900};
  for (size_t k = 0; k < sizeof jump / sizeof *jump; k++) {
    for (int i = 0; i < 9999; i++)
      x[i] = wide(-1, 0) * ldexp(1, i / 2000 % 2 ? jump[k] : 0);
    check_oracle(x, 9999);
    for (int i = 0; i < 9999; i++)
      x[i] = wide(-1, 0) * ldexp(1, i % 2500 == 99 ? jump[k] : 0);
    check_oracle(x, 9999);
    for (int i = 0; i < 9999; i++)
      x[i] = wide(-1, 0) * ldexp(1, i % 2500 == 99 ? -jump[k] : 0);
    check_oracle(x, 9999);
  }
}

/* All that is ordinary cancels; what is left is small or large, and comes when
 * the scale is known. */
static void test_left_over(void) {
  static double x[9999];
  for (int e = -1074; e <= 1023; e += 7) {
    for (int i = 0; i < 9998; i++) x[i] = i % 2 ? -x[i - 1] : wide(-1, 0);
    x[9998] = ldexp(1, e);
    CHECK_SAME(sum_of(x, 9999), ldexp(1, e));
    x[5000] = x[5001] = ldexp(1, e);
    check_oracle(x, 9999);
  }
}

/* All numbers at the border of what a fold reaches. */
static void test_extreme_blocks(void) {
  static double x[8192];
  const double value[] = {1,
                          -1,
                          0x1.fffffffffffffp0,
                          0x1.fffffffffffffp1021,
                          -0x1.fffffffffffffp1021,
                          0x1p1022,
                          0x1p-1074,
                          -0x1.fffffffffffffp-1022,
                          0.1};
  for (size_t k = 0; k < sizeof value / sizeof *value; k++) {
    for (int i = 0; i < 8192; i++) x[i] = value[k];
    CHECK_SAME(sum_of(x, 8192), value[k] * 8192);
  }
  for (int e = -8; e <= 56; e++) { /* in and out of the reach of scale 0 */
    for (int i = 0; i < 2048; i++) x[i] = 1;
    for (int i = 2048; i < 4096; i++) x[i] = ldexp(1 - 0x1p-53, e);
    double want = oracle_sum(x, 4096);
    CHECK_SAME(sum_of(x, 4096), want);
  }
}

static void test_many(void) {
  const int64_t n = 3000017;
  double *x = malloc((size_t)n * sizeof *x);
  for (int64_t i = 0; i < n; i++) x[i] = 0.1;
  /* 0.1 is 3602879701896397 / 2^55; the product is exact in 128 bits */
  __extension__ __int128 want = (__int128)3602879701896397 * n;
  CHECK_SAME(sum_of(x, n), ldexp((double)want, -55));
  free(x);
}

static void test_dot(void) {
  static double x[9999], y[9999], p[9999];
  for (int spread = 0; spread <= 500; spread += 100) {
    for (int i = 0; i < 9999; i++) {
      x[i] = wide(-spread, spread);
      y[i] = wide(-spread, spread);
      p[i] = x[i] * y[i];
    }
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
      trm__array_exact a = {.folds = 0};
      trm__array_exact_dot(&a, x, y, sizes[s]);
      CHECK_SAME(trm__array_exact_round(&a), oracle_sum(p, sizes[s]));
    }
  }
}

static double deposited(int64_t value, int exponent, int times) {
  trm__array_exact a = {.folds = 0};
  for (int i = 0; i < times; i++) trm__array_exact_deposit(&a, value, exponent);
  return trm__array_exact_round(&a);
}

static void test_deposit(void) {
  for (int e = -1074; e <= 900; e++) {
    CHECK_SAME(deposited(-3, e, 5), ldexp(-15, e));
    CHECK_SAME(deposited(INT64_MAX, e, 3), ldexp(0x1.8p64, e));
    CHECK_SAME(deposited(INT64_MIN, e, 3), ldexp(-0x1.8p64, e));
  }
}

/* Words as after a reduction over many ranks; carries when they are due. */
static void test_words(void) {
  trm__array_exact a = {.folds = 0};
  trm__array_exact_add(&a, (double[]){-1, 0x1p-60}, 2);
  trm__array_exact_carry(&a);
  for (int i = 0; i < TRM__EXACT_WORDS; i++) a.word[i] *= 1000003;
  CHECK_SAME(trm__array_exact_round(&a), -1000003.0);
  trm__array_exact b = {.folds = 0};
  b.deposits = (1 << 30) - 3;
  for (int i = 0; i < 10; i++) trm__array_exact_deposit(&b, -1, 0);
  CHECK(b.deposits < 100);
  CHECK_SAME(trm__array_exact_round(&b), -10.0);
  CHECK_SAME(trm__array_exact_round(&b), -10.0); /* rounding keeps it */
}

int main(void) {
  test_known();
  test_rounding();
  test_ends();
  test_special();
  test_random(0, 0);
  test_random(-20, 20);
  test_random(-60, 60);
  test_random(-1074, -1000);
  test_random(990, 1010);
  test_random(-1074, 1010);
  test_changing();
  test_left_over();
  test_extreme_blocks();
  test_many();
  test_dot();
  test_deposit();
  test_words();
  return check_done();
}
