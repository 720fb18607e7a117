/* Running a command to its end, with a time limit and its last line of output. */
#ifndef TRM_LAUNCH_PROCESS_H
#define TRM_LAUNCH_PROCESS_H

#include <stdbool.h>

typedef struct trm__launch_end { /* a command that was run */
  int status;  /* exit status; 128 + signal; 124: timed out; -1: not started */
  bool late;   /* timed out */
  double wall; /* seconds */
  double
      steal;  /* part of the time that the hypervisor took away; -1: unknown */
  char *last; /* its last line on stderr, preferably a message of the program,
                   else on stdout; owned; "": no output */
} trm__launch_end;

/** Run a command in a process group of its own, with its output in the file `log`. After
 * `seconds` (0: no limit) the group gets SIGTERM, 5 s later SIGKILL. A SIGINT or SIGTERM
 * to this process also ends the command: from this call on signals are caught, see
 * trm__base_signals_seen(). The environment is as in environment.h. Local.
 * \param log is overwritten; NULL: none */
trm__launch_end trm__launch_run(char *const words[], int threads,
                                double seconds, const char *log);
void trm__launch_end_clear(trm__launch_end *);

#endif
