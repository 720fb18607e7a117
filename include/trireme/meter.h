/* The meter: where the time of a run goes.
 *
 * Each rank counts what it sends and receives by cause, kind of call and size,
 * times its work sites and its calls, and keeps a bounded log of events in
 * which waiting for a late partner can be told from transfer afterwards.
 * Nothing is added to any message, and none is added while kernels run.
 * `--no-meter` turns the clocks and the log off; what contracts compare
 * (messages, calls and bytes) is counted all the same. Times are seconds, sizes
 * bytes. */
#ifndef TRIREME_METER_H
#define TRIREME_METER_H

#include <trireme/run.h>

/* Kinds of call. A message is sent by a `post` and over when a `wait` or a
 * successful `test` is; the others are collective and MPI's own: those that the
 * library builds from messages are posts and waits. */
#define TRM_CALLS(X)                                     \
  X(POST, "post") /* sends and receives handed to MPI */ \
  X(TEST, "test") /* let MPI progress */                 \
  X(WAIT, "wait") /* for messages */                     \
  X(BARRIER, "barrier")                                  \
  X(BCAST, "bcast")                                      \
  X(ALLREDUCE, "allreduce")                              \
  X(ALLGATHER, "allgather")                              \
  X(UNTRACKED, "untracked") /* MPI called by the kernel itself: preload */

typedef enum trm_call {
#define TRM__CALL(name, text) TRM_CALL_##name,
  TRM_CALLS(TRM__CALL)
#undef TRM__CALL
      TRM_CALL_COUNT
} trm_call;

/* Size classes: class k holds sizes in [4^k, 4^(k+1)); 0 and above 4^15 in the
 * first and the last. */
enum { TRM_SIZE_CLASSES = 16 };

typedef struct trm_tally {
  int64_t messages, bytes;
} trm_tally;

typedef struct trm_call_total {
  int64_t calls;
  double seconds;
} trm_call_total;

typedef struct trm_meter { /* of one rank; read-only */
  bool on;                 /* times and events; tallies are always kept */
  trm_tally sent[TRM_CAUSE_COUNT][TRM_SIZE_CLASSES];
  trm_tally received[TRM_CAUSE_COUNT][TRM_SIZE_CLASSES];
  trm_call_total calls[TRM_CAUSE_COUNT][TRM_CALL_COUNT];
  int ranks;           /* of the run */
  const trm_tally *to; /* ranks: sent to each rank of the run */
  double checkpoint_seconds;
} trm_meter;

/** What this rank's meter shows now. Local; `to` is borrowed. */
trm_meter trm_meter_read(const trm_run *);

/** Class of a size, 0 to TRM_SIZE_CLASSES - 1. Pure. */
int trm_size_class(int64_t bytes);

#endif
