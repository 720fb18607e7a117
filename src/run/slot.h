/* Slots: the sessions of a run in its directory of checkpoints, for whoever asks from
 * elsewhere. Written by rank 0.
 *
 *   DIR/status.json     renewed every few seconds: where the run is
 *   DIR/slots.jsonl     two lines a session: its begin, and how it ended; a session
 *                       that was killed has no second line: the next one's first
 *                       says where it was seen last
 *
 * Times are seconds since 1970. A file that cannot be written is said once and does not
 * stop the run. */
#ifndef TRM_RUN_SLOT_H
#define TRM_RUN_SLOT_H

#include "run/run.h"

/** A session begins. In a batch job that begins for the third time at the same step,
 * without one step made in between, it fails with TRM_ENOPROGRESS: a loop that gets
 * nowhere stops itself. Collective. */
trm_status trm__slot_begin(trm__session *);

/** Renew the status if it is time, or at once. Local. */
void trm__slot_show(trm__session *, bool now);

/** The session is over, and why. Local. */
void trm__slot_end(trm__session *, trm_status);

/** The batch job that this process belongs to: Slurm's (with its array index), PBS's
 * or LSF's; "": none. Local. */
const char *trm__slot_job(void);

#endif
