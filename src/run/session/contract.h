/* The contract of a kernel: what it states that each rank sends inside `advance`,
 * by its work model and at run time, against what was counted there. */
#ifndef TRM_RUN_SESSION_CONTRACT_H
#define TRM_RUN_SESSION_CONTRACT_H

#include <cjson/cJSON.h>
#include <trireme/kernel.h>

typedef struct trm__run_contract { /* stated against counted */
  bool stated;                     /* the kernel states something at all */
  trm_traffic mine, sent;          /* of this rank: stated; counted */
  trm_traffic all_mine, all_sent;  /* of all ranks, once they are compared */
  int64_t differ;                  /* ranks that sent something else */
} trm__run_contract;

/** What `trm_fact` stored. Local. */
const trm_facts *trm__run_contract_facts(const trm_run *);

/** Fail with TRM_EINPUT unless all ranks have the same facts. Collective. */
trm_status trm__run_contract_check_facts(trm_run *, const char *kernel);

/** What this rank has sent for the kernel so far: messages and calls that are
 * neither a checkpoint's nor control. Local. */
trm_traffic trm__run_contract_sent(const trm_run *);

/** What the model states, with what was stated at run time. Local.
 * \param work NULL: the kernel has no model */
void trm__run_contract_state(const trm_run *, const trm_work *work,
                             trm__run_contract *);

/** Compare on each rank and add up. Collective.
 * \param slack 0: exactly; else at most (1 + slack) times as much */
void trm__run_contract_compare(trm_run *, double slack, trm__run_contract *);

/** The line that says how they differ; free with free(). NULL: they do not, or
 * nothing is stated. */
char *trm__run_contract_say(const trm__run_contract *, int ranks);

/** Add `stated` and `counted` to a result. */
void trm__run_contract_add(const trm__run_contract *, cJSON *);
/** Add `facts`. */
void trm__run_contract_add_facts(const trm_run *, cJSON *);

#endif
