/* A walk over the owned elements of a layout in memory order, in lines suited
 * to inner loops, divided among threads. */
#ifndef TRM_ARRAY_LAYOUT_WALK_H
#define TRM_ARRAY_LAYOUT_WALK_H

#include <trireme/layout.h>

/* Elements evenly spaced in memory and index. */
typedef struct trm__array_line {
  int64_t at, stride; /* first element, relative to (0,0,0); spacing */
  int64_t n;
  /* row-major global index of the first; not for trm__array_walk_memory */
  uint64_t index, step;
} trm__array_line;

typedef struct trm__array_walk {
  const trm_layout *layout;
  int dims; /* dimensions longer than 1, outermost in memory first */
  bool indexed;
  int dim[TRM_DIMS]; /* of the layout */
  int64_t len[TRM_DIMS], stride[TRM_DIMS];
  int64_t place[TRM_DIMS]; /* of the next element */
  /* global index along each dimension, times its weight */
  uint64_t index[TRM_DIMS];
  uint64_t weight[TRM_DIMS];
  uint64_t base; /* index due to dimensions of length 1 */
  int64_t left;  /* remaining elements */
} trm__array_walk;

/** Begin the part of one of several threads; lines have indices. */
void trm__array_walk_begin(trm__array_walk *, const trm_layout *, int part,
                           int parts);
/** Begin without indices: lines that are adjacent in memory are joined. */
void trm__array_walk_memory(trm__array_walk *, const trm_layout *, int part,
                            int parts);
/** Get the next line of at most `longest` elements; false: no more. */
bool trm__array_walk_next(trm__array_walk *, int64_t longest,
                          trm__array_line *);

#endif
