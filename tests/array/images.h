/* Images of a rank's memory: each element has bits of its own, made from its
 * global index, and everything else is filler. */
#ifndef TRM_TESTS_IMAGES_H
#define TRM_TESTS_IMAGES_H

#include <stdlib.h>
#include <string.h>

#include "plans.h"

/* The bits of the element with this row-major index. */
static inline void element(int64_t linear, size_t size, char *out) {
  for (size_t i = 0; i < size; i += 8) {
    uint64_t bits = trm_random(3, i, (uint64_t)linear);
    memcpy(out + i, &bits, size - i < 8 ? size - i : 8);
  }
}

static inline int64_t linear_of(const int64_t n[], const int64_t index[]) {
  return ((index[0] * n[1] + index[1]) * n[2] + index[2]) * n[3] + index[3];
}

typedef struct range {
  int64_t first, end;
} range; /* of row-major indices */

/* What this rank's memory must hold: elements of the ranges, `filler`
 * elsewhere. */
static inline char *image(const trm_field *f, int filler, const range *ranges,
                          int count) {
  const trm_layout *l = f->layout;
  size_t size = trm_type_size(f->type);
  char *memory = malloc((size_t)l->total * size + 1);
  memset(memory, filler, (size_t)l->total * size);
  int64_t index[TRM_DIMS] = {0};
  bool more = volume(l->n) > 0;
  for (; more && l->count; more = next_index(l->n, index)) {
    int64_t at = element_at(l, index), linear = linear_of(l->n, index);
    bool in = false;
    for (int i = 0; i < count; i++)
      in = in || (linear >= ranges[i].first && linear < ranges[i].end);
    if (at >= 0 && in) element(linear, size, memory + (size_t)at * size);
  }
  return memory;
}

static const range everything = {0, INT64_MAX};

static inline void *memory_of(const trm_field *f, size_t *bytes) {
  size_t size = trm_type_size(f->type);
  *bytes = (size_t)f->layout->total * size;
  return f->data ? (char *)f->data - (size_t)f->layout->origin * size : NULL;
}

static inline void set_image(trm_field *f, int filler, const range *ranges,
                             int count) {
  size_t bytes;
  void *memory = memory_of(f, &bytes);
  char *want = image(f, filler, ranges, count);
  if (bytes) memcpy(memory, want, bytes);
  free(want);
}

static inline bool has_image(const trm_field *f, int filler,
                             const range *ranges, int count) {
  size_t bytes;
  void *memory = memory_of(f, &bytes);
  char *want = image(f, filler, ranges, count);
  bool same = !bytes || !memcmp(memory, want, bytes);
  free(want);
  return same;
}

#endif
