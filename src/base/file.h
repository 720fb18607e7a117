/* Files that are written aside and then named, and parts of paths. */
#ifndef TRM_BASE_FILE_H
#define TRM_BASE_FILE_H

#include <stdbool.h>
#include <stdio.h>

/* A file that takes the place of another when it is whole: what was there before
 * stays until then. */
typedef struct trm__aside {
  FILE *to; /* NULL: cannot be opened */
  char *path, *part;
} trm__aside;

/** Begin to write.  \return 0, or errno; close it in either case */
int trm__aside_open(trm__aside *, const char *path);
/** Name it if it is wanted and nothing failed, else remove it.
 * \return 0, or errno of what failed first */
int trm__aside_close(trm__aside *, bool wanted);

/** Directory part of a path ("." if none), free() it; and what follows it. */
char *trm__path_dir(const char *path);
const char *trm__path_base(const char *path);

#endif
