/* The measurement of a machine: its subjects, how they take turns, what is kept.
 *
 * All ranks go through the subjects together. A figure is measured as many short
 * pieces, and the kinds of pieces take turns, so that the drift of a shared
 * machine hits all alike. Who has nothing to do sleeps. */
#ifndef TRM_MEASURE_MACHINE_MACHINE_H
#define TRM_MEASURE_MACHINE_MACHINE_H

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

typedef enum trm__subject {
#define TRM__SUBJECT(id, name, share) TRM__ON_##id,
  TRM__SUBJECTS(TRM__SUBJECT)
#undef TRM__SUBJECT
      TRM__SUBJECT_COUNT
} trm__subject;

const char *trm__subject_name(trm__subject);

/** Read "memory,cache" as bits 1 << subject; NULL: all. Fails with TRM_EOPTION. */
trm_status trm__plan_read(const char *only, unsigned *wanted, trm__error *);

/** Seconds for a subject, of those that are left for it and those after it. Pure. */
double trm__plan_share(unsigned wanted, trm__subject, double left);

/* -- figures --------------------------------------------------------------- */

typedef enum trm__better { TRM__HIGHER, TRM__LOWER } trm__better;

/* What each host has of its own, and hosts are compared by. */
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

typedef struct trm__figure_row {
  const char *name, *unit, *words;
  trm__better better;
  size_t offset; /* of the figure in trm_machine */
} trm__figure_row;

enum {
#define TRM__ONE(member, better, unit, words) +1
  TRM__FIGURE_COUNT = 0 TRM__FIGURES(TRM__ONE)
#undef TRM__ONE
};
extern const trm__figure_row trm__figure_rows[TRM__FIGURE_COUNT];

/** The figure of a row. */
trm_figure *trm__figure_in(trm_machine *, int row);

typedef struct trm__series { /* zero-initialised */
  double *value;             /* owned */
  int n, capacity;
} trm__series;

/** Keep a sample; what is not positive and finite is none. */
void trm__series_add(trm__series *, double);
void trm__series_clear(trm__series *);
/** Best, median, spread; sorts the samples. Zeros when there are none. */
trm_figure trm__series_figure(trm__series *, trm__better);

/* -- the file -------------------------------------------------------------- */

typedef struct trm__host { /* a host's own figures */
  char name[64];
  trm_figure figure[TRM__FIGURE_COUNT];
} trm__host;

typedef struct trm__machine_file {
  trm_machine machine;
  trm__host *host; /* owned: machine.hosts of them */
} trm__machine_file;

/** One of which nothing is known. Pure. */
trm_machine trm__machine_unknown(void);

cJSON *trm__machine_json(const trm__machine_file *);
/** Read it from JSON that something else carries; false: it is no machine file. */
bool trm__machine_parse(const cJSON *, trm__machine_file *);
trm_status trm__machine_read(const char *path, trm__machine_file *,
                             trm__error *);
void trm__machine_clear(trm__machine_file *);

/** Make the directories above a file; where that fails, writing does too. */
void trm__machine_make_way(const char *path);
/** Can this file be written? Fails with TRM_EFILE. */
trm_status trm__machine_may_write(const char *path, trm__error *);
/** Write aside, then rename. Fails with TRM_EFILE. */
trm_status trm__machine_write(const char *path, const trm__machine_file *,
                              trm__error *);

/** Where machine files are looked for; free with free(). */
char *trm__machine_directory(void);
/** The name of a new file there; free with free(). */
char *trm__machine_path(const trm_machine *);
/** Read the file of this class in a directory that tells most: the newest of a
 * launch on all cores, else the newest. Broken ones are ignored
 * with a word on stderr.  \return false: none */
bool trm__machine_best(const char *directory, const char *node_class,
                       trm__machine_file *);

/** Fill in processor, memory, MPI and the class that follows from them. */
void trm__classify(trm_machine *);
/** The same from texts: of /proc/cpuinfo and /proc/meminfo, and of
 * MPI_Get_library_version. Pure. */
void trm__classify_texts(const char *cpuinfo, const char *meminfo,
                         const char *mpi, int cores, trm_machine *);

/* -- which host is slow ---------------------------------------------------- */

typedef struct trm__slow {
  int host, figure;
  double percent;      /* slower than the others, or than before */
  double value, other; /* medians */
  bool before;         /* than in an earlier file */
} trm__slow;

/** Hosts that are slower than the others: a median worse than the median of the
 * other hosts' by more than 5 %, than the spread of either, and than three robust
 * standard deviations (1.4826 MAD) of the others. Pure.  \return their number */
int trm__slow_hosts(int hosts, const trm__host[], trm__slow *, int capacity);

/** The same against an earlier file: a host against itself, else against the
 * median of the hosts there. Pure. */
int trm__slow_since(int hosts, const trm__host[], int earlier_hosts,
                    const trm__host earlier[], trm__slow *, int capacity);

/* -- fits ------------------------------------------------------------------ */

typedef struct trm__line {
  double at_zero, slope, fit; /* fit: R^2 of the relative residuals */
  int used;                   /* points that are no outliers */
} trm__line;

/** Fit y = at_zero + slope x, relative errors counting alike. Robust: points that
 * are far off the line with the least absolute residuals are left out. Pure.
 * \param y positive */
