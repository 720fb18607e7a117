/* The stamp as attributes of a file's root. No MPI. */
#ifndef TRM_STORE_STAMP_H
#define TRM_STORE_STAMP_H

#include <hdf5.h>

#include "store/store.h"

/** Is this a checkpoint or an output of ours, of any version? */
bool trm__store_stamp_is_ours(hid_t file);

bool trm__store_stamp_put(hid_t file, const trm__store_stamp *, bool output);

/** Read it.
 * \param path for the message  \param newer set if a newer version of Trireme
 * wrote the file
 * \return TRM_OK, or TRM_ECHECKPOINT with the reason in the error */
trm_status trm__store_stamp_get(hid_t file, const char *path,
                                trm__store_stamp *, bool *output, bool *newer,
                                trm__base_error *);

/** The attribute "format" of a checkpoint or an output. Pure. */
const char *trm__store_stamp_format(bool output);

/** Deep copy. */
void trm__store_stamp_copy(trm__store_stamp *to, const trm__store_stamp *from);

#endif
