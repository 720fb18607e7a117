/* What `help` prints. */
#ifndef TRM_CLI_HELP_HELP_H
#define TRM_CLI_HELP_HELP_H

#include "cli/command.h"

/** Print help on the kernel, command or topic given; without words an overview.
 * \return the exit status */
int trm__cli_help_print(const trm__cli *);

/** Print help on one subcommand.
 * \return 0, the exit status */
int trm__cli_help_command(const trm__cli_command *);

#endif
