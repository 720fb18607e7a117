/* Messages: all communication of the library and of its kernels.
 *
 * A message larger than 1 GiB is split, because MPI's counts are 32 bits wide.
 * The sending rank counts what it sends, by cause:
 *
 *   messages  point-to-point messages and their payload bytes. Collectives that
 *             the library builds from messages count here too: alltoall,
 *             alltoallv, allgatherv and exscan, of any size.
 *   calls     collectives that MPI itself carries out, by kind: barrier (0
 *             bytes), bcast (its bytes on the root, 0 elsewhere), allreduce and
 *             allgather (the bytes that this rank contributes). They count on
 *             one rank too; a bcast or allreduce of 0 bytes does not count.
 *
 * Empty messages are never sent. No rank sends to itself: collectives and
 * trm_sendrecv copy instead, and other calls must not name the calling rank.
 * Each piece of a split message counts. Lengths are bytes unless a type is
 * given. MPI errors end the job; the only recovery is to resume it.
 *
 * Only the thread that initialised MPI may call these functions. Kernels use
 * tags 0 to 29999; the library uses those above. */
#ifndef TRIREME_COMM_H
#define TRIREME_COMM_H

/* MPI's C interface, in C++ too */
#ifndef OMPI_SKIP_MPICXX
#define OMPI_SKIP_MPICXX 1
#endif
#ifndef MPICH_SKIP_MPICXX
#define MPICH_SKIP_MPICXX 1
#endif
#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

#include <trireme/type.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Why a message is sent. The outermost cause wins: what a checkpoint moves
 * counts as checkpoint. The exception is control, which stays control unless a
 * checkpoint encloses it. */
#define TRM_CAUSES(X)                               \
  X(KERNEL, "kernel") /* sent by a kernel itself */ \
  X(HALO, "halo")                                   \
  X(REDISTRIBUTE, "redistribute")                   \
  X(REDUCE, "reduce")                               \
  X(CHECKPOINT, "checkpoint")                       \
  X(CONTROL, "control") /* of the run: agreement, signals, progress */

typedef enum trm_cause {
#define TRM__CAUSE(name, text) TRM_FOR_##name,
  TRM_CAUSES(TRM__CAUSE)
#undef TRM__CAUSE
      TRM_CAUSE_COUNT
} trm_cause;

/* Collectives that MPI itself carries out. */
#define TRM_COLLECTIVES(X)  \
  X(BARRIER, "barrier")     \
  X(BCAST, "bcast")         \
  X(ALLREDUCE, "allreduce") \
  X(ALLGATHER, "allgather")

typedef enum trm_collective {
#define TRM__KIND(name, text) TRM_##name,
  TRM_COLLECTIVES(TRM__KIND)
#undef TRM__KIND
      TRM_COLLECTIVE_COUNT
} trm_collective;

typedef struct trm_traffic {                /* sent by one rank */
  int64_t messages, bytes;                  /* point to point, payload only */
  int64_t calls[TRM_COLLECTIVE_COUNT];      /* by kind */
  int64_t call_bytes[TRM_COLLECTIVE_COUNT]; /* see the top of this file */
} trm_traffic;

/** Add `times` times the traffic; a negative `times` subtracts. Pure. */
void trm_traffic_add(trm_traffic *, const trm_traffic *, int64_t times);

typedef struct trm_counter { /* shared by all communicators of a run */
  trm_cause cause;           /* of messages sent now */
  trm_traffic by[TRM_CAUSE_COUNT];
  uint32_t communicators;        /* made so far by trm_comm_new */
  struct trm__comm_meter *meter; /* internal; NULL: no timing */
} trm_counter;

typedef struct trm_comm { /* read-only */
  MPI_Comm mpi;
  int rank, ranks;
  trm_counter *counter; /* borrowed */
  /* ranks: each one's rank in the root communicator; NULL: the same */
  const int *global;
  uint32_t id;     /* the same on all its ranks */
  uint32_t splits; /* number of splits made of it */
  int64_t limit;   /* largest unsplit message, in bytes; inherited by splits */
} trm_comm;

/** Duplicate an MPI communicator. Collective.
 * \param counter borrowed; must outlive the communicator */
trm_comm *trm_comm_new(MPI_Comm, trm_counter *counter);

