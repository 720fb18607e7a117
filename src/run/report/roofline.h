/* The performance of a run compared with the machine's ceilings. */
#ifndef TRM_RUN_REPORT_ROOFLINE_H
#define TRM_RUN_REPORT_ROOFLINE_H

#include "run/session/session.h"

/** Compare the work done with the machine's ceilings. After the total work is known.
 * Local, on rank 0. */
void trm__run_roofline_find(trm__run_session *);
/** Add `roofline` and `machine` to a result. Local. */
void trm__run_roofline_add(const trm__run_session *, cJSON *result);
/** Return the line of the summary; free with free(). NULL: there is none. Local. */
char *trm__run_roofline_say(const trm__run_session *);

#endif
