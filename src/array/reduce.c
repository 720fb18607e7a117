/* Each thread walks over its part of the owned elements with its own exact
 * accumulator. Merged over threads and ranks, they give one exact sum, rounded
 * once, the same on every rank. Extremes compare 64-bit integer keys, which
 * have the order of the values, then global indices. */
#include <trireme/reduce.h>

#include <assert.h>
#include <float.h>
#include <math.h>
#include <omp.h>
#include <string.h>

#include <trireme/work.h>

#include "array/exact.h"
#include "array/layout/walk.h"

enum {
  CHUNK = TRM__EXACT_BLOCK, /* longest line handled at a time */
  SHORT = CHUNK / 8 /* shorter lines are collected to save fixed costs */
};

static int64_t counted(const trm_field *f) {
  return f->layout->first_owner ? f->layout->count : 0;
}

static const void *element(const trm_field *f, int64_t at) {
  return (const char *)f->data + at * (int64_t)trm_type_size(f->type);
}

/* Walk over this thread's part. */
static void walk_mine(trm__array_walk *w, const trm_field *f) {
  trm__array_walk_memory(w, f->layout, omp_get_thread_num(),
                         omp_get_num_threads());
}

static void allreduce(trm_run *run, void *data, int n, trm_op op) {
  trm_cause before = trm_comm_cause(run->comm, TRM_FOR_REDUCE);
  trm_allreduce(run->comm, data, n, TRM_I64, op);
  trm_comm_cause_end(run->comm, before);
}

/* -- floating-point terms -------------------------------------------------- */

/* input of one accumulator: collects short and strided lines */
typedef struct feed {
  trm__array_exact sum;
  int filled;
  double term[CHUNK];
} feed;

static void flush(feed *f) {
  trm__array_exact_add(&f->sum, f->term, f->filled);
  f->filled = 0;
}

static double *room(feed *f, int64_t n) {
  if (f->filled + n > CHUNK) flush(f);
  double *term = f->term + f->filled;
  f->filled += (int)n;
  return term;
}

typedef struct reals { /* evenly spaced in memory; NULL: none */
  const double *data;
  int64_t stride;
} reals;

/* Add x[i], or sign * x[i]*y[i]. */
static void feed_doubles(feed *f, reals x, reals y, int64_t n, double sign) {
  bool unit = x.stride == 1 && (!y.data || y.stride == 1);
  if (unit && n >= SHORT && sign > 0) {
    if (y.data)
      trm__array_exact_dot(&f->sum, x.data, y.data, n);
    else
      trm__array_exact_add(&f->sum, x.data, n);
    return;
  }
  double *term = room(f, n);
  if (y.data)
    for (int64_t i = 0; i < n; i++)
      term[i] = sign * (x.data[i * x.stride] * y.data[i * y.stride]);
  else
    for (int64_t i = 0; i < n; i++) term[i] = x.data[i * x.stride];
}

/* The product of two floats is exact as a double. */
static void feed_floats(feed *f, const float *x, const float *y, int64_t stride,
                        int64_t n) {
  double *term = room(f, n);
  if (y)
    for (int64_t i = 0; i < n; i++)
      term[i] = (double)x[i * stride] * (double)y[i * stride];
  else
    for (int64_t i = 0; i < n; i++) term[i] = (double)x[i * stride];
}

/* parts == 1: only the real part is needed. */
static void feed_complex(feed f[], int parts, const double *x, const double *y,
                         int64_t stride, int64_t n) {
  const reals none = {NULL, 1};
  const reals xr = {x, 2 * stride}, xi = {x + 1, 2 * stride};
  if (!y) {
    feed_doubles(&f[0], xr, none, n, 1);
    if (parts > 1) feed_doubles(&f[1], xi, none, n, 1);
    return;
  }
  const reals yr = {y, 2 * stride}, yi = {y + 1, 2 * stride};
  if (stride == 1 && 2 * n >= SHORT) { /* real and imaginary alternate */
    feed_doubles(&f[0], (reals){x, 1}, (reals){y, 1}, 2 * n, 1);
  } else {
    feed_doubles(&f[0], xr, yr, n, 1);
    feed_doubles(&f[0], xi, yi, n, 1);
  }
  if (parts == 1) return;
  feed_doubles(&f[1], xr, yi, n, 1);
  feed_doubles(&f[1], xi, yr, n, -1);
}

