/* The checkpoint interval of a session, from the cost of a checkpoint. */
#ifndef TRM_RUN_CHECKPOINT_CHECKPOINT_INTERVAL_H
#define TRM_RUN_CHECKPOINT_CHECKPOINT_INTERVAL_H

#include "run/session/session.h"

/** Take the cost of a checkpoint from the previous session, or estimate it from the
 * bytes, and choose the interval. After restore, before the status is rewritten.
 * Collective.
 * \param last status of the previous session, on rank 0; NULL: none. Frees it. */
void trm__run_checkpoint_interval_begin(trm__run_session *, cJSON *last);
/** Choose the interval again, from the checkpoint just written. Collective. */
void trm__run_checkpoint_interval_learn(trm__run_session *);
/** Add `checkpoints` to a result or a status. Local. */
void trm__run_checkpoint_interval_add(const trm__run_session *, cJSON *);

#endif
