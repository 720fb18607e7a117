/* A watchdog for a rank that failed alone: the other ranks may wait forever for its
 * messages, and never reach the agreement. */
#ifndef TRM_RUN_SESSION_WATCHDOG_H
#define TRM_RUN_SESSION_WATCHDOG_H

typedef struct trm__run_watchdog trm__run_watchdog;

/** Start a watchdog: unless stopped within `seconds`, it prints the line on stderr and
 * ends the process; the launcher then ends the other ranks. Local. */
trm__run_watchdog *trm__run_watchdog_start(double seconds, const char *line,
                                           int exit_code);
/** Stop and free; takes NULL and clears. */
void trm__run_watchdog_stop(trm__run_watchdog **);

#endif
