/* Matching: which send belongs to which receive, which calls are one
 * collective, and which wait completes which messages. Done by sorting; nothing
 * is replayed. */
#ifndef TRM_METER_MATCH_H
#define TRM_METER_MATCH_H

#include "comm/meter.h"

typedef struct trm__meter_part_events { /* of one rank, on the common clock */
  int n;
  const trm__comm_event *events; /* borrowed; in order */
  double begin, end;             /* of the window on this rank */
  bool cut;                      /* the log was full before the end */
} trm__meter_part_events;

typedef struct trm__meter_message { /* one message */
  int from, send;                   /* rank; index of its send event */
  int to, receive;                  /* rank; index of its receive event */
  int done; /* index of the wait or test that completed it; -1: none */
} trm__meter_message;

typedef struct
    trm__meter_joint_call { /* one collective call, or one checkpoint */
  int first, present;       /* of seats */
  int members;              /* ranks that belong to it */
  int root;                 /* rank of the run; -1: all wait for all */
  double latest;            /* entry of the last of those present */
  double opened;            /* of the root; HUGE_VAL: it did not record it */
} trm__meter_joint_call;

typedef struct trm__meter_participant { /* a rank in a joint call */
  uint32_t comm;
  int rank, event, order; /* order: of the rank's calls on this communicator */
} trm__meter_participant;

typedef struct
    trm__meter_matching { /* events are numbered through: base[rank] + i */
  int ranks, n;           /* n: events of all ranks */
  int *base;              /* ranks + 1 */
  int *of;    /* n: message of a send or receive, joint call of a collective or
                    checkpoint; -1: its other side was not recorded */
  int *chain; /* n: of a post, the one posted before it in its batch; of a wait
                    or test, the last one posted that it is about; -1: none. Both
                    are events of the rank */
  double
      *until; /* n: of a post with those before it, or of a wait or test: when
                    the last partner had posted; -HUGE_VAL: at once */
  bool *open; /* n: of the same, whether a partner did not record its post */
  trm__meter_message *message;
  int messages;
  trm__meter_joint_call *joint;
  int joints;
  trm__meter_participant *seat;
  int seats;
} trm__meter_matching;

/** Match one window. The members of a communicator are the ranks that recorded
 * an event on it; a rank whose log was full before that is not known as a
 * member. */
void trm__meter_match_window(int ranks, const trm__meter_part_events[],
                             int64_t eager, trm__meter_matching *);
void trm__meter_matching_clear(trm__meter_matching *);

#endif
