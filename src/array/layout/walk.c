#include "array/layout/walk.h"

/* Dimensions longer than 1, the largest stride first. */
static void sort_dims(trm__array_walk *w) {
  const trm_layout *layout = w->layout;
  for (int d = 0; d < layout->dims; d++) {
    if (layout->len[d] == 1) continue;
    int i = w->dims++;
    for (; i > 0 && w->stride[i - 1] < layout->stride[d]; i--) {
      w->dim[i] = w->dim[i - 1];
      w->stride[i] = w->stride[i - 1];
    }
    w->dim[i] = d;
    w->stride[i] = layout->stride[d];
  }
  for (int i = 0; i < w->dims; i++) w->len[i] = layout->len[w->dim[i]];
}

/* Global index along sorted dimension i, times its weight. */
static uint64_t index_at(const trm__array_walk *w, int i, int64_t place) {
  return w->weight[i] * (uint64_t)trm_global(w->layout, w->dim[i], place);
}

static void set_weights(trm__array_walk *w) {
  const trm_layout *layout = w->layout;
  uint64_t weight[TRM_DIMS], product = 1;
  for (int d = layout->dims - 1; d >= 0; d--) {
    weight[d] = product;
    product *= (uint64_t)layout->n[d];
    if (layout->len[d] == 1)
      w->base += weight[d] * (uint64_t)trm_global(layout, d, 0);
  }
  for (int i = 0; i < w->dims; i++) w->weight[i] = weight[w->dim[i]];
}

static void join(trm__array_walk *w) {
  int last = 0;
  for (int i = 1; i < w->dims; i++) {
    if (w->stride[last] == w->len[i] * w->stride[i]) {
      w->len[last] *= w->len[i];
    } else {
      w->len[++last] = w->len[i];
    }
    w->stride[last] = w->stride[i];
  }
  if (w->dims) w->dims = last + 1;
}

/* Go to the first element of this part. */
static void place(trm__array_walk *w, int part, int parts) {
  int64_t each = w->layout->count / parts, more = w->layout->count % parts;
  int64_t at = each * part + (part < more ? part : more);
  w->left = each + (part < more);
  if (!w->left) return;
  for (int i = w->dims - 1; i >= 0; i--) {
    w->place[i] = at % w->len[i];
    at /= w->len[i];
    if (w->indexed) w->index[i] = index_at(w, i, w->place[i]);
  }
}

void trm__array_walk_begin(trm__array_walk *w, const trm_layout *layout,
                           int part, int parts) {
  *w = (trm__array_walk){.layout = layout, .indexed = true};
  if (!layout->count) return;
  sort_dims(w);
  set_weights(w);
  place(w, part, parts);
}

void trm__array_walk_memory(trm__array_walk *w, const trm_layout *layout,
                            int part, int parts) {
  *w = (trm__array_walk){.layout = layout};
  if (!layout->count) return;
  sort_dims(w);
  join(w);
  place(w, part, parts);
}

/* Number of elements for which the innermost dimension continues evenly. Blocks
 * of one element are even too: every p-th index. */
static int64_t even(const trm__array_walk *w, int i) {
  int64_t place = w->place[i], n = w->len[i] - place;
  if (!w->indexed || w->layout->kind[w->dim[i]] != TRM_CYCLIC) return n;
  int64_t block = w->layout->block[w->dim[i]];
  if (block == 1) return n;
  int64_t in_block = block - place % block;
  return n < in_block ? n : in_block;
}

static uint64_t step_at(const trm__array_walk *w, int i) {
  int d = w->dim[i];
  if (w->layout->kind[d] != TRM_CYCLIC || w->layout->block[d] > 1)
    return w->weight[i];
  return w->weight[i] * (uint64_t)w->layout->grid[d];
}

/* Advance n elements along dimension i, and to the next row at its end. */
static void advance(trm__array_walk *w, int i, int64_t n) {
  w->place[i] += n;
  while (i > 0 && w->place[i] == w->len[i]) {
    w->place[i] = 0;
    if (w->indexed) w->index[i] = index_at(w, i, 0);
    w->place[--i]++;
  }
  if (w->indexed && w->place[i] < w->len[i])
    w->index[i] = index_at(w, i, w->place[i]);
}

bool trm__array_walk_next(trm__array_walk *w, int64_t longest,
                          trm__array_line *line) {
  if (!w->left) return false;
  *line = (trm__array_line){.n = 1, .stride = 1, .index = w->base};
  for (int i = 0; i < w->dims; i++) {
    line->at += w->place[i] * w->stride[i];
    line->index += w->index[i];
  }
  if (w->dims) {
    int in = w->dims - 1;
    int64_t n = even(w, in);
    n = n < w->left ? n : w->left;
    line->n = n < longest ? n : longest;
    line->stride = w->stride[in];
    if (w->indexed) line->step = step_at(w, in);
    advance(w, in, line->n);
  }
  w->left -= line->n;
  return true;
}
