/* Words of a subcommand: options apart from names of files. */
#ifndef TRM_CLI_WORDS_H
#define TRM_CLI_WORDS_H

#include <stdbool.h>

#include "cli/cli.h"

typedef struct trm__words {
  char **option, **path; /* the arrays are owned */
  int noptions, npaths;
} trm__words;

/** Sort the words; -o is --output. The word behind an option is its value.
 * \param flag name of an option that takes none: "keep"; NULL: there is none
 * \return free with trm__words_clear */
trm__words trm__words_sort(const trm__cli *, const char *flag);
void trm__words_clear(trm__words *);

/** Is --help or -h among them? */
bool trm__wants_help(const trm__cli *);

#endif
