#include "store/file/inspect.h"

#include <errno.h>
#include <math.h>
#include <complex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "array/digest.h"
#include "base/memory.h"
#include "store/file/header.h"
#include "store/values/source.h"

enum { PIECE = 4 << 20 }; /* bytes held at a time */

/* -- reading in pieces ----------------------------------------------------- */

typedef struct value_stream { /* a field's values, one piece after the other */
  trm__store_source source;
  void *buffer;
  int64_t at, n, count, step;
} value_stream;

static trm_status stream_open(value_stream *s, const char *path,
                              const trm__store_dataset *f,
                              trm__base_error *error) {
  *s = (value_stream){.count = trm__store_dataset_count(f),
                      .step = PIECE / (int64_t)trm_type_size(f->type)};
  if (posix_memalign(&s->buffer, TRM__IO_ALIGN, PIECE))
    return trm__base_error_set(error, TRM_EMEMORY, "no memory for %d bytes",
                               PIECE);
  return trm__store_source_open(&s->source, path, f, NULL, "verify", error);
}

static void stream_close(value_stream *s) {
  trm__store_source_close(&s->source);
  free(s->buffer);
}

/* False at the end, and after an error. */
static bool stream_next(value_stream *s, trm__base_error *error) {
  s->at += s->n;
  s->n = s->count - s->at < s->step ? s->count - s->at : s->step;
  if (s->n <= 0) return false;
  trm__store_transfer job;
  trm__store_source_start(&s->source, s->at, s->n, s->buffer, &job);
  if (trm__store_transfer_finish(&job) == TRM_OK) return true;
  trm__base_error_set(error, job.error.status, "%s", job.error.text);
  return false;
}

/* -- verifying ------------------------------------------------------------- */

trm_status trm__store_dataset_verify(const char *path,
                                     const trm__store_dataset *f,
                                     trm__base_error *error) {
  value_stream s;
  uint64_t digest = 0;
  if (stream_open(&s, path, f, error) == TRM_OK)
    while (stream_next(&s, error))
      digest +=
          trm__array_digest_run(f->type, s.buffer, 1, s.n, (uint64_t)s.at);
  stream_close(&s);
  if (error->status) return error->status;
  if (digest == f->digest) return TRM_OK;
  return trm__base_error_set(
      error, TRM_ECHECKPOINT,
      "%s: the values of %s are damaged: their digest is not "
      "the one that was stored",
      path, f->name);
}

/* One line names all fields that differ. */
trm_status trm__store_checkpoint_verify(const trm__store_checkpoint *checkpoint,
                                        trm__base_error *error) {
  if (checkpoint->error.status) {
    *error = checkpoint->error;
    return error->status;
  }
  char *names = trm__base_strdup("");
  trm__base_error first = {TRM_OK, ""};
  int bad = 0;
  for (int i = 0; i < checkpoint->nfields; i++) {
    trm__base_error one = {TRM_OK, ""};
    if (trm__store_dataset_verify(checkpoint->path, &checkpoint->fields[i],
                                  &one) == TRM_OK)
      continue;
    char *longer = trm__base_format("%s%s%s", names, bad ? ", " : "",
                                    checkpoint->fields[i].name);
    free(names);
    names = longer;
    if (bad++ == 0) first = one;
  }
  if (bad == 1)
    *error = first;
  else if (bad > 1)
    trm__base_error_set(error, first.status, "%s: the values of %s are damaged",
                        checkpoint->path, names);
  free(names);
  return error->status;
}

/* -- comparing ------------------------------------------------------------- */

static double distance(trm_type type, const void *x, const void *y, int64_t i) {
  switch (type) {
    case TRM_F64:
      return fabs(((const double *)x)[i] - ((const double *)y)[i]);
    case TRM_F32:
      return fabs((double)((const float *)x)[i] - ((const float *)y)[i]);
    case TRM_I32:
      return fabs((double)((const int32_t *)x)[i] - ((const int32_t *)y)[i]);
    case TRM_U8:
      return abs(((const uint8_t *)x)[i] - ((const uint8_t *)y)[i]);
    case TRM_C128:
      return cabs(((const double _Complex *)x)[i] -
                  ((const double _Complex *)y)[i]);
    case TRM_I64: {
      int64_t a = ((const int64_t *)x)[i], b = ((const int64_t *)y)[i];
      return (double)(a > b ? (uint64_t)a - (uint64_t)b
                            : (uint64_t)b - (uint64_t)a);
    }
    default: {
      uint64_t a = ((const uint64_t *)x)[i], b = ((const uint64_t *)y)[i];
      return (double)(a > b ? a - b : b - a);
    }
  }
}

static void compare_piece(trm_type type, const value_stream *a,
                          const value_stream *b, trm__store_difference *d) {
  size_t size = trm_type_size(type);
  const char *x = a->buffer, *y = b->buffer;
  if (!memcmp(x, y, (size_t)a->n * size)) return;
  for (int64_t i = 0; i < a->n; i++) {
    if (!memcmp(x + i * (int64_t)size, y + i * (int64_t)size, size)) continue;
    double far = distance(type, x, y, i);
    if (isnan(far)) far = INFINITY; /* NaN on one side only: infinitely far */
    if (d->differing < TRM__STORE_FIRST) d->first[d->differing] = a->at + i;
    if (d->differing++ == 0 || far > d->largest) {
      d->largest = far;
      d->where = a->at + i;
    }
  }
}

static trm_status compare_values(const trm__store_checkpoint *a,
                                 const trm__store_dataset *fa,
                                 const trm__store_checkpoint *b,
                                 const trm__store_dataset *fb,
                                 trm__store_difference *d,
                                 trm__base_error *error) {
  value_stream x, y;
  trm__base_error second = {TRM_OK, ""};
  stream_open(&x, a->path, fa, error);
  stream_open(&y, b->path, fb, &second);
  if (error->status == TRM_OK && second.status == TRM_OK)
    while (stream_next(&x, error) && stream_next(&y, &second))
      compare_piece(fa->type, &x, &y, d);
  stream_close(&x);
  stream_close(&y);
  if (second.status)
    trm__base_error_set(error, second.status, "%s", second.text);
  return error->status;
}

static trm__store_difference *add(trm__store_difference **all, int *n,
                                  const char *name) {
  *all = trm__base_grow(*all, (size_t)*n + 1, sizeof **all);
  trm__store_difference *d = &(*all)[(*n)++];
  *d = (trm__store_difference){.where = -1};
  snprintf(d->name, sizeof d->name, "%s", name);
  return d;
}

trm_status trm__store_checkpoints_compare(const trm__store_checkpoint *a,
                                          const trm__store_checkpoint *b,
                                          trm__store_difference **differences,
                                          int *n, trm__base_error *error) {
  *differences = NULL;
  *n = 0;
  for (int i = 0; i < a->nfields; i++) {
    const trm__store_dataset *x = &a->fields[i],
                             *y = trm__store_dataset_find(b, x->name);
    trm__store_difference *d = add(differences, n, x->name);
    d->only_a = !y;
    if (!y) continue;
    d->shape = x->type != y->type || x->dims != y->dims ||
               memcmp(x->n, y->n, sizeof x->n);
    if (!d->shape && compare_values(a, x, b, y, d, error)) return error->status;
  }
  for (int i = 0; i < b->nfields; i++)
    if (!trm__store_dataset_find(a, b->fields[i].name))
      add(differences, n, b->fields[i].name)->only_b = true;
  return TRM_OK;
}
