/* Checkpoints that could not be written: the run continues, and tries again
 * after 1, 2, 4, ... s, at most a minute. */
#ifndef TRM_RUN_CHECKPOINT_RETRY_H
#define TRM_RUN_CHECKPOINT_RETRY_H

#include <stdbool.h>
#include <stdint.h>

typedef struct trm__run_retry {
  int failures;     /* since the newest checkpoint; 0: none */
  int64_t step;     /* of the first of them */
  double since;     /* trm_now of the first */
  double next;      /* trm_now of the next attempt */
  char reason[512]; /* of the latest */
} trm__run_retry;

/** Record a failure. Pure.
 * \return this reason has not been reported yet */
bool trm__run_retry_failed(trm__run_retry *, int64_t step, double now,
                           const char *reason);

/** Seconds from the latest failure to the next attempt. Pure. */
double trm__run_retry_delay(const trm__run_retry *);

/** Is it time to try again? false: nothing failed. Pure. */
bool trm__run_retry_due(const trm__run_retry *, double now);

#endif
