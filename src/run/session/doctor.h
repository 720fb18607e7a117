/* The launch of a run, judged before its first step. */
#ifndef TRM_RUN_SESSION_DOCTOR_H
#define TRM_RUN_SESSION_DOCTOR_H

#include "host/checks/launch.h"
#include "run/session/session.h"

/** Threads of each rank: those asked for, else the cores that the ranks of a host
 * may use, shared among them. Collective. */
int trm__run_doctor_threads(const trm__run_common *, const trm__host_topology *,
                            const trm_comm *);

/** Find what is wrong with the launch; the facts and findings are on rank 0.
 * Collective.  \param command without a kernel: needs are not known
 * \return facts of all ranks; NULL elsewhere */
trm__host_facts *trm__run_doctor_check(trm_run *, const trm__run_command *,
                                       const trm__host_topology *,
                                       trm__host_findings *);

/** Say the warnings on stderr. Local. */
void trm__run_doctor_warn(const trm__host_findings *);

/** Say what is wrong with the launch, a line each, and label the result; with
 * --strict that is an error. After resolve. Collective. */
trm_status trm__run_doctor(trm__run_session *);

#endif
