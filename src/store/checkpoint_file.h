/* One set: from the fields of a run to a file, and back. Collective. */
#ifndef TRM_STORE_CHECKPOINT_FILE_H
#define TRM_STORE_CHECKPOINT_FILE_H

#include "store/bulk.h"

typedef struct
    trm__store_checkpoint_plan { /* what a set will hold, on every rank */
  trm__store_checkpoint set;
  trm_field **fields;     /* of set.fields[i]; NULL: a kept array */
  const void **kept;      /* its values; NULL: a field */
  int64_t largest, total; /* bytes: of one field, of all */
} trm__store_checkpoint_plan;

/** Plan a set of the run: evolving fields and kept arrays, or, for an output,
 * all fields but scratch. Digests are 0. Local. */
void trm__store_checkpoint_plan_make(trm_run *, bool output,
                                     trm__store_checkpoint_plan *);
void trm__store_checkpoint_plan_clear(trm__store_checkpoint_plan *);

/** Compute the digests of memory. */
void trm__store_checkpoint_plan_digest(trm_run *, trm__store_checkpoint_plan *);

/** Write a planned and stamped set as `path`: aside, read back, named.
 * \param replace what is at `path` may be replaced */
trm_status trm__store_checkpoint_write(trm__store_bulk *,
                                       trm__store_checkpoint_plan *,
                                       const char *path, bool verify_disk,
                                       bool replace);

/** Hand rank 0's set to all ranks. */
void trm__store_checkpoint_bcast(trm_run *, trm__store_checkpoint *);

/** Read a set into the run's evolving fields and kept arrays. TRM_ERESUME: does
 * not fit; TRM_ECHECKPOINT: damaged. */
trm_status trm__store_checkpoint_restore(trm__store_bulk *,
                                         const trm__store_checkpoint *);

#endif
