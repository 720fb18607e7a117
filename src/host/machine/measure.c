/* The whole measurement: subject after subject, then the hosts together. */
#include "host/machine/machine.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "comm/run.h"

static trm_status measure(trm__host_stage *stage, trm__host_subject subject,
                          const trm__host_machine_plan *plan) {
  switch (subject) {
    case TRM__ON_MEMORY:
      return trm__host_measure_memory(stage);
    case TRM__ON_CACHE:
      return trm__host_measure_cache(stage);
    case TRM__ON_FLOPS:
      return trm__host_measure_flops(stage);
    case TRM__ON_NETWORK:
      return trm__host_measure_network(stage);
    case TRM__ON_DISK:
      return trm__host_measure_disk(stage, plan->directory);
    default:
      return trm__host_measure_noise(stage);
  }
}

static unsigned possible(const trm_run *run,
                         const trm__host_machine_plan *plan) {
  unsigned wanted = plan->wanted;
  if (run->ranks < 2) wanted &= ~(1u << TRM__ON_NETWORK);
  if (!plan->directory) wanted &= ~(1u << TRM__ON_DISK);
  return wanted;
}

static trm_status measure_all(trm__host_stage *stage,
                              const trm__host_machine_plan *plan) {
  const unsigned wanted = possible(stage->run, plan);
  const double end = trm_now() + plan->seconds;
  for (int s = 0; s < TRM__SUBJECT_COUNT; s++) {
    if (!(wanted >> s & 1)) continue;
    double now = trm_now();
    stage->until =
        now + trm__host_plan_share(wanted, (trm__host_subject)s, end - now);
    TRM_TRY(measure(stage, (trm__host_subject)s, plan));
  }
  return TRM_OK;
}

/* -- hosts ----------------------------------------------------------------- */

typedef struct handover { /* what each rank hands over; leaders' count */
  bool leader;
  trm__host_node host;
} handover;

static void gather_hosts(const trm__host_stage *stage,
                         trm__host_machine_file *f) {
  const trm_run *run = stage->run;
  handover mine = {.leader = stage->leader},
           *all = trm__base_calloc((size_t)run->ranks, sizeof *all);
  gethostname(mine.host.name, sizeof mine.host.name - 1);
  for (int i = 0; i < TRM__FIGURE_COUNT; i++)
    mine.host.figure[i] = *trm__host_figure_in(stage->machine, i);
  trm_allgather(run->comm, &mine, sizeof mine, all);
  f->machine.hosts = 0;
  f->host = trm__base_calloc((size_t)stage->hosts, sizeof *f->host);
  for (int r = 0; r < run->ranks; r++)
    if (all[r].leader) f->host[f->machine.hosts++] = all[r].host;
  free(all);
}

/* The machine is as good as the slowest of its hosts. */
static void take_slowest(trm__host_machine_file *f) {
  for (int i = 0; i < TRM__FIGURE_COUNT; i++) {
    trm_figure *whole = trm__host_figure_in(&f->machine, i);
    const bool higher = trm__host_figure_rows[i].better == TRM__HIGHER;
    for (int h = 0; h < f->machine.hosts; h++) {
      const trm_figure *own = &f->host[h].figure[i];
      if (!(own->best > 0)) continue;
      if (higher ? own->best < whole->best : own->best > whole->best)
        *whole = *own;
    }
  }
}

static void describe(const trm_run *run, trm_machine *m) {
  time_t now = time(NULL);
  struct tm utc;
  trm__host_classify(m);
  m->ranks = run->ranks;
  m->threads = run->threads;
  strftime(m->written, sizeof m->written, "%Y-%m-%dT%H:%M:%SZ",
           gmtime_r(&now, &utc));
}

trm_status trm__host_machine_measure(trm_run *run,
                                     const trm__host_machine_plan *plan,
                                     trm__host_machine_file *f) {
  trm__host_stage stage;
  *f = (trm__host_machine_file){.machine = trm__host_machine_unknown()};
  trm__host_stage_open(&stage, run, &f->machine);
  stage.quick = plan->quick;
  trm_status status = measure_all(&stage, plan);
  trm__host_stage_close(&stage);
  if (status) return status;
  describe(run, &f->machine);
  gather_hosts(&stage, f);
  take_slowest(f);
  return TRM_OK;
}
