/* Arithmetic: fused multiply-adds from registers, and dgemm of the BLAS. */
#include "host/machine/machine.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>

#include <trireme/simd.h>

#include "base/blas.h"
#include "base/memory.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#endif

/* More sums than two units with a latency of four cycles can use: as many as
 * fit in all register files with the two factors. */
enum { SUMS = 12, F64 = TRM_SIMD_F64, F32 = TRM_SIMD_BYTES / 4 };
typedef float f32v __attribute__((vector_size(TRM_SIMD_BYTES)));

#if defined(__AVX512F__)
#define FMA_F64(x, a, b) \
  (trm_f64v) _mm512_fmadd_pd((__m512d)(x), (__m512d)(a), (__m512d)(b))
#define FMA_F32(x, a, b) \
  (f32v) _mm512_fmadd_ps((__m512)(x), (__m512)(a), (__m512)(b))
#elif defined(__FMA__) && defined(__AVX__)
#define FMA_F64(x, a, b) \
  (trm_f64v) _mm256_fmadd_pd((__m256d)(x), (__m256d)(a), (__m256d)(b))
#define FMA_F32(x, a, b) \
  (f32v) _mm256_fmadd_ps((__m256)(x), (__m256)(a), (__m256)(b))
#elif defined(__aarch64__)
#define FMA_F64(x, a, b) \
  (trm_f64v) vfmaq_f64((float64x2_t)(b), (float64x2_t)(x), (float64x2_t)(a))
#define FMA_F32(x, a, b) \
  (f32v) vfmaq_f32((float32x4_t)(b), (float32x4_t)(x), (float32x4_t)(a))
#else /* no FMA instruction: a product and a sum */
#define FMA_F64(x, a, b) ((x) * (a) + (b))
#define FMA_F32(x, a, b) ((x) * (a) + (b))
#endif

/* x -> x/2 + 1 converges to 2 from any start. The factors are hidden from the
 * compiler, which could otherwise compute the limit at once. */
double trm__host_fma_f64(int64_t times, double *result) {
  trm_f64v x[SUMS], a = trm_splat(0.5), b = trm_splat(1);
  __asm__ volatile("" : "+m"(a), "+m"(b));
  for (int i = 0; i < SUMS; i++) x[i] = trm_splat(i);
  for (int64_t k = 0; k < times; k++) {
#pragma GCC unroll 12
    for (int i = 0; i < SUMS; i++) x[i] = FMA_F64(x[i], a, b);
  }
  double sum = 0;
  for (int i = 0; i < SUMS; i++)
    for (int j = 0; j < F64; j++) sum += x[i][j];
  *result = sum / (SUMS * F64);
  return 2.0 * SUMS * F64 * (double)times;
}

double trm__host_fma_f32(int64_t times, double *result) {
  f32v x[SUMS], a = 0.5f - (f32v){0}, b = 1.0f - (f32v){0};
  __asm__ volatile("" : "+m"(a), "+m"(b));
  for (int i = 0; i < SUMS; i++) x[i] = (float)i - (f32v){0};
  for (int64_t k = 0; k < times; k++) {
#pragma GCC unroll 12
    for (int i = 0; i < SUMS; i++) x[i] = FMA_F32(x[i], a, b);
  }
  double sum = 0;
  for (int i = 0; i < SUMS; i++)
    for (int j = 0; j < F32; j++) sum += (double)x[i][j];
  *result = sum / (SUMS * F32);
  return 2.0 * SUMS * F32 * (double)times;
}

/* -- pieces ---------------------------------------------------------------- */

enum { FMA_F64_KIND, FMA_F32_KIND, DGEMM_KIND, KINDS };

typedef struct work {
  int kind;
  int64_t times; /* of the loops */
  int n;         /* of the matrices */
  trm__base_blas blas;
  double **matrix; /* threads: a, b, c one behind the other */
  double flops;    /* of the last piece, on this rank */
  bool wrong;
  trm__host_samples one[KINDS], all[KINDS];
} work;

/* a = 1, b = 2: each element of the product is 2 n. */
static double multiply(const work *w, double *a, bool *wrong) {
  const int n = w->n;
  const int64_t size = (int64_t)n * n;
  double *b = a + size, *c = b + size;
  w->blas.cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a,
                      n, b, n, 0, c, n);
  *wrong = c[0] != 2.0 * n || c[size - 1] != 2.0 * n;
  return 2.0 * n * n * n;
}

