/* The promise that a run which was stopped or killed resumes on other ranks with the
 * undisturbed bits. */
#ifndef TRM_CLI_CHECK_RESUME_H
#define TRM_CLI_CHECK_RESUME_H

#include "cli/check/subject.h"

/** Launch one run in legs: stopped by SIGUSR1, killed by SIGKILL twice, each time
 * resumed on other ranks; print the line `resume`. */
void trm__cli_check_resume(trm__cli_check_subject *);

#endif
