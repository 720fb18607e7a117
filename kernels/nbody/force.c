/* The inner loops. Each gives bit-identical results for any grouping of
 * targets; variants differ from each other in the last bits.
 *
 * With y an estimate of 1/R, R^2 = r^2 + eps^2, and e = 1 - R^2 y^2, the factor
 * of a pair is m/R^3 = m y^3 (1 - e)^(-3/2) = m y^3 (1 + 3/2 e + 15/8 e^2 +
 * ...): one Newton step for R^-3 itself; with the square, a step of third
 * order. vrsqrt14ps has |e| < 2^-13, so the square is below the rounding of a
 * float; vrsqrtps has |e| < 3 * 2^-12 and needs it. This is the scheme of
 * Phantom-GRAPE (A. Tanikawa, K. Yoshikawa, K. Nitadori, T. Okamoto, 2013, New
 * Astronomy 19, 74), which applies the step to 1/R. */
#include "force.h"

#include <math.h>
#include <stddef.h>

#include <trireme/simd.h>

double nbody_round_for(double bound) {
  int exponent;
  frexp(bound, &exponent); /* bound < 2^exponent = 2^51 q */
  return ldexp(1.5, exponent + 1);
}

/* A tile, with its masses multiplied by the coefficients of e and e^2. */
typedef struct tile {
  const nbody_body *source;
  int64_t n;
  float m15[NBODY_TILE], m1875[NBODY_TILE];
} tile;

TRM_INLINE int64_t tile_length(const nbody_pairs *p, int64_t first) {
  int64_t left = p->sources - first;
  return left < NBODY_TILE ? left : NBODY_TILE;
}

/* -- plain C --------------------------------------------------------------- */

enum { LANES = 16 };

typedef struct lanes {
  float of[LANES];
} lanes;

TRM_INLINE lanes load_lanes(const float *p) {
  lanes v;
  memcpy(&v, p, sizeof v);
  return v;
}

TRM_INLINE void add_rounded(double *sum, const lanes *part, double round) {
  for (int i = 0; i < LANES; i++) sum[i] += (part->of[i] + round) - round;
}

TRM_INLINE void plain_tile(const nbody_pairs *p, int64_t first, int64_t at) {
  const lanes x = load_lanes(p->x + at), y = load_lanes(p->y + at),
              z = load_lanes(p->z + at);
  const nbody_body *s = p->source + first;
  lanes ax = {{0}}, ay = {{0}}, az = {{0}};
  for (int64_t j = 0, n = tile_length(p, first); j < n; j++)
    for (int i = 0; i < LANES; i++) {
      float dx = s[j].x - x.of[i], dy = s[j].y - y.of[i], dz = s[j].z - z.of[i];
      float r = 1 / sqrtf(p->eps2 + dx * dx + dy * dy + dz * dz);
      float w = s[j].m * (r * r * r);
      ax.of[i] += w * dx;
      ay.of[i] += w * dy;
      az.of[i] += w * dz;
    }
  add_rounded(p->sum[0] + at, &ax, p->round[0]);
  add_rounded(p->sum[1] + at, &ay, p->round[1]);
  add_rounded(p->sum[2] + at, &az, p->round[2]);
}

static void plain(const nbody_pairs *p, int64_t group, int64_t end) {
  for (int64_t at = group * NBODY_GROUP; at < end * NBODY_GROUP; at += LANES)
    for (int64_t first = 0; first < p->sources; first += NBODY_TILE)
      plain_tile(p, first, at);
}

static bool always(void) {
  return true;
}

/* `apart`: index of the first source minus that of the first target. A body
 * does not act on itself; `self` says that source and target may be the same
 * body. */
TRM_INLINE void strength_tile(const nbody_pairs *p, int64_t first, int64_t at,
                              int64_t apart, bool self) {
  const lanes x = load_lanes(p->x + at), y = load_lanes(p->y + at),
              z = load_lanes(p->z + at);
  const nbody_body *s = p->source + first;
  lanes one = {{0}}, two = {{0}}, three = {{0}};
  for (int64_t j = 0, n = tile_length(p, first); j < n; j++)
    for (int i = 0; i < LANES; i++) {
      float dx = s[j].x - x.of[i], dy = s[j].y - y.of[i], dz = s[j].z - z.of[i];
      float r = 1 / sqrtf(p->eps2 + dx * dx + dy * dy + dz * dz);
      float m = self && apart + j == i ? 0 : s[j].m;
      one.of[i] += m * r;
      two.of[i] += m * r * r;
      three.of[i] += 2 * m * r * r * r;
    }
  add_rounded(p->sum[0] + at, &one, p->round[0]);
  add_rounded(p->sum[1] + at, &two, p->round[1]);
  add_rounded(p->sum[2] + at, &three, p->round[2]);
}