static double compute(const work *w, int thread, bool *wrong) {
  if (w->kind == DGEMM_KIND) return multiply(w, w->matrix[thread], wrong);
  double result, flops = w->kind == FMA_F64_KIND
                             ? trm__host_fma_f64(w->times, &result)
                             : trm__host_fma_f32(w->times, &result);
  *wrong = fabs(result - 2) > 1e-6;
  return flops;
}

static void piece(trm__host_stage *stage, void *what, int threads) {
  work *w = what;
  double flops = 0;
  bool bad = false;
  (void)stage;
#pragma omp parallel num_threads(threads) reduction(+ : flops) reduction(|| : bad)
  {
    bool wrong;
    omp_set_num_threads(1); /* of this task alone: see base/blas.h */
    flops += compute(w, omp_get_thread_num(), &wrong);
    bad = bad || wrong;
  }
  w->flops = flops;
  w->wrong = w->wrong || bad;
}

static void one_round(trm__host_stage *stage, work *w) {
  for (w->kind = 0; w->kind < KINDS; w->kind++) {
    double t = trm__host_one(stage, piece, w);
    if (t > 0) trm__host_samples_add(&w->one[w->kind], w->flops / t);
    t = trm__host_all(stage, piece, w);
    double flops = w->flops;
    trm_allreduce(stage->host, &flops, 1, TRM_F64, TRM_SUM);
    trm__host_samples_add(&w->all[w->kind], flops / t);
  }
}

/* -- the whole ------------------------------------------------------------- */

static trm_status load_blas(trm_run *run, trm__base_blas *blas) {
  trm__base_error error = {TRM_OK, ""};
  trm_status status = trm__base_blas_load(blas, &error);
  return status ? trm_fail(run, status, "%s", error.text) : TRM_OK;
}

static trm_status matrices(trm__host_stage *stage, work *w) {
  const int threads = stage->run->threads;
  const int64_t size = (int64_t)w->n * w->n;
  w->matrix = trm__base_calloc((size_t)threads, sizeof *w->matrix);
  for (int t = 0; t < threads; t++) {
    void *data;
    TRM_TRY(trm_alloc(stage->run, "matrices", 3 * size * 8, &data));
    w->matrix[t] = data;
    for (int64_t i = 0; i < size; i++) {
      w->matrix[t][i] = 1;
      w->matrix[t][size + i] = 2;
    }
  }
  return TRM_OK;
}

/* Loops of some 5 ms. */
static int64_t calibrate(void) {
  int64_t times = 1000;
  for (;; times *= 2) {
    double result, since = trm_now();
    trm__host_fma_f64(times, &result);
    if (trm_now() - since > 4e-3 || times > 1 << 30) return times;
  }
}

static void keep(trm_machine *m, work *w) {
  trm_ceiling *to[KINDS] = {&m->fma_f64, &m->fma_f32, &m->dgemm};
  for (int k = 0; k < KINDS; k++) {
    to[k]->one = trm__host_samples_figure(&w->one[k], TRM__HIGHER);
    to[k]->all = trm__host_samples_figure(&w->all[k], TRM__HIGHER);
    trm__host_samples_clear(&w->one[k]);
    trm__host_samples_clear(&w->all[k]);
  }
}

trm_status trm__host_measure_flops(trm__host_stage *stage) {
  work w = {.n = stage->quick ? 512 : 1024, .times = calibrate()}, warm;
  trm_bcast(stage->run->comm, &w.times, sizeof w.times, 0);
  trm_status status = load_blas(stage->run, &w.blas);
  if (!status) status = matrices(stage, &w);
  status = trm_agree(stage->run, status);
  if (!status) {
    warm = w;
    one_round(stage, &warm);
    keep(stage->machine, &warm);
    w.wrong = warm.wrong;
    for (int r = 0; trm__host_turn(stage, r); r++) one_round(stage, &w);
    keep(stage->machine, &w);
  }
  if (w.wrong)
    status = trm_fail(stage->run, TRM_EVERIFY,
                      "flops: a product or a sum came out wrong on rank %d",
                      stage->run->rank);
  for (int t = 0; w.matrix && t < stage->run->threads; t++) {
    void *data = w.matrix[t];
    trm_release(stage->run, &data);
  }
  free(w.matrix);
  return trm_agree(stage->run, status);
}
