/* Checks of the table of kernels. */
#ifndef TRM_RUN_SETUP_TABLE_H
#define TRM_RUN_SETUP_TABLE_H

#include <trireme/kernel.h>

#include "base/error.h"

/** Check every kernel of a table and its options: missing members, contradictions,
 * options that would hide one of the run. Pure. Fails with TRM_EUSAGE and one line
 * about the first error. */
trm_status trm__run_table_check(const trm_listed *kernels, trm__base_error *);

/** Copy a table and its kernels. Members that a kernel compiled with older headers
 * does not have are zero. Free with free(). Pure. */
trm_listed *trm__run_table_copy(const trm_listed *kernels);

#endif
