#include "run/setup/estimate.h"

#include <math.h>
#include <stdlib.h>

#include "run/setup/asked.h"

/* Add with saturation. */
static void add_count(int64_t *sum, int64_t each, int count) {
  int64_t product;
  if (__builtin_mul_overflow(each, (int64_t)count, &product) ||
      __builtin_add_overflow(*sum, product, sum))
    *sum = INT64_MAX;
}

static void add_work(trm_work *all, const trm_work *w, int count) {
  all->updates += count * w->updates;
  all->flops += count * w->flops;
  all->read_bytes += count * w->read_bytes;
  all->write_bytes += count * w->write_bytes;
  all->streamed_bytes += count * w->streamed_bytes;
  all->resident_bytes += count * w->resident_bytes;
  add_count(&all->messages, w->messages, count);
  add_count(&all->message_bytes, w->message_bytes, count);
  for (int k = 0; k < TRM_COLLECTIVE_COUNT; k++) {
    add_count(&all->calls[k], w->calls[k], count);
    add_count(&all->call_bytes[k], w->call_bytes[k], count);
  }
}

/* Sum of the work of all ranks; also finds memory and updates of the largest rank. */
static trm_work work_of(const trm__run_command *c, trm__run_estimate *n) {
  const void *options = c->options->values;
  trm_work all = {.updates = 0};
  trm__array_rank_class *asked;
  double busiest = 0;
  int64_t steps = n->steps > 0 ? n->steps : 1;
  int count = trm__run_asked_ranks(c->kernel, options, n->ranks, TRM__ASKED_ALL,
                                   &asked);
  if (!c->kernel->plan && count < n->ranks) n->sampled = count;
  for (int i = 0; i < count; i++) {
    trm_span span = {n->ranks, asked[i].rank, n->threads, 0, steps, NULL};
    trm_work w = {.updates = 0};
    c->kernel->work(options, &span, &w);
    add_work(&all, &w, asked[i].count);
    all.single = all.single || w.single;
    busiest = fmax(busiest, w.updates);
    n->resident = fmax(n->resident, w.resident_bytes);
  }
  free(asked);
  if (all.updates > 0) n->imbalance = busiest * n->ranks / all.updates;
  return all;
}

/* The fewest hosts with enough cores and memory; ranks are spread evenly. */
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
