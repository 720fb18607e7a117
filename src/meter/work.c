/* The sites of a rank: a table per thread, filled without locks, and what each
 * entry adds to the ledger and the log. */
#include "meter/work.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "comm/meter.h"
#include "comm/run.h"

/* -- checks of debug builds ------------------------------------------------ */

#ifdef TRM_DEBUG
static void refuse(const char *what, const char *name, const char *site) {
  trm__base_error_print(
      "%s %s, inside site %s: sites do not nest, and break, return and goto "
      "do not leave one",
      what, name, site);
  abort();
}
#endif

static void no_site_open(const trm__comm_thread *t, const char *what,
                         const char *name) {
#ifdef TRM_DEBUG
  if (t->site) refuse(what, name, t->site);
#else
  (void)t, (void)what, (void)name;
#endif
}

void trm__meter_sites_left(const trm_run *run, const char *what) {
  no_site_open(trm__comm_thread_here(run->own->meter->threads), "at the end of",
               what);
}

/* -- one thread ------------------------------------------------------------ */

/* Background work: of a thread other than the first, or in a region that such a
 * thread opened. */
static bool in_background(const trm__comm_thread *t, const trm_region *region) {
  return region ? region->thread->index > 0 : t->index > 0;
}

trm_site trm_site_enter(trm_run *run, const char *name, double flops,
                        double bytes, const trm_region *region) {
  trm__comm_meter *m = run->own->meter;
  trm__comm_thread *t = trm__comm_thread_here(m->threads);
  no_site_open(t, "site", name);
  double now = m->shown.on ? trm_now() : 0;
  t->site = name;
  t->region = region;
  t->enter = now;
  if (in_background(t, region)) {
    if (now > 0) trm__comm_thread_begin(t, now);
  } else if (!region || run->threads == 1) {
    trm__comm_others_enter(m, now);
  }
  return (trm_site){run, name, flops, bytes, now, t, region, true};
}

static void count(trm__comm_thread *t, const trm_site *site, double seconds) {
  trm__comm_site_entry *e = trm__comm_thread_entry(t, site->name);
  trm__thread_add(&e->seconds, seconds);
  /* entries, flops and bytes are the region's, not each thread's */
  if (site->region && site->region->thread != t) return;
  int64_t n = atomic_load_explicit(&e->entries, memory_order_relaxed);
  atomic_store_explicit(&e->entries, n + 1, memory_order_relaxed);
  trm__thread_add(&e->flops, site->flops);
  trm__thread_add(&e->bytes, site->bytes);
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
  m->spent.others.serial += trm__comm_others_leave(m, now);
}

void trm_site_leave(trm_site *site) {
  trm__comm_meter *m = site->run->own->meter;
  trm__comm_thread *t = site->thread;
  double now = m->shown.on ? trm_now() : 0;
  site->open = false;
  t->site = NULL;
  t->leave = now;
  count(t, site, now - site->enter);
  if (!m->shown.on) return;
  if (in_background(t, site->region)) trm__comm_thread_end(t, site->enter, now);
  if (t->index > 0)
    trm__comm_mark_log(m, t, site->name, site->enter, now);
  else if (!site->region)
    spend_alone(m, site, now);
}

/* -- all threads ----------------------------------------------------------- */

trm_region trm_region_enter(trm_run *run, const char *name) {
  trm__comm_meter *m = run->own->meter;
  trm__comm_thread *t = trm__comm_thread_here(m->threads);
  no_site_open(t, "parallel site", name);
  bool timed = run->threads > 1 && m->shown.on;
  double now = timed ? trm_now() : 0;
  if (timed && t->index == 0) trm__comm_others_enter(m, now);
  return (trm_region){run, name, now, t, true};
}

typedef struct shares { /* of the threads of a region */
  double longest, sum;
} shares;

/* Those that were in it: OpenMP may give fewer threads, and a region has the
 * address of the one before. */
