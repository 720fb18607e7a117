/* A block of numbers is split by folds. With M = 1.5 * 2^(52+e), x + M rounds x
 * to a multiple of 2^e, and the bits of x + M, read as an integer, are those of
 * M plus that multiple: integer addition of the bits sums the multiples without
 * error. The remainder x - ((x + M) - M), also without error, goes to the next
 * fold, 52 bits lower. e follows the block's largest number, so two folds
 * suffice for data of ordinary range and three for data with a few tiny
 * numbers. */
#include "array/exact.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum {
  BLOCK = TRM__EXACT_BLOCK, /* times 2^51, the largest multiple, is in int64 */
  BIN = 32,
  BOTTOM = -1074, /* exponent of the smallest subnormal */
  TOP = 971,      /* largest e with a finite M */
  FOLD = 52,      /* bits from one fold to the next */
  REACH = 51,     /* a fold takes numbers below 2^(e+REACH) */
  FOLDS = 3,      /* at most, on the fast path */
  HEADROOM = 3,   /* bits by which later blocks may be larger */
  CARRY_EVERY = 1 << 30
};

/* Compiled separately for each constant argument. */
#define ALWAYS_INLINE static inline __attribute__((always_inline))

static const uint64_t magnitude = INT64_MAX;
static const uint64_t bin_mask = UINT32_MAX;

