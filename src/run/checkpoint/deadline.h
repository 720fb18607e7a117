/* The deadline of a run. Local: rank 0 reads it and tells the other ranks. */
#ifndef TRM_RUN_CHECKPOINT_DEADLINE_H
#define TRM_RUN_CHECKPOINT_DEADLINE_H

#include <stdbool.h>

#include "base/error.h"

typedef struct trm__run_deadline {
  enum {
    TRM__DEADLINE_NONE,
    TRM__DEADLINE_SECONDS, /* from the start of the run */
    TRM__DEADLINE_FILE,    /* in a file, which may change during the run */
    TRM__DEADLINE_JOB      /* end of the Slurm job */
  } kind;
  const char *path; /* FILE; borrowed */
  double at;        /* seconds since 1970; infinite: unknown */
  double asked; /* when Slurm was last asked, seconds since 1970; 0: never */
  bool said;    /* it was reported that the file contains no time */
} trm__run_deadline;

/** Read `auto`, a time such as "6h" or "3600", or the name of a file that contains
 * seconds since 1970 or 2026-11-21T18:00:00 (with a trailing Z UTC, else local time).
 * The end of a Slurm job is taken 5 s early, as Slurm's clock may differ. Local.
 * \param began start of the run, seconds since 1970
 * Fails with TRM_EOPTION. */
trm_status trm__run_deadline_read(const char *text, double began,
                                  trm__run_deadline *, trm__base_error *);

/** Tell whether there may be a deadline. Pure. */
bool trm__run_deadline_set(const trm__run_deadline *);

/** Return the seconds left; infinite: no deadline, or unknown. Reads a file again; if it
 * contains no time, reports that once and keeps the deadline. Local. */
double trm__run_deadline_left(trm__run_deadline *);

/** Ask Slurm again for the end of the job: once shortly before the run would stop, and
 * every 5 min while the end is unknown. So an extended time limit is noticed; a
 * shortened one is not, but Slurm then sends its signals. Takes at most 5 s. Local.
 * \param margin seconds before the end at which the run stops
 * \param chunk seconds between two calls */
void trm__run_deadline_ask(trm__run_deadline *, double margin, double chunk);

/** Return the time, seconds since 1970. Local. */
double trm__run_deadline_now(void);

/** Convert "2026-11-21T18:00:00Z", or local time without the Z, to seconds since 1970.
 * Pure except for the time zone.  \return false: not such a date */
bool trm__run_deadline_date(const char *text, double *at);

#endif
