/* Large transfers between memory and a file: all of the bytes or an error that
 * names file, offset and cause. Several can run at once, each on its own
 * thread, while the caller continues. No MPI. */
#ifndef TRM_STORE_IO_H
#define TRM_STORE_IO_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { TRM__IO_ALIGN = 4096 }; /* of memory and offsets that bypass the cache */

typedef struct trm__store_io {
  char *path;
  int fd;     /* through the page cache */
  int direct; /* past it, for large aligned parts; -1: not available */
} trm__store_io;

/** Open an existing file. Close also after a failure. */
trm_status trm__store_io_open(trm__store_io *, const char *path, bool write,
                              trm__base_error *);
void trm__store_io_close(trm__store_io *);

/** Flush to the disk what was written through this handle. */
trm_status trm__store_io_sync(trm__store_io *, trm__base_error *);

/** Drop the file from this host's page cache (it must be on the disk). */
void trm__store_io_forget(trm__store_io *);

typedef struct trm__store_transfer { /* one transfer */
  trm__store_io *io;
  const char *op; /* name of the operation for fault injection */
  bool write;
  char *data;
  int64_t bytes, offset;
  trm__base_error error;
  pthread_t thread; /* private from here on */
  bool threaded;
} trm__store_transfer;

/** Start a transfer; do not touch the data until it has finished. */
void trm__store_transfer_start(trm__store_transfer *);
/** Wait for it; one that was not started has finished. */
trm_status trm__store_transfer_finish(trm__store_transfer *);

#endif
