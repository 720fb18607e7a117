/* The seal: a digest over all bytes of a file but the datasets' values, after
 * the part that HDF5 knows. It is checked before HDF5 opens the file, because
 * the library may crash or loop on damaged metadata. No MPI. */
#ifndef TRM_STORE_SEAL_H
#define TRM_STORE_SEAL_H

#include "store/store.h"

/** Append the seal to a file whose values are at fields[].offset. */
trm_status trm__store_seal_write(const char *path, const trm__store_dataset *,
                                 int n, trm__base_error *);

/** Check the seal of a file; one without a seal (rewritten by other tools)
 * passes. */
trm_status trm__store_seal_check(const char *path, trm__base_error *);

#endif
