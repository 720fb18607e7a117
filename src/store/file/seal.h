/* The seal: a digest over all bytes of a file but the datasets' values, after
 * the part that HDF5 knows. It is checked before HDF5 opens the file, because
 * the library may crash or loop on damaged metadata. No MPI. */
#ifndef TRM_STORE_SEAL_H
#define TRM_STORE_SEAL_H

#include "store/image/image.h"
#include "store/store.h"

typedef struct trm__store_seal {
  bool holds;
  uint64_t digest; /* of the bytes that are no values */
  int64_t bytes;   /* length of the file */
} trm__store_seal;

/** Append the seal to the image of a file whose values, which are not in the image,
 * will be at fields[].offset. */
trm__store_seal trm__store_seal_put(trm__store_image *,
                                    const trm__store_dataset *fields, int n);

/** Check the seal of a file. It counts only as the very end of the file: one
 * with anything after it, as one without a seal, does not hold.
 * \return TRM_ECHECKPOINT: there is a seal at the end, and it does not hold */
trm_status trm__store_seal_check(const char *path, trm__store_seal *,
                                 trm__base_error *);

#endif
