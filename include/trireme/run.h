/* The run: what all ranks share, and the owner of all that they are handed.
 *
 * Everything obtained from a run (memory, layouts, fields, halos) lives until
 * the run ends and is freed by it. Failures are recorded in the run: the first
 * failing line forms the message, callers only pass the status on. */
#ifndef TRIREME_RUN_H
#define TRIREME_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <trireme/clock.h>
#include <trireme/comm.h>
#include <trireme/status.h>

typedef struct trm_run { /* read-only */
  const trm_comm *comm;  /* all ranks of the run */
  int rank, ranks;
  int threads;               /* OpenMP threads of each rank */
  uint64_t seed;             /* for random.h; same on all ranks */
  int64_t step;              /* steps done before this call, restored ones
                             included */
  struct trm__comm_run *own; /* the library's */
} trm_run;

/** Open a run on a communicator, which is duplicated. Collective.
 * \param threads OpenMP threads of this rank; 0: as OpenMP would choose. */
trm_status trm_run_new(MPI_Comm, int threads, uint64_t seed, trm_run **);

/** Free the run and all that it owns; takes NULL and clears. Collective. */
void trm_run_free(trm_run **);

/** Record a failure and return its status. The first one since the last
 * agreement is kept. Local. */
trm_status trm_fail(trm_run *, trm_status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Agree on the worst status of all ranks and on its message. Collective: call
 * it before the next collective call when a failure may be this rank's
 * alone. */
trm_status trm_agree(trm_run *, trm_status);

/** The message of the last failure. Local. */
const char *trm_message(const trm_run *);

/** Allocate zeroed memory, aligned to 64 bytes (2 MiB when it is large),
 * touched first by the threads of this rank. Freed with the run, or by
 * trm_release. Local. Fails with TRM_EMEMORY. */
trm_status trm_alloc(trm_run *, const char *what, int64_t bytes, void **);

/** Free one piece of memory early; takes NULL and clears. Local. */
void trm_release(trm_run *, void **);

/** Memory of this rank in bytes: now and at its highest. Local. */
int64_t trm_memory_now(const trm_run *);
int64_t trm_memory_peak(const trm_run *);

/** Show a value in the progress line and in the result. Local; the value of
 * rank 0 is shown.  \param name borrowed: a literal. */
void trm_gauge(trm_run *, const char *name, double value);

/** Say from `advance` that all is done after `steps` of the steps asked for:
 * `return trm_ended(run, steps)`. Where ranks differ, or `steps` is not among
 * those asked for, the run ends with exit status 2. Local. */
trm_status trm_ended(trm_run *, int64_t steps);

/** Maximum, minimum, sum of one number a rank. Collective. For sums of doubles
 * that do not depend on the rank count see reduce.h. */
double trm_max(trm_run *, double);
double trm_min(trm_run *, double);
int64_t trm_total(trm_run *, int64_t);

#endif
