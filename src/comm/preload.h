/* libtrireme_preload.so: wrappers of MPI functions that count calls.
 *
 *   LD_PRELOAD=libtrireme_preload.so mpirun ...
 *
 * works with every MPI program in C (an MPI's Fortran bindings may bypass it).
 * With TRIREME_PRELOAD=report, rank 0 prints a table on stderr when MPI ends.
 * Otherwise the library is silent, and Trireme reads its counters through the
 * functions below, found by dlsym. Calls made through Trireme's library are
 * counted separately: Trireme sets a flag while it is inside its own calls. */
#ifndef TRM_COMM_PRELOAD_H
#define TRM_COMM_PRELOAD_H

#include <stdint.h>

/* Kinds of call, each with the class that it belongs to. */
#define TRM_PRELOAD_KINDS(X)                                         \
  X(SEND, POINT, "send") /* blocking or not */                       \
  X(RECEIVE, POINT, "receive")                                       \
  X(SENDRECV, POINT, "sendrecv")                                     \
  X(START, POINT, "start") /* of persistent sends and receives */    \
  X(PROBE, POINT, "probe")                                           \
  X(TEST, POINT, "test")                                             \
  X(WAIT, POINT, "wait") /* of collectives and one-sided ones too */ \
  X(BARRIER, COLLECTIVE, "barrier")                                  \
  X(BCAST, COLLECTIVE, "bcast")                                      \
  X(REDUCE, COLLECTIVE, "reduce")                                    \
  X(ALLREDUCE, COLLECTIVE, "allreduce")                              \
  X(REDUCE_SCATTER, COLLECTIVE, "reduce_scatter")                    \
  X(GATHER, COLLECTIVE, "gather")                                    \
  X(SCATTER, COLLECTIVE, "scatter")                                  \
  X(ALLGATHER, COLLECTIVE, "allgather")                              \
  X(ALLTOALL, COLLECTIVE, "alltoall")                                \
  X(SCAN, COLLECTIVE, "scan")                                        \
  X(NEIGHBOUR, COLLECTIVE, "neighbour") /* neighbour collectives */  \
  X(PUT, ONESIDED, "put")                                            \
  X(GET, ONESIDED, "get")                                            \
  X(ACCUMULATE, ONESIDED, "accumulate") /* atomic ones too */        \
  X(SYNC, ONESIDED, "sync")             /* fences, locks, flushes, epochs */

typedef enum trm_preload_kind {
#define TRM__PRELOAD_KIND(name, class, text) TRM_PRELOAD_##name,
  TRM_PRELOAD_KINDS(TRM__PRELOAD_KIND)
#undef TRM__PRELOAD_KIND
      TRM_PRELOAD_KIND_COUNT
} trm_preload_kind;

typedef enum trm_preload_class {
  TRM_PRELOAD_POINT,      /* messages, and their bytes, as sent by this rank */
  TRM_PRELOAD_COLLECTIVE, /* bytes that this rank contributes */
  TRM_PRELOAD_ONESIDED    /* messages: operations; bytes put or got */
} trm_preload_class;

typedef struct trm_preload_total { /* of one kind on this rank */
  int64_t calls, messages, bytes;
  double seconds; /* inside MPI, of all threads */
} trm_preload_total;

typedef struct trm_preload_totals { /* since the start of the process */
  trm_preload_total
      untracked[TRM_PRELOAD_KIND_COUNT];            /* by the program itself */
  trm_preload_total inside[TRM_PRELOAD_KIND_COUNT]; /* by Trireme's library */
} trm_preload_totals;

/** Read the counts of this rank. Local. */
void trm_preload_read(trm_preload_totals *);

/** Return the address of this thread's flag: nonzero while it is inside
 * Trireme's library. The address never changes. Local. */
int *trm_preload_inside(void);

typedef void trm_preload_read_fn(trm_preload_totals *);
typedef int *trm_preload_inside_fn(void);

#endif
