/* Clocks: the offset of each rank's clock to rank 0's. Ranks of a host read one
 * clock, so only the lowest rank of each host asks. */
#ifndef TRM_METER_CLOCKS_H
#define TRM_METER_CLOCKS_H

#include <trireme/run.h>

typedef struct trm__meter_clock { /* of one rank at one time */
  double at;                      /* trm_now of this rank */
  double offset;                  /* add it to get rank 0's clock */
  double bound; /* the offset is right within this: half the round
                               trip; 0: it is the same clock */
} trm__meter_clock;

/** Ask rank 0 for the time; the shortest of several round trips counts.
 * Messages have the cause TRM_FOR_CONTROL. TRM_CLOCKS=all in the environment:
 * every rank asks, as if on a host of its own. Collective. */
trm__meter_clock trm__meter_clock_ask(trm_run *);

/** Convert a time of this rank to rank 0's clock, from an answer before it and
 * one after it; the drift in between is taken as linear. Pure. */
double trm__meter_clock_fix(const trm__meter_clock *before,
                            const trm__meter_clock *after, double time);

#endif
