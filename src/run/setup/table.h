/* The table of kernels, checked before anything is run. */
#ifndef TRM_RUN_SETUP_TABLE_H
#define TRM_RUN_SETUP_TABLE_H

#include <trireme/kernel.h>

#include "base/error.h"

/** Check every kernel of a table with its options: what is missing, what does not
 * fit together, what would hide an option of the run. Fails with TRM_EUSAGE and
 * one line about the first fault. Pure. */
trm_status trm__run_table_check(const trm_listed *kernels, trm__base_error *);

#endif