static inline uint64_t bits_of(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline double fold_constant(int e) {
  uint64_t bits = (uint64_t)(e + FOLD + 1023) << 52 | UINT64_C(1) << 51;
  double m;
  memcpy(&m, &bits, sizeof m);
  return m;
}

static inline int lower(int e) {
  return e - FOLD < BOTTOM ? BOTTOM : e - FOLD;
}

/* -- the big integer ------------------------------------------------------- */

void trm__array_exact_carry(trm__array_exact *a) {
  int64_t carry = 0;
  for (int i = 0; i < TRM__EXACT_BINS - 1; i++) {
    int64_t bin = a->word[i] + carry;
    a->word[i] = bin & (int64_t)bin_mask;
    carry = bin >> BIN;
  }
  a->word[TRM__EXACT_BINS - 1] += carry; /* has the sign */
  a->deposits = 1;
}

void trm__array_exact_deposit(trm__array_exact *a, int64_t value,
                              int exponent) {
  int at = exponent - BOTTOM, shift = at % BIN;
  int64_t *bin = a->word + at / BIN;
  int64_t low = value & (int64_t)bin_mask, high = value >> BIN;
  low <<= shift;
  high *= INT64_C(1) << shift;
  bin[0] += low & (int64_t)bin_mask;
  bin[1] += (low >> BIN) + (high & (int64_t)bin_mask);
  bin[2] += high >> BIN;
  a->deposits += 2; /* bin[1] took two numbers of 32 bits */
  if (a->deposits >= CARRY_EVERY) trm__array_exact_carry(a);
}

void trm__array_exact_merge(trm__array_exact *a, trm__array_exact *from) {
  trm__array_exact_carry(from);
  for (int i = 0; i < TRM__EXACT_WORDS; i++) a->word[i] += from->word[i];
  if (++a->deposits >= CARRY_EVERY) trm__array_exact_carry(a);
}

/* -- rounding -------------------------------------------------------------- */

static void negate(trm__array_exact *a) {
  for (int i = 0; i < TRM__EXACT_BINS; i++) a->word[i] = -a->word[i];
  trm__array_exact_carry(a);
}

static bool any_below(const trm__array_exact *a, int bin) {
  for (int i = 0; i < bin; i++)
    if (a->word[i]) return true;
  return false;
}

/* Round the magnitude; carries are propagated, and `high` is the highest bin in
 * use. */
static double round_magnitude(const trm__array_exact *a, int high) {
  const int64_t *bin = a->word;
  uint64_t top = (uint64_t)bin[high] << BIN, rest = 0;
  if (high > 0) top |= (uint64_t)bin[high - 1];
  if (high > 1) rest = (uint64_t)bin[high - 2];
  int shift = __builtin_clzll(top);
  top = top << shift | rest << shift >> BIN;
  bool sticky = (rest << shift & bin_mask) || any_below(a, high - 2);
  int last = high * BIN + 31 - shift - 52; /* of 53 bits, counted from BOTTOM */
  if (last <= 0) return ldexp((double)(top >> (11 - last)), BOTTOM);
  uint64_t kept = top >> 11, cut = top & 0x7ff;
  if (cut > 0x400 || (cut == 0x400 && (sticky || (kept & 1)))) kept++;
  return ldexp((double)kept, last + BOTTOM);
}

static double round_finite(trm__array_exact *a) {
  trm__array_exact_carry(a);
  bool negative = a->word[TRM__EXACT_BINS - 1] < 0;
  if (negative) negate(a);
  int high = TRM__EXACT_BINS - 1;
  while (high >= 0 && !a->word[high]) high--;
  double x = high < 0 ? 0 : round_magnitude(a, high);
  if (negative) negate(a);
  return negative ? -x : x;
}

double trm__array_exact_round(trm__array_exact *a) {
  bool up = a->word[TRM__EXACT_INF], down = a->word[TRM__EXACT_NEGATIVE_INF];
  if (a->word[TRM__EXACT_NAN] || (up && down)) return NAN;
  if (up || down) return up ? INFINITY : -INFINITY;
  return round_finite(a);
}

/* -- blocks of any numbers ------------------------------------------------- */

static void add_one(trm__array_exact *a, double x) {
  uint64_t bits = bits_of(x);
  int exponent = (int)(bits >> 52 & 0x7ff);
  int64_t mantissa = (int64_t)(bits & ((UINT64_C(1) << 52) - 1));
  if (exponent == 0x7ff) {
    a->word[mantissa ? TRM__EXACT_NAN
            : x > 0  ? TRM__EXACT_INF
                     : TRM__EXACT_NEGATIVE_INF]++;
    return;
  }
  if (exponent) mantissa |= INT64_C(1) << 52;
  int e = exponent ? exponent - 1 + BOTTOM : BOTTOM;
  trm__array_exact_deposit(a, bits >> 63 ? -mantissa : mantissa, e);
}

/* Bits of the largest magnitude; larger than those of infinity if there is a
 * NaN. */
static uint64_t largest(const double *x, int n) {
  int64_t most = 0;
#pragma omp simd reduction(max : most)
  for (int i = 0; i < n; i++) {
    int64_t bits = (int64_t)(bits_of(x[i]) & magnitude);
    most = bits > most ? bits : most;
  }
  return (uint64_t)most;
}

/* One fold: remainders stay in x. Returns the bits of the largest one, as
 * largest() does. */
static uint64_t fold(trm__array_exact *a, double *x, int n, int e) {
  const double m = fold_constant(e);
  uint64_t sum = 0;
  int64_t most = 0;
#pragma omp simd reduction(+ : sum) reduction(max : most)
  for (int i = 0; i < n; i++) {
    double y = x[i] + m;
    double r = x[i] - (y - m);
    int64_t left = (int64_t)(bits_of(r) & magnitude);
    sum += bits_of(y);
    most = left > most ? left : most;
    x[i] = r;
  }
  trm__array_exact_deposit(a, (int64_t)(sum - (uint64_t)n * bits_of(m)), e);
  return (uint64_t)most;
}

/* The e for a magnitude below 2^(exponent-1022). */
static inline int scale_for(uint64_t bits) {
  return (int)(bits >> 52) - 1022 - REACH;
}

static void add_block(trm__array_exact *a, double *x, int n) {
  uint64_t left = largest(x, n);
  int e = scale_for(left);
  if (e >= TOP) { /* at TOP itself x + M may round to infinity */
    for (int i = 0; i < n; i++) add_one(a, x[i]);
    a->folds = FOLDS + 1;
    return;
  }
  e = e + HEADROOM > TOP ? TOP : e + HEADROOM;
  a->scale = e;
  for (a->folds = 0; left; a->folds++) {
    left = fold(a, x, n, e);
    e = scale_for(left) < lower(e) ? scale_for(left) : lower(e);
  }
}

/* -- blocks of ordinary range ---------------------------------------------- */

/* Add with two or three folds at the scale of the previous block. Returns
 * whether that was exact; if a number is too large for the scale or too small
 * for the last fold, nothing is added. `dot` and `folds` are constants. */
ALWAYS_INLINE bool add_folds(trm__array_exact *a, const double *x,
                             const double *y, int n, bool dot, int folds) {
  const int e1 = a->scale, e2 = lower(e1), e3 = lower(e2);
  const double m1 = fold_constant(e1), m2 = fold_constant(e2);
  const double m3 = fold_constant(e3);
  const uint64_t b1 = bits_of(m1), b2 = bits_of(m2), b3 = bits_of(m3);
  uint64_t sum1 = 0, sum2 = 0, sum3 = 0, off = 0, left = 0;
#pragma omp simd reduction(+ : sum1, sum2, sum3) reduction(| : off, left)
  for (int i = 0; i < n; i++) {
    double term = dot ? x[i] * y[i] : x[i];
    double y1 = term + m1;
    double r1 = term - (y1 - m1);
    double y2 = r1 + m2;
    double r2 = r1 - (y2 - m2);
    sum1 += bits_of(y1);
    sum2 += bits_of(y2);
    off |= bits_of(y1) ^ b1; /* sign or exponent differ: out of reach */
    if (folds > 2) {
      double y3 = r2 + m3;
      r2 = r2 - (y3 - m3);
      sum3 += bits_of(y3);
    }
    left |= bits_of(r2);
  }
  if (off >> 52 || left & magnitude) return false;
  trm__array_exact_deposit(a, (int64_t)(sum1 - (uint64_t)n * b1), e1);
  trm__array_exact_deposit(a, (int64_t)(sum2 - (uint64_t)n * b2), e2);
  if (folds > 2)
    trm__array_exact_deposit(a, (int64_t)(sum3 - (uint64_t)n * b3), e3);
  return true;
}

ALWAYS_INLINE bool add_quickly(trm__array_exact *a, const double *x,
                               const double *y, int n, bool dot) {
  if (a->folds == 0 || a->folds > FOLDS) return false;
  return a->folds == FOLDS ? add_folds(a, x, y, n, dot, 3)
                           : add_folds(a, x, y, n, dot, 2);
}

/* Length of the next block: n is divided into equal parts, none longer than a
 * block. */
static int next_block(int64_t n) {
  int64_t blocks = (n + BLOCK - 1) / BLOCK;
  return (int)((n + blocks - 1) / blocks);
}

void trm__array_exact_add(trm__array_exact *a, const double *x, int64_t n) {
  while (n > 0) {
    int length = next_block(n);
    if (!add_quickly(a, x, x, length, false)) {
      double copy[BLOCK];
      memcpy(copy, x, (size_t)length * sizeof *copy);
      add_block(a, copy, length);
    }
    x += length;
    n -= length;
  }
}

void trm__array_exact_dot(trm__array_exact *a, const double *x, const double *y,
                          int64_t n) {
  while (n > 0) {
    int length = next_block(n);
    if (!add_quickly(a, x, y, length, true)) {
      double product[BLOCK];
      for (int i = 0; i < length; i++) product[i] = x[i] * y[i];
      add_block(a, product, length);
    }
    x += length;
    y += length;
    n -= length;
  }
}
