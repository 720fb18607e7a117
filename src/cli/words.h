/* The words of a subcommand, sorted into options and file names. */
#ifndef TRM_CLI_WORDS_H
#define TRM_CLI_WORDS_H

#include <stdbool.h>

#include "cli/command.h"

typedef struct trm__cli_words {
  char **option, **path; /* the arrays are owned */
  int noptions, npaths;
} trm__cli_words;

/** Sort the words; -o becomes --output. The word after an option is its value.
 * \param flag an option without a value, such as "keep"; NULL: there is none
 * \return free with trm__cli_words_clear */
trm__cli_words trm__cli_words_sort(const trm__cli *, const char *flag);
void trm__cli_words_clear(trm__cli_words *);

/** Tell whether --help or -h was given. */
bool trm__cli_wants_help(const trm__cli *);

#endif
