/* The launch: how ranks and threads are placed on the cores of their hosts, and
 * what else could spoil a run. Each rank collects facts; rank 0 gathers them
 * and a pure function checks them. */
#ifndef TRM_HOST_CHECKS_LAUNCH_H
#define TRM_HOST_CHECKS_LAUNCH_H

#include <stdbool.h>
#include <stdint.h>

#include "host/checks/topology.h"

struct trm_comm;

/* -- facts ----------------------------------------------------------------- */

enum { TRM__LIMITS = 8, TRM__DISKS = 5 };

typedef struct trm__host_limit { /* a control group that limits its processes */
  char group[128];               /* its path */
  bool cpu;                      /* of processors; else of memory */
  bool slurm;                    /* granted by Slurm: group is the variable */
  double limit, room;            /* cores or bytes; the part not yet in use */
} trm__host_limit;

typedef struct trm__host_disk { /* a file system that the run will write to */
  char path[256];               /* as the user named it */
  double copies;      /* of the resident state that go there, at most */
  bool checkpoints;   /* checkpoints go there */
  bool known, memory; /* memory: tmpfs, ramfs */
  uint64_t id;        /* of the file system */
  double size, free;  /* bytes available to the user */
} trm__host_disk;

typedef struct trm__host_facts { /* of one rank */
  int rank, host;                /* hosts are numbered by their lowest rank */
  char name[64];                 /* of the host */
  int threads;                   /* requested */
  int team;                      /* that OpenMP starts */
  bool placed;                   /* OpenMP binds each thread to a place */
  bool narrowed;             /* its places cover less than the rank may use */
  int level;                 /* thread support of MPI */
  char other_blas[32];       /* "MKL_NUM_THREADS=4": of another BLAS */
  bool known;                /* the cores below */
  trm__host_cpus host_cores; /* that such jobs may use on the host */
  trm__host_cpus rank_cores; /* that this rank may use */
  trm__host_cpus *thread_cores; /* owned; `team` sets */
  double resident_bytes;        /* that the rank will need; 0: not known */
  double free_bytes;            /* of the host; -1: not known */
  double address_room;          /* of the rank (ulimit -v); -1: unlimited */
  int limits;
  trm__host_limit limit[TRM__LIMITS];
  bool no_huge_pages;
  int disks; /* on rank 0 */
  trm__host_disk disk[TRM__DISKS];
  double clock; /* wall clock, seconds */
  double asked,
      answered;      /* on rank 0: its clock before and after all others' */
  double load;       /* runnable processes, mean of 1 min; -1: not known */
  char governor[24]; /* of the processor's frequency; "": not known */
} trm__host_facts;

typedef struct trm__host_launch { /* what a rank is started with */
  const char *root; /* before /proc and /sys: "", elsewhere in tests */
  const trm__host_topology *topology; /* NULL: not known */
  int threads;
  double resident_bytes; /* of this rank; 0: not known */
  int disks;
  trm__host_disk disk[TRM__DISKS]; /* path, copies, checkpoints */
} trm__host_launch;

/** Where /proc and /sys are: $TRM_SYSTEM_ROOT, for tests; else "". */
const char *trm__host_launch_root(void);

/** Collect the facts of this rank. Local. */
void trm__host_facts_find(const trm__host_launch *, trm__host_facts *);
void trm__host_facts_clear(trm__host_facts *);

/** Processors that this rank may use; false: not known. Local. */
bool trm__host_facts_cpus(trm__host_cpus *);
/** The cores of these processors; false: not known. Local. */
bool trm__host_facts_cores(const trm__host_topology *, trm__host_cpus *cores);

/** Gather the facts of all ranks on rank 0. Collective.
 * \param host number of this rank's host
 * \return as many as ranks, in their order; NULL elsewhere */
trm__host_facts *trm__host_facts_gather(const struct trm_comm *, int host,
                                        const trm__host_launch *);
void trm__host_facts_free(trm__host_facts **, int ranks);

/* -- system.c: files of the kernel ----------------------------------------- */

/** Limits of the control groups (versions 1 and 2) that this process is in. */
int trm__host_system_limits(const char *root, trm__host_limit[TRM__LIMITS]);
/** Bytes available without swapping; -1: not known. */
double trm__host_system_memory(const char *root);
/** Are transparent huge pages off altogether? */
bool trm__host_system_no_huge_pages(const char *root);
double trm__host_system_load(const char *root);
void trm__host_system_governor(const char *root, char *text, int size);

/* -- findings -------------------------------------------------------------- */

/* Warnings are printed at the start of each run, remarks only by `doctor`:
 *   name, whether it is a warning, what `doctor` prints if it does not apply */
#define TRM__FINDINGS(X)                                              \
  X(oversubscribed, true, "cores for all ranks x threads")            \
  X(core_shared_by_ranks, true, "no two ranks on one core")           \
  X(core_shared_by_threads, true, "no two threads bound to one core") \
  X(threads_without_core, true, "a core for each thread of a rank")   \
  X(threads_missing, true, "OpenMP starts the threads asked for")     \
  X(cpu_quota, true, "no quota of processor time below the threads")  \
  X(memory, true, "memory needed is allowed")                         \
  X(huge_pages_off, true, "transparent huge pages can be had")        \
  X(disk_full, true, "space on the disks")                            \
  X(disk_tmpfs, true, "checkpoints outlive a reboot")                 \
  X(clock_differs, true, "hosts have one time")                       \
  X(mpi_threads, true, "MPI supports threads")                        \
  X(unequal_hosts, false, "hosts are equal")                          \
  X(other_blas, false, "no other BLAS is told to start threads")      \
  X(loaded, false, "the hosts are quiet")                             \
  X(powersave, false, "processors run at full clock")

typedef enum trm__host_finding_code {
#define TRM__HOST_FINDING(name, warning, right) TRM__FINDING_##name,
  TRM__FINDINGS(TRM__HOST_FINDING)
#undef TRM__HOST_FINDING
      TRM__FINDING_COUNT
} trm__host_finding_code;

typedef struct trm__host_finding {
  trm__host_finding_code code;
  char *line;         /* owned: "ranks 0-1 on HOST: what; use this" */
  char *found, *want; /* owned: its two halves */
} trm__host_finding;

typedef struct trm__host_findings {
  int n, warnings;               /* n: with remarks; warnings come first */
  trm__host_finding *list;       /* owned; in the order of the codes */
  bool shared;                   /* some thread has no core of its own */
  bool made[TRM__FINDING_COUNT]; /* checked: the facts for it are known */
} trm__host_findings;

/** Check the facts of all ranks. Pure. */
void trm__host_launch_check(int ranks, const trm__host_facts[],
                            trm__host_findings *);
void trm__host_findings_clear(trm__host_findings *);

const char *trm__host_finding_name(trm__host_finding_code);
/** What `doctor` prints if the finding does not apply. */
const char *trm__host_finding_expected(trm__host_finding_code);
bool trm__host_finding_is_warning(trm__host_finding_code);

/* -- cores.c: threads and cores, matched ----------------------------------- */

typedef struct trm__host_core_group { /* threads with too few cores */
  trm__host_cpus cores;               /* all that they may use */
  int threads;
} trm__host_core_group;

/** Give as many threads as possible a core of their own. The others, with all
 * threads that they compete with, form core groups: no two groups share a core,
 * and no thread outside a group has to share one. Pure.
 * \param group the group of each thread, -1: none; n elements
 * \return number of groups; *groups is owned by the caller */
int trm__host_core_groups_find(int n, const trm__host_cpus *const threads[],
                               int group[], trm__host_core_group **groups);

#endif
