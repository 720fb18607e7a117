/* The summary that a run prints on stdout, by rank 0. Local. */
#ifndef TRM_RUN_REPORT_SUMMARY_H
#define TRM_RUN_REPORT_SUMMARY_H

#include "run/session/session.h"

/** Print the kernel, its options and the launch. */
void trm__run_summary_head(const trm__run_session *);
/** Print idle ranks, and the checkpoint that is resumed. After setup. */
void trm__run_summary_ready(const trm__run_session *);
/** Print deadline and checkpoint interval, with the reasons.
 * \param margin seconds before the deadline at which the run stops */
void trm__run_summary_plan(const trm__run_session *, double margin);
/** Print the result. */
void trm__run_summary(const trm__run_session *);
/** Print the checkpoint interval of a session that stops early. */
void trm__run_summary_interval(const trm__run_session *);

#endif
