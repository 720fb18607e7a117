/* The directory of a run's checkpoints: is it there, is it the same on all
 * hosts, can all write to it, is there space, does another run write to it now.
 */
#ifndef TRM_STORE_DIRECTORY_H
#define TRM_STORE_DIRECTORY_H

#include <trireme/run.h>

#include "base/error.h"

/** Make the directory if its parent is there; write to it from every host; see
 * there what rank 0 wrote. Collective. */
trm_status trm__store_directory_check(trm_run *, const char *dir);

typedef struct trm__store_lock {
  int fd;
  char *path;
} trm__store_lock; /* fd -1: none */

/** Take the writer's lock, which ends with the process. Local: on rank 0.
 * \param who run id, for the message to who comes second
 * \param patience seconds to wait for it, unless a signal comes; said on stderr */
trm_status trm__store_lock_take(trm__store_lock *, const char *dir,
                                const char *who, double patience,
                                trm__base_error *);
void trm__store_lock_drop(trm__store_lock *);

/** Is there space for so many files of so many bytes? Local. */
trm_status trm__store_directory_space(const char *dir, int64_t bytes, int files,
                                      trm__base_error *);

/** fsync a directory, so that names in it are on the disk. Local. */
trm_status trm__store_directory_sync(const char *dir, trm__base_error *);

#endif
