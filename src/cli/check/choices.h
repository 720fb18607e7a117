/* Promises about other ways to the same answer: each choice of an option, and a debug
 * build of the program. */
#ifndef TRM_CLI_CHECK_CHOICES_H
#define TRM_CLI_CHECK_CHOICES_H

#include "cli/check/subject.h"

/** Compare each choice of each option with the first, the reference; print the line
 * `choices`. */
void trm__cli_check_choices(trm__cli_check_subject *);

/** Launch a debug build, which fills halos with NaN before each exchange; print the
 * line `NaN halos`.  \param program NULL: there is none */
void trm__cli_check_debug(trm__cli_check_subject *, const char *program);

#endif
