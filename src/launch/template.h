/* The words of a launch, from a launcher template. */
#ifndef TRM_LAUNCH_TEMPLATE_H
#define TRM_LAUNCH_TEMPLATE_H

#include "base/error.h"

/** Return the template of launches, static text: the one given; for "slurm" `srun`; for
 * NULL `mpirun` of Open MPI, with ranks bound to cores of their own if ranks x threads
 * fit on `cores`, else unbound and oversubscribed. Pure.
 * \param cores 0: trm__launch_available_cores */
const char *trm__launch_template_on(int cores, const char *given, int ranks,
                                    int threads);
/** The same with trm__launch_available_cores. */
const char *trm__launch_template(const char *given, int ranks, int threads);

/** Return the words of a launch: the template split at blanks outside quotes, with {ranks},
 * {threads} and {command} replaced; without {command} the command is appended. Pure.
 * \return ends with NULL; free with trm__launch_words_free. NULL and an error: another
 * word in braces, or an unmatched quote */
char **trm__launch_words(const char *template, int ranks, int threads,
                         char *const command[], trm__base_error *);
void trm__launch_words_free(char **);
/** Return a word quoted for bash, on one line; free with free(). Pure. */
char *trm__launch_quoted(const char *word);
/** Return the words quoted for a shell, on one line; free with free(). Pure. */
char *trm__launch_words_line(char *const words[]);

#endif
