/* The program's own name: `trireme`, or that of a user's program with its own
 * kernels. */
#ifndef TRM_BASE_PROGRAM_H
#define TRM_BASE_PROGRAM_H

/** Return the name as called, "build/trireme" or "./mine": for commands that
 * users copy. Local. */
const char *trm__base_program_path(void);

/** Return the name without the directory: for prose and error messages. Local.
 */
const char *trm__base_program_name(void);

#endif
