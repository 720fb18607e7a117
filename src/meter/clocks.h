/* Clocks: what each rank's clock shows when rank 0's shows something. Within a
 * host all ranks read one clock, so only the lowest rank of each host asks. */
#ifndef TRM_METER_CLOCKS_H
#define TRM_METER_CLOCKS_H

#include <trireme/run.h>

typedef struct trm__meter_clock { /* of one rank at one time */
  double at;                      /* trm_now of this rank */
  double offset;                  /* to add: rank 0's clock */
  double bound; /* the offset is right within this: half the round
                               trip; 0: it is the same clock */
} trm__meter_clock;

/** Ask rank 0 for the time: the shortest of some round trips counts. Messages are
 * the run's own (TRM_FOR_CONTROL). TRM_CLOCKS=all in the environment: every rank
 * asks, as if on a host of its own. Collective. */
trm__meter_clock trm__meter_clock_ask(trm_run *);

/** A time of this rank on rank 0's clock, from what was asked before it and
 * after it: the clocks drift evenly in between. Pure. */
double trm__meter_clock_fix(const trm__meter_clock *before,
                            const trm__meter_clock *after, double time);

#endif
