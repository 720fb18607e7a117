/* The directory of a run's checkpoints: is it there, is it the same on all
 * hosts, can all write to it, is there space, does another run write to it now.
 */
#ifndef TRM_STORE_DIRECTORY_H
#define TRM_STORE_DIRECTORY_H

#include <trireme/run.h>

#include "base/error.h"

/** Make the directory if its parent is there; write to it from every host; see
 * there what rank 0 wrote. Collective. */
trm_status trm__directory_check(trm_run *, const char *dir);

typedef struct trm__lock {
  int fd;
  char *path;
} trm__lock; /* fd -1: none */

/** Take the writer's lock, which ends with the process. Local: on rank 0.
 * \param who run id, for the message to who comes second
 * \param patience seconds to wait for it, unless a signal comes; said on stderr */
trm_status trm__lock_take(trm__lock *, const char *dir, const char *who,
                          double patience, trm__error *);
void trm__lock_drop(trm__lock *);

/** Is there space for so many files of so many bytes? Local. */
trm_status trm__directory_space(const char *dir, int64_t bytes, int files,
                                trm__error *);

/** fsync a directory, so that names in it are on the disk. Local. */
trm_status trm__directory_sync(const char *dir, trm__error *);

#endif
