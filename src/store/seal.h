/* The seal: a digest over all bytes of a file but the datasets' values, after
 * the part that HDF5 knows. It is checked before HDF5 opens the file, because
 * the library may crash or loop on damaged metadata. No MPI. */
#ifndef TRM_STORE_SEAL_H
#define TRM_STORE_SEAL_H

#include "store/store.h"

/** Append the seal to a file whose values are at fields[].offset. */
trm_status trm__store_seal_write(const char *path, const trm__store_dataset *,
                                 int n, trm__base_error *);

/** Check the seal of a file. It counts only as the very end of the file: one
 * with anything after it, as one without a seal, is not sealed.
 * \param sealed set if there is a seal, and it holds
 * \return TRM_ECHECKPOINT: there is a seal, and it does not hold */
trm_status trm__store_seal_check(const char *path, bool *sealed,
                                 trm__base_error *);

#endif
