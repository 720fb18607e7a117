/* Text files that CMake embeds (trireme_add_lines, trireme_add_texts). */
#ifndef TRM_BASE_LINES_H
#define TRM_BASE_LINES_H

#include <stdio.h>

typedef struct trm__base_lines { /* one file of a folder */
  const char *name;              /* without .txt; NULL ends a table */
  const char *const *line;       /* without newlines; ends with NULL */
} trm__base_lines;

/** Find a file in a table by its name; NULL: there is none. Pure. */
const trm__base_lines *trm__base_lines_find(const trm__base_lines *,
                                            const char *name);

/** Print lines, each with a newline. */
void trm__base_lines_print(FILE *, const char *const *line);

#endif
