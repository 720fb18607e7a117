/* Work sites: where a kernel computes.
 *
 *   TRM_WORK(run, "fold", flops, bytes) { ... }       on the calling thread
 *   TRM_PARALLEL(run, "sweep", flops, bytes) { ... }  opens an OpenMP region of
 *       run->threads threads around the block. Loops inside are shared with
 *       `#pragma omp for nowait`; each thread is timed.
 *
 * flops and bytes are the work of this entry of the site on this rank (an fma
 * counts 2 flops; bytes are compulsory memory traffic). Inside a block, do not
 * send messages, do not reduce, do not open another site or region, and leave
 * only at its end (`continue` is allowed). Debug builds check this on each
 * thread and abort with one line.
 *
 * TRM_WORK may run on any thread: in an OpenMP region of the kernel, or on a
 * thread that the kernel started. A thread gets its identity when it first
 * enters a site. The ledger covers run->threads threads per rank; work on more
 * simultaneous threads appears only in the totals of the sites. A TRM_PARALLEL
 * region opened by a thread other than the one that calls MPI counts as work of
 * its threads, without their imbalance. Threads that a kernel starts must end
 * before the run does. */
#ifndef TRIREME_WORK_H
#define TRIREME_WORK_H

#include <trireme/run.h>

#ifdef __cplusplus
extern "C" {
#endif

/* one entry of a parallel site, from fork to join */
typedef struct trm_region {
  trm_run *run;
  const char *name;
  double enter;
  struct trm__comm_thread *thread; /* the thread that opened it */
  bool open;
} trm_region;

typedef struct trm_site { /* one entry of a site on one thread */
  trm_run *run;
  const char *name;
  double flops, bytes, enter;
  struct trm__comm_thread *thread;
  const trm_region *region; /* shared by its threads; NULL: TRM_WORK */
  bool open;
} trm_site;

/* -- the same as functions, for C++ and other languages --------------------
 *
 * The macros call these functions and nothing else. The rules above hold for
 * what happens between enter and leave. */

/** Enter a site on the calling thread. Pass the result to trm_site_leave on the
 * same thread. Local.
 * \param name borrowed: a string literal
 * \param region NULL as in TRM_WORK; else the region that this thread shares */
trm_site trm_site_enter(trm_run *, const char *name, double flops, double bytes,
                        const trm_region *region);
void trm_site_leave(trm_site *);

/** Open a parallel site, whose threads each enter a site with this region and
 * leave it. Leave the region on the same thread after they have joined. Local.
 * \param name borrowed: a string literal */
trm_region trm_region_enter(trm_run *, const char *name);
void trm_region_leave(trm_region *);

/** Call body(context) on each of run->threads OpenMP threads, as TRM_PARALLEL
 * runs its block. The body divides the work: by `#pragma omp for nowait`, or by
 * omp_get_thread_num. Local.
 * \param name borrowed: a string literal */
void trm_parallel(trm_run *, const char *name, double flops, double bytes,
                  void (*body)(void *context), void *context);

/* -- the macros ------------------------------------------------------------ */

#define TRM__AT_SITE(run, name, flops, bytes, region)                        \
  for (trm_site trm__site = trm_site_enter(run, name, flops, bytes, region); \
       trm__site.open; trm_site_leave(&trm__site))

#define TRM_WORK(run, name, flops, bytes) \
  TRM__AT_SITE(run, name, flops, bytes, NULL)

#define TRM__PRAGMA(text) _Pragma(#text)
#define TRM_PARALLEL(run, name, flops, bytes)                                  \
  for (trm_region trm__region = trm_region_enter(run, name); trm__region.open; \
       trm_region_leave(&trm__region))                                         \
    TRM__PRAGMA(omp parallel num_threads((run)->threads))                      \
  TRM__AT_SITE(run, name, flops, bytes, &trm__region)

typedef struct trm_site_total { /* totals of one site on one rank */
  const char *name;
  int64_t entries; /* of a parallel site: of the region, not per thread */
  double flops, bytes;
  double seconds_max; /* of the slowest thread; 0 with --no-meter */
  double seconds_sum; /* over the threads */
} trm_site_total;

/** Get the totals of the sites of this rank, in order of first use. Local.
 * \return the number of sites, which may exceed the capacity */
int trm_site_totals(const trm_run *, trm_site_total *, int capacity);

#ifdef __cplusplus
}
#endif

#endif
