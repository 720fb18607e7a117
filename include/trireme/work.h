/* Work sites: where a kernel computes.
 *
 *   TRM_WORK(run, "fold", flops, bytes) { ... }       on one thread of the rank
 *   TRM_PARALLEL(run, "sweep", flops, bytes) { ... }  opens an OpenMP region of
 *       run->threads threads around the block, which shares out its loops by
 *       `#pragma omp for nowait` and times each thread
 *
 * flops and bytes are what this entry of the site does on this rank (an fma is
 * two flops; bytes are compulsory memory traffic). No message inside, no site
 * inside a site, no way out of the block but its end. */
#ifndef TRIREME_WORK_H
#define TRIREME_WORK_H

#include <trireme/run.h>

typedef struct trm_site { /* one entry of a site on one thread */
  trm_run *run;
  const char *name;
  double flops, bytes, enter;
  bool open, shared; /* shared: with the other threads of the rank */
} trm_site;

typedef struct trm_region { /* one entry of a parallel site, from fork to
                               join */
  trm_run *run;
  const char *name;
  double enter;
  bool open;
} trm_region;

trm_site trm__meter_site_enter(trm_run *, const char *name, double flops,
                               double bytes, bool shared);
void trm__meter_site_leave(trm_site *);
trm_region trm__meter_region_enter(trm_run *, const char *name);
void trm__meter_region_leave(trm_region *);

#define TRM__AT_SITE(run, name, flops, bytes, shared)              \
  for (trm_site trm__site =                                        \
           trm__meter_site_enter(run, name, flops, bytes, shared); \
       trm__site.open; trm__meter_site_leave(&trm__site))

#define TRM_WORK(run, name, flops, bytes) \
  TRM__AT_SITE(run, name, flops, bytes, false)

#define TRM__PRAGMA(text) _Pragma(#text)
#define TRM_PARALLEL(run, name, flops, bytes)                       \
  for (trm_region trm__region = trm__meter_region_enter(run, name); \
       trm__region.open; trm__meter_region_leave(&trm__region))     \
    TRM__PRAGMA(omp parallel num_threads((run)->threads))           \
  TRM__AT_SITE(run, name, flops, bytes, true)

typedef struct trm_site_total { /* of one site on one rank */
  const char *name;
  int64_t entries;
  double flops, bytes;
  double seconds_max; /* of the slowest thread; 0 without the meter's
                             clocks */
  double seconds_sum; /* over the threads */
} trm_site_total;

/** Totals of the sites of this rank. Local.  \return their number */
int trm_site_totals(const trm_run *, trm_site_total *, int capacity);

#endif
