/* File names of sets, and the directory that holds them. No MPI. */
#ifndef TRM_STORE_NAMES_H
#define TRM_STORE_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct trm__name { /* what a set's file name says */
  char file[256];
  char kernel[64];
  char run_id[17];
  int64_t step;
} trm__name;

/** Name of a set's file, without the directory; free() it. */
char *trm__name_make(const char *kernel, const char *run_id, int64_t step);

/** Take a file name apart; false: no set's name. Pure. */
bool trm__name_parse(const char *file, trm__name *);

/** All names of sets in a directory, latest step first; free() the array. */
trm_status trm__names_list(const char *dir, trm__name **, int *n, trm__error *);

/** Remove what killed runs left behind: .KERNEL-RUNID-STEP.h5.part, and tokens
 * .trireme-PID-TIME older than a minute. Under the lock. */
void trm__names_clean(const char *dir);

/** DIR/.NAME.part for DIR/NAME; free() it. */
char *trm__path_part(const char *path);

#endif
