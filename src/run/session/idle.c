#include "run/session/idle.h"

#include <stdlib.h>

#include <trireme/field.h>

#include "array/state.h"
#include "base/memory.h"
#include "base/text.h"
#include "run/session/contract.h"

/* If all ranks are idle there is no work yet, for example particles that enter later. */
static trm__run_idle gather(trm_run *run, bool mine) {
  trm_cause before = trm_comm_cause(run->comm, TRM_FOR_CONTROL);
  int64_t n = mine,
          ends[] = {mine ? -run->rank : -run->ranks, mine ? run->rank : -1};
  trm_allreduce(run->comm, &n, 1, TRM_I64, TRM_SUM);
  trm_allreduce(run->comm, ends, 2, TRM_I64, TRM_MAX);
  trm_comm_cause_end(run->comm, before);
  return (trm__run_idle){n < run->ranks ? n : 0, -ends[0], ends[1]};
}

trm__run_idle trm__run_idle_fields(trm_run *run) {
  const trm__array_state *own = trm__array_state_of(run);
  int evolving = 0;
  bool owns = false;
  for (int i = 0; i < own->nfields; i++) {
    if (own->fields[i]->role != TRM_EVOLVING) continue;
    evolving++;
    owns = owns || own->fields[i]->layout->count > 0;
  }
  return gather(run, evolving > 0 && !owns);
}

trm__run_idle trm__run_idle_model(trm_run *run,
                                  const trm__run_command *command) {
  trm_span span = {run->ranks, run->rank, run->threads,
                   0,          1,         trm__run_contract_facts(run)};
  trm_work work = {.updates = 0};
  if (!command->kernel || !command->kernel->work)
    return (trm__run_idle){.n = 0};
  command->kernel->work(command->options->values, &span, &work);
  return gather(run, !(work.updates > 0));
}

/* "rank 3", "ranks 3 to 5", or where others lie between them "ranks from 3 to 9" */
static char *which(const trm__run_idle *idle) {
  if (idle->n == 1)
    return trm__base_format("rank %lld", (long long)idle->first);
  bool all = idle->n == idle->last - idle->first + 1;
  return trm__base_format("ranks %s%lld to %lld", all ? "" : "from ",
                          (long long)idle->first, (long long)idle->last);
}

char *trm__run_idle_text(const trm__run_idle *idle, int ranks) {
  if (idle->n < 1) return NULL;
  char *who = which(idle);
  char *text = trm__base_format(
      "%lld of %d ranks own nothing (%s); use a larger problem, or %s",
      (long long)idle->n, ranks, who,
      trm__base_text_count(ranks - idle->n, "rank").s);
  free(who);
  return text;
}
