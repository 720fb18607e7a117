/* Reductions over fields: the same bits for every rank count, thread count and
 * layout.
 *
 * A sum is the exact sum of all elements, rounded once; a dot is the exact sum
 * of the once-rounded products. Both follow from exact accumulation in a
 * fixed-point accumulator that covers all exponents (R. Neal, Fast exact
 * summation using small and large superaccumulators, 2015), filled here by
 * vectorised splitting into 52-bit pieces (cf. J. Demmel, P. Ahrens, H. D.
 * Nguyen, Efficient reproducible floating point summation and BLAS, 2016).
 * Infinities and NaN give what IEEE addition gives. A sum of zeros, or of
 * nothing, is +0. Floats are summed as doubles, in which their products are
 * exact.
 *
 * Integer sums are exact in 128 bits and rounded once to double. All functions
 * are Collective and give every rank the same value. Owned elements count once,
 * halos never. */
#ifndef TRIREME_REDUCE_H
#define TRIREME_REDUCE_H

#include <trireme/field.h>

double trm_sum(trm_run *, const trm_field *);
/** Two fields of one layout and type; complex: the real part of conj(x)*y. */
double trm_dot(trm_run *, const trm_field *, const trm_field *);
/** sqrt(dot(x, x)); complex: over |x|^2. */
double trm_norm(trm_run *, const trm_field *);
/** Complex sum and dot (conj(x)*y); for the other types the imaginary part is
 * 0. */
double _Complex trm_csum(trm_run *, const trm_field *);
double _Complex trm_cdot(trm_run *, const trm_field *, const trm_field *);

typedef struct trm_extreme {
  double value;            /* rounded, for 64-bit integers */
  int64_t integer;         /* the exact value of an integer field (u64: its
                               bits) */
  int64_t index[TRM_DIMS]; /* lowest global index (row-major) that has it */
  bool any;                /* false: the field is empty or all NaN */
} trm_extreme;

/** Smallest and largest element with its place; NaN is skipped; complex: by
 * modulus. */
trm_extreme trm_min_at(trm_run *, const trm_field *);
trm_extreme trm_max_at(trm_run *, const trm_field *);

/** Number of owned elements whose bits differ; two fields of one layout and
 * type. A double, like all that goes into trm_expect. */
double trm_differing(trm_run *, const trm_field *, const trm_field *);

/** Number of NaN and infinite elements. */
int64_t trm_nonfinite(trm_run *, const trm_field *);

/** Exact sum of one number a rank, rounded once. */
double trm_sum_ranks(trm_run *, double);

typedef enum trm_reduction {
  TRM_REDUCE_SUM,     /* trm_sum, trm_dot, trm_norm, trm_sum_ranks; trm_csum and
                         trm_cdot of fields that are not complex */
  TRM_REDUCE_COMPLEX, /* trm_csum, trm_cdot of complex fields */
  TRM_REDUCE_EXTREME, /* trm_min_at, trm_max_at */
  TRM_REDUCE_ONE      /* trm_differing, trm_nonfinite; trm_max, trm_min and
                         trm_total of run.h */
} trm_reduction;

/** What one reduction sends from each rank, on any number of ranks: for work
 * models. Pure. */
trm_traffic trm_reduce_traffic(trm_reduction);

#endif
