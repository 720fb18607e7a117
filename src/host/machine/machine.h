/* The measurement of a machine: its subjects, their order, and the results.
 *
 * All ranks go through the subjects together. A figure is measured in many
 * short pieces. Pieces of different kinds are interleaved, so that drift of a
 * shared machine affects all alike. Idle ranks sleep. */
#ifndef TRM_HOST_MACHINE_MACHINE_H
#define TRM_HOST_MACHINE_MACHINE_H

#include <cjson/cJSON.h>
#include <sched.h>
#include <stdio.h>

#include <trireme/machine.h>
#include <trireme/run.h>

#include "base/error.h"
#include "base/quantile.h"

/* -- subjects, and how they share the time --------------------------------- */

#define TRM__SUBJECTS(X) /* share of the time */ \
  X(MEMORY, "memory", 0.25)                      \
  X(CACHE, "cache", 0.20)                        \
  X(FLOPS, "flops", 0.15)                        \
  X(NETWORK, "network", 0.20)                    \
  X(DISK, "disk", 0.10)                          \
  X(NOISE, "noise", 0.10)

typedef enum trm__host_subject {
#define TRM__SUBJECT(id, name, share) TRM__ON_##id,
  TRM__SUBJECTS(TRM__SUBJECT)
#undef TRM__SUBJECT
      TRM__SUBJECT_COUNT
} trm__host_subject;

const char *trm__host_subject_name(trm__host_subject);

/** Parse "memory,cache" into bits 1 << subject; NULL: all. Fails with
 * TRM_EOPTION. */
trm_status trm__host_plan_read(const char *only, unsigned *wanted,
                               trm__base_error *);

/** Seconds for a subject, out of `left` for it and the later ones. Pure. */
double trm__host_plan_share(unsigned wanted, trm__host_subject, double left);

/* -- figures --------------------------------------------------------------- */

typedef enum trm__host_better { TRM__HIGHER, TRM__LOWER } trm__host_better;

/* Figures of each host, by which hosts are compared. */
#define TRM__FIGURES(X)                               \
  X(read.one, HIGHER, "B/s", "read")                  \
  X(read.all, HIGHER, "B/s", "read")                  \
  X(copy.one, HIGHER, "B/s", "copy, plain")           \
  X(copy.all, HIGHER, "B/s", "copy, plain")           \
  X(copy_stream.one, HIGHER, "B/s", "copy, stream")   \
  X(copy_stream.all, HIGHER, "B/s", "copy, stream")   \
  X(triad.one, HIGHER, "B/s", "triad, plain")         \
  X(triad.all, HIGHER, "B/s", "triad, plain")         \
  X(triad_stream.one, HIGHER, "B/s", "triad, stream") \
  X(triad_stream.all, HIGHER, "B/s", "triad, stream") \
  X(fma_f64.one, HIGHER, "flop/s", "fma, double")     \
  X(fma_f64.all, HIGHER, "flop/s", "fma, double")     \
  X(fma_f32.one, HIGHER, "flop/s", "fma, float")      \
  X(fma_f32.all, HIGHER, "flop/s", "fma, float")      \
  X(dgemm.one, HIGHER, "flop/s", "dgemm")             \
  X(dgemm.all, HIGHER, "flop/s", "dgemm")             \
  X(latency, LOWER, "s", "memory latency")            \
  X(disk_write, HIGHER, "B/s", "disk write")          \
  X(disk_read, HIGHER, "B/s", "disk read")            \
  X(undisturbed, HIGHER, "", "undisturbed")           \
  X(link_latency, LOWER, "s", "link latency")         \
  X(link_bandwidth, HIGHER, "B/s", "link bandwidth")

typedef struct trm__host_figure_row {
  const char *name, *unit, *words;
  trm__host_better better;
  size_t offset; /* of the figure in trm_machine */
} trm__host_figure_row;

enum {
#define TRM__ONE(member, better, unit, words) +1
  TRM__FIGURE_COUNT = 0 TRM__FIGURES(TRM__ONE)
#undef TRM__ONE
};
extern const trm__host_figure_row trm__host_figure_rows[TRM__FIGURE_COUNT];

/** The figure of a row. */
trm_figure *trm__host_figure_in(trm_machine *, int row);

typedef struct trm__host_samples { /* zero-initialised */
  double *value;                   /* owned */
  int n, capacity;
} trm__host_samples;

/** Keep a sample; it is ignored unless positive and finite. */
void trm__host_samples_add(trm__host_samples *, double);
void trm__host_samples_clear(trm__host_samples *);
/** Compute best, median and spread; sorts the samples. Zeros if there are
 * none. */
trm_figure trm__host_samples_figure(trm__host_samples *, trm__host_better);

