/* Checks of what the hooks of a kernel return. */
#ifndef TRM_RUN_SESSION_HOOK_H
#define TRM_RUN_SESSION_HOOK_H

#include <trireme/run.h>

/** Check what a hook returned: TRM_OK and failures pass. Anything else, including
 * TRM_DONE and TRM_STOPPED, becomes TRM_EUSAGE with a message that names kernel
 * and hook. Local. */
trm_status trm__run_hook_status(trm_run *, const char *kernel, const char *hook,
                                trm_status);

/** Check what `advance` returned; it may also end the run by trm_ended. Local.
 * \param steps it was to make */
trm_status trm__run_hook_advance(trm_run *, const char *kernel, int64_t steps,
                                 trm_status);

#endif
