/* The structure of a checkpoint: attributes and datasets, written and read with
 * HDF5 on one rank. No MPI. Reading is trm__store_checkpoint_inspect of
 * store.h. */
#ifndef TRM_STORE_HEADER_H
#define TRM_STORE_HEADER_H

#include "store/file/seal.h"
#include "store/store.h"

/** The group of the kept arrays. */
#define TRM__STORE_KEEP "keep"

/** Lay out a new file: attributes, one contiguous dataset per field with space
 * but no values, kept arrays with their values, the seal. Sets fields[].offset.
 * \param kept values of the kept arrays; NULL for fields
 * \param seal set to that of the file, as trm__store_seal_check must find it */
trm_status trm__store_header_write(const char *path,
                                   const trm__store_checkpoint *,
                                   const void *const kept[], trm__store_seal *,
                                   trm__base_error *);

/** Bytes and elements of one field. Pure. */
int64_t trm__store_dataset_bytes(const trm__store_dataset *);
int64_t trm__store_dataset_count(const trm__store_dataset *);

/** A field by its name; NULL if there is none. Pure. */
const trm__store_dataset *trm__store_dataset_find(const trm__store_checkpoint *,
                                                  const char *name);

#endif
