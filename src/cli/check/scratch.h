/* The directory of a check. */
#ifndef TRM_CLI_CHECK_SCRATCH_H
#define TRM_CLI_CHECK_SCRATCH_H

#include "base/error.h"

/** Make the directory `given`, which must be new, or a temporary one: in $TMPDIR, or
 * in the current folder where a launcher may use other hosts. Local.
 * \param given, launcher NULL: none
 * \param dir absolute path; free with free() */
trm_status trm__cli_check_scratch_make(const char *given, const char *launcher,
                                       char **dir, trm__base_error *);

/** Remove a directory with all it contains. Local. */
void trm__cli_check_scratch_remove(const char *dir);

#endif
