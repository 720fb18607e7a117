/* Allocations: the sessions of a run, one per job, recorded in its directory of
 * checkpoints for other programs. Written by rank 0.
 *
 *   DIR/status.json        the progress of the run, rewritten every 3 s
 *   DIR/allocations.jsonl  two lines per session: "begin", and "end" with the state
 *                            done         all steps are made
 *                            stopped      with a checkpoint
 *                            interrupted  by SIGTERM, without a checkpoint
 *                            failed       running it again would not help
 *                          A killed session has no "end"; the next "begin" says when
 *                          and where it was last seen. A session that was not allowed
 *                          to start has only the line "refused". A job script adds
 *                          {"event":"excused","chain":...} after a session that the
 *                          batch system ended for its own reasons.
 *
 * Version 0.1.0 named the log slots.jsonl; in a directory that has one, it is continued.
 * Times are seconds since 1970. A failed write is reported once and does not stop the
 * run. */
#ifndef TRM_RUN_CHECKPOINT_ALLOCATION_H
#define TRM_RUN_CHECKPOINT_ALLOCATION_H

#include "run/session/session.h"

/** Record the start of a session. Fails with TRM_ENOPROGRESS if two sessions of this
 * chain of jobs (batch.h), excused ones not counted, began at the same step and wrote
 * no checkpoint: so a chain without progress ends. Collective. */
trm_status trm__run_allocation_begin(trm__run_session *);

/** Check that nothing says that this directory once held checkpoints, although none was
 * found: TRM_EFILE. Collective. */
trm_status trm__run_allocation_check(trm__run_session *);

/** Record that the run starts again from step 0: what was recorded before does not
 * count. Local. */
void trm__run_allocation_restart(trm__run_session *);

/** Rewrite the status if 3 s have passed. Local. */
void trm__run_allocation_show(trm__run_session *);

/** Set the state that the status shows, at first "running". Local.
 * \return the state before */
const char *trm__run_allocation_state(trm__run_session *, const char *state);

/** Record the end of the session, or why it was not allowed to start. Local. */
void trm__run_allocation_end(trm__run_session *, trm_status);

/** Return the path of the log of sessions in a directory; free with free(). Local. */
char *trm__run_allocation_log(const char *dir);

/** Read the status that the previous session of this run left; NULL: there is none, or
 * it cannot be read. Local. */
cJSON *trm__run_allocation_last(const trm__run_session *);

#endif
