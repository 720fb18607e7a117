/* Promises about results: right, the same on any ranks x threads, however steps are
 * cut, and with the traffic that the kernel states. */
#ifndef TRM_CLI_CHECK_RESULTS_H
#define TRM_CLI_CHECK_RESULTS_H

#include "cli/check/subject.h"

/** Launch the reference, which gives the number of steps, and record it with
 * checkpoints. Local. Fails where the reference has no result. */
trm_status trm__cli_check_reference(trm__cli_check_subject *);

/** Launch all shapes, and print the lines `verified`, `same bits` and `cut steps`. */
void trm__cli_check_results(trm__cli_check_subject *);

/** Print the line `traffic` from the results of all shapes. */
void trm__cli_check_traffic(trm__cli_check_subject *);

#endif
