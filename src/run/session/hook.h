/* What the hooks of a kernel may return. */
#ifndef TRM_RUN_SESSION_HOOK_H
#define TRM_RUN_SESSION_HOOK_H

#include <trireme/run.h>

/** Check what a hook returned: TRM_OK and failures pass. Anything else, TRM_DONE
 * and TRM_STOPPED too, becomes TRM_EUSAGE with a message that names kernel and
 * hook. Local. */
trm_status trm__run_hook_status(trm_run *, const char *kernel, const char *hook,
                                trm_status);

/** The same for `advance`, which may end the run by trm_ended.
 * \param steps that it was asked for */
trm_status trm__run_hook_advance(trm_run *, const char *kernel, int64_t steps,
                                 trm_status);

#endif
