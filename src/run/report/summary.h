/* What a run prints on stdout. */
#ifndef TRM_RUN_REPORT_SUMMARY_H
#define TRM_RUN_REPORT_SUMMARY_H

#include "run/session/session.h"

/** Print what is run, and what came of it, on stdout; rank 0. */
void trm__run_summary_head(const trm__run_session *);
/** After setup: ranks that own nothing, where it goes on from. */
void trm__run_summary_ready(const trm__run_session *);
/** How often it saves and when it stops for its deadline, with the reasons.
 * \param margin seconds before the deadline at which it stops */
void trm__run_summary_plan(const trm__run_session *, double margin);
void trm__run_summary(const trm__run_session *);
/** How often it saved, of a session that stops early. */
void trm__run_summary_interval(const trm__run_session *);

#endif
