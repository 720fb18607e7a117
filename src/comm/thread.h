/* The threads of a rank: each gets an identity when it first enters a site, and
 * keeps what it did in sites in a table of its own, filled without locks.
 *
 * Thread 0 is the one that opened the run, which alone calls MPI. The place of
 * a thread that has ended goes to the next new one, with its counts. */
#ifndef TRM_COMM_THREAD_H
#define TRM_COMM_THREAD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* What one thread did in one site. Written by that thread, read by any. */
typedef struct trm__comm_site_entry {
  const char *name;
  int number; /* of the name in the run */
  _Atomic int64_t entries;
  _Atomic double seconds, flops, bytes;
} trm__comm_site_entry;

enum { TRM__SITE_BLOCK = 16 };

typedef struct trm__comm_site_block { /* entries that never move */
  _Atomic(struct trm__comm_site_block *) next;
  _Atomic int n;
  trm__comm_site_entry at[TRM__SITE_BLOCK];
} trm__comm_site_block;

enum {
  TRM__WINDOWS = 16,       /* of the log, comm/meter.h */
  TRM__WINDOW_SPANS = 1024 /* marks that a thread keeps of each */
};

typedef struct trm__comm_mark { /* one entry of a site on a thread */
  double enter, leave;
  const char *name;
} trm__comm_mark;

typedef struct trm__comm_thread {
  struct trm__comm_thread *next; /* listed before it; NULL: the first */
  struct trm__comm_threads *of;
  int index;            /* 0, 1, ... */
  bool taken;           /* by a thread that lives; under the lock of all */
  const char *site;     /* it is in now; NULL: none */
  const void *region;   /* parallel region of its last shared site */
  double enter, leave;  /* of that site */
  double worked;        /* seconds in its background sites that are over */
  _Atomic double shown; /* the same for others, see trm__comm_thread_begin */
  trm__comm_site_block sites; /* the first block */
  pthread_mutex_t log_lock;
  int marks[TRM__WINDOWS]; /* kept of each window; under the log's lock */
  trm__comm_mark *mark;    /* TRM__WINDOWS x TRM__WINDOW_SPANS, or NULL */
  char apart[64];          /* from what the next thread writes */
} trm__comm_thread;

typedef struct trm__comm_threads trm__comm_threads;

/** Make the list; the thread that calls is its first. */
trm__comm_threads *trm__comm_threads_new(void);
/** No other thread may be in a site. Takes NULL and clears. */
void trm__comm_threads_free(trm__comm_threads **);

/** This thread's; a new one is enrolled. On any thread, as all below. */
trm__comm_thread *trm__comm_thread_here(trm__comm_threads *);

/** The thread that was enrolled last; `next` leads to all before it. */
trm__comm_thread *trm__comm_threads_last(const trm__comm_threads *);
/** How many there are. */
int trm__comm_threads_count(const trm__comm_threads *);

/** Background work: sites of other threads than the first, outside the parallel
 * regions that it opens. It begins and ends, at these times. */
void trm__comm_thread_begin(trm__comm_thread *, double now);
void trm__comm_thread_end(trm__comm_thread *, double enter, double now);

/** Seconds that all threads spent in background work, until now. */
double trm__comm_threads_worked(const trm__comm_threads *, double now);

/** What this thread did in the site of that name, which is kept as it is. */
trm__comm_site_entry *trm__comm_thread_entry(trm__comm_thread *,
                                             const char *name);

/** Add to what only this thread writes. */
static inline void trm__thread_add(_Atomic double *to, double more) {
  double now = atomic_load_explicit(to, memory_order_relaxed);
  atomic_store_explicit(to, now + more, memory_order_relaxed);
}

/** Names of the sites of the run, in the order in which they were met. A name
 * keeps its number.  \return their number; with a list, that of those copied,
 * at most `capacity` */
int trm__comm_threads_names(trm__comm_threads *, const char **list,
                            int capacity);

#endif
