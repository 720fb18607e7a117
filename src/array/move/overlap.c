#include "array/move/overlap.h"

#include <string.h>

#include <trireme/work.h>

#include "comm/run.h"

/* -- order in a message ---------------------------------------------------- */

enum { LONG_ENOUGH = 8 }; /* elements of an inner loop */

/* Move one dimension to a position and keep the order of the others. */
static void move_to(int order[], int dim, int position) {
  int at = 0;
  while (order[at] != dim) at++;
  for (; at < position; at++) order[at] = order[at + 1];
  order[position] = dim;
}

static int longest(const trm__array_overlap *m) {
  int best = m->order[TRM_DIMS - 1];
  for (int d = 0; d < TRM_DIMS; d++)
    if (m->dim[d].extent > m->dim[best].extent) best = d;
  return best;
}

/* Dimensions in order, those of one index first. */
static void natural_order(trm__array_overlap *m) {
  int k = 0;
  for (int thick = 0; thick < 2; thick++)
    for (int d = 0; d < TRM_DIMS; d++)
      if ((m->dim[d].extent != 1) == thick) m->order[k++] = d;
}

bool trm__array_overlap_complete(trm__array_overlap *m, int from_fastest,
                                 int to_fastest) {
  int from = from_fastest - 1, to = to_fastest - 1;
  m->elements = 1;
  for (int d = 0; d < TRM_DIMS; d++) m->elements *= m->dim[d].extent;
  natural_order(m);
  if (m->dim[to].extent > 1) move_to(m->order, to, TRM_DIMS - 1);
  if (m->dim[from].extent < LONG_ENOUGH) from = longest(m);
  move_to(m->order, from, TRM_DIMS - 1);
  return m->elements > 0;
}

/* -- rectangles: two dimensions---------------------------------------------- */

typedef struct
    rectangle { /* addresses, and steps in elements of rows, in rows */
  char *to;
  const char *from;
  int64_t to_row, to_step, from_row, from_step;
  int64_t rows, length;
} rectangle;

/* Tiles keep the cache lines of strided rows until they are full. */
enum { TILE = 16 };

/* By memcpy: in a message, fields of different types follow each other
 * unaligned. */
#define STRIDED(bytes)                                                         \
  do {                                                                         \
    for (int64_t low = 0; low < b->length; low += TILE) {                      \
      int64_t high = low + TILE < b->length ? low + TILE : b->length;          \
      for (int64_t row = 0; row < b->rows; row++) {                            \
        const char *f = b->from + row * b->from_row * (bytes);                 \
        char *t = b->to + row * b->to_row * (bytes);                           \
        for (int64_t i = low; i < high; i++)                                   \
          memcpy(t + i * b->to_step * (bytes), f + i * b->from_step * (bytes), \
                 bytes);                                                       \
      }                                                                        \
    }                                                                          \
  } while (0)

static void copy_strided(const rectangle *b, size_t size) {
  switch (size) {
    case 1:
      STRIDED(1);
      break;
    case 4:
      STRIDED(4);
      break;
    case 8:
      STRIDED(8);
      break;
    default:
      STRIDED(16);
      break;
  }
}

static void copy_rectangle(const rectangle *b, size_t size) {
  if (b->to_step != 1 || b->from_step != 1) {
    copy_strided(b, size);
    return;
  }
  for (int64_t row = 0; row < b->rows; row++)
    memcpy(b->to + row * b->to_row * (int64_t)size,
           b->from + row * b->from_row * (int64_t)size,
           (size_t)b->length * size);
}

/* -- ranges of an overlap -------------------------------------------------- */

/* Find the segment that contains position `at`. */
static const trm__array_segment *segment_of(const trm__array_shared *s,
                                            int64_t at) {
  int64_t low = 0, high = s->n;
  while (high - low > 1) {
    int64_t mid = low + (high - low) / 2;
    if (s->segments[mid].at <= at)
      low = mid;
    else
      high = mid;
  }
  return &s->segments[low];
}

typedef struct patch { /* part of one plane: some rows, some of each */
  int64_t plane[2];    /* positions in the two slowest dimensions */
  int64_t row, rows, at, n;
  int64_t done; /* elements that precede it in the buffer */
} patch;

/* Elements from the start of memory to the plane of a patch. */
static int64_t plane_at(const trm__array_overlap *m, const patch *p,
                        const trm__array_location *l, bool sender) {
  int64_t sum = l->base;
  for (int k = 0; k < 2; k++) {
    int d = m->order[k];
    const trm__array_segment *s = segment_of(&m->dim[d], p->plane[k]);
    sum += ((sender ? s->a : s->b) + p->plane[k] - s->at) * l->stride[d];
  }
  return sum;
}

/* The part of a segment that lies in positions first .. first+n-1. */
static trm__array_segment clip(const trm__array_segment *s, int64_t first,
                               int64_t n) {
  int64_t low = s->at > first ? s->at : first, end = first + n;
  int64_t high = s->at + s->length < end ? s->at + s->length : end;
  return (trm__array_segment){s->a + low - s->at, s->b + low - s->at,
                              high - low, low};
}

