#include "array/parts.h"

#include <stdlib.h>
#include <string.h>

#include <trireme/work.h>

#include "comm/run.h"

/* -- owned elements -------------------------------------------------------- */

trm__array_owned trm__array_owned_of_layout(const trm_layout *l, int rank,
                                            bool counting) {
  trm__array_owned owned = {0};
  int coord[TRM_DIMS];
  if (!trm__array_coords_of(l, rank, coord)) return owned;
  if (counting && !trm__array_first_owner(l, coord)) return owned;
  owned.count = 1;
  int front = TRM_DIMS - l->dims;
  for (int d = 0; d < TRM_DIMS; d++) {
    int from = d < front ? l->dims + d : d - front; /* beyond dims: one index */
    int64_t n = trm__array_interval_count(l, from, coord[from]);
    trm__array_interval *list = trm__base_calloc((size_t)n, sizeof *list);
    for (int64_t k = 0; k < n; k++)
      list[k] = trm__array_interval_at(l, from, coord[from], k);
    owned.part[0].n[d] = n;
    owned.part[0].interval[d] = list;
  }
  return owned;
}

trm__array_owned trm__array_owned_of_linear(const int64_t n[], int64_t first,
                                            int64_t length) {
  trm__array_owned owned = {0};
  int64_t lo[TRM__PARTS][TRM_DIMS], len[TRM__PARTS][TRM_DIMS];
  owned.count = trm__array_linear_boxes(TRM_DIMS, n, first, length, lo, len);
  for (int i = 0; i < owned.count; i++)
    for (int d = 0; d < TRM_DIMS; d++) {
      owned.part[i].n[d] = 1;
      owned.part[i].interval[d] =
          trm__base_calloc(1, sizeof(trm__array_interval));
      *owned.part[i].interval[d] =
          (trm__array_interval){lo[i][d], len[i][d], lo[i][d]};
    }
  return owned;
}

void trm__array_owned_clear(trm__array_owned *owned) {
  for (int i = 0; i < owned->count; i++)
    for (int d = 0; d < TRM_DIMS; d++) free(owned->part[i].interval[d]);
  owned->count = 0;
}

/* -- linear intervals as boxes --------------------------------------------- */

typedef struct boxes {
  const int64_t *n;
  int dims, count;
  int64_t (*lo)[TRM_DIMS], (*len)[TRM_DIMS];
} boxes;

/* Add a box: `rows` indices from `at` in dimension d, all indices of later
 * dimensions, and one index in each earlier dimension. */
static void add_box(boxes *b, const int64_t prefix[], int d, int64_t at,
                    int64_t rows) {
  if (rows <= 0) return;
  for (int i = 0; i < b->dims; i++) {
    b->lo[b->count][i] = i < d ? prefix[i] : i == d ? at : 0;
    b->len[b->count][i] = i < d ? 1 : i == d ? rows : b->n[i];
  }
  b->count++;
}

/* Split the interval [first, end) of dimensions d and later, with prefix
 * before: a partial first row, whole rows, a partial last row. */
static void split(boxes *b, int64_t prefix[], int d, int64_t first,
                  int64_t end) {
  if (first >= end) return;
  int64_t row = 1;
  for (int i = d + 1; i < b->dims; i++) row *= b->n[i];
  int64_t top = first / row, bottom = end / row;
  if (top * row == first && bottom * row == end) {
    add_box(b, prefix, d, top, bottom - top);
    return;
  }
  if (top == bottom) {
    prefix[d] = top;
    split(b, prefix, d + 1, first - top * row, end - top * row);
    return;
  }
  int64_t whole = first > top * row ? top + 1 : top;
  prefix[d] = top;
  if (whole > top) split(b, prefix, d + 1, first - top * row, row);
  add_box(b, prefix, d, whole, bottom - whole);
  prefix[d] = bottom;
  split(b, prefix, d + 1, 0, end - bottom * row);
}

int trm__array_linear_boxes(int dims, const int64_t n[], int64_t first,
                            int64_t length, int64_t lo[][TRM_DIMS],
                            int64_t len[][TRM_DIMS]) {
  int64_t prefix[TRM_DIMS] = {0};
  boxes b = {.n = n, .dims = dims, .lo = lo, .len = len};
  split(&b, prefix, 0, first, first + length);
  return b.count;
}

/* -- overlaps -------------------------------------------------------------- */

/* Common segments of two ascending lists of intervals; NULL: none. */
static trm__array_segment *common(const trm__array_interval *a, int64_t na,
                                  const trm__array_interval *b, int64_t nb,
                                  int64_t *nruns, int64_t *total) {
  trm__array_segment *runs = NULL;
  int64_t n = 0, capacity = 0, at = 0;
  for (int64_t i = 0, j = 0; i < na && j < nb;) {
    int64_t a_end = a[i].global + a[i].length,
            b_end = b[j].global + b[j].length;
    int64_t lo = a[i].global > b[j].global ? a[i].global : b[j].global;
    int64_t hi = a_end < b_end ? a_end : b_end;
    if (lo < hi) {
      if (n == capacity) {
        capacity = capacity ? 2 * capacity : 4;
        runs = trm__base_grow(runs, (size_t)capacity, sizeof *runs);
      }
      runs[n++] =
          (trm__array_segment){a[i].local + lo - a[i].global,
                               b[j].local + lo - b[j].global, hi - lo, at};
      at += hi - lo;
    }
    if (a_end <= b_end) i++;
    if (b_end <= a_end) j++;
  }
  *nruns = n;
  *total = at;
  return runs;
}

