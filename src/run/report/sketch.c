/* One random word serves 8 elements: byte g%8 of word g/8 holds the signs of
 * element g in the 8 projections. The parts of complex numbers are fields of
 * their own. */
#include "array/state.h"
#include "run/report/sketch.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include <trireme/field.h>
#include <trireme/random.h>
#include <trireme/work.h>

#include "array/exact.h"
#include "array/layout/walk.h"
#include "comm/run.h"

enum { BLOCK = TRM__EXACT_BLOCK };
static const uint64_t SEED = UINT64_C(0x74726972656d65); /* "trireme" */

typedef struct projection { /* of one thread */
  trm__array_exact sum[TRM__SKETCH];
  double value[BLOCK], term[BLOCK];
  uint8_t signs[BLOCK];
} projection;

#define COPY(ctype, part)         \
  for (int64_t i = 0; i < n; i++) \
  value[i] = (double)((const ctype *)data)[i * stride * (part) + offset]

/* Elements of any type as doubles. */
static void values(const trm_field *f, const trm__array_line *at, int part,
                   double *value) {
  const void *data =
      (const char *)f->data + at->at * (int64_t)trm_type_size(f->type);
  int64_t n = at->n, stride = at->stride, offset = 0;
  switch (f->type) {
    case TRM_F64:
      COPY(double, 1);
      break;
    case TRM_F32:
      COPY(float, 1);
      break;
    case TRM_I64:
      COPY(int64_t, 1);
      break;
    case TRM_I32:
      COPY(int32_t, 1);
      break;
    case TRM_U64:
      COPY(uint64_t, 1);
      break;
    case TRM_U8:
      COPY(uint8_t, 1);
      break;
    case TRM_C128:
      offset = part;
      COPY(double, 2);
      break;
    default:
      memset(value, 0, (size_t)n * sizeof *value);
  }
}

static void draw_signs(uint64_t stream, const trm__array_line *at,
                       uint8_t *signs) {
  uint64_t index = at->index, word = trm_random(SEED, stream, index / 8);
  uint64_t drawn = index / 8;
  for (int64_t i = 0; i < at->n; i++, index += at->step) {
    if (index / 8 != drawn) {
      drawn = index / 8;
      word = trm_random(SEED, stream, drawn);
    }
    signs[i] = (uint8_t)(word >> (8 * (index % 8)));
  }
}

static void project_line(projection *p, uint64_t stream, const trm_field *f,
                         const trm__array_line *at, int part) {
  values(f, at, part, p->value);
  draw_signs(stream, at, p->signs);
  for (int k = 0; k < TRM__SKETCH; k++) {
    for (int64_t i = 0; i < at->n; i++)
      p->term[i] = p->signs[i] >> k & 1 ? -p->value[i] : p->value[i];
    trm__array_exact_add(&p->sum[k], p->term, at->n);
  }
}

/* The part of one thread. */
static void project_part(projection *p, uint64_t stream, const trm_field *f,
                         int thread, int threads) {
  trm__array_walk walk;
  trm__array_line at;
  trm__array_walk_begin(&walk, f->layout, thread, threads);
  while (trm__array_walk_next(&walk, BLOCK, &at))
    for (int part = 0; part < (f->type == TRM_C128 ? 2 : 1); part++)
      project_line(p, 2 * stream + (uint64_t)part, f, &at, part);
}

static void project_field(trm_run *run, uint64_t stream, const trm_field *f,
                          trm__array_exact sum[TRM__SKETCH]) {
  if (!f->layout->first_owner || f->layout->count == 0) return;
  double n = (double)f->layout->count;
  TRM_PARALLEL(run, "sketch", n * TRM__SKETCH,
               n * (double)trm_type_size(f->type)) {
    projection *p = trm__base_calloc(1, sizeof *p);
    project_part(p, stream, f, omp_get_thread_num(), omp_get_num_threads());
#pragma omp critical(trm__run_sketch)
    for (int k = 0; k < TRM__SKETCH; k++)
      trm__array_exact_merge(&sum[k], &p->sum[k]);
    free(p);
  }
}

void trm__run_sketch(trm_run *run, double sketch[TRM__SKETCH]) {
  trm__array_exact sum[TRM__SKETCH] = {{.word = {0}}};
  uint64_t stream = 0;
  for (int i = 0; i < trm__array_state_of(run)->nfields; i++)
    if (trm__array_state_of(run)->fields[i]->role == TRM_EVOLVING)
      project_field(run, stream++, trm__array_state_of(run)->fields[i], sum);
  trm_cause before = trm_comm_cause(run->comm, TRM_FOR_CONTROL);
  for (int k = 0; k < TRM__SKETCH; k++) {
    trm__array_exact_carry(&sum[k]);
    trm_allreduce(run->comm, sum[k].word, TRM__EXACT_WORDS, TRM_I64, TRM_SUM);
    sketch[k] = trm__array_exact_round(&sum[k]);
  }
  trm_comm_cause_end(run->comm, before);
}
