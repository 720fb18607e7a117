/* Replay: one window of all ranks, matched and run again on a network that
 * costs nothing. Pure: events in, figures out. */
#ifndef TRM_METER_REPLAY_H
#define TRM_METER_REPLAY_H

#include "meter/match.h"

typedef struct trm__meter_called {
  double seconds, waiting;
  int64_t calls;
} trm__meter_called;

typedef struct trm__meter_replayed {
  int ranks;
  double **waiting;          /* ranks x events: seconds of each event that were
                                waiting for a late partner; the rest of a call is
                                transfer */
  trm__meter_called *called; /* ranks x TRM_CAUSE_COUNT x TRM_CALL_COUNT */
  double *covered;           /* ranks: seconds of the window that were replayed,
                                checkpoints apart */
  double *busy;              /* ranks: of these outside calls and checkpoints */
  double wall;               /* longest of `covered` */
  double ideal;              /* the same time on a network that costs nothing:
                                messages take no time, a receiver still waits
                                for what was not yet sent */
  int64_t unmatched;         /* messages and calls without their other side */
  trm__meter_message *matches; /* owned */
  int64_t nmatches;
} trm__meter_replayed;

/** Replay one window. A rank is followed to the first event that depends on an
 * event that other ranks did not record. Waiting of a receive: from the entry
 * of the wait until the send was posted, at most the wait; of several messages
 * the longest; of a collective until its last rank has entered (bcast: its
 * root); of a send above `eager` bytes until the receive was posted. Free with
 * trm__meter_replayed_clear. */
void trm__meter_replay(int ranks, const trm__meter_part_events[], int64_t eager,
                       trm__meter_replayed *);
void trm__meter_replayed_clear(trm__meter_replayed *);

#endif
