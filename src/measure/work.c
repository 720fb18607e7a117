/* The sites of a rank: a small table per thread, filled without locks. */
#include <trireme/work.h>

#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "comm/own.h"

typedef struct entry {
  const char *name;
  int64_t entries;
  double seconds, flops, bytes;
} entry;

typedef struct trm__sites {
  int threads;
  struct {
    entry at[TRM__SITES];
    int n;
    char apart[64];
  } * of; /* per thread */
} trm__sites;

static void sites_drop(trm_run *run, void *what) {
  trm__sites *sites = what;
  run->own->sites = NULL;
  free(sites->of);
  free(sites);
}

static trm__sites *sites_of(trm_run *run) {
  trm__sites *made;
#pragma omp critical(trm_sites)
  {
    made = run->own->sites;
    if (!made) {
      made = trm__calloc(1, sizeof *made);
      made->threads = run->threads;
      made->of = trm__calloc((size_t)run->threads, sizeof *made->of);
      trm__attach(run, made, sites_drop);
      run->own->sites = made;
    }
  }
  return made;
}

trm_site trm__site_enter(trm_run *run, const char *name, double flops,
                         double bytes) {
  return (trm_site){run, name, flops, bytes, trm_now(), true};
}

void trm__site_leave(trm_site *site) {
  double now = trm_now();
  trm__sites *sites = site->run->own->sites;
  int thread = omp_get_thread_num();
  if (!sites) sites = sites_of(site->run);
  site->open = false;
  if (thread >= sites->threads) return;
  entry *list = sites->of[thread].at;
  int i = 0, n = sites->of[thread].n;
  while (i < n && list[i].name != site->name) i++;
  if (i == TRM__SITES) return;
  if (i == n) list[sites->of[thread].n++].name = site->name;
  list[i].entries++;
  list[i].seconds += now - site->since;
  if (thread) return; /* flops and bytes are the site's, not each thread's */
  list[i].flops += site->flops;
  list[i].bytes += site->bytes;
}

static trm_site_total *total_of(trm_site_total *list, int *n, int capacity,
                                const char *name) {
  for (int i = 0; i < *n; i++)
    if (!strcmp(list[i].name, name)) return &list[i];
  if (*n == capacity) return NULL;
  list[*n] = (trm_site_total){.name = name};
  return &list[(*n)++];
}

int trm_site_totals(const trm_run *run, trm_site_total *list, int capacity) {
  const trm__sites *sites = run->own->sites;
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
