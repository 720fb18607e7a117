/* What `help` prints. */
#ifndef TRM_CLI_HELP_HELP_H
#define TRM_CLI_HELP_HELP_H

#include "cli/command.h"

/** Print help on what the words name; without words on all.
 * \return the exit status */
int trm__cli_help_print(const trm__cli *);

#endif