/* -- integer terms --------------------------------------------------------- */

/* As 64 bits, the sign extended. */
static void load_integers(trm_type type, const void *data, int64_t stride,
                          int64_t n, int64_t *out) {
  const int32_t *i32 = data;
  const uint8_t *u8 = data;
  const int64_t *i64 = data; /* u64 too */
  if (type == TRM_I32)
    for (int64_t i = 0; i < n; i++) out[i] = i32[i * stride];
  else if (type == TRM_U8)
    for (int64_t i = 0; i < n; i++) out[i] = u8[i * stride];
  else
    for (int64_t i = 0; i < n; i++) out[i] = i64[i * stride];
}

/* Sums of 32-bit halves cannot overflow within a chunk. */
static void add_integers(trm__array_exact *sum, trm_type type, const int64_t *x,
                         int64_t n) {
  const uint64_t sign = type == TRM_U64 ? 0 : UINT64_C(1) << 31;
  uint64_t low = 0;
  int64_t high = 0;
#pragma omp simd reduction(+ : low, high)
  for (int64_t i = 0; i < n; i++) {
    uint64_t half = (uint64_t)x[i] >> 32;
    low += (uint64_t)x[i] & UINT32_MAX;
    high += (int64_t)(half ^ sign) - (int64_t)sign;
  }
  trm__array_exact_deposit(sum, (int64_t)low, 0);
  trm__array_exact_deposit(sum, high, 32);
}

/* Products of 64-bit integers have 128 bits; they are summed in quarters. */
static void add_products(trm__array_exact *sum, trm_type type, const int64_t *x,
                         const int64_t *y, int64_t n) {
  int64_t part[4] = {0};
  for (int64_t i = 0; i < n; i++) {
    __extension__ unsigned __int128 p;
    if (type == TRM_U64)
      p = (unsigned __int128)(uint64_t)x[i] * (uint64_t)y[i];
    else
      p = (unsigned __int128)((__int128)x[i] * y[i]);
    part[0] += (int64_t)(p & UINT32_MAX);
    part[1] += (int64_t)(p >> 32 & UINT32_MAX);
    part[2] += (int64_t)(p >> 64 & UINT32_MAX);
    uint32_t top = (uint32_t)(p >> 96);
    part[3] += type == TRM_U64 ? (int64_t)top : (int32_t)top;
  }
  for (int i = 0; i < 4; i++) trm__array_exact_deposit(sum, part[i], 32 * i);
}

static void feed_integers(trm__array_exact *sum, trm_type type, const void *x,
                          const void *y, int64_t stride, int64_t n) {
  int64_t a[CHUNK], b[CHUNK];
  load_integers(type, x, stride, n, a);
  if (!y) {
    add_integers(sum, type, a, n);
    return;
  }
  load_integers(type, y, stride, n, b);
  if (type == TRM_I64 || type == TRM_U64) {
    add_products(sum, type, a, b, n);
    return;
  }
  for (int64_t i = 0; i < n; i++) a[i] *= b[i];
  add_integers(sum, type, a, n);
}

/* -- sums and dots --------------------------------------------------------- */

typedef struct terms {    /* what is summed: x, or conj(x)*y */
  const trm_field *x, *y; /* y may be NULL */
  int parts;              /* 1: real, 2: imaginary too */
} terms;

static void feed_line(feed f[], const terms *t, const trm__array_line *l) {
  const trm_type type = t->x->type;
  const void *x = element(t->x, l->at);
  const void *y = t->y ? element(t->y, l->at) : NULL;
  if (type == TRM_F64)
    feed_doubles(f, (reals){x, l->stride}, (reals){y, l->stride}, l->n, 1);
  else if (type == TRM_F32)
    feed_floats(f, x, y, l->stride, l->n);
  else if (type == TRM_C128)
    feed_complex(f, t->parts, x, y, l->stride, l->n);
  else
    feed_integers(&f->sum, type, x, y, l->stride, l->n);
}