void nbody_strength(const nbody_pairs *p, int64_t group, int64_t end) {
  for (int64_t at = group * NBODY_GROUP; at < end * NBODY_GROUP; at += LANES)
    for (int64_t first = 0; first < p->sources; first += NBODY_TILE) {
      const int64_t apart = p->first + first - (p->target + at);
      if (apart < LANES && apart + NBODY_TILE > 0)
        strength_tile(p, first, at, apart, true);
      else
        strength_tile(p, first, at, apart, false);
    }
}

#if defined(__x86_64__)
#include <immintrin.h>

TRM_INLINE tile tile_at(const nbody_pairs *p, int64_t first) {
  tile t = {.source = p->source + first, .n = tile_length(p, first)};
  for (int64_t j = 0; j < t.n; j++) {
    t.m15[j] = 1.5f * t.source[j].m;
    t.m1875[j] = 1.875f * t.source[j].m;
  }
  return t;
}

/* -- AVX-512 --------------------------------------------------------------- */

#define FOR_AVX512 __attribute__((target("avx512f")))
#define INLINE_512 FOR_AVX512 TRM_INLINE

enum { G512 = NBODY_GROUP / 16 }; /* registers of targets */

typedef struct source512 { /* one source in all lanes */
  __m512 x, y, z, m, m15;
} source512;

INLINE_512 source512 spread512(const tile *t, int64_t j) {
  const nbody_body *b = t->source + j;
  return (source512){_mm512_set1_ps(b->x), _mm512_set1_ps(b->y),
                     _mm512_set1_ps(b->z), _mm512_set1_ps(b->m),
                     _mm512_set1_ps(t->m15[j])};
}

INLINE_512 void pair512(const source512 *s, __m512 eps2, const __m512 at[3],
                        __m512 a[3]) {
  __m512 dx = _mm512_sub_ps(s->x, at[0]), dy = _mm512_sub_ps(s->y, at[1]),
         dz = _mm512_sub_ps(s->z, at[2]);
  __m512 r2 = _mm512_fmadd_ps(dx, dx, eps2);
  r2 = _mm512_fmadd_ps(dy, dy, r2);
  r2 = _mm512_fmadd_ps(dz, dz, r2);
  __m512 y = _mm512_rsqrt14_ps(r2), y2 = _mm512_mul_ps(y, y);
  __m512 e = _mm512_fnmadd_ps(r2, y2, _mm512_set1_ps(1));
  __m512 w =
      _mm512_mul_ps(_mm512_mul_ps(y, y2), _mm512_fmadd_ps(s->m15, e, s->m));
  a[0] = _mm512_fmadd_ps(w, dx, a[0]);
  a[1] = _mm512_fmadd_ps(w, dy, a[1]);
  a[2] = _mm512_fmadd_ps(w, dz, a[2]);
}

INLINE_512 void add8_512(double *sum, __m256 part, __m512d round) {
  __m512d t = _mm512_add_pd(_mm512_cvtps_pd(part), round);
  t = _mm512_sub_pd(t, round);
  _mm512_storeu_pd(sum, _mm512_add_pd(_mm512_loadu_pd(sum), t));
}

INLINE_512 void add512(double *sum, __m512 part, double by) {
  const __m512d round = _mm512_set1_pd(by);
  __m512d bits = _mm512_castps_pd(part);
  add8_512(sum, _mm512_castps512_ps256(part), round);
  add8_512(sum + 8, _mm256_castpd_ps(_mm512_extractf64x4_pd(bits, 1)), round);
}

INLINE_512 void tile512(const nbody_pairs *p, const tile *t, int64_t at) {
  const __m512 eps2 = _mm512_set1_ps(p->eps2);
  __m512 target[G512][3], a[G512][3];
  for (int g = 0; g < G512; g++) {
    target[g][0] = _mm512_loadu_ps(p->x + at + 16 * g);
    target[g][1] = _mm512_loadu_ps(p->y + at + 16 * g);
    target[g][2] = _mm512_loadu_ps(p->z + at + 16 * g);
    a[g][0] = a[g][1] = a[g][2] = _mm512_setzero_ps();
  }
  for (int64_t j = 0; j < t->n; j++) {
    const source512 one = spread512(t, j);
    for (int g = 0; g < G512; g++) pair512(&one, eps2, target[g], a[g]);
  }
  for (int g = 0; g < G512; g++)
    for (int d = 0; d < NBODY_SUMS; d++)
      add512(p->sum[d] + at + 16 * g, a[g][d], p->round[d]);
}

FOR_AVX512 static void avx512(const nbody_pairs *p, int64_t group,
                              int64_t end) {
  for (int64_t first = 0; first < p->sources; first += NBODY_TILE) {
    const tile t = tile_at(p, first);
    for (int64_t g = group; g < end; g++) tile512(p, &t, g * NBODY_GROUP);
  }
}

