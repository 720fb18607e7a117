/* Work sites: where a kernel computes.
 *
 *   TRM_WORK(run, "fold", flops, bytes) { ... }        on one thread of the rank
 *   TRM_PARALLEL(run, "sweep", flops, bytes) { ... }   opens an OpenMP region of
 *       run->threads threads around the block, which shares out its loops by
 *       `#pragma omp for nowait` and times each thread
 *
 * flops and bytes are what this entry of the site does on this rank (an fma is
 * two flops; bytes are compulsory memory traffic). No message inside, no site
 * inside a site, no way out of the block but its end. */
#ifndef TRIREME_WORK_H
#define TRIREME_WORK_H

#include <trireme/run.h>

typedef struct trm_site {   /* one entry of a site on one thread */
  trm_run *run;
  const char *name;
  double flops, bytes, since;
  bool open;
} trm_site;

trm_site trm__site_enter(trm_run *, const char *name, double flops, double bytes);
void trm__site_leave(trm_site *);

#define TRM_WORK(run, name, flops, bytes)                                      \
  for (trm_site trm__site = trm__site_enter(run, name, flops, bytes);          \
       trm__site.open; trm__site_leave(&trm__site))

#define TRM__PRAGMA(text) _Pragma(#text)
#define TRM_PARALLEL(run, name, flops, bytes)                                  \
  TRM__PRAGMA(omp parallel num_threads((run)->threads))                        \
  TRM_WORK(run, name, flops, bytes)

typedef struct trm_site_total {  /* of one site on one rank */
  const char *name;
  int64_t entries;
  double flops, bytes;
  double seconds_max;     /* of the slowest thread */
  double seconds_sum;     /* over the threads */
} trm_site_total;

/** Totals of the sites of this rank. Local.  \return their number */
int trm_site_totals(const trm_run *, trm_site_total *, int capacity);

#endif
