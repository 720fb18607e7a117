/* The threads of a rank. Each gets an identity when it first enters a site, and
 * counts its work in sites in its own table, without locks.
 *
 * Thread 0 opened the run; it alone calls MPI. When a thread ends, the next new
 * thread takes its place and its counts. */
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
  TRM__WINDOW_SPANS = 1024 /* marks per window and thread */
};

typedef struct trm__comm_mark { /* one entry of a site on a thread */
  double enter, leave;
  const char *name;
} trm__comm_mark;

typedef struct trm__comm_thread {
  struct trm__comm_thread
      *next; /* the previous one in the list; NULL: the first */
  struct trm__comm_threads *of;
  int index;            /* 0, 1, ... */
  bool taken;           /* by a living thread; under the common lock */
  const char *site;     /* the current one; NULL: none */
  const void *region;   /* parallel region of its last parallel site */
  double enter, leave;  /* of that site */
  double worked;        /* seconds in its finished background sites */
  _Atomic double shown; /* the same for others, see trm__comm_thread_begin */
  trm__comm_site_block sites; /* the first block */
  pthread_mutex_t log_lock;
  int marks[TRM__WINDOWS]; /* kept of each window; under the log's lock */
  trm__comm_mark *mark;    /* TRM__WINDOWS x TRM__WINDOW_SPANS, or NULL */
  char apart[64];          /* padding: no false sharing with the next thread */
} trm__comm_thread;

typedef struct trm__comm_threads trm__comm_threads;

/** Create the list; the calling thread is the first. */
trm__comm_threads *trm__comm_threads_new(void);
/** No other thread may be in a site. Takes NULL and clears. */
void trm__comm_threads_free(trm__comm_threads **);

/** Return this thread's entry; a new thread is enrolled. Any thread, as all
 * below. */
trm__comm_thread *trm__comm_thread_here(trm__comm_threads *);

/** Return the thread enrolled last; `next` leads to all earlier ones. */
trm__comm_thread *trm__comm_threads_last(const trm__comm_threads *);
/** Return their number. */
int trm__comm_threads_count(const trm__comm_threads *);

/** Begin and end background work at these times: sites of threads other than
 * the first, outside the parallel regions that it opens. */
void trm__comm_thread_begin(trm__comm_thread *, double now);
void trm__comm_thread_end(trm__comm_thread *, double enter, double now);

/** Seconds that all threads spent in background work, until now. */
double trm__comm_threads_worked(const trm__comm_threads *, double now);

/** Return this thread's entry of a site; `name` is kept, not copied. */
trm__comm_site_entry *trm__comm_thread_entry(trm__comm_thread *,
                                             const char *name);

/** Add to a number that only this thread writes. */
static inline void trm__thread_add(_Atomic double *to, double more) {
  double now = atomic_load_explicit(to, memory_order_relaxed);
  atomic_store_explicit(to, now + more, memory_order_relaxed);
}

/** List the sites of the run, in order of first entry; a name keeps its number.
 * \return their number; with a list, the number copied, at most `capacity` */
int trm__comm_threads_names(trm__comm_threads *, const char **list,
                            int capacity);

#endif
