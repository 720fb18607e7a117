/* The meter: where the time of a run goes.
 *
 * Each rank counts what it sends and receives by cause, kind of call and size,
 * times its work sites and its calls, and keeps a bounded log of events. From
 * the log, waiting for a late partner can later be separated from transfer. The
 * meter adds nothing to any message, and no messages while kernels run.
 * `--no-meter` turns clocks and log off; what contracts compare (messages,
 * calls and bytes) is always counted. Times are seconds, sizes bytes. */
#ifndef TRIREME_METER_H
#define TRIREME_METER_H

#include <trireme/run.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Kinds of call. A message starts with a `post` and ends with a `wait` or a
 * successful `test`. The other kinds are MPI's own collectives; collectives
 * that the library builds from messages are posts and waits. */
#define TRM_CALLS(X)                                     \
  X(POST, "post") /* sends and receives handed to MPI */ \
  X(TEST, "test") /* let MPI make progress */            \
  X(WAIT, "wait") /* for messages */                     \
  X(BARRIER, "barrier")                                  \
  X(BCAST, "bcast")                                      \
  X(ALLREDUCE, "allreduce")                              \
  X(ALLGATHER, "allgather")                              \
  X(UNTRACKED, "untracked") /* MPI called by the kernel itself; preload */

typedef enum trm_call {
#define TRM__CALL(name, text) TRM_CALL_##name,
  TRM_CALLS(TRM__CALL)
#undef TRM__CALL
      TRM_CALL_COUNT
} trm_call;

/* Size classes: class k holds sizes in [4^k, 4^(k+1)). The first class includes
 * 0, the last everything from 4^15. */
enum { TRM_SIZE_CLASSES = 16 };

typedef struct trm_tally {
  int64_t messages, bytes;
} trm_tally;

typedef struct trm_call_total {
  int64_t calls;
  double seconds;
} trm_call_total;

typedef struct trm_meter { /* of one rank; read-only */
  bool on; /* record times and events; tallies are always kept */
  trm_tally sent[TRM_CAUSE_COUNT][TRM_SIZE_CLASSES];
  trm_tally received[TRM_CAUSE_COUNT][TRM_SIZE_CLASSES];
  trm_call_total calls[TRM_CAUSE_COUNT][TRM_CALL_COUNT];
  int ranks;           /* of the run */
  const trm_tally *to; /* ranks entries: sent to each rank of the run */
  double checkpoint_seconds;
} trm_meter;

/** Read this rank's meter. `to` is borrowed. Local. */
trm_meter trm_meter_read(const trm_run *);

/** Return the class of a size, 0 to TRM_SIZE_CLASSES - 1. Pure. */
int trm_size_class(int64_t bytes);

#ifdef __cplusplus
}
#endif

#endif
