/* Linear windows: parts of the row-major index of a global shape, as files
 * store them. Checkpoints and other files are read and written through them. */
#ifndef TRM_ARRAY_MOVE_LINEAR_H
#define TRM_ARRAY_MOVE_LINEAR_H

#include <trireme/layout.h>
#include <trireme/field.h>

/* Each rank holds elements first[rank] .. first[rank]+length[rank]-1 of the
 * row-major global index, in this order, in its buffer. Windows do not overlap;
 * they need not cover everything. */
typedef struct trm__array_linear {
  const int64_t *first, *length; /* of every rank of the run; length may be 0 */
} trm__array_linear;

/** Copy the elements of a field that lie in the windows to the buffers of their
 * ranks. Collective. Counts as redistribution, unless an outer cause is set. */
trm_status trm__array_linear_from_field(trm_run *, const trm_field *,
                                        const trm__array_linear *,
                                        void *buffer);
/** Copy the buffers back to every rank that owns the elements, copies included.
 * Collective. */
trm_status trm__array_linear_to_field(trm_run *, const trm__array_linear *,
                                      const void *buffer, trm_field *);

/** Split a linear interval of a row-major shape into at most 2*dims-1 boxes, in
 * linear order. Pure.
 * \return their number */
int trm__array_linear_boxes(int dims, const int64_t n[], int64_t first,
                            int64_t length, int64_t lo[][TRM_DIMS],
                            int64_t len[][TRM_DIMS]);

#endif
