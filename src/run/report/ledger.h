/* The ledger and the timeline of a run. */
#ifndef TRM_RUN_REPORT_LEDGER_H
#define TRM_RUN_REPORT_LEDGER_H

#include "run/session/session.h"

/** Refuse a --trace that cannot be written. Collective. */
trm_status trm__run_ledger_check(trm__run_session *);
/** Open the account of the ledger. Before the first step. Collective. */
void trm__run_ledger_open(trm__run_session *);
/** Make the ledger, and the timeline of --trace. After the last step.
 * Collective. Fails with TRM_EFILE. */
trm_status trm__run_ledger_make(trm__run_session *);
/** Compute the balance of work between ranks. After the total work is known.
 * Collective. */
void trm__run_ledger_balance(trm__run_session *);
/** Add `ledger` and `meter` to a result. Local. */
void trm__run_ledger_add(const trm__run_session *, cJSON *);

#endif