static bool has_avx512(void) {
  return __builtin_cpu_supports("avx512f");
}

/* -- AVX2 ------------------------------------------------------------------ */

#define FOR_AVX2   __attribute__((target("avx2,fma")))
#define INLINE_256 FOR_AVX2 TRM_INLINE

enum { G256 = 2, WIDE256 = 8 * G256 };

typedef struct source256 {
  __m256 x, y, z, m, m15, m1875;
} source256;

INLINE_256 source256 spread256(const tile *t, int64_t j) {
  const nbody_body *b = t->source + j;
  return (source256){_mm256_set1_ps(b->x),      _mm256_set1_ps(b->y),
                     _mm256_set1_ps(b->z),      _mm256_set1_ps(b->m),
                     _mm256_set1_ps(t->m15[j]), _mm256_set1_ps(t->m1875[j])};
}

INLINE_256 void pair256(const source256 *s, __m256 eps2, const __m256 at[3],
                        __m256 a[3]) {
  __m256 dx = _mm256_sub_ps(s->x, at[0]), dy = _mm256_sub_ps(s->y, at[1]),
         dz = _mm256_sub_ps(s->z, at[2]);
  __m256 r2 = _mm256_fmadd_ps(dx, dx, eps2);
  r2 = _mm256_fmadd_ps(dy, dy, r2);
  r2 = _mm256_fmadd_ps(dz, dz, r2);
  __m256 y = _mm256_rsqrt_ps(r2), y2 = _mm256_mul_ps(y, y);
  __m256 e = _mm256_fnmadd_ps(r2, y2, _mm256_set1_ps(1));
  __m256 q = _mm256_fmadd_ps(_mm256_fmadd_ps(s->m1875, e, s->m15), e, s->m);
  __m256 w = _mm256_mul_ps(_mm256_mul_ps(y, y2), q);
  a[0] = _mm256_fmadd_ps(w, dx, a[0]);
  a[1] = _mm256_fmadd_ps(w, dy, a[1]);
  a[2] = _mm256_fmadd_ps(w, dz, a[2]);
}

INLINE_256 void add4_256(double *sum, __m128 part, __m256d round) {
  __m256d t = _mm256_add_pd(_mm256_cvtps_pd(part), round);
  t = _mm256_sub_pd(t, round);
  _mm256_storeu_pd(sum, _mm256_add_pd(_mm256_loadu_pd(sum), t));
}

INLINE_256 void add256(double *sum, __m256 part, double by) {
  const __m256d round = _mm256_set1_pd(by);
  add4_256(sum, _mm256_castps256_ps128(part), round);
  add4_256(sum + 4, _mm256_extractf128_ps(part, 1), round);
}

INLINE_256 void tile256(const nbody_pairs *p, const tile *t, int64_t at) {
  const __m256 eps2 = _mm256_set1_ps(p->eps2);
  __m256 target[G256][3], a[G256][3];
  for (int g = 0; g < G256; g++) {
    target[g][0] = _mm256_loadu_ps(p->x + at + 8 * g);
    target[g][1] = _mm256_loadu_ps(p->y + at + 8 * g);
    target[g][2] = _mm256_loadu_ps(p->z + at + 8 * g);
    a[g][0] = a[g][1] = a[g][2] = _mm256_setzero_ps();
  }
  for (int64_t j = 0; j < t->n; j++) {
    const source256 one = spread256(t, j);
    for (int g = 0; g < G256; g++) pair256(&one, eps2, target[g], a[g]);
  }
  for (int g = 0; g < G256; g++)
    for (int d = 0; d < NBODY_SUMS; d++)
      add256(p->sum[d] + at + 8 * g, a[g][d], p->round[d]);
}

FOR_AVX2 static void avx2(const nbody_pairs *p, int64_t group, int64_t end) {
  const int64_t to = end * NBODY_GROUP;
  for (int64_t first = 0; first < p->sources; first += NBODY_TILE) {
    const tile t = tile_at(p, first);
    for (int64_t at = group * NBODY_GROUP; at < to; at += WIDE256)
      tile256(p, &t, at);
  }
}

static bool has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

#else

static bool never(void) {
  return false;
}
#define avx512     plain
#define avx2       plain
#define has_avx512 never
#define has_avx2   never

#endif

const nbody_variant nbody_variants[NBODY_VARIANTS] = {
    [NBODY_AVX512] = {"avx512", avx512, 23, has_avx512},
    [NBODY_AVX2] = {"avx2", avx2, 25, has_avx2},
    [NBODY_PLAIN] = {"plain", plain, 20, always}};
