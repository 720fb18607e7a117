/* The program's own name: `trireme`, or that of a user's program with kernels of
 * its own. */
#ifndef TRM_BASE_PROGRAM_H
#define TRM_BASE_PROGRAM_H

/** As it was called, "build/trireme" or "./mine": for commands that are to be
 * pasted. Local. */
const char *trm__base_program_path(void);

/** The same without the directory: for prose, and before error messages.
 * Local. */
const char *trm__base_program_name(void);

#endif