/* The part of one thread, added to `sum`. */
static void sum_part(trm__array_exact sum[], const terms *t) {
  feed f[2];
  trm__array_walk walk;
  trm__array_line line;
  for (int i = 0; i < t->parts; i++) {
    f[i].sum = (trm__array_exact){.folds = 0};
    f[i].filled = 0;
  }
  walk_mine(&walk, t->x);
  while (trm__array_walk_next(&walk, CHUNK, &line)) feed_line(f, t, &line);
  for (int i = 0; i < t->parts; i++) flush(&f[i]);
#pragma omp critical(trm_reduce)
  for (int i = 0; i < t->parts; i++) trm__array_exact_merge(&sum[i], &f[i].sum);
}

/* Add up over the ranks and round. */
static void finish(trm_run *run, trm__array_exact sum[], int parts,
                   double out[]) {
  int64_t word[2][TRM__EXACT_WORDS];
  for (int i = 0; i < parts; i++) {
    trm__array_exact_carry(&sum[i]);
    memcpy(word[i], sum[i].word, sizeof word[i]);
  }
  allreduce(run, word, parts * TRM__EXACT_WORDS, TRM_SUM);
  for (int i = 0; i < parts; i++) {
    memcpy(sum[i].word, word[i], sizeof word[i]);
    out[i] = trm__array_exact_round(&sum[i]);
  }
}

static void sum_terms(trm_run *run, terms t, double out[2]) {
  trm__array_exact sum[2] = {{.folds = 0}};
  const double n = (double)counted(t.x),
               size = (double)trm_type_size(t.x->type);
  const double flops =
      n * t.parts * (t.y ? 2 : 1) * (t.x->type == TRM_C128 && t.y ? 2 : 1);
  const double bytes = n * size * (t.y && t.y != t.x ? 2 : 1);
  out[1] = 0;
  if (n > 0) TRM_PARALLEL(run, "reduce", flops, bytes) sum_part(sum, &t);
  finish(run, sum, t.parts, out);
}

static void check_pair(const trm_field *x, const trm_field *y) {
  assert(x->type == y->type);
  assert(x->layout == y->layout || trm_layout_same(x->layout, y->layout));
}

double trm_sum(trm_run *run, const trm_field *x) {
  double sum[2];
  sum_terms(run, (terms){x, NULL, 1}, sum);
  return sum[0];
}

double trm_dot(trm_run *run, const trm_field *x, const trm_field *y) {
  double sum[2];
  check_pair(x, y);
  sum_terms(run, (terms){x, y, 1}, sum);
  return sum[0];
}

double trm_norm(trm_run *run, const trm_field *x) {
  return sqrt(trm_dot(run, x, x));
}

static double _Complex complex_of(const double part[2]) {
  double _Complex z; /* not every compiler has CMPLX */
  memcpy(&z, part, sizeof z);
  return z;
}

double _Complex trm_csum(trm_run *run, const trm_field *x) {
  double sum[2];
  sum_terms(run, (terms){x, NULL, x->type == TRM_C128 ? 2 : 1}, sum);
  return complex_of(sum);
}

double _Complex trm_cdot(trm_run *run, const trm_field *x, const trm_field *y) {
  double sum[2];
  check_pair(x, y);
  sum_terms(run, (terms){x, y, x->type == TRM_C128 ? 2 : 1}, sum);
  return complex_of(sum);
}

double trm_sum_ranks(trm_run *run, double mine) {
  trm__array_exact sum = {.folds = 0};
  double out[1];
  trm__array_exact_add(&sum, &mine, 1);
  finish(run, &sum, 1, out);
  return out[0];
}

/* -- extremes -------------------------------------------------------------- */

/* The smallest key wins, then the smallest index. Only NaN has the key of NaN;
 * no element has the index INT64_MAX. */
typedef struct best {
  int64_t key, index;
} best;

static const int64_t nan_key = INT64_MAX;

static bool is_floating(trm_type type) {
  return type == TRM_F64 || type == TRM_F32 || type == TRM_C128;
}

