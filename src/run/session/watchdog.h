/* A watchdog for the moment after a failure: this rank is about to agree with
 * ranks that may wait forever for a message that it will never send. */
#ifndef TRM_RUN_SESSION_WATCHDOG_H
#define TRM_RUN_SESSION_WATCHDOG_H

typedef struct trm__run_watchdog trm__run_watchdog;

/** After so many seconds, unless stopped before: say the line on stderr and end
 * the process; the launcher then ends the others. */
trm__run_watchdog *trm__run_watchdog_start(double seconds, const char *line,
                                           int exit_code);
/** Stop and free; takes NULL and clears. */
void trm__run_watchdog_stop(trm__run_watchdog **);

#endif
