/* The certificate: a digest over what a checkpoint says about itself, stored
 * inside the file, where other programs that copy it keep it. Pure. */
#ifndef TRM_STORE_CERTIFICATE_H
#define TRM_STORE_CERTIFICATE_H

#include "store/store.h"

/** Name of the attribute of the root group that holds it. */
#define TRM__STORE_CERTIFICATE "certificate"

/** Digest of the format, the whole stamp, and each dataset's name, type, shape,
 * role and digest of values. The order of the datasets does not matter. */
uint64_t trm__store_certificate(const trm__store_checkpoint *);

#endif
