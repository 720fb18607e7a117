/* Memory bandwidth: read, copy and triad, with plain and with streaming stores.
 * Bytes are counted as STREAM does (J. McCalpin, 1995): what the loop names,
 * not the lines that plain stores read first. */
#include "host/machine/machine.h"

#include <omp.h>

#include <trireme/simd.h>

enum { W = TRM_SIMD_F64, UNROLL = 4, SHIFT = 128 };

/* Between two iterations: keeps the compiler from making a memcpy of a copy,
 * which would choose its stores itself. */
#define APART() __asm__ volatile("" ::: "memory")

static const double bytes_of[TRM__SWEEPS] = {8, 16, 16, 24, 24};

double trm__host_sweep_bytes(trm__host_sweep_kind kind) {
  return bytes_of[kind];
}

typedef uint64_t block_part __attribute__((vector_size(TRM_SIMD_BYTES)));

TRM_INLINE block_part part(const char *p) {
  block_part v;
  memcpy(&v, p, sizeof v);
  return v;
}

/* On bits, not on numbers: any memory can be read, also that of denormals.
 * Named sums, since an array of them would live in memory. */
uint64_t trm__host_read_blocks(const void *from, int64_t blocks) {
  enum { B = TRM_SIMD_BYTES, STEP = 8 * B };
  const char *p = from, *end = p + blocks * 64;
  block_part s0 = {0}, s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0,
             s7 = s0;
  for (; end - p >= STEP; p += STEP) {
    s0 ^= part(p), s1 ^= part(p + B), s2 ^= part(p + 2 * B);
    s3 ^= part(p + 3 * B), s4 ^= part(p + 4 * B), s5 ^= part(p + 5 * B);
    s6 ^= part(p + 6 * B), s7 ^= part(p + 7 * B);
  }
  for (; p < end; p += B) s0 ^= part(p);
  s0 ^= s1 ^ s2 ^ s3 ^ s4 ^ s5 ^ s6 ^ s7;
  uint64_t all = 0;
  for (int i = 0; i < W; i++) all ^= s0[i];
  return all;
}

static void copy(double *a, const double *b, int64_t n) {
  for (int64_t i = 0; i < n; i += UNROLL * W) {
    APART();
#pragma GCC unroll 4
    for (int u = 0; u < UNROLL * W; u += W)
      trm_store(a + i + u, trm_load(b + i + u));
  }
}

static void copy_stream(double *a, const double *b, int64_t n) {
  for (int64_t i = 0; i < n; i += UNROLL * W) {
#pragma GCC unroll 4
    for (int u = 0; u < UNROLL * W; u += W)
      trm_stream(a + i + u, trm_load(b + i + u));
  }
  trm_stream_end();
}

static void triad(double *a, const double *b, const double *c, int64_t n) {
  for (int64_t i = 0; i < n; i += UNROLL * W) {
    APART();
#pragma GCC unroll 4
    for (int u = 0; u < UNROLL * W; u += W)
      trm_store(a + i + u, trm_load(b + i + u) + 3 * trm_load(c + i + u));
  }
}

static void triad_stream(double *a, const double *b, const double *c,
                         int64_t n) {
  for (int64_t i = 0; i < n; i += UNROLL * W) {
#pragma GCC unroll 4
    for (int u = 0; u < UNROLL * W; u += W)
      trm_stream(a + i + u, trm_load(b + i + u) + 3 * trm_load(c + i + u));
  }
  trm_stream_end();
}

static uint64_t sweep(const trm__host_arrays *s, int64_t at, int64_t n) {
  double *a = s->a + at;
  const double *b = s->b + at, *c = s->c + at;
  switch (s->kind) {
    case TRM__COPY:
      copy(a, b, n);
      return 0;
    case TRM__COPY_STREAM:
      copy_stream(a, b, n);
      return 0;
    case TRM__TRIAD:
      triad(a, b, c, n);
      return 0;
    case TRM__TRIAD_STREAM:
      triad_stream(a, b, c, n);
      return 0;
    default:
      return trm__host_read_blocks(b, n / 8);
  }
}

void trm__host_arrays_sweep(trm__host_stage *stage, void *what, int threads) {
  const trm__host_arrays *s = what;
  uint64_t sink = 0;
  int64_t blocks = s->now / TRM__SWEEP_BLOCK;
#pragma omp parallel num_threads(threads) reduction(^ : sink)
  {
    int64_t t = omp_get_thread_num(), of = omp_get_num_threads();
    int64_t from = blocks * t / of, to = blocks * (t + 1) / of;
    sink ^= sweep(s, from * TRM__SWEEP_BLOCK, (to - from) * TRM__SWEEP_BLOCK);
  }
  stage->sink ^= sink;
}

/* -- the arrays ------------------------------------------------------------ */

static void fill(const trm__host_arrays *s, int threads) {
#pragma omp parallel for schedule(static) num_threads(threads)
  for (int64_t i = 0; i < s->alone; i++) {
    s->a[i] = 0;
    s->b[i] = 1 + (double)(i % 7);
    s->c[i] = 2;
  }
}

