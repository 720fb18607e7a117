/* Large transfers between memory and a file: all of the bytes or an error that
 * names file, offset and cause. Several can be under way at once, each on a
 * thread of its own, while the caller goes on. No MPI. */
#ifndef TRM_STORE_IO_H
#define TRM_STORE_IO_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { TRM__IO_ALIGN = 4096 }; /* of memory and offsets that bypass the cache */

typedef struct trm__io {
  char *path;
  int fd;     /* through the page cache */
  int direct; /* past it, for what is large and aligned; -1: not there */
} trm__io;

/** Open an existing file. Close also after a failure. */
trm_status trm__io_open(trm__io *, const char *path, bool write, trm__error *);
void trm__io_close(trm__io *);

/** Bring to the disk what was written through this handle. */
trm_status trm__io_sync(trm__io *, trm__error *);

/** Drop the file from this host's page cache (it must be on the disk). */
void trm__io_forget(trm__io *);

typedef struct trm__job { /* one transfer */
  trm__io *io;
  const char *op; /* name of the operation for fault injection */
  bool write;
  char *data;
  int64_t bytes, offset;
  trm__error error;
  pthread_t thread; /* the library's, from here on */
  bool threaded;
} trm__job;

/** Start a transfer; the data is the library's until it is finished. */
void trm__job_start(trm__job *);
/** Wait for it. A job that was not started is finished. */
trm_status trm__job_finish(trm__job *);

#endif
