/* TEST ranks=13 threads=1,2 split cost=20 */
/* Reductions over fields of every type and layout against the same numbers
 * reduced one by one in global order: the same bits. */
#include <trireme/kernel.h>

#include "check_mpi.h"

#include "array/exact.h"

/* -- the numbers, in global row-major order -------------------------------- */

typedef union number { /* one element of any type */
  double f64, c128[2];
  float f32;
  int64_t i64;
  int32_t i32;
  uint64_t u64;
  uint8_t u8;
} number;

typedef number (*maker)(trm_type, int64_t index);

static double spread(uint64_t bits) { /* exponents -40 to 39 */
  return ldexp((double)(int64_t)(bits >> 10) - 0x1p53, (int)(bits % 80) - 93);
}

static number random_number(trm_type type, uint64_t stream, int64_t index) {
  const uint64_t bits = trm_random(5, stream, (uint64_t)index);
  number v = {.u64 = bits};
  if (type == TRM_F64) v.f64 = spread(bits);
  if (type == TRM_F32) v.f32 = (float)spread(bits);
  if (type == TRM_C128) {
    v.c128[0] = spread(bits);
    v.c128[1] = spread(trm_random(5, stream + 1, (uint64_t)index));
  }
  if (type == TRM_I64) v.i64 >>= 8; /* products add up in 128 bits */
  if (type == TRM_U64) v.u64 >>= 8;
  return v;
}

static number make_x(trm_type type, int64_t index) {
  return random_number(type, 0, index);
}

static number make_y(trm_type type, int64_t index) {
  return random_number(type, 2, index);
}

static number whole_number(trm_type type, int64_t v) {
  switch (type) {
    case TRM_F64:
      return (number){.f64 = (double)v};
    case TRM_F32:
      return (number){.f32 = (float)v};
    case TRM_I64:
      return (number){.i64 = v};
    case TRM_I32:
      return (number){.i32 = (int32_t)v};
    case TRM_U64:
      return (number){.u64 = (uint64_t)v};
    case TRM_U8:
      return (number){.u8 = (uint8_t)v};
    default:
      return (number){.c128 = {0, -(double)v}};
  }
}

static number make_ties(trm_type type, int64_t index) {
  return whole_number(type, (index * 7 + 3) % 5);
}

static number make_ones(trm_type type, int64_t index) {
  (void)index;
  return whole_number(type, 1);
}

/* -- one number of each type ----------------------------------------------- */

static bool is_real(trm_type t) {
  return t == TRM_F64 || t == TRM_F32;
}

static double real_of(trm_type t, number v) {
  return t == TRM_F32 ? (double)v.f32 : v.f64;
}

__extension__ typedef __int128 wide;

static wide integer_of(trm_type t, number v) {
  switch (t) {
    case TRM_I64:
      return v.i64;
    case TRM_I32:
      return v.i32;
    case TRM_U64:
      return v.u64;
    default:
      return v.u8;
  }
}

/* -- fields ---------------------------------------------------------------- */

/* Calls `set` for each owned element with its place in memory and its index. */
static void set_owned(trm_field *f, maker make) {
  const trm_layout *l = f->layout;
  const size_t size = trm_type_size(f->type);
  int64_t len[TRM_DIMS] = {1, 1, 1, 1}, at[TRM_DIMS];
  for (int d = 0; d < l->dims; d++) len[d] = l->len[d];
  if (!l->count) return;
  for (at[0] = 0; at[0] < len[0]; at[0]++)
    for (at[1] = 0; at[1] < len[1]; at[1]++)
      for (at[2] = 0; at[2] < len[2]; at[2]++)
        for (at[3] = 0; at[3] < len[3]; at[3]++) {
          int64_t memory = 0, index = 0;
          for (int d = 0; d < l->dims; d++) {
            memory += at[d] * l->stride[d];
            index = index * l->n[d] + trm_global(l, d, at[d]);
          }
          number v = make(f->type, index);
          memcpy((char *)f->data + memory * (int64_t)size, &v, size);
        }
}

