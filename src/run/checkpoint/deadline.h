/* The deadline: when the time of a run is over. Local; the rank that knows it tells
 * the others. */
#ifndef TRM_RUN_CHECKPOINT_DEADLINE_H
#define TRM_RUN_CHECKPOINT_DEADLINE_H

#include <stdbool.h>

#include "base/error.h"

typedef struct trm__run_deadline {
  enum {
    TRM__DEADLINE_NONE,
    TRM__DEADLINE_SECONDS, /* from the start of the run */
    TRM__DEADLINE_FILE,    /* a file says it, and may say another later */
    TRM__DEADLINE_JOB      /* Slurm's end of the job */
  } kind;
  const char *path; /* FILE; borrowed */
  double at;        /* seconds since 1970; infinite: not known */
  double asked;     /* when Slurm was asked last, likewise; 0: never */
  bool said;        /* that the file holds no time */
} trm__run_deadline;

/** Read `auto`, a time such as "6h" or "3600", or the name of a file, which holds
 * seconds since 1970, or 2026-11-21T18:00:00 (UTC with a Z behind it, else local time).
 * Slurm's end of the job is taken 5 s early: its clock is another.
 * \param began seconds since 1970: when the run began
 * Fails with TRM_EOPTION. */
trm_status trm__run_deadline_read(const char *text, double began,
                                  trm__run_deadline *, trm__base_error *);

/** May there be a deadline? */
bool trm__run_deadline_set(const trm__run_deadline *);

/** Seconds left; infinite: there is no deadline, or it is not known. A file is read
 * anew; what it holds then, if no time, is said once. */
double trm__run_deadline_left(trm__run_deadline *);

/** Ask Slurm again whether the end of the job still holds: in time before the run stops
 * for it, once, and now and then while it is not known. A time limit that becomes longer
 * is seen so; one that becomes shorter is not, but Slurm's signals come. Takes 5 s at
 * most.  \param margin seconds before the end at which the run stops
 * \param chunk seconds between two looks */
void trm__run_deadline_ask(trm__run_deadline *, double margin, double chunk);

/** Now, in seconds since 1970. */
double trm__run_deadline_now(void);

/** "2026-11-21T18:00:00Z", or local without the Z, as seconds since 1970. Pure but for
 * the time zone. */
bool trm__run_deadline_date(const char *text, double *at);

#endif
