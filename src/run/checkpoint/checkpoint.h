/* Checkpoints of a run: the directory, the options they hold, restore and write. */
#ifndef TRM_RUN_CHECKPOINT_CHECKPOINT_H
#define TRM_RUN_CHECKPOINT_CHECKPOINT_H

#include "run/session/session.h"

/** Open the directory of checkpoints; with --resume take options and seed from the
 * newest valid checkpoint. With --resume before resolve, else after setup.
 * Collective. */
trm_status trm__run_checkpoint_open(trm__run_session *);
/** Refuse options that differ from the checkpoint's. After resolve. Local. */
trm_status trm__run_checkpoint_compare(trm__run_session *);
/** Read the fields of the checkpoint. After setup. Collective. */
trm_status trm__run_checkpoint_restore(trm__run_session *);
/** Update the stamp. Local. */
void trm__run_checkpoint_stamp(trm__run_session *);
/** Write a checkpoint, unless the newest is of this step. One that could not be
 * written is reported and recorded (session->retry), and is no failure of the run.
 * Collective. */
trm_status trm__run_checkpoint(trm__run_session *);

/** Write the last checkpoint of this session: tried again for some seconds, and if it
 * still fails, TRM_EFILE or TRM_EMEMORY with the command that continues from the newest
 * good one. Collective. */
enum { TRM__CHECKPOINT_PATIENCE = 10 }; /* seconds */
trm_status trm__run_checkpoint_last(trm__run_session *, double patience);

/** The command that resumes this run; free() it. Local. */
char *trm__run_checkpoint_command(const trm__run_session *);

#endif
