/* Slots: the sessions of a run in its directory of checkpoints, for whoever asks from
 * elsewhere. Written by rank 0.
 *
 *   DIR/status.json     renewed every few seconds: where the run is
 *   DIR/slots.jsonl     two lines a session: "begin", and "end" with the state
 *                         done         its last step
 *                         stopped      with a checkpoint
 *                         interrupted  by SIGTERM, without one: as if killed
 *                         failed       and a script need not try again
 *                       A session that was killed has no second line: the next one's
 *                       first says where it was seen last. One that was not let begin
 *                       has the line "refused" alone. And a script adds a line
 *                       {"event":"excused","chain":...} behind a session that the batch
 *                       system ended for reasons of its own.
 *
 * Times are seconds since 1970. A file that cannot be written is said once and does not
 * stop the run. */
#ifndef TRM_RUN_CHECKPOINT_ALLOCATION_H
#define TRM_RUN_CHECKPOINT_ALLOCATION_H

#include "run/session/session.h"

/** A session begins. In a batch job that has begun twice at the same step without
 * getting to a checkpoint, it fails with TRM_ENOPROGRESS: a loop that gets nowhere stops
 * itself. What counts are the sessions of this attempt (batch.h) but those that are
 * excused. Collective. */
trm_status trm__run_allocation_begin(trm__run_session *);

/** Renew the status if it is time. Local. */
void trm__run_allocation_show(trm__run_session *);

/** What it does now, "running" at first, for the status; returns what it did. Local. */
const char *trm__run_allocation_state(trm__run_session *, const char *state);

/** The session is over, or was not let begin, and why. Local. */
void trm__run_allocation_end(trm__run_session *, trm_status);

/** The status that an earlier session of this run left, if it can be read; NULL: there
 * is none. Local. */
cJSON *trm__run_allocation_last(const trm__run_session *);

#endif
