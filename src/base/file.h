/* Files that are written aside and then named, and parts of paths. */
#ifndef TRM_BASE_FILE_H
#define TRM_BASE_FILE_H

#include <stdbool.h>
#include <stdio.h>

/* A file that takes the place of another when it is whole: what was there before
 * stays until then. */
typedef struct trm__base_atomic_file {
  FILE *to; /* NULL: cannot be opened */
  char *path, *part;
} trm__base_atomic_file;

/** Begin to write.  \return 0, or errno; close it in either case */
int trm__base_atomic_file_open(trm__base_atomic_file *, const char *path);
/** Name it if it is wanted and nothing failed, else remove it.
 * \return 0, or errno of what failed first */
int trm__base_atomic_file_close(trm__base_atomic_file *, bool wanted);

/** Directory part of a path ("." if none), free() it; and what follows it. */
char *trm__base_path_dir(const char *path);
const char *trm__base_path_base(const char *path);

#endif
