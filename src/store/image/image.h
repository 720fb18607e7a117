/* The image of a file: what HDF5 wrote into it, before any of it is on the disk.
 * Pages that were never written are not stored, so that the image of a file of
 * any size takes as much memory as its structure. No MPI. */
#ifndef TRM_STORE_IMAGE_H
#define TRM_STORE_IMAGE_H

#include "store/values/io.h"

enum { TRM__STORE_PAGE = 4096 };

typedef struct trm__store_page trm__store_page;

typedef struct trm__store_image { /* zero-initialised */
  trm__store_page **page;         /* by offset, ascending */
  int n;
  int64_t bytes; /* length of the file */
} trm__store_image;

/** Write into it; the file grows as needed. */
void trm__store_image_put(trm__store_image *, int64_t offset, int64_t bytes,
                          const void *);
/** Read from it; what was never written is 0. */
void trm__store_image_get(const trm__store_image *, int64_t offset,
                          int64_t bytes, void *);
/** Set the length of the file. */
void trm__store_image_resize(trm__store_image *, int64_t bytes);
void trm__store_image_clear(trm__store_image *);

/** Write its pages to a file that is open for writing; the pages between are left
 * as they are.  \param op for fault injection */
trm_status trm__store_image_write(const trm__store_image *, trm__store_io *,
                                  const char *op, trm__base_error *);

#endif
