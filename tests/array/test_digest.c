/* TEST ranks=1,13 threads=1,2 split */
/* Digests: sensitive to every bit and place, blind to order, strides, layouts,
 * rank and thread counts. */
#include <trireme/kernel.h>

#include "check_mpi.h"

#include "array/digest.h"

enum { N = 1000 };

static const trm_type types[] = {TRM_F64, TRM_F32, TRM_I64, TRM_I32,
                                 TRM_U64, TRM_U8,  TRM_C128};
enum { TYPES = sizeof types / sizeof *types };

static void fill(unsigned char *data, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) {
    uint64_t key = i / 2; /* different values, and equal neighbours */
    data[i] = (unsigned char)trm_random(7, 0, key);
  }
}

/* -- without a run --------------------------------------------------------- */

static void test_bits(trm_type type) {
  unsigned char data[16 * 67];
  const int64_t n = 67, size = (int64_t)trm_type_size(type);
  fill(data, sizeof data);
  const uint64_t whole = trm__array_digest_run(type, data, 1, n, 1000);
  for (int64_t bit = 0; bit < 8 * n * size; bit++) {
    data[bit / 8] ^= (unsigned char)(1 << bit % 8);
    CHECK(trm__array_digest_run(type, data, 1, n, 1000) != whole);
    data[bit / 8] ^= (unsigned char)(1 << bit % 8);
  }
  CHECK(trm__array_digest_run(type, data, 1, n - 1, 1000) != whole);
  CHECK(trm__array_digest_run(type, data, 1, n, 1001) != whole);
  CHECK_HEX(trm__array_digest_run(type, data, 1, n, 1000), whole);
}

static void test_swaps(void) {
  double x[64];
  for (int i = 0; i < 64; i++) x[i] = i;
  const uint64_t whole = trm__array_digest_run(TRM_F64, x, 1, 64, 0);
  for (int i = 0; i < 64; i++)
    for (int j = 0; j < i; j++) {
      x[i] = j, x[j] = i;
      CHECK(trm__array_digest_run(TRM_F64, x, 1, 64, 0) != whole);
      x[i] = i, x[j] = j;
    }
}

/* One value that is not zero, at each of many places: all different. */
static int by_value(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

static void test_places(void) {
  static uint64_t seen[N];
  double x[N] = {0};
  for (int i = 0; i < N; i++) {
    x[i] = 1;
    seen[i] = trm__array_digest_run(TRM_F64, x, 1, N, 0);
    x[i] = 0;
  }
  qsort(seen, N, sizeof *seen, by_value);
  for (int i = 1; i < N; i++) CHECK(seen[i] != seen[i - 1]);
}

/* Any cut, and a stride, give the same. */
static void test_cuts(trm_type type) {
  static unsigned char data[16 * N], spread[3 * 16 * N];
  const size_t size = trm_type_size(type);
  fill(data, sizeof data);
  const uint64_t first = UINT64_C(1) << 40;
  const uint64_t whole = trm__array_digest_run(type, data, 1, N, first);
  for (int cut = 0; cut <= N; cut += 37) {
    uint64_t parts = trm__array_digest_run(type, data, 1, cut, first) +
                     trm__array_digest_run(type, data + (size_t)cut * size, 1,
                                           N - cut, first + (uint64_t)cut);
    CHECK_HEX(parts, whole);
  }
  for (size_t i = 0; i < N; i++)
    memcpy(spread + 3 * i * size, data + i * size, size);
  CHECK_HEX(trm__array_digest_run(type, spread, 3, N, first), whole);
}

/* Zeros of both signs and two NaN are told apart: bits count, not values. */
static void test_zeros(void) {
  const uint64_t a[] = {0, UINT64_C(1) << 63, UINT64_C(0x7ff8000000000000),
                        UINT64_C(0x7ff8000000000001)};
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < i; j++)
      CHECK(trm__array_digest_run(TRM_F64, &a[i], 1, 1, 0) !=
            trm__array_digest_run(TRM_F64, &a[j], 1, 1, 0));
}

static void test_bytes(void) {
  const uint64_t abc = trm__array_digest_bytes("abc", 3, 0);
  CHECK(abc != trm__array_digest_bytes("abc", 3, 1));
  CHECK(abc != trm__array_digest_bytes("acb", 3, 0));
  CHECK(abc != trm__array_digest_bytes("abc", 4, 0));
  CHECK(trm__array_digest_bytes("", 0, 0) != 0);
  CHECK_HEX(trm__array_digest_bytes("abcd", 3, 0), abc);
}

/* Checkpoints hold digests: their values must never change. */
static void test_fixed(void) {
  const double x[] = {0, 1, -2.5};
  const unsigned char b[] = {0, 1, 255};
  CHECK_HEX(trm__array_digest_run(TRM_F64, x, 1, 3, 0),
            UINT64_C(0x64486c30d89c0b11));
  CHECK_HEX(trm__array_digest_run(TRM_U8, b, 1, 3, 5),
            UINT64_C(0x4039d6b591c4b832));
  CHECK_HEX(trm__array_digest_bytes("heat", 4, 0),
            UINT64_C(0xdd207b136d3b18c4));
}

