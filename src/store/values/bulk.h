/* Transfers of values between fields and files. A few aggregating ranks per
 * host hold windows of a field's linear index in bounded buffers, round by
 * round, and read or write the file while the next window is transferred. All
 * functions are Collective unless marked Local. */
#ifndef TRM_STORE_BULK_H
#define TRM_STORE_BULK_H

#include "array/move/linear.h"
#include "store/values/source.h"

typedef struct trm__store_bulk trm__store_bulk;

/** Create it for fields of at most `largest` bytes. Fails with TRM_EMEMORY. */
trm_status trm__store_bulk_new(trm_run *, int64_t largest, trm__store_bulk **);
/** Free it; takes NULL and clears. */
void trm__store_bulk_free(trm__store_bulk **);
/** Is it large enough for fields of `largest` bytes? Local. */
bool trm__store_bulk_fits(const trm__store_bulk *, int64_t largest);
/** The run it belongs to. Local. */
trm_run *trm__store_bulk_run(const trm__store_bulk *);
/** Does this rank read and write files? Local. */
bool trm__store_bulk_mine(const trm__store_bulk *);

/** Write a field's values at their offset.  \param io open on aggregating ranks
 */
trm_status trm__store_bulk_write(trm__store_bulk *, trm__store_io *io,
                                 const trm__store_dataset *, const trm_field *);

/** Read a dataset into a field of the same shape.
 * \param at its place in the file; its type is the field's */
trm_status trm__store_bulk_read(trm__store_bulk *, const char *path,
                                const trm__store_dataset *at, trm_field *);

/** The same for numbers that stand for values of the field's type.
 * \param packing borrowed; NULL: values as they are stored
 * \param missing set to the missing cells that this rank read */
trm_status trm__store_bulk_unpack(trm__store_bulk *, const char *path,
                                  const trm__store_dataset *at,
                                  const trm__store_packing *packing,
                                  trm_field *, int64_t *missing);

/** Compute the digest of a field's values in the file. */
trm_status trm__store_bulk_digest(trm__store_bulk *, const char *path,
                                  const trm__store_dataset *at,
                                  uint64_t *digest);

#endif