trm_status trm__host_arrays_new(trm__host_stage *stage, double bytes,
                                double alone, trm__host_arrays *s) {
  const int64_t block = TRM__SWEEP_BLOCK * (int64_t)sizeof(double);
  *s = (trm__host_arrays){.kind = TRM__READ};
  s->n = (int64_t)(bytes / stage->host->ranks) / block * TRM__SWEEP_BLOCK;
  if (s->n < TRM__SWEEP_BLOCK) s->n = TRM__SWEEP_BLOCK;
  s->alone = stage->leader ? (int64_t)alone / block * TRM__SWEEP_BLOCK : 0;
  if (s->alone < s->n) s->alone = s->n;
  s->now = s->n;
  /* the three start at different page offsets: at equal ones the processor
   * takes loads for aliases of earlier stores */
  double **array[] = {&s->a, &s->b, &s->c};
  for (int i = 0; i < 3; i++) {
    void *data;
    TRM_TRY(trm_alloc(stage->run, "arrays for memory bandwidth",
                      (s->alone + 2 * SHIFT) * 8, &data));
    *array[i] = (double *)data + i * SHIFT;
  }
  fill(s, stage->run->threads);
  return TRM_OK;
}

static void arrays_free(trm__host_stage *stage, trm__host_arrays *s) {
  double *array[] = {s->a, s->b, s->c};
  for (int i = 0; i < 3; i++) {
    void *data = array[i] ? array[i] - i * SHIFT : NULL;
    trm_release(stage->run, &data);
  }
}

trm_status trm__host_arrays_check(trm__host_stage *stage, trm__host_arrays *s) {
  trm_status status = TRM_OK;
  for (int kind = TRM__COPY; kind < TRM__SWEEPS; kind++) {
    const double times = kind >= TRM__TRIAD ? 3 : 0;
    int64_t wrong = 0;
    s->kind = (trm__host_sweep_kind)kind;
    s->now = s->n;
    for (int64_t i = 0; i < s->n; i++) s->a[i] = -1;
    trm__host_arrays_sweep(stage, s, stage->run->threads);
    for (int64_t i = 0; i < s->n; i++)
      wrong += s->a[i] != s->b[i] + times * s->c[i];
    if (wrong > 0)
      status = trm_fail(stage->run, TRM_EVERIFY,
                        "memory: %lld of %lld elements are wrong after a sweep",
                        (long long)wrong, (long long)s->n);
  }
  return status;
}

/* -- the figures ----------------------------------------------------------- */

static double available_bytes(void) {
  char line[256];
  double kb = 0;
  FILE *file = fopen("/proc/meminfo", "r");
  while (file && fgets(line, sizeof line, file))
    if (sscanf(line, "MemAvailable: %lf", &kb) == 1) break;
  if (file) fclose(file);
  return kb * 1024;
}

/* Four times the caches, at most a sixteenth of what is free for each array. */
static void sizes(const trm__host_stage *stage, double *bytes, double *alone) {
  double limit[2] = {available_bytes() / 16, 0};
  trm_allreduce(stage->host, limit, 1, TRM_F64, TRM_MIN);
  if (!(limit[0] > 0)) limit[0] = 64 << 20;
  *bytes = 4 * stage->caches;
  *alone = 4 * stage->cache;
  if (*bytes < 64 << 20) *bytes = 64 << 20;
  if (*bytes > limit[0]) *bytes = limit[0];
  if (*alone > limit[0]) *alone = limit[0];
}

typedef struct samples {
  trm__host_samples one[TRM__SWEEPS], all[TRM__SWEEPS];
} samples;

/* One piece of each kind. */
static void one_round(trm__host_stage *stage, trm__host_arrays *s,
                      samples *got) {
  int64_t n = s->n;
  trm_allreduce(stage->host, &n, 1, TRM_I64, TRM_SUM);
  for (int k = 0; k < TRM__SWEEPS; k++) {
    s->kind = (trm__host_sweep_kind)k;
    double alone = bytes_of[k] * (double)s->alone;
    s->now = s->alone;
    double t = trm__host_one(stage, trm__host_arrays_sweep, s);
    if (t > 0) trm__host_samples_add(&got->one[k], alone / t);
    s->now = s->n;
    t = trm__host_all(stage, trm__host_arrays_sweep, s);
    trm__host_samples_add(&got->all[k], bytes_of[k] * (double)n / t);
  }
}

static void keep(trm_machine *m, samples *got) {
  trm_ceiling *to[] = {&m->read, &m->copy, &m->copy_stream, &m->triad,
                       &m->triad_stream};
  for (int k = 0; k < TRM__SWEEPS; k++) {
    to[k]->one = trm__host_samples_figure(&got->one[k], TRM__HIGHER);
    to[k]->all = trm__host_samples_figure(&got->all[k], TRM__HIGHER);
    trm__host_samples_clear(&got->one[k]);
    trm__host_samples_clear(&got->all[k]);
  }
}

trm_status trm__host_measure_memory(trm__host_stage *stage) {
  trm__host_arrays s;
  samples got = {0}, warm = {0};
  double bytes, alone;
  sizes(stage, &bytes, &alone);
  trm_status status = trm__host_arrays_new(stage, bytes, alone, &s);
  status = trm_agree(stage->run, status);
  if (!status) {
    one_round(stage, &s, &warm);
    keep(stage->machine, &warm);
    for (int r = 0; trm__host_turn(stage, r); r++) one_round(stage, &s, &got);
    keep(stage->machine, &got);
    status = trm_agree(stage->run, trm__host_arrays_check(stage, &s));
  }
  arrays_free(stage, &s);
  return status;
}
