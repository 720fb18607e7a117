/* Inspecting checkpoints without MPI; most of it is in store.h. */
#ifndef TRM_STORE_INSPECT_H
#define TRM_STORE_INSPECT_H

#include "store/store.h"

/** Read the values of one field of a file and compare with its digest. */
trm_status trm__store_dataset_verify(const char *path,
                                     const trm__store_dataset *,
                                     trm__base_error *);

#endif
