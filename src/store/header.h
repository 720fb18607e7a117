/* The structure of a set: attributes and datasets, written and read with HDF5
 * on one rank. No MPI. Reading is trm__store_checkpoint_inspect of store.h. */
#ifndef TRM_STORE_HEADER_H
#define TRM_STORE_HEADER_H

#include "store/store.h"

/** Lay a new file out: attributes, one contiguous dataset a field with its
 * space but without values, kept arrays with theirs. Sets fields[].offset.
 * \param kept values of the kept arrays; NULL for fields */
trm_status trm__store_header_write(const char *path,
                                   const trm__store_checkpoint *,
                                   const void *const kept[], trm__base_error *);

/** Bytes of the values of one field, and elements. Pure. */
int64_t trm__store_dataset_bytes(const trm__store_dataset *);
int64_t trm__store_dataset_count(const trm__store_dataset *);

/** A field by its name; NULL if there is none. Pure. */
const trm__store_dataset *trm__store_dataset_find(const trm__store_checkpoint *,
                                                  const char *name);

#endif
