/* Atomic files, which replace a file only when they are complete, and parts of
 * paths. */
#ifndef TRM_BASE_FILE_H
#define TRM_BASE_FILE_H

#include <stdbool.h>
#include <stdio.h>

/* A file that is written under a temporary name and replaces its target when it
 * is complete; the old content remains until then. */
typedef struct trm__base_atomic_file {
  FILE *to;          /* NULL: could not be opened */
  char *path, *part; /* target; temporary file */
} trm__base_atomic_file;

/** Open the temporary file.
 * \return 0, or errno; close it in either case */
int trm__base_atomic_file_open(trm__base_atomic_file *, const char *path);
/** Close the temporary file: rename it to its target if `commit` is set and
 * nothing failed, else remove it.
 * \return 0, or errno of the first failure */
int trm__base_atomic_file_close(trm__base_atomic_file *, bool commit);

/** Open a file that belongs to a run: regular, and not behind a symbolic link, so
 * that nothing else is changed and a FIFO does not block.
 * \return a descriptor, or -1 and errno; trm__base_file_why explains it */
int trm__base_open_regular(const char *path, int flags);
const char *trm__base_file_why(int error);
/** The same for reading; fclose() it. */
FILE *trm__base_read_regular(const char *path);

/** Return where a symbolic link leads, free with free(); NULL: not a link. */
char *trm__base_link_target(const char *path);

/** Return the directory part of a path ("." if none), free with free(); and the
 * part after it. */
char *trm__base_path_dir(const char *path);
const char *trm__base_path_base(const char *path);

#endif
