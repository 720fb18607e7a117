/* File names of checkpoints, and the directory that holds them. No MPI. */
#ifndef TRM_STORE_NAMES_H
#define TRM_STORE_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct trm__store_name { /* parts of a checkpoint's file name */
  char file[256];
  char kernel[64];
  char run_id[17];
  int64_t step;
} trm__store_name;

/** Name of a checkpoint's file, without the directory; free() it. */
char *trm__store_name_make(const char *kernel, const char *run_id,
                           int64_t step);

/** Parse a file name; false: not that of a checkpoint. Pure. */
bool trm__store_name_parse(const char *file, trm__store_name *);

/** List all checkpoints in a directory, latest step first; free() the array. */
trm_status trm__store_names_list(const char *dir, trm__store_name **, int *n,
                                 trm__base_error *);

/** Remove files left by killed runs: .KERNEL-RUNID-STEP.h5.part, and tokens
 * .trireme-PID-TIME older than a minute. Call with the lock held. */
void trm__store_names_clean(const char *dir);

/** DIR/.NAME.part for DIR/NAME; free() it. */
char *trm__store_path_part(const char *path);

#endif
