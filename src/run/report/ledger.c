/* The ledger of a run: made after its steps, printed and written with its result. */
#include "run/report/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/program.h"
#include "comm/run.h"

trm_status trm__run_ledger_check(trm__run_session *s) {
  if (s->want->trace && !s->want->meter)
    return trm_fail(s->run, TRM_EOPTION,
                    "--trace=%s: there is no timeline without the meter; leave "
                    "out --no-meter",
                    s->want->trace);
  return trm__store_output_check(s->run, "--trace", s->want->trace, true);
}

void trm__run_ledger_open(trm__run_session *s) {
  if (s->want->meter) s->opening = trm__meter_account_open(s->run);
}

trm_status trm__run_ledger_make(trm__run_session *s) {
  trm__meter_trace *trace = NULL;
  if (!s->want->meter) return TRM_OK;
  if (s->want->trace) {
    char *title = trm__base_format("%s run %s", trm__base_program_name(),
                                   s->command->name);
    trace = trm__meter_trace_new(s->run, s->want->trace, title);
    free(title);
  }
  trm__meter_account_make(s->run, &s->opening, trace, &s->account);
  return trm__meter_trace_close(s->run, &trace, s->step - s->first);
}

void trm__run_ledger_balance(trm__run_session *s) {
  trm_run *run = s->run;
  if (!s->want->meter) return;
  trm__meter_portion mine = {
      .useful = run->own->meter->spent.useful / run->threads,
      .updates = s->updates,
      .counted = s->site_flops};
  double flops = trm__run_slowest(run, mine.counted); /* of any rank */
  if (!(flops > 0)) mine.counted = s->site_bytes;
  trm__meter_portion *all = trm__base_calloc((size_t)run->ranks, sizeof *all);
  trm_cause before = trm_comm_cause(run->comm, TRM_FOR_CONTROL);
  trm_allgather(run->comm, &mine, sizeof mine, all);
  trm_comm_cause_end(run->comm, before);
  s->balance = trm__meter_balance_of(run->ranks, all);
  free(all);
}

void trm__run_ledger_add(const trm__run_session *s, cJSON *json) {
  if (s->want->meter) {
    cJSON_AddItemToObject(json, "ledger",
                          trm__meter_ledger_json(&s->account.ledger));
    cJSON *meter = trm__meter_account_json(&s->account);
    cJSON_AddItemToObject(meter, "balance",
                          trm__meter_balance_json(&s->balance));
    cJSON_AddItemToObject(json, "meter", meter);
  } else {
    cJSON_AddNullToObject(json, "ledger");
    cJSON_AddNullToObject(json, "meter");
  }
}
