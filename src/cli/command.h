/* Subcommands of the driver: what each one is, and what it gets. */
#ifndef TRM_CLI_COMMAND_H
#define TRM_CLI_COMMAND_H

#include <stdbool.h>

/* Of <trireme/kernel.h>, which includes MPI's header. */
struct trm_listed;

typedef struct trm__cli trm__cli;

typedef struct trm__cli_command {
  const char *name, *words, *help;
  int (*call)(const trm__cli *); /* returns the exit status */
  void (*explain)(void);         /* prints its options; NULL: it has none */
  bool reads_table; /* the kernels are checked before it is called; `run` and
                       `doctor` do it once one rank can speak */
} trm__cli_command;

struct trm__cli {
  const struct trm_listed *kernels;
  const trm__cli_command *const *commands; /* all of them; ends with NULL */
  int argc;                                /* what follows the subcommand */
  char **argv;
  char **whole; /* the words of the whole command, as main had them */
};

/** The subcommand of this name; NULL: there is none. */
const trm__cli_command *trm__cli_command_find(const trm__cli *,
                                              const char *name);

/** Check the table of kernels; a fault is said on rank 0. Local.
 * \return exit status: 0, or 2 */
int trm__cli_check_table(const trm__cli *, int rank);

/** Say on stderr what is wrong with the words given; returns 2. */
int trm__cli_usage(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

#endif