/* Set all memory, halo and padding included, to one byte. */
static void wipe(trm_field *f, int byte) {
  const trm_layout *l = f->layout;
  const size_t size = trm_type_size(f->type);
  if (l->total)
    memset((char *)f->data - l->origin * (int64_t)size, byte,
           (size_t)l->total * size);
}

static trm_field *new_field(trm_run *run, const trm_layout *l, const char *name,
                            trm_type type, maker make) {
  trm_field *f;
  CHECK_OK(run, trm_field_new(run, l, name, type, TRM_SCRATCH, &f));
  wipe(f, 0xff); /* NaN, -1 */
  set_owned(f, make);
  return f;
}

static int64_t elements(const trm_layout *l) {
  int64_t n = 1;
  for (int d = 0; d < l->dims; d++) n *= l->n[d];
  return n;
}

/* -- sums ------------------------------------------------------------------ */

static void add(trm__array_exact *a, double x) {
  trm__array_exact_add(a, &x, 1);
}

/* Real and imaginary part of the sum of x, or of conj(x)*y. */
static void serial_sum(trm_type t, int64_t n, maker x, maker y, double out[2]) {
  trm__array_exact re = {.folds = 0}, im = {.folds = 0};
  wide sum = 0;
  for (int64_t i = 0; i < n; i++) {
    number a = x(t, i), b = y ? y(t, i) : a;
    if (is_real(t)) {
      add(&re, y ? real_of(t, a) * real_of(t, b) : real_of(t, a));
    } else if (t != TRM_C128) {
      sum += y ? integer_of(t, a) * integer_of(t, b) : integer_of(t, a);
    } else if (y) {
      add(&re, a.c128[0] * b.c128[0]);
      add(&re, a.c128[1] * b.c128[1]);
      add(&im, a.c128[0] * b.c128[1]);
      add(&im, -a.c128[1] * b.c128[0]);
    } else {
      add(&re, a.c128[0]);
      add(&im, a.c128[1]);
    }
  }
  bool integer = !is_real(t) && t != TRM_C128;
  out[0] = integer ? (double)sum : trm__array_exact_round(&re);
  out[1] = trm__array_exact_round(&im);
}

static void check_complex(double _Complex got, const double want[2]) {
  double part[2];
  memcpy(part, &got, sizeof part);
  CHECK_SAME(part[0], want[0]);
  CHECK_SAME(part[1], want[1]);
}

static void test_sums(trm_run *run, const trm_layout *l, trm_type t) {
  const int64_t n = elements(l);
  trm_field *x = new_field(run, l, "x", t, make_x);
  trm_field *y = new_field(run, l, "y", t, make_y);
  double want[2];
  serial_sum(t, n, make_x, NULL, want);
  CHECK_SAME(trm_sum(run, x), want[0]);
  check_complex(trm_csum(run, x), want);
  serial_sum(t, n, make_x, make_y, want);
  CHECK_SAME(trm_dot(run, x, y), want[0]);
  check_complex(trm_cdot(run, x, y), want);
  serial_sum(t, n, make_x, make_x, want);
  CHECK_SAME(trm_dot(run, x, x), want[0]);
  CHECK_SAME(trm_norm(run, x), sqrt(want[0]));
  CHECK_INT(trm_nonfinite(run, x), 0);
  CHECK_SAME(trm_differing(run, x, x), 0);
  trm_field_drop(run, &x);
  trm_field_drop(run, &y);
}

/* -- extremes -------------------------------------------------------------- */

