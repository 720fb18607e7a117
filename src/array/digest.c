/* Each element is hashed with its position: value bits and a key made from the
 * index go through two rounds of multiply and shift (as in D. Stafford's
 * variants of MurmurHash3's finaliser), and the hashes are added modulo 2^64.
 * The sum does not depend on the order; the key encodes the position. A complex
 * element counts as two 64-bit ones at 2*index and 2*index+1. */
#include "array/digest.h"

#include <omp.h>
#include <string.h>

#include <trireme/field.h>
#include <trireme/work.h>

#include "array/layout/walk.h"

#define GOLDEN UINT64_C(0x9e3779b97f4a7c15) /* 2^64 / golden ratio, odd */

static inline uint64_t mix(uint64_t z) {
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

/* The key is not linear in the index; otherwise adding a constant to a moved
 * value could give the same hash. */
static inline uint64_t hash(uint64_t bits, uint64_t key) {
  return mix(bits ^ (key ^ key >> 32) * UINT64_C(0xd6e8feb86659fd93));
}

/* Digest one line: elements `stride` apart in memory and `step` apart in index.
 * The key of an index is (index + 1) * GOLDEN. */
#define LINE_OF(bits_type)                                                   \
  static inline __attribute__((always_inline))                               \
  uint64_t line_##bits_type(const void *data, int64_t stride, int64_t n,     \
                            uint64_t index, uint64_t step) {                 \
    const char *from = data;                                                 \
    const uint64_t first = (index + 1) * GOLDEN, next = step * GOLDEN;       \
    uint64_t sum = 0;                                                        \
    _Pragma("omp simd reduction(+ : sum)") for (int64_t i = 0; i < n; i++) { \
      bits_type bits;                                                        \
      memcpy(&bits, from + i * stride * (int64_t)sizeof bits, sizeof bits);  \
      sum += hash(bits, first + (uint64_t)i * next);                         \
    }                                                                        \
    return sum;                                                              \
  }
LINE_OF(uint64_t)
LINE_OF(uint32_t)
LINE_OF(uint8_t)

/* Contiguous data with consecutive indices gets a separate, faster loop. */
#define LINE(bits_type)                                              \
  (stride == 1 && step == 1 ? line_##bits_type(data, 1, n, index, 1) \
                            : line_##bits_type(data, stride, n, index, step))

static uint64_t line64(const void *data, int64_t stride, int64_t n,
                       uint64_t index, uint64_t step) {
  return LINE(uint64_t);
}

static uint64_t line(trm_type type, const void *data, int64_t stride, int64_t n,
                     uint64_t index, uint64_t step) {
  switch (type) {
    case TRM_F32:
    case TRM_I32:
      return LINE(uint32_t);
    case TRM_U8:
      return LINE(uint8_t);
    case TRM_C128:
      if (stride == 1 && step == 1) return line64(data, 1, 2 * n, 2 * index, 1);
      return line64(data, 2 * stride, n, 2 * index, 2 * step) +
             line64((const uint64_t *)data + 1, 2 * stride, n, 2 * index + 1,
                    2 * step);
    default:
      return line64(data, stride, n, index, step);
  }
}

uint64_t trm__array_digest_run(trm_type type, const void *data, int64_t stride,
                               int64_t n, uint64_t first) {
  return line(type, data, stride, n, first, 1);
}

uint64_t trm__array_digest_bytes(const void *data, int64_t bytes,
                                 uint64_t seed) {
  const unsigned char *from = data;
  uint64_t h = seed ^ UINT64_C(0xcbf29ce484222325);
  for (int64_t i = 0; i < bytes; i++)
    h = (h ^ from[i]) * UINT64_C(0x100000001b3);
  return mix(h);
}

/* Digest one thread's part of the rank's elements. */
static uint64_t digest_part(const trm_field *f, int part, int parts) {
  const size_t size = trm_type_size(f->type);
  trm__array_walk walk;
  trm__array_line at;
  uint64_t sum = 0;
  trm__array_walk_begin(&walk, f->layout, part, parts);
  while (trm__array_walk_next(&walk, INT64_MAX, &at))
    sum += line(f->type, (const char *)f->data + at.at * (int64_t)size,
                at.stride, at.n, at.index, at.step);
  return sum;
}

uint64_t trm_digest(trm_run *run, const trm_field *f) {
  const int64_t count = f->layout->first_owner ? f->layout->count : 0;
  uint64_t total = 0;
  if (count > 0) {
    double bytes = (double)count * (double)trm_type_size(f->type);
    TRM_PARALLEL(run, "digest", 0, bytes) {
      uint64_t sum =
          digest_part(f, omp_get_thread_num(), omp_get_num_threads());
#pragma omp atomic
      total += sum;
    }
  }
  trm_cause before = trm_comm_cause(run->comm, TRM_FOR_REDUCE);
  trm_allreduce(run->comm, &total, 1, TRM_U64, TRM_SUM);
  trm_comm_cause_end(run->comm, before);
  return total;
}
