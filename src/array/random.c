#include <trireme/field.h>
#include <trireme/random.h>

#include <math.h>
#include <omp.h>
#include <string.h>

#include <trireme/work.h>

#include "array/layout/walk.h"

enum { ROUNDS = 10, CHUNK = 256 };

typedef struct philox_words {
  uint32_t a, b, c, d;
} philox_words;

static inline philox_words rounds(philox_words w, uint32_t k0, uint32_t k1) {
  for (int i = 0; i < ROUNDS; i++) {
    uint64_t p = w.a * UINT64_C(0xd2511f53), q = w.c * UINT64_C(0xcd9e8d57);
    w = (philox_words){(uint32_t)(q >> 32) ^ w.b ^ k0, (uint32_t)q,
                       (uint32_t)(p >> 32) ^ w.d ^ k1, (uint32_t)p};
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  return w;
}

void trm_philox(const uint32_t counter[4], const uint32_t key[2],
                uint32_t out[4]) {
  philox_words w = {counter[0], counter[1], counter[2], counter[3]};
  w = rounds(w, key[0], key[1]);
  out[0] = w.a;
  out[1] = w.b;
  out[2] = w.c;
  out[3] = w.d;
}

typedef struct pair {
  uint64_t first, second;
} pair;

/* Two 64-bit numbers for one index. */
static inline pair draw(uint64_t seed, uint64_t stream, uint64_t index) {
  philox_words w = {(uint32_t)index, (uint32_t)(index >> 32), (uint32_t)stream,
                    (uint32_t)(stream >> 32)};
  w = rounds(w, (uint32_t)seed, (uint32_t)(seed >> 32));
  return (pair){w.a | (uint64_t)w.b << 32, w.c | (uint64_t)w.d << 32};
}

static inline double unit(uint64_t bits) {
  return (double)(int64_t)(bits >> 11) * 0x1p-53;
}

static inline float unit_float(uint64_t bits) {
  return (float)(int32_t)(bits >> 40) * 0x1p-24f;
}

uint64_t trm_random(uint64_t seed, uint64_t stream, uint64_t index) {
  return draw(seed, stream, index).first;
}

double trm_random_uniform(uint64_t seed, uint64_t stream, uint64_t index) {
  return unit(draw(seed, stream, index).first);
}

double trm_random_normal(uint64_t seed, uint64_t stream, uint64_t index) {
  const double turn = 6.283185307179586;
  pair p = draw(seed, stream, index);
  double radius = sqrt(-2 * log(1 - unit(p.first))); /* never log 0 */
  return radius * cos(turn * unit(p.second));
}

/* -- fields ---------------------------------------------------------------- */

static void draw_line(const trm__array_line *l, uint64_t seed, uint64_t stream,
                      uint64_t *first, uint64_t *second) {
#pragma omp simd
  for (int64_t i = 0; i < l->n; i++) {
    pair p = draw(seed, stream, l->index + (uint64_t)i * l->step);
    first[i] = p.first;
    second[i] = p.second;
  }
}

#define STORE(ctype, value)          \
  for (int64_t i = 0; i < l->n; i++) \
  ((ctype *)data)[l->at + i * l->stride] = (value)

static void store_line(trm_type type, void *data, const trm__array_line *l,
                       const uint64_t *first, const uint64_t *second) {
  switch (type) {
    case TRM_F64:
      STORE(double, unit(first[i]));
      break;
    case TRM_F32:
      STORE(float, unit_float(first[i]));
      break;
    case TRM_I64:
    case TRM_U64:
      STORE(uint64_t, first[i]);
      break;
    case TRM_I32:
      STORE(uint32_t, (uint32_t)first[i]);
      break;
    case TRM_U8:
      STORE(uint8_t, (uint8_t)first[i]);
      break;
    default:
      for (int64_t i = 0; i < l->n; i++) {
        double *z = (double *)data + 2 * (l->at + i * l->stride);
        z[0] = unit(first[i]);
        z[1] = unit(second[i]);
      }
  }
}

void trm_field_random(trm_run *run, trm_field *f, uint64_t stream) {
  const trm_layout *layout = f->layout;
  double bytes = (double)layout->count * (double)trm_type_size(f->type);
  if (!layout->count) return;
  TRM_PARALLEL(run, "random", 0, bytes) {
    uint64_t first[CHUNK], second[CHUNK];
    trm__array_walk walk;
    trm__array_line line;
    trm__array_walk_begin(&walk, layout, omp_get_thread_num(),
                          omp_get_num_threads());
    while (trm__array_walk_next(&walk, CHUNK, &line)) {
      draw_line(&line, run->seed, stream, first, second);
      store_line(f->type, f->data, &line, first, second);
    }
  }
}
