/* A walk over the owned elements of a layout in the order of memory, in lines
 * that a loop can run along, shared out among threads. */
#ifndef TRM_ARRAY_WALK_H
#define TRM_ARRAY_WALK_H

#include <trireme/layout.h>

typedef struct
    trm__array_line { /* elements evenly spaced in memory and in index */
  int64_t at, stride; /* first one, elements from (0,0,0); spacing */
  int64_t n;
  uint64_t index,
      step; /* row-major global index; not for trm__array_walk_memory */
} trm__array_line;

typedef struct trm__array_walk {
  const trm_layout *layout;
  int dims; /* those longer than 1, outermost in memory first */
  bool indexed;
  int dim[TRM_DIMS]; /* of the layout */
  int64_t len[TRM_DIMS], stride[TRM_DIMS];
  int64_t place[TRM_DIMS];  /* of the next element, and its global index */
  uint64_t index[TRM_DIMS]; /* along each dimension, times its weight */
  uint64_t weight[TRM_DIMS];
  uint64_t base; /* index due to dimensions of length 1 */
  int64_t left;  /* elements to go */
} trm__array_walk;

/** Begin the part that falls to one thread of many, all lines with indices. */
void trm__array_walk_begin(trm__array_walk *, const trm_layout *, int part,
                           int parts);
/** The same without indices: lines that touch in memory are joined. */
void trm__array_walk_memory(trm__array_walk *, const trm_layout *, int part,
                            int parts);
/** The next line, at most `longest` elements; false: there are no more. */
bool trm__array_walk_next(trm__array_walk *, int64_t longest,
                          trm__array_line *);

#endif
