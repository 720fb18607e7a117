/* The stamp as attributes of a file's root. No MPI. */
#ifndef TRM_STORE_STAMP_H
#define TRM_STORE_STAMP_H

#include <hdf5.h>

#include "store/store.h"

bool trm__store_stamp_put(hid_t file, const trm__store_stamp *, bool output);

/** \return NULL, or the name of the attribute that is missing or wrong */
const char *trm__store_stamp_get(hid_t file, trm__store_stamp *, bool *output);

/** Deep copy. */
void trm__store_stamp_copy(trm__store_stamp *to, const trm__store_stamp *from);

#endif