typedef struct side { /* where a patch is on one side */
  char *data;
  int64_t row_stride, stride; /* of memory, or of the buffer */
} side;

static side side_of(const trm__array_copy *c, const patch *p,
                    const trm__array_location *l, const char *buffer,
                    bool sender) {
  const trm__array_overlap *m = c->overlap;
  int64_t size = (int64_t)c->size;
  if (!l) return (side){(char *)buffer + p->done * size, p->n, 1};
  return (side){l->data + plane_at(m, p, l, sender) * size,
                l->stride[m->order[TRM_DIMS - 2]],
                l->stride[m->order[TRM_DIMS - 1]]};
}

/* Index of a segment in memory, or position in the buffer. */
static int64_t index_in(const trm__array_location *l, int64_t index,
                        int64_t position) {
  return l ? index : position;
}

static void copy_patch(const trm__array_copy *c, const patch *p) {
  const trm__array_overlap *m = c->overlap;
  const trm__array_shared *outer = &m->dim[m->order[TRM_DIMS - 2]];
  const trm__array_shared *inner = &m->dim[m->order[TRM_DIMS - 1]];
  const trm__array_segment *outer_end = outer->segments + outer->n;
  const trm__array_segment *inner_end = inner->segments + inner->n;
  const trm__array_segment *inner_first = segment_of(inner, p->at);
  int64_t size = (int64_t)c->size;
  side from = side_of(c, p, c->from, c->from_buffer, true);
  side to = side_of(c, p, c->to, c->to_buffer, false);
  for (const trm__array_segment *o = segment_of(outer, p->row);
       o < outer_end && o->at < p->row + p->rows; o++) {
    trm__array_segment rows = clip(o, p->row, p->rows);
    int64_t from_row = index_in(c->from, rows.a, rows.at - p->row);
    int64_t to_row = index_in(c->to, rows.b, rows.at - p->row);
    for (const trm__array_segment *i = inner_first;
         i < inner_end && i->at < p->at + p->n; i++) {
      trm__array_segment part = clip(i, p->at, p->n);
      int64_t from_at = index_in(c->from, part.a, part.at - p->at);
      int64_t to_at = index_in(c->to, part.b, part.at - p->at);
      copy_rectangle(
          &(rectangle){
              .to =
                  to.data + (to_row * to.row_stride + to_at * to.stride) * size,
              .from =
                  from.data +
                  (from_row * from.row_stride + from_at * from.stride) * size,
              .to_row = to.row_stride,
              .to_step = to.stride,
              .from_row = from.row_stride,
              .from_step = from.stride,
              .rows = rows.length,
              .length = part.length},
          c->size);
    }
  }
}

/* Copy elements first .. first+n-1, patch by patch; `done` elements precede them
 * in the buffer. */
static void copy_range(const trm__array_copy *c, int64_t first, int64_t n,
                       int64_t done) {
  const trm__array_overlap *m = c->overlap;
  int64_t length = m->dim[m->order[3]].extent,
          rows = m->dim[m->order[2]].extent,
          planes = m->dim[m->order[1]].extent;
  while (n > 0) {
    int64_t row = first / length, at = first % length;
    patch p = {.plane = {row / rows / planes, row / rows % planes},
               .row = row % rows,
               .rows = 1,
               .at = at,
               .n = length - at < n ? length - at : n,
               .done = done};
    if (at == 0 && n >= length) {
      p.rows = n / length;
      if (p.rows > rows - p.row) p.rows = rows - p.row;
    }
    copy_patch(c, &p);
    first += p.rows * p.n;
    done += p.rows * p.n;
    n -= p.rows * p.n;
  }
}

enum { PARALLEL_FROM = 1 << 17 }; /* minimum bytes for a parallel region */

/* Threads begin at whole rows. */
static int64_t share_of(const trm__array_copy *c, int thread, int threads) {
  int64_t length = c->overlap->dim[c->overlap->order[3]].extent;
  int64_t at = c->n * thread / threads;
  if (thread == threads || length > c->n / threads) return at;
  int64_t rest = (c->first + at) % length;
  return at > rest ? at - rest : 0;
}

void trm__array_copy_elements(trm_run *run, const trm__array_copy *c) {
  double bytes = (double)c->n * (double)c->size;
  if (bytes < PARALLEL_FROM || run->threads == 1) {
    TRM_WORK(run, c->site, 0, 2 * bytes) {
      copy_range(c, c->first, c->n, 0);
    }
    return;
  }
  TRM_PARALLEL(run, c->site, 0, 2 * bytes) {
#pragma omp for schedule(static) nowait
    for (int t = 0; t < run->threads; t++) {
      int64_t from = share_of(c, t, run->threads);
      copy_range(c, c->first + from, share_of(c, t + 1, run->threads) - from,
                 from);
    }
  }
}
