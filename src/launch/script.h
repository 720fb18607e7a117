/* Batch scripts: what a job requests, and what it runs. */
#ifndef TRM_LAUNCH_SCRIPT_H
#define TRM_LAUNCH_SCRIPT_H

#include <trireme/option.h>

#define TRM__LAUNCH_BATCHES(X) \
  X(SLURM, "slurm")            \
  X(PBS, "pbs")                \
  X(LSF, "lsf")
typedef enum trm__launch_batch {
#define TRM__LAUNCH_BATCH(name, text) TRM__LAUNCH_BATCH_##name,
  TRM__LAUNCH_BATCHES(TRM__LAUNCH_BATCH)
#undef TRM__LAUNCH_BATCH
} trm__launch_batch;

typedef struct trm__launch_site { /* of a site file: name = value */
  const char *partition, *account, *modules, *directive;
  const char *max_time, *machine;
  double memory; /* of a host, GiB */
  int cores;     /* of a host */
  int launcher;  /* 0: auto, srun, mpirun */
} trm__launch_site;
extern const trm_option trm__launch_site_table[];

typedef struct trm__launch_reason { /* a line of comments at the head */
  const char *label;
  char *text; /* without control characters */
} trm__launch_reason;
enum { TRM__LAUNCH_REASONS = 5 };

typedef struct trm__launch_script { /* borrows all that it names */
  trm__launch_batch batch;
  const trm__launch_site *site;
  const char *name; /* of the job: the kernel */
  const char
      *checkpoint; /* directory of a run that may be resumed; NULL: none */
  int ranks, threads;
  int hosts, per_host; /* ranks of a host; 0: left to the batch system */
  double memory;       /* of a rank, bytes; 0: left to the site */
  double time;         /* seconds to request */
  double most;         /* time limit of the site, seconds; INFINITY: none */
  char **word;         /* options of the run; ends with NULL */
  char **whole;        /* argv of the driver, for the head */
  const char *driver;  /* path */
  int reasons;
  trm__launch_reason reason[TRM__LAUNCH_REASONS];
} trm__launch_script;

/** Print the script on stdout. */
void trm__launch_script_print(const trm__launch_script *);

/* jobs/lib.sh, line by line, ends with NULL. */
extern const char *const trm__launch_job_lib[];

#endif
