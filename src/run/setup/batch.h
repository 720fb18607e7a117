/* The batch job that this process belongs to, from its environment. */
#ifndef TRM_RUN_SETUP_BATCH_H
#define TRM_RUN_SETUP_BATCH_H

#include <stdbool.h>

typedef struct trm__run_batch_job {
  char
      job[128]; /* Slurm's, PBS's or LSF's, with the index of an array, as their
                      commands take it; "": none */
  char chain[128]; /* its attempt: jobs that a script submits after one another
                      (TRIREME_CHAIN) and one that is requeued are one; what somebody
                      submits again, with more memory perhaps, is another */
  bool slurm;
} trm__run_batch_job;

/** Look it up. Local. */
trm__run_batch_job trm__run_batch_job_here(void);

#endif
