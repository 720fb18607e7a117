#include "run/setup/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *word(const char *name) {
  const char *text = getenv(name);
  return text ? text : "";
}

/* For a task of an array ARRAY_TASK: its own number may be that of the array, by which
 * commands would address all tasks. */
static void find(trm__run_batch_job *b) {
  const char *array = word("SLURM_ARRAY_JOB_ID"),
             *task = word("SLURM_ARRAY_TASK_ID"), *lsf = word("LSB_JOBID"),
             *element = word("LSB_JOBINDEX");
  b->slurm = *word("SLURM_JOB_ID");
  if (b->slurm && *array && *task)
    snprintf(b->job, sizeof b->job, "%s_%s", array, task);
  else if (b->slurm)
    snprintf(b->job, sizeof b->job, "%s", word("SLURM_JOB_ID"));
  else if (*word("PBS_JOBID"))
    snprintf(b->job, sizeof b->job, "%s", word("PBS_JOBID"));
  else if (*lsf && *element && strcmp(element, "0"))
    snprintf(b->job, sizeof b->job, "%s[%s]", lsf, element);
  else
    snprintf(b->job, sizeof b->job, "%s", lsf);
}

trm__run_batch_job trm__run_batch_job_here(void) {
  trm__run_batch_job b = {"", "", false};
  find(&b);
  const char *chain = word("TRIREME_CHAIN");
  snprintf(b.chain, sizeof b.chain, "%s", *chain ? chain : b.job);
  return b;
}
