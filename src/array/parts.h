/* Parts: the elements that one rank owns in a global index space, and the
 * overlap of the parts of two ranks. Redistribution and files are built on
 * this. */
#ifndef TRM_ARRAY_PARTS_H
#define TRM_ARRAY_PARTS_H

#include "array/layout.h"
#include "array/linear.h"

/* A product of lists of intervals, one per dimension. Shapes of fewer
 * dimensions get dimensions of length 1 in front, so the last dimension is
 * always the last. */
typedef struct trm__array_part {
  int64_t n[TRM_DIMS];                     /* number of intervals */
  trm__array_interval *interval[TRM_DIMS]; /* ascending; owned */
} trm__array_part;

enum { TRM__PARTS = 2 * TRM_DIMS - 1 };

typedef struct trm__array_owned { /* all elements that a rank owns */
  int count;                      /* parts; 0: nothing */
  trm__array_part part[TRM__PARTS];
} trm__array_owned;

/* Location of elements in this rank's memory: the element with local indices i
 * is at base + sum(i[d] * stride[d]) elements. */
typedef struct trm__array_location {
  char *data;
  int64_t base, stride[TRM_DIMS];
} trm__array_location;

/** Find what a rank owns in a layout; `counting`: only if it is the first owner,
 * whose copy counts. */
trm__array_owned trm__array_owned_of_layout(const trm_layout *, int rank,
                                            bool counting);
/** Find the parts of a linear window of a shape of TRM_DIMS lengths. */
trm__array_owned trm__array_owned_of_linear(const int64_t n[], int64_t first,
                                            int64_t length);
void trm__array_owned_clear(trm__array_owned *);

/* Overlap: the elements that two parts share, in row-major order of their
 * global index. */
typedef struct trm__array_segment {
  int64_t a, b, length, at;
} trm__array_segment; /* of the innermost dimension */
typedef struct trm__array_overlap {
  int64_t extent[TRM_DIMS], elements;
  int64_t *a[TRM_DIMS - 1],
      *b[TRM_DIMS - 1];     /* outer dimensions: local indices on both sides */
  trm__array_segment *runs; /* innermost dimension: ascending `at` */
  int64_t nruns;
} trm__array_overlap;

/** Find the overlap of two parts; false: none. */
bool trm__array_overlap_new(const trm__array_part *a, const trm__array_part *b,
                            trm__array_overlap *);
void trm__array_overlap_clear(trm__array_overlap *);

/** Copy elements first .. first+n-1 of an overlap. If a location is NULL, the
 * buffer holds exactly those elements. */
typedef struct trm__array_copy {
  const trm__array_overlap *overlap;
  const trm__array_location *from, *to; /* from: side a, to: side b */
  const char *from_buffer;
  char *to_buffer;
  int64_t first, n;
  size_t size; /* of an element */
} trm__array_copy;
void trm__array_copy_elements(trm_run *, const trm__array_copy *);

#endif
