/* Work sites: where a kernel computes.
 *
 *   TRM_WORK(run, "fold", flops, bytes) { ... }       on the calling thread
 *   TRM_PARALLEL(run, "sweep", flops, bytes) { ... }  opens an OpenMP region of
 *       run->threads threads around the block, which shares out its loops by
 *       `#pragma omp for nowait` and times each thread
 *
 * flops and bytes are what this entry of the site does on this rank (an fma is
 * two flops; bytes are compulsory memory traffic). No message and no reduction
 * inside, no site or region inside a site, no way out of the block but its end
 * (or continue): debug builds check, on each thread, and abort with one line.
 *
 * TRM_WORK stands on any thread: in a region of the kernel's own, on a thread
 * that it started otherwise. A thread gets its identity when it first enters a
 * site. The ledger counts as many threads of a rank as run->threads: what more
 * than those do at the same time is in the totals of the sites alone. A region
 * of TRM_PARALLEL that another thread opens than the one that calls MPI counts
 * as work of its threads, without their imbalance. Threads that a kernel starts
 * end before the run does. */
#ifndef TRIREME_WORK_H
#define TRIREME_WORK_H

#include <trireme/run.h>

typedef struct trm_region { /* one entry of a parallel site, from fork to
                               join */
  trm_run *run;
  const char *name;
  double enter;
  struct trm__comm_thread *thread; /* that opened it */
  bool open;
} trm_region;

typedef struct trm_site { /* one entry of a site on one thread */
  trm_run *run;
  const char *name;
  double flops, bytes, enter;
  struct trm__comm_thread *thread;
  const trm_region *region; /* shared with its threads; NULL: TRM_WORK */
  bool open;
} trm_site;

trm_site trm__meter_site_enter(trm_run *, const char *name, double flops,
                               double bytes, const trm_region *);
void trm__meter_site_leave(trm_site *);
trm_region trm__meter_region_enter(trm_run *, const char *name);
void trm__meter_region_leave(trm_region *);

#define TRM__AT_SITE(run, name, flops, bytes, region)              \
  for (trm_site trm__site =                                        \
           trm__meter_site_enter(run, name, flops, bytes, region); \
       trm__site.open; trm__meter_site_leave(&trm__site))

#define TRM_WORK(run, name, flops, bytes) \
  TRM__AT_SITE(run, name, flops, bytes, NULL)

#define TRM__PRAGMA(text) _Pragma(#text)
#define TRM_PARALLEL(run, name, flops, bytes)                       \
  for (trm_region trm__region = trm__meter_region_enter(run, name); \
       trm__region.open; trm__meter_region_leave(&trm__region))     \
    TRM__PRAGMA(omp parallel num_threads((run)->threads))           \
  TRM__AT_SITE(run, name, flops, bytes, &trm__region)

typedef struct trm_site_total { /* of one site on one rank */
  const char *name;
  int64_t entries; /* of a parallel site: of the region, not of each thread */
  double flops, bytes;
  double seconds_max; /* of the slowest thread; 0 without the meter's
                             clocks */
  double seconds_sum; /* over the threads */
} trm_site_total;

/** Totals of the sites of this rank, in the order in which they were met. Local.
 * \return their number, which may be larger than the capacity */
int trm_site_totals(const trm_run *, trm_site_total *, int capacity);

#endif
