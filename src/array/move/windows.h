/* Linear windows: parts of the row-major index of a global shape, as files store
 * them. */
#ifndef TRM_ARRAY_MOVE_WINDOWS_H
#define TRM_ARRAY_MOVE_WINDOWS_H

#include <trireme/layout.h>

/* Each rank holds elements first[rank] .. first[rank]+length[rank]-1 of the
 * row-major global index, in this order, in its buffer. Windows do not overlap;
 * they need not cover everything. */
typedef struct trm__array_linear {
  const int64_t *first, *length; /* of every rank of the run; length may be 0 */
} trm__array_linear;

/** Split a linear interval of a row-major shape into at most 2*dims-1 boxes, in
 * linear order. Pure.
 * \return their number */
int trm__array_linear_boxes(int dims, const int64_t n[], int64_t first,
                            int64_t length, int64_t lo[][TRM_DIMS],
                            int64_t len[][TRM_DIMS]);

#endif
