/* Messages: every message of the library and of its kernels goes through here.
 *
 * A message larger than 1 GiB is split (MPI's counts are 32 bits wide), and
 * what is sent is counted by cause, on the rank that sends it:
 *
 *   messages  point to point, with their payload bytes; those of collective
 *             operations that the library builds from messages too: alltoall,
 *             alltoallv, allgatherv, exscan, whatever their size
 *   calls     of collective operations that MPI itself carries out, by kind:
 *             barrier (0 bytes), bcast (its bytes on the root, 0 elsewhere),
 *             allreduce and allgather (the bytes that this rank contributes);
 *             on one rank too, but none for 0 bytes of a bcast or an allreduce
 *
 * Empty messages are not sent, nor are those to oneself: collectives and
 * trm_sendrecv copy, other calls do not name oneself. Each piece of what is
 * split counts. Lengths are bytes unless a type is given. Errors of MPI end the
 * job: there is no recovery from them but a resume.
 *
 * Only the thread that started MPI may call these functions. Tags are 0 to
 * 29999; the library keeps those above for itself. */
#ifndef TRIREME_COMM_H
#define TRIREME_COMM_H

#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

#include <trireme/type.h>

/* Why something is sent. A cause set further out wins over one further in, so
 * that what a checkpoint moves counts as checkpoint; but control stays control,
 * unless it is a checkpoint's. */
#define TRM_CAUSES(X)                               \
  X(KERNEL, "kernel") /* sent by a kernel itself */ \
  X(HALO, "halo")                                   \
  X(REDISTRIBUTE, "redistribute")                   \
  X(REDUCE, "reduce")                               \
  X(CHECKPOINT, "checkpoint")                       \
  X(CONTROL, "control") /* the run's own: agreement, signals, progress */

typedef enum trm_cause {
#define TRM__CAUSE(name, text) TRM_FOR_##name,
  TRM_CAUSES(TRM__CAUSE)
#undef TRM__CAUSE
      TRM_CAUSE_COUNT
} trm_cause;

/* Collective operations that MPI itself carries out. */
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

typedef struct trm_traffic {                /* that one rank sends */
  int64_t messages, bytes;                  /* point to point, payload only */
  int64_t calls[TRM_COLLECTIVE_COUNT];      /* by kind */
  int64_t call_bytes[TRM_COLLECTIVE_COUNT]; /* as said above */
} trm_traffic;

/** Add so many times what is sent; -1: take it away. Pure. */
void trm_traffic_add(trm_traffic *, const trm_traffic *, int64_t times);

typedef struct trm_counter { /* shared by all communicators of a run */
  trm_cause cause;           /* of what is sent now */
  trm_traffic by[TRM_CAUSE_COUNT];
  uint32_t communicators;        /* made so far by trm_comm_new */
  struct trm__comm_meter *meter; /* the library's; NULL: nothing is timed */
} trm_counter;

typedef struct trm_comm { /* read-only */
  MPI_Comm mpi;
  int rank, ranks;
  trm_counter *counter; /* borrowed */
  const int *global;    /* ranks: each one's rank where the first one of
                                 its line was made, which a run's is; NULL: the
                                 same */
  uint32_t id, splits;  /* a name that all its ranks know; of its
                                 splits */
  int64_t limit;        /* largest message in one piece, in bytes; split
                                 communicators inherit it */
} trm_comm;

/** Duplicate an MPI communicator. Collective.
 * \param counter borrowed, outlives it. */
trm_comm *trm_comm_new(MPI_Comm, trm_counter *counter);

/** Split: ranks of one colour get a communicator, ordered by key; a negative
 * colour gets NULL. Collective. */
trm_comm *trm_comm_split(const trm_comm *, int color, int key);

/** Split by host: the ranks that share memory. Collective. */
trm_comm *trm_comm_host(const trm_comm *);

/** Free a communicator; takes NULL and clears. Collective. */
void trm_comm_free(trm_comm **);

/** Set the cause of what follows, unless an outer one is set; returns the one
 * before, to be handed to trm_comm_cause_end. Local. */
trm_cause trm_comm_cause(const trm_comm *, trm_cause);
void trm_comm_cause_end(const trm_comm *, trm_cause before);

/* -- point to point -------------------------------------------------------- */

/** Messages that are under way together. Zero-initialise; one kind each: either
 * all persistent (_init, started again and again) or none. */
typedef struct trm_batch {
  MPI_Request *requests; /* owned */
  int n, capacity;
  const trm_comm *comm;
  struct trm__comm_posted *posted; /* owned; what each request is */
  uint32_t id;                     /* for the meter's log */
  bool persistent, active;
} trm_batch;

/* Tags of a kernel's messages: 0 to 29999. Those above are the library's. */
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
/** Let MPI progress; true when all are complete. Local. */
bool trm_batch_test(trm_batch *);
/** Wait until all are complete; a batch that is not persistent is then empty
 * and can be filled again. */
void trm_batch_wait(trm_batch *);
/** Free the requests and the memory. No message may be under way. */
void trm_batch_free(trm_batch *);

/** Send one message and receive another; either may be empty. */
void trm_sendrecv(const trm_comm *, const void *send, int64_t send_bytes,
                  int to, void *recv, int64_t recv_bytes, int from, int tag);

/* -- collective: all ranks of the communicator ----------------------------- */

typedef enum trm_op { TRM_SUM, TRM_MIN, TRM_MAX, TRM_BOR } trm_op;

void trm_barrier(const trm_comm *);
void trm_bcast(const trm_comm *, void *, int64_t bytes, int root);
/** Reduce n elements in place. For floating-point sums that must not depend on
 * the rank count use reduce.h. TRM_BOR takes integer types. */
void trm_allreduce(const trm_comm *, void *, int64_t n, trm_type, trm_op);
/** Gather `bytes` from each rank, in rank order, on every rank. */
void trm_allgather(const trm_comm *, const void *mine, int64_t bytes,
                   void *all);
/** The same with a length of its own for each rank: a message to each other
 * rank. */
void trm_allgatherv(const trm_comm *, const void *mine, void *all,
                    const int64_t bytes[]);
/** Send `bytes` to each rank and receive as many from each: a message to each
 * other rank. */
void trm_alltoall(const trm_comm *, const void *send, int64_t bytes,
                  void *recv);
/** The same with lengths and offsets (bytes) of their own for each partner. The
 * lengths agree pairwise; no length is sent. */
void trm_alltoallv(const trm_comm *, const void *send,
                   const int64_t send_bytes[], const int64_t send_at[],
                   void *recv, const int64_t recv_bytes[],
                   const int64_t recv_at[]);
/** Sum of `mine` over the lower ranks (0 on rank 0): rank r of P sends 8 bytes to
 * r + 1, r + 2, r + 4, ... below P. */
int64_t trm_exscan(const trm_comm *, int64_t mine);

/* The limit of one piece is 1 GiB; TRM_MESSAGE_LIMIT in the environment sets
 * another, in bytes, when a communicator is made: for tests. */
enum { TRM_MESSAGE_LIMIT = 1 << 30 };

#endif
