#include "run/session/told.h"

#include <stdlib.h>
#include <string.h>

#include "comm/run.h"

static void drop(trm_run *run, void *what) {
  (void)run;
  free(((trm__run_told *)what)->gauges);
}

trm__run_told *trm__run_told_of(const trm_run *run) {
  static const trm__comm_floor floor = {sizeof(trm__run_told), drop};
  return trm__comm_state(run, &floor);
}

void trm_gauge(trm_run *run, const char *name, double value) {
  trm__run_told *told = trm__run_told_of(run);
  int i = 0;
  while (i < told->ngauges && strcmp(told->gauges[i].name, name)) i++;
  if (i == told->ngauges)
    told->gauges = trm__base_grow(told->gauges, (size_t)++told->ngauges,
                                  sizeof *told->gauges);
  told->gauges[i] = (trm__run_gauge){name, value};
}

trm_status trm_ended(trm_run *run, int64_t steps) {
  trm__run_told_of(run)->ended = steps;
  return TRM_DONE;
}

bool trm_resuming(const trm_run *run) {
  return trm__run_told_of(run)->resuming;
}
