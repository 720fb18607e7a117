/* Running a command to its end, with a time limit and its last line of output. */
#ifndef TRM_LAUNCH_PROCESS_H
#define TRM_LAUNCH_PROCESS_H

#include <stdbool.h>

typedef struct trm__launch_end { /* a command that was run */
  int status;   /* exit status; 128 + signal; 124 where late; -1: not started */
  bool late;    /* timed out */
  double wall;  /* seconds */
  double steal; /* share of time that the host took away meanwhile; -1 */
  char *last;   /* last line that it said on stderr, a message of the
                           program before others, else on stdout; owned, "" when silent */
} trm__launch_end;

/** Run a command in a process group of its own, its output into the file `log`, for at
 * most so many seconds (0: no limit; then SIGTERM, 5 s later SIGKILL, to the whole
 * group). A SIGINT or SIGTERM to this process ends the command too: signals are
 * watched from here on, trm__base_signals_seen() tells. The environment is as in
 * environment.h.
 * \param log is overwritten; NULL: none */
trm__launch_end trm__launch_run(char *const words[], int threads,
                                double seconds, const char *log);
void trm__launch_end_clear(trm__launch_end *);

#endif
