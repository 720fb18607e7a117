/* The run: state shared by all ranks, and owner of all that it returns.
 *
 * Memory, layouts, fields and halos obtained from a run live until the run
 * ends; the run frees them. Failures are recorded in the run: the first failing
 * line forms the message, and callers pass the status on. */
#ifndef TRIREME_RUN_H
#define TRIREME_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <trireme/clock.h>
#include <trireme/comm.h>
#include <trireme/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct trm_run { /* read-only */
  const trm_comm *comm;  /* all ranks of the run */
  int rank, ranks;
  int threads;   /* OpenMP threads of each rank */
  uint64_t seed; /* for random.h; the same on all ranks */
  int64_t step;  /* steps completed before this call, including restored ones */
  struct trm__comm_run *own; /* internal */
} trm_run;

/** Open a run on a communicator, which is duplicated. Collective.
 * \param threads OpenMP threads of this rank; 0: OpenMP's default */
trm_status trm_run_new(MPI_Comm, int threads, uint64_t seed, trm_run **);

/** Free the run and all that it owns, and set the pointer to NULL; accepts
 * NULL. Collective. */
void trm_run_free(trm_run **);

/** Record a failure and return its status. The first failure since the last
 * agreement is kept. Local. */
trm_status trm_fail(trm_run *, trm_status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Agree on the worst status of all ranks and on its message. Call it before
 * the next collective call if only some ranks may have failed. Collective. */
trm_status trm_agree(trm_run *, trm_status);

/** Return the message of the last failure. Local. */
const char *trm_message(const trm_run *);

/** Allocate zeroed memory, aligned to 64 bytes (large blocks: 2 MiB) and first
 * touched by the threads of this rank. It is freed with the run or by
 * trm_release. Local. Fails with TRM_EMEMORY. */
trm_status trm_alloc(trm_run *, const char *what, int64_t bytes, void **);

/** Free a block of memory early and set the pointer to NULL; accepts NULL.
 * Local. */
void trm_release(trm_run *, void **);

/** Return this rank's memory in bytes: now, and at its peak. Local. */
int64_t trm_memory_now(const trm_run *);
int64_t trm_memory_peak(const trm_run *);

/** Show a value in the progress line and in the result. The value of rank 0 is
 * shown. Local.
 * \param name borrowed: a string literal */
void trm_gauge(trm_run *, const char *name, double value);

/** End the run from `advance` after `steps` of the requested steps: `return
 * trm_ended(run, steps)`. If ranks disagree or `steps` is out of range, the run
 * ends with exit status 2. Local. */
trm_status trm_ended(trm_run *, int64_t steps);

/** Will the evolving fields and kept arrays be read from a checkpoint after
 * `setup`? Then setup need not compute their values, only declare them, and must
 * not use them; what is derived from them belongs in `restore`. False outside of
 * setup. Local. */
bool trm_resuming(const trm_run *);

/** Return the maximum, minimum or sum of one number per rank. Collective. For
 * sums of doubles that do not depend on the number of ranks, see reduce.h. */
double trm_max(trm_run *, double);
double trm_min(trm_run *, double);
int64_t trm_total(trm_run *, int64_t);

#ifdef __cplusplus
}
#endif

#endif
