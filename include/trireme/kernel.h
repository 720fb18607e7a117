/* Kernels: all that the author of one needs.
 *
 * A kernel is one file. Whoever writes it gets for it: options and help, any
 * rank count, checkpoint and resume on another rank count, verification and
 * progress. kernels/triad.c is the shortest real one, kernels/_skeleton.c the
 * one to copy. */
#ifndef TRIREME_KERNEL_H
#define TRIREME_KERNEL_H

#include <trireme/field.h>
#include <trireme/halo.h>
#include <trireme/option.h>
#include <trireme/random.h>
#include <trireme/redistribute.h>
#include <trireme/reduce.h>
#include <trireme/run.h>
#include <trireme/simd.h>
#include <trireme/work.h>

typedef struct trm_work {         /* what one rank does in some steps */
  double updates, flops;          /* a fused multiply-add is two */
  double read_bytes, write_bytes; /* compulsory memory traffic */
  double resident_bytes;
  double streamed_bytes; /* of write_bytes: past the caches */
  bool single;           /* most flops are of floats, not doubles */
  /* The contract: what this rank sends inside `advance`, counted as comm.h says,
   * e.g. .calls = {[TRM_ALLREDUCE] = steps}. What a checkpoint and the library's
   * own agreement send is left out. */
  int64_t messages, message_bytes;     /* payload only */
  int64_t calls[TRM_COLLECTIVE_COUNT]; /* of MPI's collectives, by kind */
  int64_t call_bytes[TRM_COLLECTIVE_COUNT];
} trm_work;

typedef struct trm_facts trm_facts;

typedef struct trm_span {
  int ranks, rank, threads;
  int64_t first, steps;
  const trm_facts *facts; /* for trm_fact_of; NULL: no run, no facts */
} trm_span;

/** State so many times this traffic, of this rank. Pure. See trm_halo_traffic,
 * trm_reduce_traffic. */
void trm_work_add_traffic(trm_work *, const trm_traffic *, int64_t times);

/** Store a named integer for `work`, which has no run and opens no file: what a
 * file holds that traffic or work depends on. Call it in `resolve`, or in `setup`
 * (then the check of the launch does without), with the same name and value on
 * all ranks in the same order: the run fails (exit 2) otherwise. A later value
 * replaces the one before. Results keep it in `facts`. Local.
 * \param name copied */
void trm_fact(trm_run *, const char *name, int64_t value);

/** A fact inside `work`. Estimates without a run (`job`, `study` before it
 * launches) have no facts and get `otherwise`: give what is typical, or most.
 * Pure. */
int64_t trm_fact_of(const trm_span *, const char *name, int64_t otherwise);

/** State, inside `advance`, what this rank sends in these steps beyond what
 * `work` states: for traffic that depends on data. All that is stated so adds
 * up. Local. */
void trm_state_traffic(trm_run *, const trm_traffic *);

typedef struct trm_verdict trm_verdict;

/** Compare what was got with what is wanted: passes if |got - want| <= tol (tol
 * 0: equal). All ranks say the same. Local. */
void trm_expect(trm_verdict *, const char *what, double got, double want,
                double tol);

/* A program checks its table of kernels before it runs anything: `summary`,
 * `setup` and `advance` are there; options fit into options_size, have names
 * that are none of the run's own (`help KERNEL` lists those) and defaults within
 * their limits. A fault is one line and exit status 2.
 *
 * A hook returns TRM_OK or a failure, TRM_EVERIFY to TRM_EFILE; `advance` also
 * what trm_ended returns. Anything else, on any rank, ends the run on all of
 * them with one line and exit status 2. */
typedef struct trm_kernel {
  const char *summary;             /* one line */
  const char *unit;                /* of an update: "cell"; NULL: "update" */
  const trm_option *options;       /* ends with TRM_OPT_END */
  size_t options_size, state_size; /* both handed over zeroed */
  double rtol;                     /* 0: same bits on any ranks x threads */
  double message_slack; /* 0: exactly what is stated is sent, each message,
                                  call and byte; else at most (1 + slack) times
                                  as much */

  /* Collective, in this order: resolve, setup, [fields read, restore],
   * advance..., verify, teardown; checkpoint between two advances, before
   * fields are written. */
  trm_status (*setup)(trm_run *, void *state, const void *options);
  /* Exactly so many steps, however they are cut; trm_ended(run, k): all ranks
   * stop after k of them (converged, factorised, nothing left). */
  trm_status (*advance)(trm_run *, void *state, int64_t steps);
  trm_status (*verify)(trm_run *, void *state, trm_verdict *);
  /* Pure: no run, no communication. May be NULL: 100 steps; an update is an
   * element of the first evolving field, flops and bytes are what the work
   * sites counted. */
  int64_t (*steps)(const void *options); /* to the end; -1: not known */
  void (*work)(const void *options, const trm_span *, trm_work *);
  /* Pure. The layout that `work` depends on, on so many ranks: `work` says the
   * same to ranks that own blocks of equal lengths, have neighbours that do,
   * along each axis, and are equally far from the ends of the grid, if that is
   * less than two places. So estimates for more than 4096 ranks ask one rank of
   * each such class, and are exact. NULL, for instance where work depends on
   * the global indices that a rank owns: they ask a sample of 4096. */
  void (*plan)(const void *options, int ranks, trm_plan *);
  /* May be NULL: declared fields are saved and restored without help. A kernel
   * that has no evolving field and keeps nothing has nothing to resume from: a
   * run with --checkpoint is refused then. */
  trm_status (*resolve)(trm_run *, void *options);  /* sizes that a file
                                                        decides */
  trm_status (*checkpoint)(trm_run *, void *state); /* bring fields up to
                                                        date */
  trm_status (*restore)(trm_run *, void *state);    /* rebuild what is
                                                        derived */
  void (*teardown)(trm_run *, void *state);         /* anything but memory */
} trm_kernel;

/* In the file NAME.c, one in a file: TRM_KERNEL(NAME) = {...}; CMake refuses
 * others. */
#define TRM_KERNEL(name) const trm_kernel trm_kernel_##name

typedef struct trm_listed {
  const char *name;
  const trm_kernel *kernel;
} trm_listed;
#define TRM_LISTED(name) \
  { #name, &trm_kernel_##name }
#define TRM_LIST_END \
  { NULL, NULL }

/** The whole program: `int main(int argc, char **argv) { return
 * trm_main(argc, argv, kernels); }`.  \param kernels ends with TRM_LIST_END
 * \return the exit status */
int trm_main(int argc, char **argv, const trm_listed *kernels);

/* -- input ----------------------------------------------------------------- */

typedef struct trm_dataset { /* what a file says of one of its datasets */
  int dims;
  int64_t n[TRM_DIMS];
  trm_type type; /* the nearest type of fields */
} trm_dataset;

/** Look at "FILE.h5:/dataset". Collective. Fails with TRM_EINPUT or TRM_EFILE
 * in one line: no such file, a directory, not HDF5, no such dataset, not
 * numbers, more than 4 dimensions. */
trm_status trm_dataset_look(trm_run *, const char *where, trm_dataset *);

/** Read a dataset into a field of the same shape, in parallel, whatever its
 * storage (contiguous, chunked, compressed) and number type. A digest stored by
 * Trireme is checked. Collective. */
trm_status trm_dataset_read(trm_run *, const char *where, trm_field *);

#endif
