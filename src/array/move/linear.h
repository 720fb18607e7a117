/* Movement between fields and linear windows: checkpoints and other files are
 * read and written through it. */
#ifndef TRM_ARRAY_MOVE_LINEAR_H
#define TRM_ARRAY_MOVE_LINEAR_H

#include <trireme/field.h>

#include "array/move/windows.h"

/** Copy the elements of a field that lie in the windows to the buffers of their
 * ranks. Collective. Counts as redistribution, unless an outer cause is set. */
trm_status trm__array_linear_from_field(trm_run *, const trm_field *,
                                        const trm__array_linear *,
                                        void *buffer);
/** Copy the buffers back to every rank that owns the elements, copies included.
 * Collective. */
trm_status trm__array_linear_to_field(trm_run *, const trm__array_linear *,
                                      const void *buffer, trm_field *);

#endif