/* -- the file -------------------------------------------------------------- */

typedef struct trm__host_node { /* a host's own figures */
  char name[64];
  trm_figure figure[TRM__FIGURE_COUNT];
} trm__host_node;

typedef struct trm__host_machine_file {
  trm_machine machine;
  trm__host_node *host; /* owned: machine.hosts of them */
} trm__host_machine_file;

/** Return a machine with no known figures. Pure. */
trm_machine trm__host_machine_unknown(void);

cJSON *trm__host_machine_json(const trm__host_machine_file *);
/** Read it from JSON; false: not a machine file. */
bool trm__host_machine_parse(const cJSON *, trm__host_machine_file *);
trm_status trm__host_machine_read(const char *path, trm__host_machine_file *,
                                  trm__base_error *);
void trm__host_machine_clear(trm__host_machine_file *);

/** Create the directories above a file; if that fails, writing fails later. */
void trm__host_machine_make_way(const char *path);
/** Can this file be written? Fails with TRM_EFILE. */
trm_status trm__host_machine_may_write(const char *path, trm__base_error *);
/** Write to a temporary file, then rename. Fails with TRM_EFILE. */
trm_status trm__host_machine_write(const char *path,
                                   const trm__host_machine_file *,
                                   trm__base_error *);

/** The directory of machine files; free with free(). In the current directory if
 * neither TRIREME_MACHINES, XDG_DATA_HOME nor HOME is set: files are found there,
 * but `machine` writes none. */
char *trm__host_machine_directory(void);
/** Is that directory the user's choice or in their home? */
bool trm__host_machine_has_place(void);
/** The name of a new file there; free with free(). */
char *trm__host_machine_path(const trm_machine *);
/** Read the best file of this class in a directory: the newest of a launch on
 * all cores, else the newest. Broken files are ignored with a line on stderr.
 * \return false: none */
bool trm__host_machine_best(const char *directory, const char *node_class,
                            trm__host_machine_file *);

/** Fill in processor, memory, MPI and the class that follows from them. */
void trm__host_classify(trm_machine *);
/** The same from texts: of /proc/cpuinfo and /proc/meminfo, and of
 * MPI_Get_library_version. Pure. */
void trm__host_classify_texts(const char *cpuinfo, const char *meminfo,
                              const char *mpi, int cores, trm_machine *);

/* -- which host is slow ---------------------------------------------------- */

typedef struct trm__host_slow_hosts_state {
  int host, figure;
  double percent;      /* by which it is slower than the others, or before */
  double value, other; /* medians */
  bool before;         /* than in an earlier file */
} trm__host_slow_hosts_state;

/** Hosts that are slower than the others: a median worse than the median of the
 * other hosts' by more than 5 %, than the spread of either, and than three
 * robust standard deviations (1.4826 MAD) of the others. Pure.  \return their
 * number */
int trm__host_slow_hosts(int hosts, const trm__host_node[],
                         trm__host_slow_hosts_state *, int capacity);

/** The same against an earlier file: a host against itself, else against the
 * median of the hosts there. Pure. */
int trm__host_slow_since(int hosts, const trm__host_node[], int earlier_hosts,
                         const trm__host_node earlier[],
                         trm__host_slow_hosts_state *, int capacity);

/* -- fits ------------------------------------------------------------------ */

typedef struct trm__host_fitted_line {
  double at_zero, slope, fit; /* fit: R^2 of the relative residuals */
  int used;                   /* points that are no outliers */
} trm__host_fitted_line;

/** Fit y = at_zero + slope x, relative errors counting alike. Robust: points
 * that are far off the line with the least absolute residuals are left out.
 * Pure.
 * \param y positive */
trm__host_fitted_line trm__host_line_fit(int n, const double x[],
                                         const double y[]);

typedef struct trm__host_prtt { /* of messages of one size, seconds */
  int64_t bytes;
  double round_trip;    /* PRTT(1, 0, s) */
  double stream;        /* (PRTT(n, 0, s) - PRTT(1, 0, s)) / (n - 1) */
  double send, receive; /* o_s and o_r */
} trm__host_prtt;

/** LogGP from such times (T. Hoefler et al., Low-Overhead LogGP Parameter
 * Assessment for Modern Interconnection Networks, 2007); fit 0: fewer than 3
 * sizes. Pure. */
trm_loggp trm__host_loggp_fit(int n, const trm__host_prtt[]);

/** Largest size for which `eager` is true, by bisection: true first, then
 * false.
 * \return 0: false at `from` already; -1: true at `to` still */
int64_t trm__host_eager_search(int64_t from, int64_t to,
                               bool (*eager)(int64_t bytes, void *), void *);