static void expand(const trm__array_segment *runs, int64_t nruns, int64_t total,
                   int64_t **a, int64_t **b) {
  *a = trm__base_calloc((size_t)total, sizeof **a);
  *b = trm__base_calloc((size_t)total, sizeof **b);
  for (int64_t k = 0; k < nruns; k++)
    for (int64_t i = 0; i < runs[k].length; i++) {
      (*a)[runs[k].at + i] = runs[k].a + i;
      (*b)[runs[k].at + i] = runs[k].b + i;
    }
}

bool trm__array_overlap_new(const trm__array_part *a, const trm__array_part *b,
                            trm__array_overlap *m) {
  *m = (trm__array_overlap){.elements = 1};
  for (int d = 0; d < TRM_DIMS; d++) {
    int64_t nruns;
    trm__array_segment *runs = common(a->interval[d], a->n[d], b->interval[d],
                                      b->n[d], &nruns, &m->extent[d]);
    m->elements *= m->extent[d];
    if (d < TRM_DIMS - 1) {
      expand(runs, nruns, m->extent[d], &m->a[d], &m->b[d]);
      free(runs);
    } else {
      m->runs = runs;
      m->nruns = nruns;
    }
    if (m->elements == 0) {
      trm__array_overlap_clear(m);
      return false;
    }
  }
  return true;
}

void trm__array_overlap_clear(trm__array_overlap *m) {
  for (int d = 0; d < TRM_DIMS - 1; d++) {
    free(m->a[d]);
    free(m->b[d]);
  }
  free(m->runs);
  *m = (trm__array_overlap){0};
}

/* -- copying --------------------------------------------------------------- */

#define STRIDED(type)                                                  \
  do {                                                                 \
    const type *f = (const type *)from;                                \
    type *t = (type *)to;                                              \
    for (int64_t i = 0; i < n; i++) t[i * to_step] = f[i * from_step]; \
  } while (0)

static void copy_run(char *to, int64_t to_step, const char *from,
                     int64_t from_step, int64_t n, size_t size) {
  if (to_step == 1 && from_step == 1) {
    memcpy(to, from, (size_t)n * size);
    return;
  }
  switch (size) {
    case 1:
      STRIDED(uint8_t);
      break;
    case 4:
      STRIDED(uint32_t);
      break;
    case 8:
      STRIDED(uint64_t);
      break;
    default:
      STRIDED(double _Complex);
      break;
  }
}

/* Find the segment of the innermost dimension that contains position `at`. */
static int64_t run_of(const trm__array_overlap *m, int64_t at) {
  int64_t low = 0, high = m->nruns;
  while (high - low > 1) {
    int64_t mid = low + (high - low) / 2;
    if (m->runs[mid].at <= at)
      low = mid;
    else
      high = mid;
  }
  return low;
}

/* Byte address of innermost index 0 of one row. */
static char *row_start(const trm__array_location *p, int64_t *const index[],
                       const int64_t i[], size_t size) {
  int64_t at = p->base;
  for (int d = 0; d < TRM_DIMS - 1; d++) at += index[d][i[d]] * p->stride[d];
  return p->data + at * (int64_t)size;
}

static void copy_row(const trm__array_copy *c, const int64_t i[], int64_t at,
                     int64_t n, int64_t done) {
  const trm__array_overlap *m = c->overlap;
  const int64_t size = (int64_t)c->size;
  int64_t a_step = c->from ? c->from->stride[TRM_DIMS - 1] : 1;
  int64_t b_step = c->to ? c->to->stride[TRM_DIMS - 1] : 1;
  const char *a = c->from ? row_start(c->from, m->a, i, c->size) : NULL;
  char *b = c->to ? row_start(c->to, m->b, i, c->size) : NULL;
  for (int64_t k = run_of(m, at); n > 0; k++) {
    const trm__array_segment *r = &m->runs[k];
    int64_t skip = at - r->at,
            part = r->length - skip < n ? r->length - skip : n;
    const char *from =
        a ? a + (r->a + skip) * a_step * size : c->from_buffer + done * size;
    char *to =
        b ? b + (r->b + skip) * b_step * size : c->to_buffer + done * size;
    copy_run(to, b_step, from, a_step, part, c->size);
    at += part;
    done += part;
    n -= part;
  }
}

/* Copy elements first .. first+n-1; `done` elements precede them in the buffer.
 */
static void copy_range(const trm__array_copy *c, int64_t first, int64_t n,
                       int64_t done) {
  const int64_t *e = c->overlap->extent;
  int64_t row = first / e[3], at = first % e[3];
  int64_t i[TRM_DIMS - 1] = {row / e[2] / e[1], row / e[2] % e[1], row % e[2]};
  while (n > 0) {
    int64_t part = e[3] - at < n ? e[3] - at : n;
    copy_row(c, i, at, part, done);
    done += part;
    n -= part;
    at = 0;
    if (++i[2] == e[2]) {
      i[2] = 0;
      if (++i[1] == e[1]) {
        i[1] = 0;
        i[0]++;
      }
    }
  }
}

enum { PARALLEL_FROM = 1 << 16 }; /* minimum bytes for a parallel region */

void trm__array_copy_elements(trm_run *run, const trm__array_copy *c) {
  double bytes = (double)c->n * (double)c->size;
  if (bytes < PARALLEL_FROM || run->threads == 1) {
    TRM_WORK(run, "copy", 0, 2 * bytes) {
      copy_range(c, c->first, c->n, 0);
    }
    return;
  }
  TRM_PARALLEL(run, "copy", 0, 2 * bytes) {
#pragma omp for schedule(static) nowait
    for (int t = 0; t < run->threads; t++) {
      int64_t from = c->n * t / run->threads;
      int64_t to = c->n * (t + 1) / run->threads;
      copy_range(c, c->first + from, to - from, from);
    }
  }
}
