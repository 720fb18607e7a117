/* The stamp as attributes of a file's root. No MPI. */
#ifndef TRM_STORE_STAMP_H
#define TRM_STORE_STAMP_H

#include <hdf5.h>

#include "store/store.h"

bool trm__stamp_put(hid_t file, const trm__stamp *, bool output);

/** \return NULL, or the name of the attribute that is missing or wrong */
const char *trm__stamp_get(hid_t file, trm__stamp *, bool *output);

/** Copy with texts of its own. */
void trm__stamp_copy(trm__stamp *to, const trm__stamp *from);

#endif