/** Where a curve of message times is best cut into two lines: the largest size
 * of the first; -1: one line is about as good. Pure. */
int64_t trm__host_curve_switch(int n, const int64_t bytes[],
                               const double seconds[]);

/* -- turns ----------------------------------------------------------------- */

typedef struct trm__host_stage {
  trm_run *run;
  const trm_comm *host; /* ranks of this host */
  int host_index, hosts;
  bool leader; /* lowest rank of its host */
  bool quick;
  double until;         /* when this subject should be over: rank 0's trm_now */
  double cache, caches; /* bytes: of one last-level cache, of all of a host */
  bool pinned;          /* by us, during the measurement */
  cpu_set_t *mask;      /* threads: as it was before */
  trm_machine *machine; /* of this host; complete on its leader */
  uint64_t sink; /* results of loops, so that they are not optimised away */
} trm__host_stage;

/** Inspect the launch and pin threads unless they are pinned; restore it.
 * Collective. */
void trm__host_stage_open(trm__host_stage *, trm_run *, trm_machine *);
void trm__host_stage_close(trm__host_stage *);

/** One more round? At least 3, then while time is left. Collective. */
bool trm__host_turn(const trm__host_stage *, int rounds);

/** Work on one core of each host while the host's other ranks sleep, or on all
 * ranks x threads of the host together. Collective over the host.
 * \param piece called with the number of threads to work on
 * \return seconds of the slowest; one: 0 but on the leader */
typedef void trm__host_piece(trm__host_stage *, void *what, int threads);
double trm__host_one(trm__host_stage *, trm__host_piece *, void *what);
double trm__host_all(trm__host_stage *, trm__host_piece *, void *what);

/** Sleep until rank `from` calls the same. Collective over the communicator. */
void trm__host_wait_asleep(const trm_comm *, int from);

/* -- the subjects: Collective ---------------------------------------------- */

trm_status trm__host_measure_memory(trm__host_stage *);
trm_status trm__host_measure_cache(trm__host_stage *);
trm_status trm__host_measure_flops(trm__host_stage *);
trm_status trm__host_measure_network(trm__host_stage *);
trm_status trm__host_measure_disk(trm__host_stage *, const char *directory);
trm_status trm__host_measure_noise(trm__host_stage *);

/** Can test files be created in this directory? Fails with TRM_EFILE. Local. */
trm_status trm__host_disk_may_write(const char *directory, trm__base_error *);

/* -- sweeps over memory: also for benchmarks ------------------------------- */

typedef enum trm__host_sweep_kind {
  TRM__READ,
  TRM__COPY,
  TRM__COPY_STREAM,
  TRM__TRIAD,
  TRM__TRIAD_STREAM,
  TRM__SWEEPS
} trm__host_sweep_kind;

enum { TRM__SWEEP_BLOCK = 64 }; /* doubles: lengths are multiples of it */

typedef struct trm__host_arrays {
  double *a, *b, *c;
  int64_t n;     /* elements of this rank when all work */
  int64_t alone; /* of the leader when it works alone */
  int64_t now;   /* of the next sweep: one of these */
  trm__host_sweep_kind kind;
} trm__host_arrays;

/** Bytes per element, counted as STREAM does. Pure. */
double trm__host_sweep_bytes(trm__host_sweep_kind);

/** Arrays of `bytes` each on all ranks of the host together, filled. */
trm_status trm__host_arrays_new(trm__host_stage *, double bytes, double alone,
                                trm__host_arrays *);
/** Sweep `now` elements once: a piece. */
void trm__host_arrays_sweep(trm__host_stage *, void *arrays, int threads);
/** Check the arrays after a copy and a triad of each kind. */
trm_status trm__host_arrays_check(trm__host_stage *, trm__host_arrays *);

/** Read 64-byte blocks; returns their sum. */
uint64_t trm__host_read_blocks(const void *, int64_t blocks);

/** Flops of one such loop of fused multiply-adds, and the loop. */
double trm__host_fma_f64(int64_t times, double *result);
double trm__host_fma_f32(int64_t times, double *result);

/* -- the whole ------------------------------------------------------------- */

typedef struct trm__host_machine_plan {
  double seconds;
  bool quick;
  unsigned wanted;       /* subjects */
  const char *directory; /* of the disk test; NULL: none */
} trm__host_machine_plan;

/** Measure. Collective; the file is complete on rank 0. */
trm_status trm__host_machine_measure(trm_run *, const trm__host_machine_plan *,
                                     trm__host_machine_file *);

/** Print as text. \param earlier NULL: none */
void trm__host_machine_print(FILE *, const trm__host_machine_file *,
                             const trm__host_machine_file *earlier);

#endif
