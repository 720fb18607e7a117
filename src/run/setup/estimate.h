/* What a run needs of a machine, before it is run: hosts, memory and time, from the
 * kernel's work model and what the machine gives. Pure. */
#ifndef TRM_RUN_SETUP_ESTIMATE_H
#define TRM_RUN_SETUP_ESTIMATE_H

#include "meter/roofline.h"
#include "run/setup/command.h"

/* Beyond what the model states for a rank: MPI, HDF5 and the meter's log, which were
 * seen to take 100 to 150 MiB, and room for messages and files. */
static const double TRM__ESTIMATE_PROGRAM = 256 << 20, TRM__ESTIMATE_MORE = 1.2;
/* Kernels reach a third of their ceiling or more; a job starts and ends. */
static const double TRM__ESTIMATE_SLOWER = 3, TRM__ESTIMATE_ENDS = 60;

typedef struct trm__run_hosts { /* what a host has for jobs; 0: not known */
  int cores;
  double memory; /* bytes */
} trm__run_hosts;

typedef struct trm__run_estimate {
  int ranks, threads;
  int hosts, per_host; /* ranks of a host; 0: not known */
  int sampled;       /* ranks that the model was asked for, if these are only a
                            sample of those that may differ; else 0 */
  double resident;   /* bytes of the largest rank by the model; 0: no model */
  double memory;     /* bytes of a rank, with room */
  int64_t steps;     /* -1: not known */
  double imbalance;  /* updates of the busiest rank / mean */
  double attainable; /* seconds that the ceilings allow; 0: not known */
  trm__meter_roof roof; /* the one that binds */
  double seconds;       /* of the job; 0: not known */
} trm__run_estimate;

/** Work out what a command needs on so many ranks x threads.
 * \param machine NULL: not known */
trm__run_estimate trm__run_estimate_of(const trm__run_command *, int ranks,
                                       int threads, const trm__run_hosts *,
                                       const trm_machine *machine);

#endif
