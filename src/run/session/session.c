#include "run/session/session.h"

#include <stdio.h>

#include "base/program.h"
#include "base/text.h"
#include "comm/run.h"
#include "run/session/hook.h"
#include "run/checkpoint/interval.h"

static const double PATIENCE = 3; /* seconds that a rank waits for the others */

static void explain(trm__run_session *s, trm_status status) {
  if (!s->run->own->error.text[0])
    trm_fail(s->run, status, "%s: %s", s->command->name,
             trm_status_text(status));
}

trm__run_watchdog *trm__run_hook_watch(trm__run_session *s, trm_status mine) {
  if (mine <= TRM_DONE) return NULL;
  explain(s, mine);
  char line[1100];
  snprintf(line, sizeof line, "%s: rank %d: %s", trm__base_program_name(),
           s->run->rank, trm_message(s->run));
  return trm__run_watchdog_start(PATIENCE, line, trm_status_exit(mine));
}

void trm__run_session_max(trm__run_session *s, double *values, int n) {
  trm_cause before = trm_comm_cause(s->control, TRM_FOR_CONTROL);
  trm_allreduce(s->control, values, n, TRM_F64, TRM_MAX);
  trm_comm_cause_end(s->control, before);
}

trm_status trm__run_hook(trm__run_session *s, const char *hook,
                         trm_status mine) {
  mine = trm__run_hook_status(s->run, s->command->name, hook, mine);
  double worst = mine;
  trm__run_watchdog *dog = trm__run_hook_watch(s, mine);
  trm__run_session_max(s, &worst,
                       1); /* after this all ranks have left the hook */
  trm__run_watchdog_stop(&dog);
  trm_status status = trm_agree(s->run, mine);
  if (status <= TRM_DONE)
    s->run->own->error.text[0] = 0; /* an error that was handled */
  return status;
}

double trm__run_slowest(trm_run *run, double value) {
  trm_cause before = trm_comm_cause(run->comm, TRM_FOR_CONTROL);
  trm_allreduce(run->comm, &value, 1, TRM_F64, TRM_MAX);
  trm_comm_cause_end(run->comm, before);
  return value;
}

double trm__run_session_mtbf(const trm__run_session *s) {
  double seconds;
  if (s->want->mtbf && trm__base_text_seconds(s->want->mtbf, &seconds))
    return seconds;
  return trm__run_interval_mtbf(s->run->own->hosts);
}

double trm__run_session_rate(const trm__run_session *s, const char **unit) {
  double steps = (double)(s->step - s->first), updates = s->work.updates;
  *unit = updates > 0 ? trm__run_command_unit(s->kernel) : "step";
  if (!(s->seconds.advance > 0) || !(steps > 0)) return 0;
  return (updates > 0 ? updates : steps) / s->seconds.advance;
}
