/* The inspector: a second process that looks at a file first. HDF5 may crash or
 * loop on damaged metadata, and takes down no more than that process then. It is
 * the program itself, started by posix_spawn: a rank must not fork. No MPI. */
#ifndef TRM_STORE_INSPECTOR_H
#define TRM_STORE_INSPECTOR_H

#include "store/store.h"

/** The verb of `ckpt` that makes a program an inspector; not for users. It is
 * followed by "header" or "values", and the path. */
#define TRM__STORE_INSPECTOR_VERB ".inspect"

/** Let a second process look at a file.
 * \param program its main calls trm_main  \param values read all values too
 * \param verdict set where the status is not TRM_OK
 * \return TRM_OK: HDF5 may open it here too; else why not, in the error */
trm_status trm__store_inspector_ask(const char *program, const char *path,
                                    bool values, trm__store_verdict *verdict,
                                    trm__base_error *);

/** Be the inspector.  \return the exit status of the process */
int trm__store_inspector_main(const char *path, bool values);

#endif
