/* Comparing two studies. */
#ifndef TRM_CLI_COMPARE_STUDIES_H
#define TRM_CLI_COMPARE_STUDIES_H

#include "cli/compare/output.h"

/** Compare their points: print it, append the JSON line. *alarm: B is slower than the
 * gate allows. Fail with an error. */
trm_status trm__cli_compare_studies(const trm__cli_comparison *, bool *alarm,
                                    trm__base_error *);

#endif