static shares shares_of(const trm__comm_meter *m, const trm_region *region,
                        double enter) {
  shares s = {0, 0};
  for (trm__comm_thread *t = trm__comm_threads_last(m->threads); t;
       t = t->next) {
    if (t->region != region || t->enter < enter) continue;
    double seconds = t->leave - t->enter;
    no_site_open(t, "at the end of", region->name);
    if (seconds > s.longest) s.longest = seconds;
    s.sum += seconds;
  }
  return s;
}

void trm_region_leave(trm_region *region) {
  trm_run *run = region->run;
  trm__comm_meter *m = run->own->meter;
  trm__comm_thread *first = region->thread;
  region->open = false;
  if (first->index > 0) return;
  /* one thread: the region is its site; this avoids two clock readings */
  double enter = run->threads > 1 ? region->enter : first->enter;
  double leave = run->threads > 1 && m->shown.on ? trm_now() : first->leave;
  shares s = shares_of(m, region, enter);
  if (!m->shown.on) return;
  log_site(m, region->name, TRM__EVENT_REGION, enter, leave);
  if (!m->counting || m->checkpointing) return;
  m->spent.region += leave - enter;
  m->spent.region_longest += s.longest;
  m->spent.region_useful += s.sum;
  m->spent.useful += s.sum;
  m->spent.others.region += trm__comm_others_leave(m, leave);
}

void trm_parallel(trm_run *run, const char *name, double flops, double bytes,
                  void (*body)(void *context), void *context) {
  TRM_PARALLEL(run, name, flops, bytes) {
    body(context);
  }
}

/* -- totals ---------------------------------------------------------------- */

static double value_of(const _Atomic double *from) {
  return atomic_load_explicit(from, memory_order_relaxed);
}

/* Calls `each` with all entries of all threads. */
static void walk(const trm_run *run,
                 void (*each)(void *context, const trm__comm_site_entry *),
                 void *context) {
  trm__comm_thread *t = trm__comm_threads_last(run->own->meter->threads);
  for (; t; t = t->next)
    for (trm__comm_site_block *b = &t->sites; b;
         b = atomic_load_explicit(&b->next, memory_order_acquire)) {
      int n = atomic_load_explicit(&b->n, memory_order_acquire);
      for (int i = 0; i < n; i++) each(context, &b->at[i]);
    }
}

typedef struct totals {
  trm_site_total *list;
  int n;
} totals;

static void add_to_total(void *context, const trm__comm_site_entry *e) {
  const totals *all = context;
  if (e->number >= all->n) return;
  trm_site_total *total = &all->list[e->number];
  double seconds = value_of(&e->seconds);
  total->entries += atomic_load_explicit(&e->entries, memory_order_relaxed);
  total->flops += value_of(&e->flops);
  total->bytes += value_of(&e->bytes);
  total->seconds_sum += seconds;
  if (seconds > total->seconds_max) total->seconds_max = seconds;
}

trm_site_total *trm__meter_sites_list(const trm_run *run, int *n) {
  trm__comm_threads *threads = run->own->meter->threads;
  int room = trm__comm_threads_names(threads, NULL, 0);
  const char **name = trm__base_calloc((size_t)room + 1, sizeof *name);
  totals all = {trm__base_calloc((size_t)room + 1, sizeof *all.list),
                trm__comm_threads_names(threads, name, room)};
  for (int i = 0; i < all.n; i++) all.list[i].name = name[i];
  walk(run, add_to_total, &all);
  free(name);
  *n = all.n;
  return all.list;
}

int trm_site_totals(const trm_run *run, trm_site_total *list, int capacity) {
  int n;
  trm_site_total *all = trm__meter_sites_list(run, &n);
  int copied = n < capacity ? n : capacity;
  if (copied > 0) memcpy(list, all, (size_t)copied * sizeof *list);
  free(all);
  return n;
}

typedef struct site_sums {
  double flops, bytes;
} site_sums;

static void add_to_sums(void *context, const trm__comm_site_entry *e) {
  site_sums *s = context;
  s->flops += value_of(&e->flops);
  s->bytes += value_of(&e->bytes);
}

void trm__meter_sites_sum(const trm_run *run, double *flops, double *bytes) {
  site_sums s = {0, 0};
  walk(run, add_to_sums, &s);
  *flops = s.flops;
  *bytes = s.bytes;
}
