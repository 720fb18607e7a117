/* Where two recorded runs part: the first step at which their checkpoints differ. */
#ifndef TRM_CLI_CHECK_DIFFER_H
#define TRM_CLI_CHECK_DIFFER_H

#include <stdbool.h>
#include <stdint.h>

/** Compare two directories of checkpoints step by step. Local.
 * \param last compare only the last step that both have
 * \param step set to the step, where it is not NULL
 * \return `field "u" differs at step 3 in 2 of 9 elements, the first (0, 1), ...`;
 * NULL: they do not differ, or have no step in common. Free with free(). */
char *trm__cli_check_difference(const char *a, const char *b, bool last,
                                int64_t *step);

#endif
