/* The sites of a rank: a small table per thread, filled without locks, and what
 * the meter's ledger and log take from each entry. */
#include <trireme/work.h>

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "comm/meter.h"
#include "comm/run.h"

typedef struct entry {
  const char *name;
  int64_t entries;
  double seconds, flops, bytes;
} entry;

typedef struct table {
  double enter, leave; /* of the last entry of a site, shared ones alone */
  int n;
  entry at[TRM__SITES];
  char apart[64];
} table;

typedef struct trm__meter_sites {
  int threads;
  table *of; /* per thread */
} trm__meter_sites;

static void sites_drop(trm_run *run, void *what) {
  trm__meter_sites *sites = what;
  run->own->sites = NULL;
  free(sites->of);
  free(sites);
}

static trm__meter_sites *sites_of(trm_run *run) {
  trm__meter_sites *made;
#pragma omp critical(trm_sites)
  {
    made = run->own->sites;
    if (!made) {
      made = trm__base_calloc(1, sizeof *made);
      made->threads = run->threads;
      made->of = trm__base_calloc((size_t)run->threads, sizeof *made->of);
      trm__comm_attach(run, made, sites_drop);
      run->own->sites = made;
    }
  }
  return made;
}

/* This thread's; NULL for a thread that the run does not know. */
static table *table_of(trm_run *run, int *thread) {
  trm__meter_sites *sites = run->own->sites;
  if (!sites) sites = sites_of(run);
  *thread = omp_get_thread_num();
  return *thread < sites->threads ? &sites->of[*thread] : NULL;
}

static entry *entry_of(table *t, const char *name) {
  int i = 0;
  while (i < t->n && t->at[i].name != name) i++;
  if (i == TRM__SITES) return NULL;
  if (i == t->n) t->at[t->n++].name = name;
  return &t->at[i];
}

/* -- one thread ------------------------------------------------------------ */

/* Thread 0 speaks for all. \param in the site that begins; NULL: it ends */
static void no_nesting(trm__comm_meter *m, int thread, const char *in) {
  if (thread) return;
#ifdef TRM_DEBUG
  if (m->site && in) {
    fprintf(stderr, "trireme: site %s: inside site %s\n", in, m->site);
    abort();
  }
#endif
  m->site = in;
}

trm_site trm__meter_site_enter(trm_run *run, const char *name, double flops,
                               double bytes, bool shared) {
  int thread;
  table *t = table_of(run, &thread);
  if (t) no_nesting(run->own->meter, thread, name);
  double now = run->own->meter->shown.on ? trm_now() : 0;
  return (trm_site){run, name, flops, bytes, now, true, shared};
}

static void mark(trm__comm_meter *m, int thread, const trm_site *site,
                 double now) {
  trm__comm_thread_log *log = &m->thread[thread];
  if (!m->recording || m->checkpointing || log->n[m->open] == TRM__WINDOW_SPANS)
    return;
  log->marks[m->open * TRM__WINDOW_SPANS + log->n[m->open]++] =
      (trm__comm_mark){site->enter, now, site->name};
}

static void log_site(trm__comm_meter *m, const char *name,
                     trm__comm_event_kind what, double enter, double leave) {
  trm__comm_event *e = trm__comm_event_new(m);
  if (e)
    *e = (trm__comm_event){.enter = enter,
                           .leave = leave,
                           .name = name,
                           .partner = -1,
                           .what = (uint8_t)what};
}

static void spend_alone(trm__comm_meter *m, const trm_site *site, double now) {
  log_site(m, site->name, TRM__EVENT_SITE, site->enter, now);
  if (!m->counting || m->checkpointing) return;
  m->spent.useful += now - site->enter;
  m->spent.serial += now - site->enter;
}

void trm__meter_site_leave(trm_site *site) {
  int thread;
  trm__comm_meter *m = site->run->own->meter;
  table *t = table_of(site->run, &thread);
  double now = m->shown.on ? trm_now() : 0;
  site->open = false;
  if (!t) return;
  no_nesting(m, thread, NULL);
  t->enter = site->enter;
  t->leave = now;
  if (m->shown.on && site->shared && thread) mark(m, thread, site, now);
  if (m->shown.on && !site->shared && !thread) spend_alone(m, site, now);
  entry *e = entry_of(t, site->name);
  if (!e) return;
  e->entries++;
  e->seconds += now - site->enter;
  if (thread) return; /* flops and bytes are the site's, not each thread's */
  e->flops += site->flops;
  e->bytes += site->bytes;
}

/* -- all threads ----------------------------------------------------------- */

trm_region trm__meter_region_enter(trm_run *run, const char *name) {
  bool timed = run->threads > 1 && run->own->meter->shown.on;
  return (trm_region){run, name, timed ? trm_now() : 0, true};
}

void trm__meter_region_leave(trm_region *region) {
  trm_run *run = region->run;
  trm__comm_meter *m = run->own->meter;
  region->open = false;
  if (!m->shown.on) return;
  const table *of = run->own->sites->of;
  /* one thread: the region is its site, and two clock readings are saved */
  double enter = run->threads > 1 ? region->enter : of->enter;
  double leave = run->threads > 1 ? trm_now() : of->leave;
  log_site(m, region->name, TRM__EVENT_REGION, enter, leave);
  if (!m->counting || m->checkpointing) return;
  double longest = 0, sum = 0;
  for (int t = 0; t < run->threads; t++) {
    double seconds = of[t].leave - of[t].enter;
    if (of[t].enter < enter) continue; /* OpenMP gave fewer threads */
    if (seconds > longest) longest = seconds;
    sum += seconds;
  }
  m->spent.region += leave - enter;
  m->spent.region_longest += longest;
  m->spent.region_useful += sum;
  m->spent.useful += sum;
}

/* -- totals ---------------------------------------------------------------- */

static trm_site_total *total_of(trm_site_total *list, int *n, int capacity,
                                const char *name) {
  for (int i = 0; i < *n; i++)
    if (!strcmp(list[i].name, name)) return &list[i];
  if (*n == capacity) return NULL;
  list[*n] = (trm_site_total){.name = name};
  return &list[(*n)++];
}

int trm_site_totals(const trm_run *run, trm_site_total *list, int capacity) {
  const trm__meter_sites *sites = run->own->sites;
  int n = 0;
  for (int t = 0; sites && t < sites->threads; t++)
    for (int i = 0; i < sites->of[t].n; i++) {
      const entry *e = &sites->of[t].at[i];
      trm_site_total *total = total_of(list, &n, capacity, e->name);
      if (!total) continue;
      if (t == 0) total->entries += e->entries;
      total->flops += e->flops;
      total->bytes += e->bytes;
      total->seconds_sum += e->seconds;
      if (e->seconds > total->seconds_max) total->seconds_max = e->seconds;
    }
  return n;
}
