#include "base/lines.h"

#include <string.h>

const trm__base_lines *trm__base_lines_find(const trm__base_lines *table,
                                            const char *name) {
  for (; table->name; table++)
    if (!strcmp(table->name, name)) return table;
  return NULL;
}

void trm__base_lines_print(FILE *to, const char *const *line) {
  for (; *line; line++) fprintf(to, "%s\n", *line);
}
