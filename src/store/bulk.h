/* Values between fields and files: a few aggregating ranks per host hold
 * windows of a field's linear index, in rounds of bounded buffers, and read or
 * write the file while the next window is on its way. All functions are
 * Collective. */
#ifndef TRM_STORE_BULK_H
#define TRM_STORE_BULK_H

#include "array/linear.h"
#include "store/source.h"

typedef struct trm__bulk trm__bulk;

/** Make it for fields of at most so many bytes. Fails with TRM_EMEMORY. */
trm_status trm__bulk_new(trm_run *, int64_t largest, trm__bulk **);
/** Takes NULL and clears. */
void trm__bulk_free(trm__bulk **);
/** Is it made for fields that large? Local. */
bool trm__bulk_fits(const trm__bulk *, int64_t largest);
/** The run it belongs to. Local. */
trm_run *trm__bulk_run(const trm__bulk *);
/** Does this rank touch files? Local. */
bool trm__bulk_mine(const trm__bulk *);

/** Write a field's values at their offset.  \param io open on aggregating ranks
 */
trm_status trm__bulk_write(trm__bulk *, trm__io *io, const trm__set_field *,
                           const trm_field *);

/** Read a dataset into a field of the same shape.
 * \param at its place in the file; its type is the field's */
trm_status trm__bulk_read(trm__bulk *, const char *path,
                          const trm__set_field *at, trm_field *);

/** Digest of a field's values as they are in the file. */
trm_status trm__bulk_digest(trm__bulk *, const char *path,
                            const trm__set_field *at, uint64_t *digest);

#endif
