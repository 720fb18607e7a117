/* The reasons for what a job requests: comments at the head of its script. */
#ifndef TRM_CLI_JOB_REASONS_H
#define TRM_CLI_JOB_REASONS_H

#include "launch/script.h"
#include "run/setup/estimate.h"

typedef struct trm__cli_job_request { /* borrows all that it names */
  const trm__run_command *command;
  trm__launch_script script;
  trm__run_estimate estimate;
  trm__run_hosts host;
  double asked;           /* seconds, by the user; 0: --time auto */
  char *guessed;          /* why the time is only a default; owned; or NULL */
  const char *known_from; /* source of the data on hosts; NULL: none */
} trm__cli_job_request;

/** Add the reasons to the script. */
void trm__cli_job_explain(trm__cli_job_request *);
/** Free them. */
void trm__cli_job_clear(trm__cli_job_request *);

#endif
