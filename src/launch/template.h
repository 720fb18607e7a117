/* The words of a launch, from a launcher template. */
#ifndef TRM_LAUNCH_TEMPLATE_H
#define TRM_LAUNCH_TEMPLATE_H

#include "base/error.h"

/** Template of launches where none is given: `mpirun` of Open MPI with ranks bound to
 * cores of their own while ranks x threads fit on so many cores, unbound and
 * oversubscribed beyond; "slurm" stands for `srun`. Static text.
 * \param cores 0: trm__launch_available_cores */
const char *trm__launch_template_on(int cores, const char *given, int ranks,
                                    int threads);
/** The same on trm__launch_available_cores. */
const char *trm__launch_template(const char *given, int ranks, int threads);

/** Words of a launch: {ranks}, {threads} and {command} replaced, split at blanks with
 * quotes honoured; without {command} the command's words follow. NULL and an error:
 * a brace that is none of these, a quote that does not end.
 * \return ends with NULL; free with trm__launch_words_free */
char **trm__launch_words(const char *template, int ranks, int threads,
                         char *const command[], trm__base_error *);
void trm__launch_words_free(char **);
/** A word as bash reads it back, in one line; free with free(). */
char *trm__launch_quoted(const char *word);
/** The words in a line that a shell reads back as these; free with free(). */
char *trm__launch_words_line(char *const words[]);

#endif
