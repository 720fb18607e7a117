/* Subcommands of the driver, and their arguments. */
#ifndef TRM_CLI_COMMAND_H
#define TRM_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

/* Of <trireme/kernel.h>, which includes MPI's header. */
struct trm_listed;
struct trm_option;

typedef struct trm__cli trm__cli;

typedef struct trm__cli_command {
  const char *name, *words, *help;
  int (*call)(const trm__cli *); /* returns the exit status */
  /* prints what {WORD} on a line of its help text stands for, such as
   * "options"; NULL: there is none */
  void (*explain)(const char *word);
  bool
      reads_table; /* check the kernels before the call; `run` and `doctor` check
                       them after MPI has started */
} trm__cli_command;

struct trm__cli {
  const struct trm_listed *kernels;
  const trm__cli_command *const *commands; /* all of them; ends with NULL */
  int argc;                                /* words after the subcommand */
  char **argv;
  char **whole; /* argv of main */
};

/** Find a subcommand by its name; NULL: there is none. Pure. */
const trm__cli_command *trm__cli_command_find(const trm__cli *,
                                              const char *name);

/** Check the table of kernels; rank 0 reports an error. Local.
 * \return exit status: 0, or 2 */
int trm__cli_check_table(const trm__cli *, int rank);

/** Print a table of options for the help. */
void trm__cli_print_options(const struct trm_option *table, size_t struct_size);

/** Print a usage error on stderr. Local.  \return 2 */
int trm__cli_usage(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

#endif
