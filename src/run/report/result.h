/* The result of a run: one JSON line. */
#ifndef TRM_RUN_REPORT_RESULT_H
#define TRM_RUN_REPORT_RESULT_H

#include "run/session/session.h"

/** Compute the work of the given number of steps from `first`, summed over all ranks. Collective. */
void trm__run_result_work(trm__run_session *, int64_t steps);
/** Append the result to a file. Collective. Fails with TRM_EFILE. */
trm_status trm__run_result_write(trm__run_session *, const char *path);

/** Check before the run that the file ends with a line of JSON, so that nothing
 * else is appended to. Collective. */
trm_status trm__run_result_check(trm__run_session *);

#endif
