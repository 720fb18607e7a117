/* Exact sums: a fixed-point accumulator that covers all exponents of a double,
 * so a sum is rounded only once, at the end, and does not depend on the order.
 * Pure functions, no run. They require rounding to nearest and no flushing of
 * subnormals.
 *
 * The accumulator is a big integer in units of 2^-1074. Its words hold 32 bits
 * each and have 31 more bits for carries. Accumulators merge by integer
 * addition; across ranks this takes one reduction of their words. */
#ifndef TRM_ARRAY_EXACT_H
#define TRM_ARRAY_EXACT_H

#include <stdint.h>

enum {
  TRM__EXACT_BINS = 68, /* of 32 bits; 2^63 times the largest double fits */
  TRM__EXACT_NAN = TRM__EXACT_BINS, /* number of NaN added; then infinities */
  TRM__EXACT_INF,
  TRM__EXACT_NEGATIVE_INF,
  TRM__EXACT_WORDS,
  TRM__EXACT_BLOCK = 2048 /* elements summed at a time */
};

typedef struct trm__array_exact { /* all zero: the empty sum */
  int64_t word[TRM__EXACT_WORDS];
  int64_t deposits; /* since carries were last propagated */
  /* unit of the last block is 2^scale: the guess for the next block */
  int scale;
  int folds; /* folds that the last block needed; 0: no block yet */
} trm__array_exact;

/** Add n numbers. */
void trm__array_exact_add(trm__array_exact *, const double *x, int64_t n);

/** Add n products, each rounded once. */
void trm__array_exact_dot(trm__array_exact *, const double *x, const double *y,
                          int64_t n);

/** Add value * 2^exponent.  \param exponent -1074 to 971 */
void trm__array_exact_deposit(trm__array_exact *, int64_t value, int exponent);

/** Add another accumulator, whose carries are propagated. */
void trm__array_exact_merge(trm__array_exact *, trm__array_exact *from);

/** Propagate carries; up to 2^31 accumulators can then be added word by word.
 */
void trm__array_exact_carry(trm__array_exact *);

/** Return the sum, rounded to the nearest double, ties to even. Zero is +0.
 * \param sum a single accumulator or several added word by word; its carries
 * are propagated */
double trm__array_exact_round(trm__array_exact *sum);

#endif
