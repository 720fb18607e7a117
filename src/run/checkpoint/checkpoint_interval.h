/* What a checkpoint costs, and how often one is due. */
#ifndef TRM_RUN_CHECKPOINT_CHECKPOINT_INTERVAL_H
#define TRM_RUN_CHECKPOINT_CHECKPOINT_INTERVAL_H

#include "run/session/session.h"

/** Take what a checkpoint takes from the session before, or guess it from the bytes, and
 * choose how often one is due. After restore, before the status is renewed. Collective.
 * \param last status of that session, on rank 0; NULL: none. Takes it over. */
void trm__run_checkpoint_interval_begin(trm__run_session *, cJSON *last);
/** The same from the checkpoint that was just written. Collective. */
void trm__run_checkpoint_interval_learn(trm__run_session *);
/** Add `checkpoints` to a result or a status. */
void trm__run_checkpoint_interval_add(const trm__run_session *, cJSON *);

#endif
