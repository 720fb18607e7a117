/* SIMD vectors of doubles, as wide as the processor supports, and streaming
 * stores.
 *
 * A streaming store writes whole cache lines past the caches and saves reading
 * them first. It pays off where the destination is not read again soon. After a
 * loop of streaming stores, each thread calls trm_stream_end. All functions are
 * inline; on processors without such stores they compile to plain code. */
#ifndef TRIREME_SIMD_H
#define TRIREME_SIMD_H

#include <stdint.h>
#include <string.h>

#if defined(__AVX512F__) || defined(__AVX__) || defined(__SSE2__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define TRM_SIMD_BYTES 64
#elif defined(__AVX__)
#define TRM_SIMD_BYTES 32
#else
#define TRM_SIMD_BYTES 16
#endif
enum { TRM_SIMD_F64 = TRM_SIMD_BYTES / 8 }; /* doubles in a vector */

/* For inner loops of kernels: always inlined, so that constant arguments are
 * constants in the loop and pointer arguments stay in registers. */
#define TRM_INLINE static inline __attribute__((always_inline))

typedef double trm_f64v __attribute__((vector_size(TRM_SIMD_BYTES)));

/** Load from any address. */
static inline trm_f64v trm_load(const double *p) {
  trm_f64v v;
  memcpy(&v, p, sizeof v);
  return v;
}

/** Store to any address. */
static inline void trm_store(double *p, trm_f64v v) {
  memcpy(p, &v, sizeof v);
}

/** Return a vector with the same number in all lanes. */
static inline trm_f64v trm_splat(double x) {
  return x - (trm_f64v){0};
}

/* Shift along a row: the left and right neighbours of `here`, from the vectors
 * before and after it. Cheaper than loads across cache lines. */
#if TRM_SIMD_BYTES == 64
static inline trm_f64v trm_left(trm_f64v before, trm_f64v here) {
  return __builtin_shufflevector(before, here, 7, 8, 9, 10, 11, 12, 13, 14);
}
static inline trm_f64v trm_right(trm_f64v here, trm_f64v after) {
  return __builtin_shufflevector(here, after, 1, 2, 3, 4, 5, 6, 7, 8);
}
#elif TRM_SIMD_BYTES == 32
static inline trm_f64v trm_left(trm_f64v before, trm_f64v here) {
  return __builtin_shufflevector(before, here, 3, 4, 5, 6);
}
static inline trm_f64v trm_right(trm_f64v here, trm_f64v after) {
  return __builtin_shufflevector(here, after, 1, 2, 3, 4);
}
#else
static inline trm_f64v trm_left(trm_f64v before, trm_f64v here) {
  return __builtin_shufflevector(before, here, 1, 2);
}
static inline trm_f64v trm_right(trm_f64v here, trm_f64v after) {
  return __builtin_shufflevector(here, after, 1, 2);
}
#endif

/** Store past the caches; the address must be a multiple of TRM_SIMD_BYTES. */
static inline void trm_stream(double *p, trm_f64v v) {
#if defined(__AVX512F__)
  _mm512_stream_pd(p, (__m512d)v);
#elif defined(__AVX__)
  _mm256_stream_pd(p, (__m256d)v);
#elif defined(__SSE2__)
  _mm_stream_pd(p, (__m128d)v);
#else
  memcpy(p, &v, sizeof v);
#endif
}

/** Prefetch the cache line of an address; any address is allowed. Helps sweeps
 * that read several rows at once, which hardware prefetchers detect late. */
static inline void trm_prefetch(const void *p) {
  __builtin_prefetch(p, 0, 3);
}

/** Make this thread's streaming stores visible to others. */
static inline void trm_stream_end(void) {
#if defined(__SSE2__)
  _mm_sfence();
#endif
}

#endif
