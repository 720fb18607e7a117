/* Linear windows: parts of the row-major index of a global shape, as files have
 * them. What checkpoints and other files are read and written through. */
#ifndef TRM_ARRAY_LINEAR_H
#define TRM_ARRAY_LINEAR_H

#include <trireme/layout.h>
#include <trireme/field.h>

/* Each rank holds elements first[rank] .. first[rank]+length[rank]-1 of the
 * row-major global index, in that order, in a buffer of its own. Windows of
 * ranks do not overlap; they need not cover everything. */
typedef struct trm__array_linear {
  const int64_t *first, *length; /* of every rank of the run; length may be 0 */
} trm__array_linear;

/** Copy those elements of a field that lie in the windows to their ranks'
 * buffers. Collective. Counts as redistribution, or as what is set further out. */
trm_status trm__array_linear_from_field(trm_run *, const trm_field *,
                                        const trm__array_linear *,
                                        void *buffer);
/** The way back: to every rank that owns the elements, copies included. */
trm_status trm__array_linear_to_field(trm_run *, const trm__array_linear *,
                                      const void *buffer, trm_field *);

/** A linear interval of a row-major shape as at most 2*dims-1 boxes, in linear
 * order. Pure.  \return their number */
int trm__array_linear_boxes(int dims, const int64_t n[], int64_t first,
                            int64_t length, int64_t lo[][TRM_DIMS],
                            int64_t len[][TRM_DIMS]);

#endif