/** Split a communicator: ranks with the same colour form one, ordered by key; a
 * negative colour gets NULL. Collective. */
trm_comm *trm_comm_split(const trm_comm *, int color, int key);

/** Split by host: one communicator for the ranks that share memory. Collective.
 */
trm_comm *trm_comm_host(const trm_comm *);

/** Free a communicator and set the pointer to NULL; accepts NULL. Collective.
 */
void trm_comm_free(trm_comm **);

/** Set the cause of the messages that follow, unless an outer cause is set.
 * Returns the previous cause, to be passed to trm_comm_cause_end. Local. */
trm_cause trm_comm_cause(const trm_comm *, trm_cause);
void trm_comm_cause_end(const trm_comm *, trm_cause before);

/* -- point to point -------------------------------------------------------- */

/** Messages in flight together. Zero-initialise. A batch is either all
 * persistent (_init; started repeatedly) or all non-persistent. */
typedef struct trm_batch {
  MPI_Request *requests; /* owned */
  int n, capacity;
  const trm_comm *comm;
  struct trm__comm_posted *posted; /* owned; one for each request */
  uint32_t id;                     /* for the meter's log */
  bool persistent, active;
} trm_batch;

/* Add a message to a batch; isend and irecv also start it. Tags: 0 to 29999.
 * Local. */
void trm_isend(const trm_comm *, const void *, int64_t bytes, int to, int tag,
               trm_batch *);
void trm_irecv(const trm_comm *, void *, int64_t bytes, int from, int tag,
               trm_batch *);
void trm_send_init(const trm_comm *, const void *, int64_t bytes, int to,
                   int tag, trm_batch *);
void trm_recv_init(const trm_comm *, void *, int64_t bytes, int from, int tag,
                   trm_batch *);

/** Start all messages of a persistent batch. Local. */
void trm_batch_start(trm_batch *);
/** Let MPI make progress; true when all messages are complete. Local. */
bool trm_batch_test(trm_batch *);
/** Wait until all messages are complete. A non-persistent batch is then empty
 * and can be filled again. */
void trm_batch_wait(trm_batch *);
/** Free the requests and the memory. No message may be in flight. */
void trm_batch_free(trm_batch *);

/** Send one message and receive another; either may be empty. */
void trm_sendrecv(const trm_comm *, const void *send, int64_t send_bytes,
                  int to, void *recv, int64_t recv_bytes, int from, int tag);

/* -- collectives: all ranks of the communicator ---------------------------- */

typedef enum trm_op { TRM_SUM, TRM_MIN, TRM_MAX, TRM_BOR } trm_op;

void trm_barrier(const trm_comm *);
void trm_bcast(const trm_comm *, void *, int64_t bytes, int root);
/** Reduce n elements in place. For floating-point sums that must not depend on
 * the number of ranks, use reduce.h. TRM_BOR requires integer types. */
void trm_allreduce(const trm_comm *, void *, int64_t n, trm_type, trm_op);
/** Gather `bytes` from each rank, in rank order, on every rank. */
void trm_allgather(const trm_comm *, const void *mine, int64_t bytes,
                   void *all);
/** Gather a different number of bytes from each rank; sends one message to each
 * other rank. */
void trm_allgatherv(const trm_comm *, const void *mine, void *all,
                    const int64_t bytes[]);
/** Send `bytes` to each rank and receive as many from each; sends one message
 * to each other rank. */
void trm_alltoall(const trm_comm *, const void *send, int64_t bytes,
                  void *recv);
/** Send to and receive from each rank a different number of bytes, at the given
 * offsets in bytes. Lengths must agree pairwise, because they are not sent. */
void trm_alltoallv(const trm_comm *, const void *send,
                   const int64_t send_bytes[], const int64_t send_at[],
                   void *recv, const int64_t recv_bytes[],
                   const int64_t recv_at[]);
/** Sum `mine` over the lower ranks (0 on rank 0). Of P ranks, rank r sends 8
 * bytes to r + 1, r + 2, r + 4, ... below P. */
int64_t trm_exscan(const trm_comm *, int64_t mine);

/* Messages above this size in bytes are split. For tests, the environment
 * variable TRM_MESSAGE_LIMIT sets another limit when a communicator is made. */
enum { TRM_MESSAGE_LIMIT = 1 << 30 };

#ifdef __cplusplus
}
#endif

#endif
