/* Overlaps: the elements that two sides of a movement share, and the copying of
 * a range of them between memory and messages. */
#ifndef TRM_ARRAY_MOVE_OVERLAP_H
#define TRM_ARRAY_MOVE_OVERLAP_H

#include <trireme/layout.h>

/* Consecutive indices along one dimension, local on either side. */
typedef struct trm__array_segment {
  int64_t a, b; /* first index, of the sender and of the receiver */
  int64_t length;
  int64_t at; /* position among all that is shared along this dimension */
} trm__array_segment;

typedef struct trm__array_shared { /* along one dimension */
  int64_t extent, n;               /* sum of the lengths; segments */
  trm__array_segment *segments;    /* ascending `at`; owned by the plan */
} trm__array_shared;

/* A product of what is shared along each dimension. In a message, the elements
 * stand in row-major order of the dimensions as `order` lists them, so
 * dimension order[TRM_DIMS - 1] runs fastest. */
typedef struct trm__array_overlap {
  trm__array_shared dim[TRM_DIMS];
  int order[TRM_DIMS];
  int64_t elements;
} trm__array_overlap;

/** Complete an overlap whose dimensions are set. The dimension that runs
 * fastest in the sender's memory becomes the fastest of the message if it is
 * long enough, the receiver's the next. Pure.
 * \param from_fastest 1 + dimension, as in trm_layout
 * \return false: nothing is shared */
bool trm__array_overlap_complete(trm__array_overlap *, int from_fastest,
                                 int to_fastest);

/* Location of elements in this rank's memory: the element with local indices i
 * is at base + sum(i[d] * stride[d]) elements. */
typedef struct trm__array_location {
  char *data;
  int64_t base, stride[TRM_DIMS];
} trm__array_location;

/* One side without a location is a buffer that holds exactly the elements
 * first .. first+n-1 of the overlap. */
typedef struct trm__array_copy {
  const trm__array_overlap *overlap;
  const trm__array_location *from, *to;
  const char *from_buffer;
  char *to_buffer;
  int64_t first, n;
  size_t size;      /* of an element */
  const char *site; /* the name under which the work is counted */
} trm__array_copy;

/** Copy, on all threads if it is worth it. Local. */
void trm__array_copy_elements(trm_run *, const trm__array_copy *);

#endif
