/* The deadline: when the time of a run is over. Local; the rank that knows it tells
 * the others. */
#ifndef TRM_RUN_DEADLINE_H
#define TRM_RUN_DEADLINE_H

#include <stdbool.h>

#include "base/error.h"

typedef struct trm__deadline {
  enum {
    TRM__DEADLINE_NONE,
    TRM__DEADLINE_SECONDS, /* from the start of the run */
    TRM__DEADLINE_FILE,    /* a file says it, and may say another later */
    TRM__DEADLINE_JOB      /* the batch system's */
  } kind;
  const char *path; /* FILE; borrowed */
  double at;        /* seconds since 1970; infinite: not known */
  double asked;     /* when it was looked for last, likewise */
} trm__deadline;

/** Read `auto`, a time such as "6h" or "3600", or the name of a file.
 * \param began seconds since 1970: when the run began
 * Fails with TRM_EOPTION. */
trm_status trm__deadline_read(const char *text, double began, trm__deadline *,
                              trm__error *);

/** Seconds left; infinite: there is no deadline, or it is not known. A file is read
 * anew whenever it is asked: it holds seconds since 1970, or 2026-11-21T18:00:00
 * (UTC with a Z behind it, else local time). */
double trm__deadline_left(trm__deadline *);

/** Before a run stops for it: ask again whether it still holds. Slurm's is taken from
 * `scontrol`, at most once in half a minute. */
double trm__deadline_confirm(trm__deadline *);

/** Now, in seconds since 1970. */
double trm__deadline_now(void);

/** "2026-11-21T18:00:00Z", or local without the Z, as seconds since 1970. Pure but for
 * the time zone. */
bool trm__deadline_date(const char *text, double *at);

#endif
