/* Words of a subcommand: options apart from names of files. */
#ifndef TRM_CLI_WORDS_H
#define TRM_CLI_WORDS_H

#include <stdbool.h>

#include "cli/command.h"

typedef struct trm__cli_words {
  char **option, **path; /* the arrays are owned */
  int noptions, npaths;
} trm__cli_words;

/** Sort the words; -o is --output. The word behind an option is its value.
 * \param flag name of an option that takes none: "keep"; NULL: there is none
 * \return free with trm__cli_words_clear */
trm__cli_words trm__cli_words_sort(const trm__cli *, const char *flag);
void trm__cli_words_clear(trm__cli_words *);

/** Is --help or -h among them? */
bool trm__cli_wants_help(const trm__cli *);

#endif
