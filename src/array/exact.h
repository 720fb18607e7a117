/* Exact sums: a fixed-point accumulator that covers all exponents of a double,
 * so that a sum is rounded once, at the end, and depends on no order. Pure
 * functions, no run; rounding mode to nearest, subnormals not flushed.
 *
 * The accumulator is a big integer in units of 2^-1074, kept in words of 32
 * bits that have 31 more for carries. Accumulators merge by integer addition:
 * across ranks by one reduction of their words. */
#ifndef TRM_ARRAY_EXACT_H
#define TRM_ARRAY_EXACT_H

#include <stdint.h>

enum {
  TRM__EXACT_BINS = 68, /* of 32 bits: 2^63 times the largest double fits */
  TRM__EXACT_NAN = TRM__EXACT_BINS, /* how many of them were added */
  TRM__EXACT_INF,
  TRM__EXACT_NEGATIVE_INF,
  TRM__EXACT_WORDS,
  TRM__EXACT_BLOCK = 2048 /* elements that are summed in one go */
};

typedef struct trm__array_exact { /* all zero: the empty sum */
  int64_t word[TRM__EXACT_WORDS];
  int64_t deposits; /* since the carries were propagated */
  int scale;        /* last block's unit is 2^scale: the guess for the next */
  int folds;        /* that the last block needed; 0: none was seen */
} trm__array_exact;

/** Add n numbers. */
void trm__array_exact_add(trm__array_exact *, const double *x, int64_t n);

/** Add n products, each rounded once. */
void trm__array_exact_dot(trm__array_exact *, const double *x, const double *y,
                          int64_t n);

/** Add value * 2^exponent.  \param exponent -1074 to 971 */
void trm__array_exact_deposit(trm__array_exact *, int64_t value, int exponent);

/** Add what is in another accumulator, whose carries are propagated. */
void trm__array_exact_merge(trm__array_exact *, trm__array_exact *from);

/** Propagate carries: 2^31 accumulators can then be added word by word. */
void trm__array_exact_carry(trm__array_exact *);

/** The sum, rounded to the nearest double, ties to even. Zero is +0.
 * \param sum words as they are or as added up; its carries are propagated */
double trm__array_exact_round(trm__array_exact *sum);

#endif