/* Map doubles to integers of the same order by inverting the magnitude of
 * negative ones. The function is its own inverse. */
static inline int64_t turn_negative(int64_t bits) {
  return bits ^ (bits >> 63 & INT64_MAX);
}

static inline int64_t key_of(double x, int64_t flip) {
  double plus = x + 0.0; /* -0 becomes +0 */
  int64_t bits;
  memcpy(&bits, &plus, sizeof bits);
  return x == x ? turn_negative(bits) ^ flip : nan_key;
}

static double value_of(int64_t key) {
  int64_t bits = turn_negative(key);
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* flip: -1 reverses the order, so that the largest value has the smallest key.
 */
static void load_keys(trm_type type, const void *data, int64_t stride,
                      int64_t n, int64_t flip, int64_t *key) {
  const double *f64 = data; /* c128 too */
  const float *f32 = data;
  if (type == TRM_F64) {
    for (int64_t i = 0; i < n; i++) key[i] = key_of(f64[i * stride], flip);
  } else if (type == TRM_F32) {
    for (int64_t i = 0; i < n; i++)
      key[i] = key_of((double)f32[i * stride], flip);
  } else if (type == TRM_C128) {
    for (int64_t i = 0; i < n; i++) {
      const double *z = f64 + 2 * i * stride;
      key[i] = key_of(hypot(z[0], z[1]), flip);
    }
  } else {
    load_integers(type, data, stride, n, key);
    if (type == TRM_U64) flip ^= INT64_MIN; /* unsigned order */
    for (int64_t i = 0; i < n; i++) key[i] ^= flip;
  }
}

static void improve(best *b, best other) {
  if (other.key < b->key || (other.key == b->key && other.index < b->index))
    *b = other;
}

static void find_in_line(best *b, const int64_t *key, const trm__array_line *l,
                         bool floating) {
  int64_t least = INT64_MAX, i = 0;
#pragma omp simd reduction(min : least)
  for (int64_t k = 0; k < l->n; k++) least = key[k] < least ? key[k] : least;
  if (least > b->key || (floating && least == nan_key)) return;
  while (key[i] != least) i++; /* the first has the lowest index */
  improve(b, (best){least, (int64_t)(l->index + (uint64_t)i * l->step)});
}

static best find_part(const trm_field *f, int64_t flip) {
  best b = {INT64_MAX, INT64_MAX};
  int64_t key[CHUNK];
  trm__array_walk walk;
  trm__array_line line;
  trm__array_walk_begin(&walk, f->layout, omp_get_thread_num(),
                        omp_get_num_threads());
  while (trm__array_walk_next(&walk, CHUNK, &line)) {
    load_keys(f->type, element(f, line.at), line.stride, line.n, flip, key);
    find_in_line(&b, key, &line, is_floating(f->type));
  }
  return b;
}

static best agree(trm_run *run, best mine) {
  best all = mine;
  allreduce(run, &all.key, 1, TRM_MIN);
  all.index = mine.key == all.key ? mine.index : INT64_MAX;
  allreduce(run, &all.index, 1, TRM_MIN);
  return all;
}

static trm_extreme describe(const trm_field *f, best b, int64_t flip) {
  trm_extreme e = {.any = b.index != INT64_MAX};
  if (!e.any) return e;
  int64_t key = b.key ^ flip;
  if (is_floating(f->type)) {
    e.value = value_of(key);
  } else {
    e.integer = f->type == TRM_U64 ? key ^ INT64_MIN : key;
    e.value =
        f->type == TRM_U64 ? (double)(uint64_t)e.integer : (double)e.integer;
  }
  for (int d = f->layout->dims - 1; d >= 0; d--) {
    e.index[d] = b.index % f->layout->n[d];
    b.index /= f->layout->n[d];
  }
  return e;
}

static trm_extreme extreme(trm_run *run, const trm_field *f, int64_t flip) {
  best b = {INT64_MAX, INT64_MAX};
  const double n = (double)counted(f);
  if (n > 0)
    TRM_PARALLEL(run, "reduce", n, n * (double)trm_type_size(f->type)) {
      best mine = find_part(f, flip);
#pragma omp critical(trm_reduce)
      improve(&b, mine);
    }
  return describe(f, agree(run, b), flip);
}

trm_extreme trm_min_at(trm_run *run, const trm_field *f) {
  return extreme(run, f, 0);
}

trm_extreme trm_max_at(trm_run *run, const trm_field *f) {
  return extreme(run, f, -1);
}

/* -- counts ---------------------------------------------------------------- */

static int64_t nonfinite_line(trm_type type, const void *data, int64_t stride,
                              int64_t n) {
  const double *f64 = data; /* c128 too */
  const float *f32 = data;
  int64_t count = 0;
  if (type == TRM_F64)
    for (int64_t i = 0; i < n; i++)
      count += !(fabs(f64[i * stride]) <= DBL_MAX);
  else if (type == TRM_F32)
    for (int64_t i = 0; i < n; i++)
      count += !(fabsf(f32[i * stride]) <= FLT_MAX);
  else
    for (int64_t i = 0; i < n; i++) {
      const double *z = f64 + 2 * i * stride;
      count += !(fabs(z[0]) <= DBL_MAX && fabs(z[1]) <= DBL_MAX);
    }
  return count;
}

static int64_t nonfinite_part(const trm_field *f) {
  int64_t count = 0;
  trm__array_walk walk;
  trm__array_line line;
  walk_mine(&walk, f);
  while (trm__array_walk_next(&walk, CHUNK, &line))
    count += nonfinite_line(f->type, element(f, line.at), line.stride, line.n);
  return count;
}

int64_t trm_nonfinite(trm_run *run, const trm_field *f) {
  int64_t total = 0;
  const double n = (double)counted(f);
  if (n > 0 && is_floating(f->type))
    TRM_PARALLEL(run, "reduce", 0, n * (double)trm_type_size(f->type)) {
      int64_t count = nonfinite_part(f);
#pragma omp atomic
      total += count;
    }
  allreduce(run, &total, 1, TRM_SUM);
  return total;
}

static int64_t differing_line(size_t size, const char *x, const char *y,
                              int64_t stride, int64_t n) {
  int64_t count = 0;
  if (stride == 1 && !memcmp(x, y, (size_t)n * size)) return 0;
  for (int64_t i = 0; i < n; i++) {
    size_t at = (size_t)(i * stride) * size;
    count += memcmp(x + at, y + at, size) != 0;
  }
  return count;
}

static int64_t differing_part(const trm_field *x, const trm_field *y) {
  const size_t size = trm_type_size(x->type);
  int64_t count = 0;
  trm__array_walk walk;
  trm__array_line line;
  walk_mine(&walk, x);
  while (trm__array_walk_next(&walk, CHUNK, &line))
    count += differing_line(size, element(x, line.at), element(y, line.at),
                            line.stride, line.n);
  return count;
}

double trm_differing(trm_run *run, const trm_field *x, const trm_field *y) {
  int64_t total = 0;
  const double n = (double)counted(x);
  check_pair(x, y);
  if (n > 0)
    TRM_PARALLEL(run, "reduce", 0, 2 * n * (double)trm_type_size(x->type)) {
      int64_t count = differing_part(x, y);
#pragma omp atomic
      total += count;
    }
  allreduce(run, &total, 1, TRM_SUM);
  return (double)total;
}

/* -- for work models ------------------------------------------------------- */

static trm_traffic reductions(int64_t calls, int64_t words) {
  return (trm_traffic){
      .calls = {[TRM_ALLREDUCE] = calls},
      .call_bytes = {[TRM_ALLREDUCE] = words * (int64_t)sizeof(int64_t)}};
}

trm_traffic trm_reduce_traffic(trm_reduction what) {
  switch (what) {
    case TRM_REDUCE_SUM:
      return reductions(1, TRM__EXACT_WORDS);
    case TRM_REDUCE_COMPLEX:
      return reductions(1, 2 * TRM__EXACT_WORDS);
    case TRM_REDUCE_EXTREME:
      return reductions(2, 2);
    default:
      return reductions(1, 1);
  }
}
