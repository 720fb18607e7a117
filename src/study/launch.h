/* Launching: a command through a template, with its end and its last words. */
#ifndef TRM_STUDY_LAUNCH_H
#define TRM_STUDY_LAUNCH_H

#include <stdbool.h>

#include "base/error.h"

typedef struct trm__ended { /* a command that was run */
  int status;               /* exit status; 128 + signal; 124: its time was over;
                               -1: not started */
  double wall;              /* seconds */
  double load;              /* runnable processes of others just before, as a share of
                               the cores; -1: not known */
  double steal;             /* share of time that the host took away meanwhile; -1 */
  char *last;               /* last line that it said on stderr, else on stdout;
                               owned, "" when silent */
} trm__ended;

/** Template of launches where none is given: `mpirun` of Open MPI with ranks bound to
 * cores of their own while ranks x threads fit on this machine, unbound and
 * oversubscribed beyond; "slurm" stands for `srun`. Static text. */
const char *trm__launch_template(const char *given, int ranks, int threads);

/** Words of a launch: {ranks}, {threads} and {command} replaced, split at blanks with
 * quotes honoured; without {command} the command's words follow. NULL and an error:
 * a brace that is none of these, a quote that does not end.
 * \return ends with NULL; free with trm__words_free */
char **trm__launch_words(const char *template, int ranks, int threads,
                         char *const command[], trm__error *);
void trm__words_free(char **);

/** Run a command in a process group of its own, its output into the file `log`, for at
 * most so many seconds (then SIGTERM, 5 s later SIGKILL, to the whole group). A
 * SIGINT or SIGTERM to this process ends the command too. OMP_NUM_THREADS is set to
 * `threads`; with Open MPI as root what it wants then is set. */
trm__ended trm__launch_run(char *const words[], int threads, double seconds,
                           const char *log);
void trm__ended_clear(trm__ended *);

#endif
