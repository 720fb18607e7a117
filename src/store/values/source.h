/* A dataset as a source of elements by linear index: plain bytes are read
 * without HDF5, anything else (chunks, compression, another number type)
 * through it. No MPI. */
#ifndef TRM_STORE_SOURCE_H
#define TRM_STORE_SOURCE_H

#include <hdf5.h>

#include "store/input/packing.h"
#include "store/values/io.h"
#include "store/store.h"

typedef struct trm__store_source {
  trm__store_dataset field;          /* type: of the elements in memory */
  const char *op;                    /* for fault injection */
  trm__store_io io;                  /* field.offset >= 0 */
  hid_t file, dataset;               /* else */
  hid_t memory, transfer;            /* types and properties of reading */
  const trm__store_packing *packing; /* borrowed; NULL: values as stored */
  int64_t missing;                   /* cells read so far, see packing.h */
} trm__store_source;

/** Nothing is open: may be closed. */
void trm__store_source_none(trm__store_source *);
/** Open. Close also after a failure.
 * \param packing borrowed; NULL: values as they are stored */
trm_status trm__store_source_open(trm__store_source *, const char *path,
                                  const trm__store_dataset *,
                                  const trm__store_packing *packing,
                                  const char *op, trm__base_error *);
void trm__store_source_close(trm__store_source *);

/** Start reading elements first .. first+n-1; when the transfer has finished,
 * its error says how it went. */
void trm__store_source_start(trm__store_source *, int64_t first, int64_t n,
                             void *, trm__store_transfer *);

#endif
