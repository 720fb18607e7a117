/* What `trireme job` prints, and the batch systems it prints it for. */
#ifndef TRM_CLI_JOB_H
#define TRM_CLI_JOB_H

#include "run/estimate.h"

#define TRM__BATCHES(X) \
  X(SLURM, "slurm")     \
  X(PBS, "pbs")         \
  X(LSF, "lsf")
typedef enum trm__batch {
#define TRM__BATCH(name, text) TRM__BATCH_##name,
  TRM__BATCHES(TRM__BATCH)
#undef TRM__BATCH
} trm__batch;

typedef struct trm__site { /* of a site file: name = value */
  const char *partition, *account, *modules, *directive;
  const char *max_time, *machine;
  double memory; /* of a host, GiB */
  int cores;     /* of a host */
  int launcher;  /* 0: auto, srun, mpirun */
} trm__site;

typedef struct trm__job { /* borrows all that it names */
  trm__batch batch;
  const trm__run_command *command;
  const trm__site *site;
  trm__run_estimate need;
  trm__run_hosts host;
  double time;            /* seconds to ask for */
  double most;            /* that a job may have; INFINITY */
  double asked;           /* by the user; 0: --time auto */
  char **word;            /* options of the run; ends with NULL */
  char **whole;           /* as it was called, for the head */
  const char *known_from; /* what says how hosts are; NULL: nothing does */
  const char *driver;     /* path */
} trm__job;

/** Print the script on stdout. */
void trm__job_print(const trm__job *);

/* jobs/lib.sh, line by line, ends with NULL. */
extern const char *const trm__job_lib[];

#endif