static trm_extreme serial_extreme(const trm_layout *l, trm_type t, maker x,
                                  int sign) {
  const int64_t n = elements(l);
  trm_extreme e = {.any = false};
  int64_t at = 0;
  for (int64_t i = 0; i < n; i++) {
    number v = x(t, i);
    bool integer = !is_real(t) && t != TRM_C128, better;
    double real = t == TRM_C128 ? hypot(v.c128[0], v.c128[1])
                  : integer     ? (double)integer_of(t, v)
                                : real_of(t, v);
    number old = {.i64 = e.integer};
    if (integer && t != TRM_U64) /* described as i64 */
      better = sign * integer_of(t, v) > sign * (wide)old.i64;
    else if (integer)
      better = sign * integer_of(t, v) > sign * (wide)old.u64;
    else
      better = sign * real > sign * e.value;
    if (real != real || (e.any && !better)) continue;
    e = (trm_extreme){.value = real, .any = true};
    e.integer = integer ? (int64_t)integer_of(t, v) : 0;
    at = i;
  }
  for (int d = l->dims - 1; d >= 0 && e.any; d--) {
    e.index[d] = at % l->n[d];
    at /= l->n[d];
  }
  return e;
}

static void check_extreme(trm_extreme got, trm_extreme want) {
  CHECK_INT(got.any, want.any);
  CHECK_SAME(got.value + 0.0, want.value + 0.0);
  CHECK_INT(got.integer, want.integer);
  for (int d = 0; d < TRM_DIMS; d++) CHECK_INT(got.index[d], want.index[d]);
}

static number make_odd(trm_type t, int64_t i) { /* NaN, zeros of both signs */
  const double some[] = {NAN, 0.0, -0.0, -0.0, 0.0, -NAN, 0.0};
  const double v = some[trm_random(9, 0, (uint64_t)i) % 7];
  if (t == TRM_F64) return (number){.f64 = v};
  if (t == TRM_F32) return (number){.f32 = (float)v};
  if (t == TRM_C128) return (number){.c128 = {v, 0}};
  return (number){.u64 = trm_random(9, 1, (uint64_t)i) >> 63 ? UINT64_MAX : 0};
}

static number make_ends(trm_type t, int64_t i) { /* the ends of each type */
  const bool up = i % 3 == 1;
  const double inf = up ? INFINITY : -INFINITY;
  switch (t) {
    case TRM_F64:
      return (number){.f64 = inf};
    case TRM_F32:
      return (number){.f32 = (float)inf};
    case TRM_C128:
      return (number){.c128 = {inf, 1}};
    case TRM_I32:
      return (number){.i32 = up ? INT32_MAX : INT32_MIN};
    case TRM_I64:
      return (number){.i64 = up ? INT64_MAX : INT64_MIN};
    default:
      return (number){.u64 = up ? UINT64_MAX : 0};
  }
}

static number make_top(trm_type t, int64_t i) { /* all the same, the largest */
  (void)i;
  return make_ends(t, 1);
}

static number make_nan(trm_type t, int64_t i) {
  (void)i;
  if (t == TRM_F32) return (number){.f32 = NAN};
  return t == TRM_C128 ? (number){.c128 = {1, NAN}} : (number){.f64 = NAN};
}

static void test_extremes(trm_run *run, const trm_layout *l, trm_type t) {
  const maker makers[] = {make_x,    make_ties, make_ones, make_odd,
                          make_ends, make_top,  make_nan};
  for (size_t m = 0; m < sizeof makers / sizeof *makers; m++) {
    trm_field *f = new_field(run, l, "f", t, makers[m]);
    check_extreme(trm_min_at(run, f), serial_extreme(l, t, makers[m], -1));
    check_extreme(trm_max_at(run, f), serial_extreme(l, t, makers[m], 1));
    trm_field_drop(run, &f);
  }
}

/* -- counts ---------------------------------------------------------------- */

static number make_holes(trm_type t, int64_t i) {
  const double v = i % 5 == 1 ? NAN : i % 5 == 3 ? -INFINITY : 1;
  if (t == TRM_F64) return (number){.f64 = v};
  if (t == TRM_F32) return (number){.f32 = (float)v};
  if (t == TRM_C128) return (number){.c128 = {1, v}};
  return (number){.u64 = i % 5 == 1 || i % 5 == 3 ? UINT64_MAX : 0};
}

static number make_filled(trm_type t, int64_t i) {
  return make_holes(t, i % 5 == 1 || i % 5 == 3 ? 0 : i);
}