/* -- over layouts ---------------------------------------------------------- */

/* The field's values by global index, digested in one piece. */
static uint64_t serial(trm_type type, int64_t n, uint64_t seed) {
  const int64_t size = (int64_t)trm_type_size(type);
  unsigned char *data = malloc((size_t)(n * size));
  for (int64_t i = 0; i < n; i++) {
    uint64_t v = trm_random(seed, 3, (uint64_t)i);
    double z[2] = {trm_random_uniform(seed, 3, (uint64_t)i), 0};
    float f = (float)(v >> 40) * 0x1p-24f;
    uint32_t counter[4] = {(uint32_t)i, (uint32_t)(i >> 32), 3, 0}, out[4];
    uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    trm_philox(counter, key, out);
    z[1] = (double)((out[2] | (uint64_t)out[3] << 32) >> 11) * 0x1p-53;
    const void *from = type == TRM_F32                       ? (void *)&f
                       : type == TRM_F64 || type == TRM_C128 ? (void *)z
                                                             : (void *)&v;
    memcpy(data + i * size, from, (size_t)size);
  }
  uint64_t sum = trm__array_digest_run(type, data, 1, n, 0);
  free(data);
  return sum;
}

/* Set all memory, halo and padding included, to one byte. */
static void wipe(trm_field *f, int byte) {
  const trm_layout *l = f->layout;
  const size_t size = trm_type_size(f->type);
  if (l->total)
    memset((char *)f->data - l->origin * (int64_t)size, byte,
           (size_t)l->total * size);
}

static void test_layout(trm_run *run, const trm_plan *plan) {
  const trm_layout *layout;
  int64_t n = 1;
  for (int d = 0; d < plan->dims; d++) n *= plan->dim[d].n;
  CHECK_OK(run, trm_layout_new(run, plan, &layout));
  for (int t = 0; t < TYPES; t++) {
    trm_field *f;
    CHECK_OK(run, trm_field_new(run, layout, "f", types[t], TRM_SCRATCH, &f));
    wipe(f, 0x55);
    trm_field_random(run, f, 3);
    CHECK_HEX(trm_digest(run, f), serial(types[t], n, run->seed));
    trm_field_drop(run, &f);
  }
  trm_layout_drop(run, &layout);
}

static void test_runs(trm_run *run) {
  const trm_plan plans[] = {
      {.dims = 1, .dim = {{.n = 1}}},
      {.dims = 1, .dim = {{.n = 0}}},
      {.dims = 1, .dim = {{.n = 5000, .halo = 2, .periodic = true}}},
      {.dims = 1, .dim = {{.n = 1234, .kind = TRM_WHOLE}}},
      {.dims = 1, .dim = {{.n = 100, .kind = TRM_CYCLIC, .block = 1}}},
      {.dims = 1, .dim = {{.n = 1001, .kind = TRM_CYCLIC, .block = 2}}},
      {.dims = 2,
       .dim = {{.n = 33, .kind = TRM_CYCLIC, .block = 4},
               {.n = 29, .kind = TRM_CYCLIC, .block = 3}}},
      {.dims = 2, .dim = {{.n = 17, .halo = 1}, {.n = 9}}, .fastest = 1},
      {.dims = 3, .dim = {{.n = 7, .halo = 1}, {.n = 5}, {.n = 11, .halo = 2}}},
      {.dims = 3, .dim = {{.n = 6}, {.n = 1}, {.n = 20, .kind = TRM_SLICES}}},
      {.dims = 4,
       .dim = {{.n = 3},
               {.n = 4, .kind = TRM_WHOLE},
               {.n = 5, .kind = TRM_CYCLIC, .block = 1},
               {.n = 6, .halo = 1}},
       .fastest = 2},
  };
  for (size_t i = 0; i < sizeof plans / sizeof *plans; i++)
    test_layout(run, &plans[i]);
  const trm_plan copies = {.dims = 1, .dim = {{.n = 60}, {.grid = 2}}};
  const trm_plan whole = {
      .dims = 1, .dim = {{.n = 60, .kind = TRM_WHOLE, .grid = run->ranks}}};
  test_layout(run, &whole);
  if (run->ranks > 1) test_layout(run, &copies);
}

static void test(trm_run *run) {
  for (int t = 0; t < TYPES && run->ranks == 1; t++) {
    test_bits(types[t]);
    test_cuts(types[t]);
  }
  if (run->ranks == 1) {
    test_swaps();
    test_places();
    test_zeros();
    test_bytes();
    test_fixed();
  }
  test_runs(run);
}

int main(int argc, char **argv) {
  return check_mpi(argc, argv, test);
}
