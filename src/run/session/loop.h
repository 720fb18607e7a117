/* The loop: chunks of steps, and what the ranks agree on between them. */
#ifndef TRM_RUN_SESSION_LOOP_H
#define TRM_RUN_SESSION_LOOP_H

#include "run/session/session.h"

/** Advance to the end, or until a signal or the deadline. With TRM_STOPPED and
 * TRM_EINTERRUPTED the run's message says how to resume. Collective. */
trm_status trm__run_loop(trm__run_session *);

#endif
