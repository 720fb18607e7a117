/* The inspector: a second process that looks at a file first. HDF5 may crash or
 * loop on damaged metadata, and takes down no more than that process then. It is
 * the program itself, started by posix_spawn: a rank must not fork. No MPI. */
#ifndef TRM_STORE_INSPECTOR_H
#define TRM_STORE_INSPECTOR_H

#include "store/store.h"

/* What makes a program an inspector: the words "ckpt .inspect WHAT PATH" (not for
 * users), and a variable in its environment. It reports on a descriptor: that it
 * has begun, then "STATUS VERDICT REASON". */
#define TRM__STORE_INSPECTOR_VERB  ".inspect"
#define TRM__STORE_INSPECTING      "TRIREME_INSPECTING"
#define TRM__STORE_INSPECTOR_BEGUN "begun\n"
enum { TRM__STORE_INSPECTOR_REPORT = 3 };

/** Must a second process look at this file first? Not if it is sealed, or its seal
 * is damaged: then HDF5 need not open it at all. */
bool trm__store_inspector_needed(const char *path);

/** Let a second process look at a file.
 * \param program its main calls trm_main
 * \param what "header" or "values" of a checkpoint; "input": FILE.h5:/DATASET
 * \param verdict set where the status is not TRM_OK
 * \return TRM_OK: HDF5 may open it here too; TRM_ECHECKPOINT: it may not, and the
 * error says why; TRM_EFILE: it could not be looked at */
trm_status trm__store_inspector_ask(const char *program, const char *path,
                                    const char *what,
                                    trm__store_verdict *verdict,
                                    trm__base_error *);

#endif
