/* Kernels: the interface for kernel authors.
 *
 * A kernel is one file. It gets options and help, runs on any number of ranks,
 * checkpoint and resume on a different number of ranks, verification and
 * progress reports. kernels/triad.c is the shortest complete kernel; copy
 * kernels/_skeleton.c to start your own. */
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

#ifdef __cplusplus
extern "C" {
#endif

typedef struct trm_work {         /* what one rank does in a span of steps */
  double updates, flops;          /* a fused multiply-add counts 2 */
  double read_bytes, write_bytes; /* compulsory memory traffic */
  double resident_bytes;
  double streamed_bytes; /* part of write_bytes that bypasses the caches */
  bool single;           /* most flops are single precision */
  /* The communication contract: what this rank sends inside `advance`, counted
   * as comm.h says, e.g. .calls = {[TRM_ALLREDUCE] = steps}. Exclude what
   * checkpoints and the library's own agreement send. */
  int64_t messages, message_bytes;     /* payload only */
  int64_t calls[TRM_COLLECTIVE_COUNT]; /* MPI's collectives, by kind */
  int64_t call_bytes[TRM_COLLECTIVE_COUNT];
} trm_work;

typedef struct trm_facts trm_facts;

typedef struct trm_span {
  int ranks, rank, threads;
  int64_t first, steps;
  const trm_facts *facts; /* for trm_fact_of; NULL: no run */
} trm_span;

/** Add `times` times the traffic of this rank to the statement. Pure. See
 * trm_halo_traffic and trm_reduce_traffic. */
void trm_work_add_traffic(trm_work *, const trm_traffic *, int64_t times);

/** Store a named integer for `work`, which has no run and opens no file: a
 * property of an input file that traffic or work depends on. Call it in
 * `resolve`, or in `setup` (the launch check then runs without it), with the
 * same names and values in the same order on all ranks; otherwise the run fails
 * with exit status 2. A later value replaces the earlier one. Results store it
 * in `facts`. Local.
 * \param name copied */
void trm_fact(trm_run *, const char *name, int64_t value);

/** Read a fact inside `work`. Estimates without a run (`job`, and `study`
 * before it launches) have no facts and get `otherwise`: pass a typical or a
 * maximum value. Pure. */
int64_t trm_fact_of(const trm_span *, const char *name, int64_t otherwise);

/** State, inside `advance`, what this rank sends in these steps in addition to
 * what `work` states: for traffic that depends on data. Several statements add
 * up. Local. */
void trm_state_traffic(trm_run *, const trm_traffic *);

typedef struct trm_verdict trm_verdict;

/** Compare a result with its expected value: passes if |got - expected| <= tol
 * (tol 0: equal). All ranks pass the same values. Local. */
void trm_expect(trm_verdict *, const char *what, double got, double expected,
                double tol);

/* The program checks its kernel table before it runs anything: `summary`,
 * `setup` and `advance` are set; options fit into options_size, differ from the
 * options that every run has (`help KERNEL` lists them), and have defaults
 * within their limits. An error is one line and exit status 2.
 *
 * A hook returns TRM_OK or a failure, TRM_EVERIFY to TRM_EFILE; `advance` may
 * also return what trm_ended returns. Anything else, on any rank, ends the run
 * on all ranks with one line and exit status 2. */
typedef struct trm_kernel {
  /* sizeof(trm_kernel) where the kernel was compiled. Members beyond it read as
   * zero, so a program compiled with older headers works with a newer library.
   * Leave it out: C++ sets it, and in C it is then 0 and TRM_LISTED states it.
   * A kernel and the table that lists it are compiled with the same headers. */
  size_t size
#ifdef __cplusplus
      = sizeof(trm_kernel)
#endif
      ;
  const char *summary;       /* one line */
  const char *unit;          /* what an update is: "cell"; NULL: "update" */
  const trm_option *options; /* ends with TRM_OPT_END */
  size_t options_size, state_size; /* both passed zeroed */
  double rtol; /* 0: results are bit-identical on any ranks x threads */
  /* 0: traffic must match the statement exactly; else at most (1 + slack) times
   * the stated messages, calls and bytes */
  double message_slack;

  /* Collective, called in this order: resolve, setup, [fields are read,
   * restore], advance..., verify, teardown. checkpoint is called between two
   * calls of advance, before fields are written. */
  trm_status (*setup)(trm_run *, void *state, const void *options);
  /* Advance exactly `steps` steps; results must not depend on how calls split
   * them. Return trm_ended(run, k) to stop all ranks after k of them
   * (converged, factorised, nothing left). */
  trm_status (*advance)(trm_run *, void *state, int64_t steps);
  trm_status (*verify)(trm_run *, void *state, trm_verdict *);
  /* Pure: no run, no communication. May be NULL; the defaults are 100 steps,
   * one update per element of the first evolving field, and the flops and bytes
   * that the work sites counted. */
  int64_t (*steps)(const void *options); /* to the end; -1: unknown */
  void (*work)(const void *options, const trm_span *, trm_work *);
  /* Pure. The layout that `work` depends on, for a given number of ranks.
   * `work` must give the same result for ranks that own blocks of equal
   * lengths, whose neighbours along each axis do too, and that are equally far
   * from the ends of the grid (2 or more places count as equal). Estimates for
   * more than 4096 ranks then call `work` for one rank of each such class and
   * are exact. If NULL (for instance because work depends on the global indices
   * that a rank owns), they use a sample of 4096 ranks. */
  void (*plan)(const void *options, int ranks, trm_plan *);
  /* May be NULL: declared fields are checkpointed and restored automatically. A
   * kernel without an evolving field or kept array has nothing to resume from,
   * and --checkpoint is refused. */
  /* Set sizes that depend on an input file. */
  trm_status (*resolve)(trm_run *, void *options);
  /* Bring fields up to date. */
  trm_status (*checkpoint)(trm_run *, void *state);
  /* Rebuild derived data. */
  trm_status (*restore)(trm_run *, void *state);
  /* Release anything but memory. */
  void (*teardown)(trm_run *, void *state);
} trm_kernel;

/* Define a kernel in the file NAME.c or NAME.cpp, one per file:
 * TRM_KERNEL(NAME) = {...}; CMake rejects other names. In C++20, designators
 * must be in the order of the members, here and in TRM_OPT. */
#ifdef __cplusplus
#define TRM_KERNEL(name)                     \
  extern "C" {                               \
  extern const trm_kernel trm_kernel_##name; \
  }                                          \
  const trm_kernel trm_kernel_##name
#else
#define TRM_KERNEL(name) const trm_kernel trm_kernel_##name
#endif

/* A row of a program's table. TRM_LISTED(NAME) is the kernel of
 * TRM_KERNEL(NAME). Neither macro is needed: fill a trm_kernel, with its size,
 * and write the row {"name", &kernel, 0}. */
typedef struct trm_listed {
  const char *name;
  const trm_kernel *kernel;
  size_t size; /* of the kernel, if its own size is 0 */
} trm_listed;
#define TRM_LISTED(name) \
  { #name, &trm_kernel_##name, sizeof(trm_kernel) }
#define TRM_LIST_END \
  { NULL, NULL, 0 }

/** Run a program with these kernels: `int main(int argc, char **argv) { return
 * trm_main(argc, argv, kernels); }`.
 * \param kernels ends with TRM_LIST_END
 * \return the exit status */
int trm_main(int argc, char **argv, const trm_listed *kernels);

/* -- input ----------------------------------------------------------------- */

typedef struct trm_dataset { /* shape and type of a dataset in a file */
  int dims;
  int64_t n[TRM_DIMS];
  trm_type type; /* the closest field type */
} trm_dataset;

/** Read shape and type of "FILE.h5:/dataset". Collective. Fails with TRM_EINPUT
 * or TRM_EFILE and one line: no such file, a directory, not HDF5, not closed by
 * its writer, no such dataset, not numbers, more than 4 dimensions, a missing
 * filter; values that lie in other files (external links, raw files, virtual
 * datasets) which are missing or too short. Booleans are 0 and 1; records
 * {r, i} and {real, imag} are complex. */
trm_status trm_dataset_look(trm_run *, const char *where, trm_dataset *);

/** Read a dataset into a field of the same shape, in parallel, from any storage
 * (contiguous, chunked, compressed, in other files) and number type. Collective.
 *
 * The values are those of the CF conventions: number x scale_factor +
 * add_offset; `_Unsigned` is respected. Missing cells (_FillValue,
 * missing_value, outside of valid_min, valid_max or valid_range), NaN and
 * infinite values are refused; `--input-fill X` gives missing cells and NaN a
 * value. Values that the field's type cannot hold are refused. A digest that
 * Trireme stored is checked. Fails with TRM_EINPUT or TRM_EFILE. */
trm_status trm_dataset_read(trm_run *, const char *where, trm_field *);

#ifdef __cplusplus
}
#endif

#endif
