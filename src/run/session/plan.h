/* The plan: how many steps until the run looks up again. Pure: all ranks reach
 * the same number from the same times. No result depends on it. */
#ifndef TRM_RUN_SESSION_PLAN_H
#define TRM_RUN_SESSION_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct trm__run_every { /* between checkpoints; 0: not counted so */
  int64_t steps;
  double seconds;
  bool automatic; /* seconds follow from what a checkpoint takes (interval.h) */
} trm__run_every;

/** Read "1000" (steps), "30s", "10min" (time), or "auto". Fails with TRM_EOPTION. */
trm_status trm__run_every_read(const char *text, trm__run_every *,
                               trm__base_error *);

typedef struct trm__run_plan {
  int64_t step, end; /* steps done; to be done, -1: not known */
  trm__run_every every;
  int64_t last;              /* steps of the last chunk; 0: none yet */
  double last_seconds;       /* that they took, on the slowest rank */
  double since_checkpoint;   /* seconds */
  bool deadline;             /* there is one; after `left` seconds */
  double left, given;        /* now; before the first step */
  double checkpoint_seconds; /* a checkpoint takes */
  bool guessed;              /* none was timed yet */
} trm__run_plan;

/** Steps of the next chunk, at least 1: about half a second of them, not beyond
 * the end or the next checkpoint. */
int64_t trm__run_plan_steps(const trm__run_plan *);

/** Is a checkpoint due at this step? Before a deadline one is, after a tenth of the time,
 * where nothing is known of what one takes: the last one must not be the first. */
bool trm__run_plan_due(const trm__run_plan *);

/** Seconds before the deadline at which the last checkpoint is to begin: twice what one
 * takes, one step as slow as twice the last ones, and a second for the end. */
double trm__run_plan_margin(const trm__run_plan *);

/** Has the last checkpoint before the deadline to be written now? */
bool trm__run_plan_late(const trm__run_plan *);

#endif
