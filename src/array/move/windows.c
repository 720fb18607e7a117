#include "array/move/windows.h"

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
