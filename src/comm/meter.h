/* The meter's own side: what records, and the log of events.
 *
 * The log is a number of windows of equal capacity, each a span of whole steps
 * that began and ended with all ranks together. When all windows are used, every
 * other one is forgotten and from then on every second (fourth, ...) chunk of
 * steps is kept, so that what is kept is spread over the run. All ranks keep the
 * same windows. A window that is full goes on counting, not recording. */
#ifndef TRM_COMM_METER_H
#define TRM_COMM_METER_H

#include <trireme/meter.h>

#include "comm/untracked.h"
#include "comm/thread.h"

/* What causes and calls are called, in the order of their enums. */
extern const char *const trm__comm_cause_name[], *const trm__comm_call_name[];

typedef enum trm__comm_event_kind {
  TRM__EVENT_SITE,    /* work on one thread: name */
  TRM__EVENT_REGION,  /* work of all threads, from fork to join: name */
  TRM__EVENT_SEND,    /* one message posted: partner, bytes, tag, batch */
  TRM__EVENT_RECEIVE, /* one receive posted: the same */
  TRM__EVENT_TEST, /* messages of the batch; bytes is 1 when all are complete */
  TRM__EVENT_WAIT, /* for all messages of the batch */
  TRM__EVENT_COLLECTIVE, /* call says which; partner is the root of a bcast, else -1 */
  TRM__EVENT_CHECKPOINT, /* the whole of it; what it calls is not recorded */
  TRM__EVENT_UNTRACKED   /* MPI called by the kernel itself */
} trm__comm_event_kind;

/* One event. Events of a thread stand in the order in which they were entered
 * and do not nest. Messages that one call posts together have one `enter`; the
 * first has the call's `leave`, the others their own `enter`. The n-th send from
 * a to b on a communicator with a tag meets the n-th such receive. */
typedef struct trm__comm_event {
  double enter, leave; /* trm_now of this rank */
  int64_t bytes;
  const char *name; /* sites: a literal */
  uint32_t comm;    /* the same number on all its ranks, another for others */
  uint32_t batch;   /* of this rank: what a wait waits for */
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
  int64_t lost;            /* events that found no room */
  trm__comm_event *events; /* TRM__WINDOW_EVENTS */
} trm__comm_window;

/* What one rank spent since trm__comm_meter_begin, in seconds. The wall time of the
 * thread that calls MPI is in regions, serial, calls, checkpoint or outside them
 * all; `others` is the background work of the other threads (thread.h), by what
 * that thread did meanwhile, and at most what it left of so many threads. */
typedef struct trm__comm_spent {
  double began;          /* trm_now */
  double useful;         /* of threads in sites, others included at the end */
  double region;         /* wall, fork to join */
  double region_useful;  /* of threads in them */
  double region_longest; /* of the busiest thread of each */
  double serial;         /* wall, in sites on one thread */
  double calls;          /* wall */
  double checkpoint;     /* wall; nothing above is counted in there */
  double wall;           /* of it all: set by trm__comm_meter_end */
  struct trm__others {
    double region, serial, calls, checkpoint;
    double all; /* until now; outside is what is left of it */
  } others;
} trm__comm_spent;

typedef struct trm__comm_meter {
  trm_meter shown;
  trm_tally *to; /* owned */
  trm__comm_spent spent;
  trm__comm_untracked beside; /* at trm__comm_meter_begin */
  bool counting;              /* between trm__comm_meter_begin and _end */
  bool checkpointing;         /* now */
  double checkpoint_began;
  trm__comm_event
      *checkpoint_event; /* of this checkpoint; NULL: not recorded */
  trm__comm_threads *threads;
  double others_at;         /* worked when the present span began */
  double others_began;      /* at trm__comm_meter_begin */
  double others_checkpoint; /* when the present checkpoint began */
  uint32_t batches;         /* numbered so far */
  /* the log */
  bool recording;    /* a window is open */
  int windows, open; /* used; index of the one that is open */
  int64_t stride;    /* every so many chunks are kept */
  trm__comm_window window[TRM__WINDOWS];
  atomic_int marking; /* window that other threads record in; -1: none */
} trm__comm_meter;

/** Make the meter of a run; it is on. */
trm__comm_meter *trm__comm_meter_new(int ranks);
/** Free it; takes NULL and clears. Local. */
void trm__comm_meter_free(trm__comm_meter **);
/** Times and events, or tallies alone. Local. */
void trm__comm_meter_switch(trm__comm_meter *, bool on);

/** Begin and end of what the ledger is about. Local. */
void trm__comm_meter_begin(trm__comm_meter *);
/** \param threads of this rank */
void trm__comm_meter_end(trm__comm_meter *, int threads);

/** A chunk of steps begins; it is recorded if it is its turn. The same chunk and
 * steps on all ranks. Local. */
void trm__comm_window_open(trm__comm_meter *, int64_t chunk, int64_t first,
                           int64_t steps);
/** It is over; \param steps that were made. */
void trm__comm_window_close(trm__comm_meter *, int64_t steps);

/** A checkpoint begins, is over: calls and sites in between are its own. */
void trm__comm_meter_checkpoint(trm__comm_meter *);
void trm__comm_meter_checkpoint_end(trm__comm_meter *);

/** A span of the thread that calls MPI begins (a site, a region, a call); it is
 * over.  \return background work meanwhile, core seconds */
void trm__comm_others_enter(trm__comm_meter *, double now);
double trm__comm_others_leave(trm__comm_meter *, double now);

/** Record an entry of a site on another thread, which calls. */
void trm__comm_mark_log(trm__comm_meter *, trm__comm_thread *, const char *name,
                        double enter, double leave);

/** Record an event of the thread that calls MPI; NULL when none is wanted. */
trm__comm_event *trm__comm_event_new(trm__comm_meter *);

#endif
