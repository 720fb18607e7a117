/* Checkpoints of a run: the directory, the options they hold, restore and write. */
#ifndef TRM_RUN_CHECKPOINT_CHECKPOINT_H
#define TRM_RUN_CHECKPOINT_CHECKPOINT_H

#include "run/session/session.h"

/** Open the directory of checkpoints; with --resume, before setup, take options
 * and seed from the newest valid set. Collective. */
trm_status trm__run_checkpoint_open(trm__run_session *);
/** Refuse options that the set does not go with. After resolve. Local. */
trm_status trm__run_checkpoint_compare(trm__run_session *);
/** Read the fields of the set. After setup. Collective. */
trm_status trm__run_checkpoint_restore(trm__run_session *);
/** Bring the stamp up to date. Local. */
void trm__run_checkpoint_stamp(trm__run_session *);
/** Write a checkpoint, unless the newest is of this very step. Collective. */
trm_status trm__run_checkpoint(trm__run_session *);

#endif
