/* An estimate of hosts, memory and time of a run, from the kernel's work model and the
 * machine file. Pure. */
#ifndef TRM_RUN_SETUP_ESTIMATE_H
#define TRM_RUN_SETUP_ESTIMATE_H

#include "meter/roofline.h"
#include "run/setup/command.h"

/* Added to the model's memory of a rank: MPI, HDF5 and the meter's log (100 to 150 MiB
 * were measured), and buffers for messages and files. */
static const double TRM__ESTIMATE_PROGRAM = 256 << 20, TRM__ESTIMATE_MORE = 1.2;
/* Kernels reach at least a third of their ceiling; seconds to start and end a job. */
static const double TRM__ESTIMATE_SLOWER = 3, TRM__ESTIMATE_ENDS = 60;

typedef struct trm__run_hosts { /* of a host, for jobs; 0: unknown */
  int cores;
  double memory; /* bytes */
} trm__run_hosts;

typedef struct trm__run_estimate {
  int ranks, threads;
  int hosts, per_host; /* ranks per host; 0: unknown */
  int sampled; /* ranks evaluated, if these are only a sample of those that may
                        differ; else 0 */
  double resident;   /* bytes of the largest rank by the model; 0: no model */
  double memory;     /* bytes per rank to request */
  int64_t steps;     /* -1: not known */
  double imbalance;  /* updates of the busiest rank / mean */
  double attainable; /* seconds at the ceilings; 0: unknown */
  trm__meter_roof roof; /* the one that binds */
  double seconds;       /* of the job; 0: unknown */
} trm__run_estimate;

/** Estimate a command on the given ranks x threads.  \param machine NULL: unknown */
trm__run_estimate trm__run_estimate_of(const trm__run_command *, int ranks,
                                       int threads, const trm__run_hosts *,
                                       const trm_machine *machine);

#endif
