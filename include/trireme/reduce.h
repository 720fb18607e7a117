/* Reductions over fields: bit-identical results for every number of ranks and
 * threads and every layout.
 *
 * A sum is the exact sum of all elements, rounded once; a dot product is the
 * exact sum of the products, each rounded once. Both use a fixed-point
 * accumulator that covers all exponents (R. Neal, Fast exact summation using
 * small and large superaccumulators, 2015), filled by vectorised splitting into
 * 52-bit pieces (cf. J. Demmel, P. Ahrens, H. D. Nguyen, Efficient reproducible
 * floating point summation and BLAS, 2016). Infinities and NaN give what IEEE
 * addition gives. A sum of zeros, or of nothing, is +0. Floats are summed as
 * doubles, in which their products are exact.
 *
 * Integer sums are exact in 128 bits and rounded once to double. All functions
 * are Collective and return the same value on every rank. Owned elements count
 * once; halos never count. */
#ifndef TRIREME_REDUCE_H
#define TRIREME_REDUCE_H

#include <trireme/field.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Sum all elements; complex: their real parts. */
double trm_sum(trm_run *, const trm_field *);
/** Compute the dot product of two fields of the same layout and type; complex:
 * the real part of conj(x)*y. */
double trm_dot(trm_run *, const trm_field *, const trm_field *);
/** Compute the 2-norm, sqrt(dot(x, x)); complex: over |x|^2. */
double trm_norm(trm_run *, const trm_field *);
/** Compute the complex sum and dot product (conj(x)*y); the imaginary part is 0
 * for other types. */
double _Complex trm_csum(trm_run *, const trm_field *);
double _Complex trm_cdot(trm_run *, const trm_field *, const trm_field *);

typedef struct trm_extreme {
  double value;            /* 64-bit integers are rounded */
  int64_t integer;         /* exact value of an integer field (u64: its bits) */
  int64_t index[TRM_DIMS]; /* lowest (row-major) global index with this value */
  bool any;                /* false: the field is empty or all NaN */
} trm_extreme;

/** Find the smallest or largest element and its index; NaN is skipped; complex:
 * by modulus. */
trm_extreme trm_min_at(trm_run *, const trm_field *);
trm_extreme trm_max_at(trm_run *, const trm_field *);

/** Count the elements whose bits differ between two fields of the same layout
 * and type. A double, as trm_expect takes it. */
double trm_differing(trm_run *, const trm_field *, const trm_field *);

/** Count the NaN and infinite elements. */
int64_t trm_nonfinite(trm_run *, const trm_field *);

/** Sum one number per rank exactly, rounded once. */
double trm_sum_ranks(trm_run *, double);

typedef enum trm_reduction {
  /* trm_sum, trm_dot, trm_norm, trm_sum_ranks; trm_csum and trm_cdot of real
   * fields */
  TRM_REDUCE_SUM,
  TRM_REDUCE_COMPLEX, /* trm_csum and trm_cdot of complex fields */
  TRM_REDUCE_EXTREME, /* trm_min_at, trm_max_at */
  /* trm_differing, trm_nonfinite; trm_max, trm_min and trm_total of run.h */
  TRM_REDUCE_ONE
} trm_reduction;

/** Return what each rank sends in one reduction, on any number of ranks: for
 * work models. Pure. */
trm_traffic trm_reduce_traffic(trm_reduction);

#ifdef __cplusplus
}
#endif

#endif
