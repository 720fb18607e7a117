/* Looking into sets without MPI; most of it is in store.h. */
#ifndef TRM_STORE_INSPECT_H
#define TRM_STORE_INSPECT_H

#include "store/store.h"

/** Read the values of one field and compare with its digest. */
trm_status trm__set_verify_field(const trm__set *, const trm__set_field *,
                                 trm__error *);

#endif
