/* The batch job that this process belongs to, from its environment. */
#ifndef TRM_RUN_SETUP_BATCH_H
#define TRM_RUN_SETUP_BATCH_H

#include <stdbool.h>

typedef struct trm__run_batch_job {
  char job
      [128]; /* of Slurm, PBS or LSF, with the index of an array task, as their
                   commands take it; "": none */
  char chain
      [128]; /* TRIREME_CHAIN, else the job: equal for a requeued job and the
                      successors that a script submits; a job submitted by hand begins
                      another chain */
  bool slurm;
} trm__run_batch_job;

/** Read the environment. Local. */
trm__run_batch_job trm__run_batch_job_here(void);

#endif