static void test_counts(trm_run *run, const trm_layout *l, trm_type t) {
  const int64_t n = elements(l), holes = (n + 3) / 5 + (n + 1) / 5;
  const bool floating = is_real(t) || t == TRM_C128;
  trm_field *f = new_field(run, l, "f", t, make_holes);
  trm_field *g = new_field(run, l, "g", t, make_filled);
  CHECK_INT(trm_nonfinite(run, f), floating ? holes : 0);
  CHECK_INT(trm_nonfinite(run, g), 0);
  CHECK_SAME(trm_differing(run, f, g), (double)holes);
  trm_field_drop(run, &f);
  trm_field_drop(run, &g);
}

/* -- layouts --------------------------------------------------------------- */

#define BLOCK(...) \
  { .kind = TRM_BLOCK, .n = __VA_ARGS__ }
#define CYCLIC(length, of) \
  { .kind = TRM_CYCLIC, .n = length, .block = of }
#define WHOLE(length) \
  { .kind = TRM_WHOLE, .n = length }
#define SLICES(length) \
  { .kind = TRM_SLICES, .n = length }

static const trm_plan plans[] = {
    {.dims = 1, .dim = {BLOCK(0)}},
    {.dims = 1, .dim = {BLOCK(1)}},
    {.dims = 1, .dim = {BLOCK(2, .halo = 1, .periodic = true)}},
    {.dims = 1, .dim = {BLOCK(9001)}},
    {.dims = 1, .dim = {WHOLE(777)}},
    {.dims = 1, .dim = {SLICES(1000)}},
    {.dims = 1, .dim = {CYCLIC(301, 1)}},
    {.dims = 1, .dim = {CYCLIC(3001, 64)}},
    {.dims = 2, .dim = {BLOCK(61, .halo = 2), BLOCK(43, .halo = 1)}},
    {.dims = 2, .dim = {BLOCK(300), BLOCK(3)}},
    {.dims = 2, .dim = {CYCLIC(23, 3), CYCLIC(37, 5)}},
    {.dims = 2, .dim = {CYCLIC(21, 1), CYCLIC(17, 1)}, .fastest = 1},
    {.dims = 2, .dim = {WHOLE(11), BLOCK(60)}},
    {.dims = 2, .dim = {SLICES(40), WHOLE(25)}},
    {.dims = 2, .dim = {BLOCK(500, .halo = 1), BLOCK(6)}, .fastest = 1},
    {.dims = 3, .dim = {BLOCK(9), BLOCK(10), BLOCK(11)}},
    {.dims = 3, .dim = {BLOCK(8), BLOCK(1, .halo = 1), BLOCK(70)}},
    {.dims = 3, .dim = {BLOCK(5), CYCLIC(9, 2), WHOLE(12)}, .fastest = 2},
    {.dims = 4,
     .dim = {BLOCK(3), BLOCK(4, .halo = 1), BLOCK(5), BLOCK(6, .halo = 2)}},
    {.dims = 4, .dim = {BLOCK(7), WHOLE(2), CYCLIC(5, 1), BLOCK(4)}},
};

static void test_layouts(trm_run *run) {
  for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
    const trm_layout *l;
    CHECK_OK(run, trm_layout_new(run, &plans[i], &l));
    for (int t = 0; t < TRM_TYPE_COUNT; t++) {
      test_sums(run, l, (trm_type)t);
      test_extremes(run, l, (trm_type)t);
      test_counts(run, l, (trm_type)t);
    }
    trm_layout_drop(run, &l);
  }
}

/* Copies along an axis of the grid, and ranks that own nothing. */
static void test_copied(trm_run *run, const trm_plan *plan) {
  const trm_layout *l;
  CHECK_OK(run, trm_layout_new(run, plan, &l));
  test_sums(run, l, TRM_F64);
  test_extremes(run, l, TRM_F64);
  test_counts(run, l, TRM_F64);
  trm_layout_drop(run, &l);
}

static void test_copies(trm_run *run) {
  const int half = run->ranks / 2;
  const trm_plan axis = {.dims = 1,
                         .dim = {BLOCK(100, .grid = half), {.grid = 2}}};
  trm_plan whole = {.dims = 2, .dim = {BLOCK(9), WHOLE(100)}};
  whole.dim[1].grid = run->ranks;
  test_copied(run, &whole);
  if (half > 0) test_copied(run, &axis);
}

