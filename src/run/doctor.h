/* The launch of a run, judged before its first step. */
#ifndef TRM_RUN_DOCTOR_H
#define TRM_RUN_DOCTOR_H

#include "measure/launch/launch.h"
#include "run/run.h"

/** Threads of each rank: those asked for, else the cores that the ranks of a host
 * may use, shared among them. Collective. */
int trm__doctor_threads(const trm__common *, const trm_comm *);

/** Find what is wrong with the launch; the facts and findings are on rank 0.
 * Collective.  \param command without a kernel: needs are not known
 * \return facts of all ranks; NULL elsewhere */
trm__facts *trm__doctor_look(trm_run *, const trm__command *, trm__findings *);

/** Say the warnings on stderr. Local. */
void trm__doctor_say(const trm__findings *);

#endif
