/* The plan: how many steps until the run looks up again. Pure: all ranks reach
 * the same number from the same times. No result depends on it. */
#ifndef TRM_RUN_PLAN_H
#define TRM_RUN_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct trm__every { /* between checkpoints; 0: not counted so */
  int64_t steps;
  double seconds;
} trm__every;

/** Read "1000" (steps) or "30s", "10min" (time). Fails with TRM_EOPTION. */
trm_status trm__every_read(const char *text, trm__every *, trm__error *);

typedef struct trm__plan {
  int64_t step, end; /* steps done; to be done, -1: not known */
  trm__every every;
  int64_t last;            /* steps of the last chunk; 0: none yet */
  double last_seconds;     /* that they took, on the slowest rank */
  double since_checkpoint; /* seconds */
} trm__plan;

/** Steps of the next chunk, at least 1: about half a second of them, not beyond
 * the end or the next checkpoint. */
int64_t trm__plan_steps(const trm__plan *);

/** Is a checkpoint due at this step? */
bool trm__plan_due(const trm__plan *);

#endif