/* -- what integers and ranks alone can show -------------------------------- */

static number make_least(trm_type t, int64_t i) {
  (void)i;
  return t == TRM_I64 ? (number){.i64 = INT64_MIN} : make_ends(t, 1);
}

/* Products that add up beyond 128 bits. */
static void test_large_integers(trm_run *run) {
  const trm_layout *l;
  CHECK_OK(run, trm_grid(run, 1, (int64_t[]){1000}, 0, (bool[]){false}, &l));
  trm_field *i = new_field(run, l, "i", TRM_I64, make_least);
  trm_field *u = new_field(run, l, "u", TRM_U64, make_least);
  trm_field *small = new_field(run, l, "s", TRM_I32, make_least);
  CHECK_SAME(trm_sum(run, i), -1000 * 0x1p63);
  CHECK_SAME(trm_dot(run, i, i), 1000 * 0x1p126);
  CHECK_SAME(trm_sum(run, u), 1000 * 0x1p64);
  CHECK_SAME(trm_dot(run, u, u), 1000 * 0x1p128);
  CHECK_SAME(trm_sum(run, small), 1000. * INT32_MAX);
  CHECK_SAME(trm_dot(run, small, small),
             (double)((wide)1000 * INT32_MAX * INT32_MAX));
  trm_field_drop(run, &i);
  trm_field_drop(run, &u);
  trm_field_drop(run, &small);
  trm_layout_drop(run, &l);
}

static void test_ranks(trm_run *run) {
  const bool first = run->rank == 0, last = run->rank == run->ranks - 1;
  CHECK_SAME(trm_sum_ranks(run, 1), run->ranks);
  CHECK_SAME(trm_sum_ranks(run, -0.0), 0.0);
  CHECK_SAME(trm_sum_ranks(run, last ? NAN : 1), NAN);
  if (run->ranks == 1) return;
  CHECK_SAME(trm_sum_ranks(run, last ? -INFINITY : 1), -INFINITY);
  CHECK_SAME(trm_sum_ranks(run, last ? -INFINITY : first ? INFINITY : 0), NAN);
  /* the first and the last cancel: nothing of the rest is lost */
  trm__array_exact rest = {.folds = 0};
  for (int r = 1; r < run->ranks - 1; r++) add(&rest, ldexp(1, -30 * r));
  CHECK_SAME(trm_sum_ranks(run, first  ? 1e300
                                : last ? -1e300
                                       : ldexp(1, -30 * run->rank)),
             trm__array_exact_round(&rest));
}

/* Long lines, which the fast path takes as they are. */
static double long_value(const int64_t index[], void *context) {
  (void)context;
  return trm_random_uniform(1, 0, (uint64_t)index[0]) - 0.5;
}

static void test_long(trm_run *run) {
  const int64_t n = 200003;
  const trm_layout *l;
  trm_field *f;
  trm__array_exact sum = {.folds = 0}, dot = {.folds = 0};
  CHECK_OK(run, trm_grid(run, 1, &n, 1, (bool[]){false}, &l));
  CHECK_OK(run, trm_field_new(run, l, "f", TRM_F64, TRM_SCRATCH, &f));
  trm_field_fill(f, long_value, NULL);
  for (int64_t i = 0; i < n; i++) {
    double v = long_value(&i, NULL);
    add(&sum, v);
    add(&dot, v * v);
  }
  CHECK_SAME(trm_sum(run, f), trm__array_exact_round(&sum));
  CHECK_SAME(trm_dot(run, f, f), trm__array_exact_round(&dot));
  trm_field_drop(run, &f);
  trm_layout_drop(run, &l);
}

static void test(trm_run *run) {
  test_layouts(run);
  test_copies(run);
  test_large_integers(run);
  test_ranks(run);
  test_long(run);
}

int main(int argc, char **argv) {
  return check_mpi(argc, argv, test);
}
