/* Checks of the launch of a run, before its first step. */
#ifndef TRM_RUN_SESSION_DOCTOR_H
#define TRM_RUN_SESSION_DOCTOR_H

#include "host/checks/launch.h"
#include "run/session/session.h"

/** Return the threads of each rank: as requested, else the cores that the ranks of a
 * host may use divided by these ranks. Collective. */
int trm__run_doctor_threads(const trm__run_common *, const trm__host_topology *,
                            const trm_comm *);

/** Find problems of the launch; facts and findings are on rank 0. Collective.
 * \param command without a kernel: its requirements are unknown
 * \return on rank 0 facts of all ranks; NULL elsewhere */
trm__host_facts *trm__run_doctor_check(trm_run *, const trm__run_command *,
                                       const trm__host_topology *,
                                       trm__host_findings *);

/** Print the warnings on stderr. Local. */
void trm__run_doctor_warn(const trm__host_findings *);

/** Report problems of the launch, one line each, and label the result. After resolve.
 * Collective. With --strict fails with TRM_EOPTION. */
trm_status trm__run_doctor(trm__run_session *);

#endif
