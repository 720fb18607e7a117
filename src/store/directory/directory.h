/* The directory of a run's checkpoints: it must exist, be the same on all
 * hosts, be writable and have space, and no other run may write to it now. */
#ifndef TRM_STORE_DIRECTORY_H
#define TRM_STORE_DIRECTORY_H

#include <trireme/run.h>

#include "base/error.h"

/** Create the directory if its parent exists; check from every host that it is
 * writable and shows what rank 0 wrote. Collective. */
trm_status trm__store_directory_check(trm_run *, const char *dir);

typedef struct trm__store_lock {
  int fd;
  char *path;
} trm__store_lock; /* fd -1: none */

/** Take the writer's lock; it is released when the process ends. Local: on rank
 * 0.
 * \param who run id, for the message to a second writer
 * \param patience seconds to wait for it, unless a signal comes; reported on
 * stderr */
trm_status trm__store_lock_take(trm__store_lock *, const char *dir,
                                const char *who, double patience,
                                trm__base_error *);
void trm__store_lock_drop(trm__store_lock *);

/** Check that there is space for `files` files of `bytes` each. Local. */
trm_status trm__store_directory_space(const char *dir, int64_t bytes, int files,
                                      trm__base_error *);

/** fsync a directory, so that names in it are on the disk. Local. */
trm_status trm__store_directory_sync(const char *dir, trm__base_error *);

#endif