trm__line trm__line_fit(int n, const double x[], const double y[]);

typedef struct trm__prtt { /* of messages of one size, seconds */
  int64_t bytes;
  double round_trip;    /* PRTT(1, 0, s) */
  double stream;        /* (PRTT(n, 0, s) - PRTT(1, 0, s)) / (n - 1) */
  double send, receive; /* o_s and o_r */
} trm__prtt;

/** LogGP from such times (T. Hoefler et al., Low-Overhead LogGP Parameter
 * Assessment for Modern Interconnection Networks, 2007); fit 0: fewer than 3
 * sizes. Pure. */
trm_loggp trm__loggp_fit(int n, const trm__prtt[]);

/** Largest size for which `eager` is true, by bisection: true first, then false.
 * \return 0: false at `from` already; -1: true at `to` still */
int64_t trm__eager_search(int64_t from, int64_t to,
                          bool (*eager)(int64_t bytes, void *), void *);

/** Where a curve of message times is best cut into two lines: the largest size of
 * the first; -1: one line is about as good. Pure. */
int64_t trm__curve_switch(int n, const int64_t bytes[], const double seconds[]);

/* -- turns ----------------------------------------------------------------- */

typedef struct trm__stage {
  trm_run *run;
  const trm_comm *host; /* ranks of this host */
  int host_index, hosts;
  bool leader; /* lowest rank of its host */
  bool quick;
  double until;         /* when this subject should be over: rank 0's trm_now */
  double cache, caches; /* bytes: of one last-level cache, of all of a host */
  bool pinned;          /* by us, for the time of the measurement */
  cpu_set_t *mask;      /* threads: as it was before */
  trm_machine *machine; /* of this host; complete on its leader */
  uint64_t sink;        /* what loops computed, so that they had to */
} trm__stage;

/** Look at the launch, pin threads where nobody did; put it back. Collective. */
void trm__stage_open(trm__stage *, trm_run *, trm_machine *);
void trm__stage_close(trm__stage *);

/** One more round? Collective: at least 3, then as long as time is left. */
bool trm__turn(const trm__stage *, int rounds);

/** Work on one core of each host while the host's other ranks sleep, or on all
 * ranks x threads of the host together. Collective over the host.
 * \param piece called with the number of threads to work on
 * \return seconds of the slowest; one: 0 but on the leader */
typedef void trm__piece(trm__stage *, void *what, int threads);
double trm__one(trm__stage *, trm__piece *, void *what);
double trm__all(trm__stage *, trm__piece *, void *what);

/** Sleep until rank `from` calls the same. Collective over the communicator. */
void trm__wait_asleep(const trm_comm *, int from);

/* -- the subjects: Collective ---------------------------------------------- */

trm_status trm__measure_memory(trm__stage *);
trm_status trm__measure_cache(trm__stage *);
trm_status trm__measure_flops(trm__stage *);
trm_status trm__measure_network(trm__stage *);
trm_status trm__measure_disk(trm__stage *, const char *directory);
trm_status trm__measure_noise(trm__stage *);

/** May test files be made in this directory? Fails with TRM_EFILE. Local. */
trm_status trm__disk_may_write(const char *directory, trm__error *);

/* -- sweeps over memory: also for benchmarks ------------------------------- */

typedef enum trm__sweep_kind {
  TRM__READ,
  TRM__COPY,
  TRM__COPY_STREAM,
  TRM__TRIAD,
  TRM__TRIAD_STREAM,
  TRM__SWEEPS
} trm__sweep_kind;

enum { TRM__SWEEP_BLOCK = 64 }; /* doubles: lengths are multiples of it */

typedef struct trm__arrays {
  double *a, *b, *c;
  int64_t n;     /* elements of this rank when all work */
  int64_t alone; /* of the leader when it works alone */
  int64_t now;   /* of the next sweep: one of these */
  trm__sweep_kind kind;
} trm__arrays;

/** Bytes an element, counted as STREAM does. Pure. */
double trm__sweep_bytes(trm__sweep_kind);

/** Arrays of `bytes` each on all ranks of the host together, filled. */
trm_status trm__arrays_new(trm__stage *, double bytes, double alone,
                           trm__arrays *);
/** Sweep `now` elements once: a piece. */
void trm__arrays_sweep(trm__stage *, void *arrays, int threads);
/** Do the arrays hold what they must after a copy and a triad of each kind? */
trm_status trm__arrays_check(trm__stage *, trm__arrays *);

/** Read n 64-byte blocks; returns what they come to. */
uint64_t trm__read_blocks(const void *, int64_t blocks);

/** Flops of one such loop of fused multiply-adds, and the loop. */
double trm__fma_f64(int64_t times, double *result);
double trm__fma_f32(int64_t times, double *result);

/* -- the whole ------------------------------------------------------------- */

typedef struct trm__machine_plan {
  double seconds;
  bool quick;
  unsigned wanted;       /* subjects */
  const char *directory; /* of the disk test; NULL: none */
} trm__machine_plan;

/** Measure. Collective; the file is complete on rank 0. */
trm_status trm__machine_measure(trm_run *, const trm__machine_plan *,
                                trm__machine_file *);

/** Print for people. \param earlier NULL: none */
void trm__machine_print(FILE *, const trm__machine_file *,
                        const trm__machine_file *earlier);

#endif
