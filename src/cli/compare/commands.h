/* Comparing two commands. */
#ifndef TRM_CLI_COMPARE_COMMANDS_H
#define TRM_CLI_COMPARE_COMMANDS_H

#include "cli/compare/output.h"

/** Launch both in pairs: print the comparison, append the JSON line. *alarm: B is
 * slower than the gate allows. Fail with an error. */
trm_status trm__cli_compare_commands(const trm__cli_comparison *, bool *alarm,
                                     trm__base_error *);

#endif
