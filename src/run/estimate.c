#include "run/estimate.h"

#include <math.h>

/* Work of all ranks together; the largest rank's memory and updates aside. */
static trm_work work_of(const trm__run_command *c, trm__run_estimate *n) {
  trm_work all = {.updates = 0};
  double busiest = 0;
  int64_t steps = n->steps > 0 ? n->steps : 1;
  for (int r = 0; r < n->ranks; r++) {
    trm_span span = {n->ranks, r, n->threads, 0, steps};
    trm_work w = {.updates = 0};
    c->kernel->work(c->options->values, &span, &w);
    all.updates += w.updates;
    all.flops += w.flops;
    all.read_bytes += w.read_bytes;
    all.write_bytes += w.write_bytes;
    all.streamed_bytes += w.streamed_bytes;
    all.resident_bytes += w.resident_bytes;
    all.messages += w.messages;
    all.message_bytes += w.message_bytes;
    all.single = w.single;
    busiest = fmax(busiest, w.updates);
    n->resident = fmax(n->resident, w.resident_bytes);
  }
  if (all.updates > 0) n->imbalance = busiest * n->ranks / all.updates;
  return all;
}

/* As few hosts as have the cores and the memory, with ranks spread evenly. */
static void place(trm__run_estimate *n, const trm__run_hosts *host) {
  if (host->cores < 1) return;
  double most = floor((double)host->cores / n->threads);
  if (host->memory > 0) most = fmin(most, floor(host->memory / n->memory));
  if (most < 1) return;
  n->hosts = (int)ceil(n->ranks / most);
  n->per_host = (n->ranks + n->hosts - 1) / n->hosts;
}

static void time_of(trm__run_estimate *n, const trm_work *work,
                    const trm_machine *m) {
  if (!m || n->steps < 1) return;
  trm__meter_work_done done = {.work = *work,
                               .stated = true,
                               .seconds = 1,
                               .ranks = n->ranks,
                               .threads = n->threads,
                               .hosts = n->hosts > 0 ? n->hosts : 1};
  trm__meter_roofline r = trm__meter_roofline_of(&done, m);
  if (r.binds < 0) return;
  n->attainable = r.seconds;
  n->roof = r.over[r.binds].roof;
  n->seconds =
      TRM__ESTIMATE_SLOWER * n->imbalance * r.seconds + TRM__ESTIMATE_ENDS;
}

trm__run_estimate trm__run_estimate_of(const trm__run_command *c, int ranks,
                                       int threads, const trm__run_hosts *host,
                                       const trm_machine *machine) {
  trm__run_estimate n = {.ranks = ranks, .threads = threads, .imbalance = 1};
  trm_work work = {.updates = 0};
  n.steps = trm__run_command_steps(c);
  if (c->kernel->work) work = work_of(c, &n);
  n.memory = TRM__ESTIMATE_MORE * n.resident + TRM__ESTIMATE_PROGRAM;
  place(&n, host);
  if (c->kernel->work) time_of(&n, &work, machine);
  return n;
}
