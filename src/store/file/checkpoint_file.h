/* One checkpoint: from the fields of a run to a file, and back. Collective. */
#ifndef TRM_STORE_CHECKPOINT_FILE_H
#define TRM_STORE_CHECKPOINT_FILE_H

#include "store/values/bulk.h"

typedef struct
    trm__store_checkpoint_plan { /* what a checkpoint will hold; all ranks */
  trm__store_checkpoint checkpoint;
  trm_field **fields;     /* of checkpoint.fields[i]; NULL: a kept array */
  const void **kept;      /* its values; NULL: a field */
  int64_t largest, total; /* bytes: of one field, of all */
} trm__store_checkpoint_plan;

/** Plan a checkpoint of the run: evolving fields and kept arrays; for an
 * output, all fields but scratch. Digests are 0. Local. */
void trm__store_checkpoint_plan_make(trm_run *, bool output,
                                     trm__store_checkpoint_plan *);
void trm__store_checkpoint_plan_clear(trm__store_checkpoint_plan *);

/** Compute the digests of the values in memory. */
void trm__store_checkpoint_plan_digest(trm_run *, trm__store_checkpoint_plan *);

/** Write a planned and stamped checkpoint as `path`: to a temporary file, which
 * is read back and renamed.
 * \param replace an existing file at `path` may be replaced */
trm_status trm__store_checkpoint_write(trm__store_bulk *,
                                       trm__store_checkpoint_plan *,
                                       const char *path, bool verify_disk,
                                       bool replace);

/** Broadcast rank 0's checkpoint to all ranks. */
void trm__store_checkpoint_bcast(trm_run *, trm__store_checkpoint *);

/** Read a checkpoint into the run's evolving fields and kept arrays.
 * TRM_ERESUME: does not fit; TRM_ECHECKPOINT: damaged. */
trm_status trm__store_checkpoint_restore(trm__store_bulk *,
                                         const trm__store_checkpoint *);

#endif
