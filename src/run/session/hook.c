#include "run/session/hook.h"

#include <stdarg.h>
#include <stdio.h>

#include "comm/run.h"
#include "run/session/told.h"

/* Replaces an error that the hook may have recorded. */
static trm_status refuse(trm_run *run, const char *kernel, const char *hook,
                         const char *why) {
  run->own->error.status = TRM_OK;
  return trm_fail(run, TRM_EUSAGE, "kernel %s: %s %s", kernel, hook, why);
}

/* Only the run itself returns the last two statuses. */
static bool is_failure(trm_status status) {
  return status > TRM_STOPPED && status < TRM_ENOPROGRESS;
}

trm_status trm__run_hook_status(trm_run *run, const char *kernel,
                                const char *hook, trm_status status) {
  char why[160];
  if (status == TRM_OK || is_failure(status)) return status;
  if ((unsigned)status < TRM_STATUS_COUNT)
    snprintf(why, sizeof why,
             "returned TRM_%s, which a hook must not return; use TRM_OK or a "
             "failure such as TRM_EINPUT",
             trm_status_name(status));
  else
    snprintf(why, sizeof why,
             "returned %d, which is not a trm_status; use TRM_OK or a failure "
             "such as TRM_EINPUT",
             (int)status);
  return refuse(run, kernel, hook, why);
}

trm_status trm__run_hook_advance(trm_run *run, const char *kernel,
                                 int64_t steps, trm_status status) {
  int64_t ended = trm__run_told_of(run)->ended;
  char why[160];
  if (status == TRM_OK && ended != TRM__NOT_ENDED)
    return refuse(
        run, kernel, "advance",
        "called trm_ended but returned TRM_OK; use `return trm_ended(run, k)`");
  if (status != TRM_DONE)
    return trm__run_hook_status(run, kernel, "advance", status);
  if (ended >= 0 && ended <= steps) return status;
  if (ended == TRM__NOT_ENDED)
    return refuse(run, kernel, "advance",
                  "returned TRM_DONE; use `return trm_ended(run, k)` with the "
                  "k steps made");
  snprintf(why, sizeof why,
           "ended the run after %lld of %lld steps; use trm_ended(run, k) with "
           "k from 0 to %lld",
           (long long)ended, (long long)steps, (long long)steps);
  return refuse(run, kernel, "advance", why);
}
