/* Launching: a command through a template, with its end and its last words. */
#ifndef TRM_LAUNCH_PROCESS_H
#define TRM_LAUNCH_PROCESS_H

#include <stdbool.h>

#include "base/error.h"

typedef struct trm__ended { /* a command that was run */
  int status;   /* exit status; 128 + signal; 124 where late; -1: not started */
  bool late;    /* its time was over */
  double wall;  /* seconds */
  double steal; /* share of time that the host took away meanwhile; -1 */
  char *last;   /* last line that it said on stderr, one of ours before
                           others, else on stdout; owned, "" when silent */
} trm__ended;

/** Cores of this machine that this process may use; hardware threads of one core
 * are one. At least 1. */
int trm__launch_cores(void);

/** Cores that launches may use: of all hosts of a Slurm allocation
 * (SLURM_JOB_NUM_NODES x SLURM_CPUS_ON_NODE), else of this machine. */
int trm__launch_room(void);

/** Hosts that so many cores are on: those of the allocation, else as many as this
 * machine goes into them. */
int trm__launch_hosts(int cores);

/** Memory that this process may use, bytes; -1: not known. */
double trm__launch_memory(void);

/** What others use of the processors now, as a share; takes so many seconds to
 * look. -1: not known. */
double trm__launch_load(double seconds);
/* Seconds of a first look: on two processors a tick of the clock is 2.5 %. */
#define TRM__LAUNCH_LOOK 0.2

/** Template of launches where none is given: `mpirun` of Open MPI with ranks bound to
 * cores of their own while ranks x threads fit on so many cores, unbound and
 * oversubscribed beyond; "slurm" stands for `srun`. Static text.
 * \param cores 0: trm__launch_room */
const char *trm__launch_template_on(int cores, const char *given, int ranks,
                                    int threads);
/** The same on trm__launch_room. */
const char *trm__launch_template(const char *given, int ranks, int threads);

/** Words of a launch: {ranks}, {threads} and {command} replaced, split at blanks with
 * quotes honoured; without {command} the command's words follow. NULL and an error:
 * a brace that is none of these, a quote that does not end.
 * \return ends with NULL; free with trm__words_free */
char **trm__launch_words(const char *template, int ranks, int threads,
                         char *const command[], trm__base_error *);
void trm__words_free(char **);
/** The words in a line that a shell reads back as these; free with free(). */
char *trm__words_line(char *const words[]);

/** Run a command in a process group of its own, its output into the file `log`, for at
 * most so many seconds (0: no limit; then SIGTERM, 5 s later SIGKILL, to the whole
 * group). A SIGINT or SIGTERM to this process ends the command too: signals are
 * watched from here on, trm__base_signals_seen() tells. OMP_NUM_THREADS is set to
 * `threads` (0: left as it is); with Open MPI as root what it wants then is set.
 * \param log is made anew; NULL: none */
trm__ended trm__launch_run(char *const words[], int threads, double seconds,
                           const char *log);
void trm__ended_clear(trm__ended *);

#endif
