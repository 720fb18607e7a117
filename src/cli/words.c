#include "cli/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static bool takes_value(const char *word, const char *flag) {
  const char *name = word + strspn(word, "-");
  if (strchr(word, '=')) return false;
  if (!strncmp(name, "no-", 3)) name += 3;
  return !flag || strcmp(name, flag);
}

trm__cli_words trm__cli_words_sort(const trm__cli *cli, const char *flag) {
  size_t n = (size_t)cli->argc + 1;
  trm__cli_words w = {trm__base_calloc(n, sizeof(char *)),
                      trm__base_calloc(n, sizeof(char *)), 0, 0};
  for (int i = 0; i < cli->argc; i++) {
    char *word = cli->argv[i];
    if (!strcmp(word, "-o")) word = "--output";
    if (word[0] != '-' || !word[1]) {
      w.path[w.npaths++] = word;
      continue;
    }
    w.option[w.noptions++] = word;
    if (takes_value(word, flag) && i + 1 < cli->argc)
      w.option[w.noptions++] = cli->argv[++i];
  }
  return w;
}

void trm__cli_words_clear(trm__cli_words *w) {
  free(w->option);
  free(w->path);
}

bool trm__cli_wants_help(const trm__cli *cli) {
  for (int i = 0; i < cli->argc; i++)
    if (!strcmp(cli->argv[i], "--help") || !strcmp(cli->argv[i], "-h"))
      return true;
  return false;
}
