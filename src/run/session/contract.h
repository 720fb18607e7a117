/* The contract of a kernel: what it states that each rank sends inside `advance`,
 * by its work model and at run time, against what was counted there. */
#ifndef TRM_RUN_SESSION_CONTRACT_H
#define TRM_RUN_SESSION_CONTRACT_H

#include <cjson/cJSON.h>
#include <trireme/kernel.h>

typedef struct trm__run_contract { /* stated against counted */
  bool stated;                     /* the kernel states something at all */
  trm_traffic mine, sent;          /* of this rank: stated; counted */
  trm_traffic all_mine,
      all_sent;   /* sums over all ranks, after the comparison */
  int64_t differ; /* ranks whose counts differ */
} trm__run_contract;

/** Return what `trm_fact` stored. Local. */
const trm_facts *trm__run_contract_facts(const trm_run *);

/** Fail with TRM_EINPUT unless all ranks have the same facts. Collective. */
trm_status trm__run_contract_check_facts(trm_run *, const char *kernel);

/** Return what this rank has sent for the kernel so far, without messages and calls of
 * checkpoints and control. Local. */
trm_traffic trm__run_contract_sent(const trm_run *);

/** Add up what the model states and what was stated at run time. Local.
 * \param work NULL: the kernel has no model */
void trm__run_contract_state(const trm_run *, const trm_work *work,
                             trm__run_contract *);

/** Compare stated and counted traffic on each rank, and add up. Collective.
 * \param slack 0: must be equal; else at most (1 + slack) times the stated */
void trm__run_contract_compare(trm_run *, double slack, trm__run_contract *);

/** Return a line that says how they differ, or what was sent where nothing is stated;
 * free with free(). NULL: they agree. Pure. */
char *trm__run_contract_say(const trm__run_contract *, int ranks);

/** Add `stated` and `counted` to a result. Local. */
void trm__run_contract_add(const trm__run_contract *, cJSON *);
/** Add `facts` to a result. Local. */
void trm__run_contract_add_facts(const trm_run *, cJSON *);

#endif
