/* The plan: how many steps the next chunk has. Pure: all ranks compute the same
 * number from the same times. No result depends on it. */
#ifndef TRM_RUN_SESSION_PLAN_H
#define TRM_RUN_SESSION_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct trm__run_every { /* between checkpoints; 0: not used */
  int64_t steps;
  double seconds;
  bool automatic; /* seconds follow from the cost (interval.h) */
} trm__run_every;

/** Read "1000" (steps), "30s", "10min" (time), or "auto". Fails with TRM_EOPTION. */
trm_status trm__run_every_read(const char *text, trm__run_every *,
                               trm__base_error *);

typedef struct trm__run_plan {
  int64_t step, end; /* steps made; steps in all, -1: unknown */
  trm__run_every every;
  int64_t last;              /* steps of the last chunk; 0: none yet */
  double last_seconds;       /* their time on the slowest rank */
  double since_checkpoint;   /* seconds */
  bool deadline;             /* there is one, in `left` seconds */
  double left, given;        /* seconds: now; before the first step */
  double checkpoint_seconds; /* cost of a checkpoint */
  bool guessed;              /* that cost was not measured yet */
} trm__run_plan;

/** Return the steps of the next chunk, at least 1: about half a second of them, not
 * beyond the end or the next checkpoint. */
int64_t trm__run_plan_steps(const trm__run_plan *);

/** Tell whether a checkpoint is due at this step. With a deadline and no measured cost,
 * one is due after a tenth of the time: the cost of the last one must be known. */
bool trm__run_plan_due(const trm__run_plan *);

/** Return the seconds before the deadline at which the last checkpoint begins: the time
 * of two checkpoints and two steps, and one second for the end. */
double trm__run_plan_margin(const trm__run_plan *);

/** Tell whether the last checkpoint before the deadline must be written now. */
bool trm__run_plan_late(const trm__run_plan *);

#endif
