/* The meter's private side: its counters and the log of events.
 *
 * The log has a fixed number of windows of equal capacity. A window is a span
 * of whole steps that all ranks begin and end together. When all windows are
 * used, every other one is dropped, and from then on only every second (fourth,
 * ...) chunk of steps is kept: the windows stay spread over the run. All ranks
 * keep the same windows. A full window continues to count, but records no more
 * events. */
#ifndef TRM_COMM_METER_H
#define TRM_COMM_METER_H

#include <trireme/meter.h>

#include "comm/untracked.h"
#include "comm/thread.h"

/* Names of causes and calls, in the order of their enums. */
extern const char *const trm__comm_cause_name[], *const trm__comm_call_name[];

typedef enum trm__comm_event_kind {
  TRM__EVENT_SITE,    /* work on one thread: name */
  TRM__EVENT_REGION,  /* work of all threads, from fork to join: name */
  TRM__EVENT_SEND,    /* one message posted: partner, bytes, tag, batch */
  TRM__EVENT_RECEIVE, /* one receive posted: the same */
  TRM__EVENT_TEST, /* messages of the batch; bytes is 1 when all are complete */
  TRM__EVENT_WAIT, /* for all messages of the batch */
  TRM__EVENT_COLLECTIVE, /* see call; partner: root of a bcast, else -1 */
  TRM__EVENT_CHECKPOINT, /* all of it; calls inside are not recorded */
  TRM__EVENT_UNTRACKED   /* MPI called by the kernel itself */
} trm__comm_event_kind;

/* One event. Events of a thread are ordered by entry and do not nest. Messages
 * posted by one call share its `enter`; the first has the call's `leave`, the
 * others have leave = enter. The n-th send from a to b with a tag on a
 * communicator matches the n-th such receive. */
typedef struct trm__comm_event {
  double enter, leave; /* trm_now of this rank */
  int64_t bytes;
  const char *name; /* sites: a literal */
  uint32_t comm;    /* the same on all its ranks, unique otherwise */
  uint32_t batch;   /* of this rank; a wait names the one it waits for */
  int32_t partner;  /* rank of the run; -1: none */
  int32_t tag;
  uint8_t what;  /* trm__comm_event_kind */
  uint8_t call;  /* trm_call */
  uint8_t cause; /* trm_cause */
} trm__comm_event;

enum { TRM__WINDOW_EVENTS = 8192 }; /* of the thread that calls MPI */

typedef struct trm__comm_window {
  int64_t chunk;           /* 0, 1, ...: of this session's loop */
  int64_t first, steps;    /* steps done before it, and in it */
  double begin, end;       /* trm_now of this rank */
  int n;                   /* events kept */
  int64_t lost;            /* events dropped because the window was full */
  trm__comm_event *events; /* TRM__WINDOW_EVENTS */
} trm__comm_window;

/* What one rank spent since trm__comm_meter_begin, in seconds. The wall time of
 * the thread that calls MPI is in regions, serial, calls, checkpoint or outside
 * all of them. `others` is the background work of the other threads (thread.h),
 * by what the MPI thread did meanwhile; it is limited to the cores left
 * idle. */
typedef struct trm__comm_spent {
  double began;          /* trm_now */
  double useful;         /* of threads in sites, others included at the end */
  double region;         /* wall, fork to join */
  double region_useful;  /* of threads in them */
  double region_longest; /* of the busiest thread of each */
  double serial;         /* wall, in sites on one thread */
  double calls;          /* wall */
  double checkpoint;     /* wall; counted in nothing above */
  double wall;           /* total; set by trm__comm_meter_end */
  struct trm__others {
    double region, serial, calls, checkpoint;
    double all; /* so far; the part outside is what remains */
  } others;
} trm__comm_spent;

typedef struct trm__comm_meter {
  trm_meter shown;
  trm_tally *to; /* owned */
  trm__comm_spent spent;
  trm__comm_untracked untracked; /* at trm__comm_meter_begin */
  bool counting;                 /* between trm__comm_meter_begin and _end */
  bool checkpointing;            /* now */
  double checkpoint_began;
  trm__comm_event
      *checkpoint_event; /* of this checkpoint; NULL: not recorded */
  trm__comm_threads *threads;
  double others_at;         /* work done when the current span began */
  double others_began;      /* at trm__comm_meter_begin */
  double others_checkpoint; /* when the current checkpoint began */
  uint32_t batches;         /* batches numbered so far */
  /* the log */
  bool recording;    /* a window is open */
  int windows, open; /* windows in use; index of the open one */
  int64_t stride;    /* one chunk in `stride` is kept */
  trm__comm_window window[TRM__WINDOWS];
  atomic_int marking; /* window that other threads record in; -1: none */
} trm__comm_meter;

/** Make the meter of a run; it is on. */
trm__comm_meter *trm__comm_meter_new(int ranks);
/** Free it; takes NULL and clears. Local. */
void trm__comm_meter_free(trm__comm_meter **);
/** Record times and events, or tallies only. Local. */
void trm__comm_meter_switch(trm__comm_meter *, bool on);

/** Begin the time that the ledger covers. Local. */
void trm__comm_meter_begin(trm__comm_meter *);
/** End it. Local.  \param threads of this rank */
void trm__comm_meter_end(trm__comm_meter *, int threads);

/** Begin a chunk of steps, and record it if it is one to keep. All ranks pass
 * the same chunk and steps. Local. */
void trm__comm_window_open(trm__comm_meter *, int64_t chunk, int64_t first,
                           int64_t steps);
/** End the chunk. Local.  \param steps made in it */
void trm__comm_window_close(trm__comm_meter *, int64_t steps);

/** Begin and end a checkpoint: calls and sites in between belong to it.
 * Local. */
void trm__comm_meter_checkpoint(trm__comm_meter *);
void trm__comm_meter_checkpoint_end(trm__comm_meter *);

/** Begin and end a span of the thread that calls MPI: a site, region or call.
 * Local.  \return background work meanwhile, core seconds */
void trm__comm_others_enter(trm__comm_meter *, double now);
double trm__comm_others_leave(trm__comm_meter *, double now);

/** Record a site entry on another thread; that thread calls this. */
void trm__comm_mark_log(trm__comm_meter *, trm__comm_thread *, const char *name,
                        double enter, double leave);

/** Return a new event of the MPI thread; NULL when none is recorded. Local. */
trm__comm_event *trm__comm_event_new(trm__comm_meter *);

#endif
