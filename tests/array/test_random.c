/* TEST ranks=13 threads=1,2 split */
/* Philox4x32-10 gives the known answers; numbers look random; a field does not
 * depend on layout, ranks and threads. */
#include <trireme/kernel.h>

#include "check_mpi.h"

static void known(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3,
                  uint32_t k0, uint32_t k1, const uint32_t want[4]) {
  uint32_t out[4];
  trm_philox((uint32_t[]){c0, c1, c2, c3}, (uint32_t[]){k0, k1}, out);
  for (int i = 0; i < 4; i++) CHECK_HEX(out[i], want[i]);
}

/* The known-answer vectors of the Random123 distribution. */
static void test_known(void) {
  known(0, 0, 0, 0, 0, 0,
        (uint32_t[]){0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  known(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
        (uint32_t[]){0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  known(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0,
        (uint32_t[]){0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

/* Seed, stream and index go where they should, all 64 bits of each. */
static void test_wiring(void) {
  const uint64_t seed = UINT64_C(0x299f31d0a4093822);
  const uint64_t stream = UINT64_C(0x0370734413198a2e);
  const uint64_t index = UINT64_C(0x85a308d3243f6a88);
  CHECK_HEX(trm_random(seed, stream, index), UINT64_C(0x94fdccebd16cfe09));
  CHECK_SAME(trm_random_uniform(seed, stream, index),
             (double)(UINT64_C(0x94fdccebd16cfe09) >> 11) * 0x1p-53);
}

enum { SAMPLES = 100000 };

/* Six standard deviations and more; the numbers are always the same. */
static void test_uniform(void) {
  double sum = 0, squares = 0, lag = 0, before = 0.5;
  int cell[16] = {0};
  for (uint64_t i = 0; i < SAMPLES; i++) {
    double u = trm_random_uniform(1, 2, i);
    CHECK(u >= 0 && u < 1);
    cell[(int)(u * 16)]++;
    sum += u - 0.5;
    squares += (u - 0.5) * (u - 0.5);
    lag += (u - 0.5) * (before - 0.5);
    before = u;
  }
  CHECK_NEAR(sum / SAMPLES, 0, 0.006);
  CHECK_NEAR(squares / SAMPLES, 1. / 12, 0.002);
  CHECK_NEAR(lag / SAMPLES, 0, 0.002);
  for (int i = 0; i < 16; i++) CHECK_NEAR(cell[i], SAMPLES / 16., 500);
}

static void test_normal(void) {
  double moment[5] = {0};
  for (uint64_t i = 0; i < SAMPLES; i++) {
    double x = trm_random_normal(3, 0, i), power = 1;
    CHECK(isfinite(x));
    for (int m = 1; m < 5; m++) moment[m] += power *= x;
  }
  CHECK_NEAR(moment[1] / SAMPLES, 0, 0.02);
  CHECK_NEAR(moment[2] / SAMPLES, 1, 0.03);
  CHECK_NEAR(moment[3] / SAMPLES, 0, 0.08);
  CHECK_NEAR(moment[4] / SAMPLES, 3, 0.2);
}

/* Each bit of a number, of index, stream and seed matters: about half of the
 * bits of the result change. */
static void test_avalanche(void) {
  for (int bit = 0; bit < 192; bit++) {
    int changed = 0;
    for (uint64_t i = 0; i < 64; i++) {
      uint64_t key[3] = {5, 6, i};
      uint64_t before = trm_random(key[0], key[1], key[2]);
      key[bit / 64] ^= UINT64_C(1) << bit % 64;
      changed +=
          __builtin_popcountll(before ^ trm_random(key[0], key[1], key[2]));
    }
    CHECK_NEAR(changed, 2048, 200);
  }
}

/* -- fields ---------------------------------------------------------------- */

static void check_element(const trm_field *f, int64_t at, uint64_t seed,
                          uint64_t index) {
  const uint64_t v = trm_random(seed, 9, index);
  if (f->type == TRM_F64)
    CHECK_SAME(((double *)f->data)[at], trm_random_uniform(seed, 9, index));
  if (f->type == TRM_C128)
    CHECK_SAME(((double *)f->data)[2 * at], trm_random_uniform(seed, 9, index));
  if (f->type == TRM_F32) {
    CHECK_SAME(((float *)f->data)[at], (double)(v >> 40) * 0x1p-24);
    CHECK(((float *)f->data)[at] < 1);
  }
  if (f->type == TRM_U64) CHECK_HEX(((uint64_t *)f->data)[at], v);
  if (f->type == TRM_I64) CHECK_INT(((int64_t *)f->data)[at], v);
  if (f->type == TRM_I32) CHECK_INT(((int32_t *)f->data)[at], (int32_t)v);
  if (f->type == TRM_U8) CHECK_INT(((uint8_t *)f->data)[at], (uint8_t)v);
}

/* Owned elements are set, by global index; halo and padding are left alone. */
static void check_field(trm_run *run, const trm_field *f) {
  const trm_layout *l = f->layout;
  for (int64_t i = 0; i < l->len[0] && l->count; i++)
    for (int64_t j = 0; j < l->len[1]; j++) {
      uint64_t g =
          (uint64_t)(trm_global(l, 0, i) * l->n[1] + trm_global(l, 1, j));
      check_element(f, i * l->stride[0] + j * l->stride[1], run->seed, g);
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

static int64_t untouched(const trm_field *f) {
  const size_t size = trm_type_size(f->type);
  if (!f->layout->total) return 0;
  const char *memory =
      (const char *)f->data - f->layout->origin * (int64_t)size;
  int64_t n = 0;
  char mark[16];
  memset(mark, 0x55, sizeof mark);
  for (int64_t i = 0; i < f->layout->total; i++)
    n += !memcmp(memory + (size_t)i * size, mark, size);
  return n;
}

static void test_layout(trm_run *run, const trm_plan *plan, trm_type type) {
  const trm_layout *layout;
  trm_field *f;
  CHECK_OK(run, trm_layout_new(run, plan, &layout));
  CHECK_OK(run, trm_field_new(run, layout, "f", type, TRM_SCRATCH, &f));
  wipe(f, 0x55);
  trm_field_random(run, f, 9);
  check_field(run, f);
  CHECK(untouched(f) >= layout->total - layout->count);
  if (type != TRM_U8) CHECK_INT(untouched(f), layout->total - layout->count);
  trm_field_drop(run, &f);
  trm_layout_drop(run, &layout);
}

static void test_fields(trm_run *run) {
  const trm_plan plans[] = {
      {.dims = 2, .dim = {{.n = 23, .halo = 2}, {.n = 31, .halo = 1}}},
      {.dims = 2, .dim = {{.n = 5, .halo = 1}, {.n = 700}}},
      {.dims = 2, .dim = {{.n = 40}, {.n = 9, .halo = 1}}, .fastest = 1},
      {.dims = 2,
       .dim = {{.n = 19, .kind = TRM_CYCLIC, .block = 2},
               {.n = 31, .kind = TRM_CYCLIC, .block = 1}}},
      {.dims = 2, .dim = {{.n = 4}, {.n = 99, .kind = TRM_CYCLIC, .block = 2}}},
      {.dims = 2,
       .dim = {{.n = 6, .kind = TRM_WHOLE, .grid = run->ranks}, {.n = 14}}},
  };
  for (size_t i = 0; i < sizeof plans / sizeof *plans; i++)
    for (int t = 0; t < TRM_TYPE_COUNT; t++)
      test_layout(run, &plans[i], (trm_type)t);
}

static void test(trm_run *run) {
  if (run->ranks == 1) {
    test_known();
    test_wiring();
    test_uniform();
    test_normal();
    test_avalanche();
  }
  test_fields(run);
}

int main(int argc, char **argv) {
  return check_mpi(argc, argv, test);
}
