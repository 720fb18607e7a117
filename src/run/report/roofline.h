/* What a run reached of the machine's ceilings. */
#ifndef TRM_RUN_REPORT_ROOFLINE_H
#define TRM_RUN_REPORT_ROOFLINE_H

#include "run/session/session.h"

/** Compare what was done with the machine's ceilings. After the total work is
 * known. Local to rank 0. */
void trm__run_roofline_find(trm__run_session *);
/** "roofline" and "machine" of the result. */
void trm__run_roofline_add(const trm__run_session *, cJSON *result);
/** The line of the summary; free with free(). NULL: nothing to say. */
char *trm__run_roofline_say(const trm__run_session *);

#endif
