#include "comm/thread.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

struct trm__comm_threads {
  pthread_key_t key; /* of each thread's identity in this run */
  pthread_mutex_t lock;
  _Atomic(trm__comm_thread *) last;
  atomic_int count;
  atomic_bool background; /* there was background work */
  const char **name;      /* under the lock */
  int names;
};

/* A thread ends: its place becomes free. */
static void release_place(void *place) {
  trm__comm_thread *t = place;
  pthread_mutex_lock(&t->of->lock);
  t->taken = false;
  pthread_mutex_unlock(&t->of->lock);
}

static trm__comm_thread *free_place(trm__comm_threads *threads) {
  trm__comm_thread *t = atomic_load(&threads->last);
  while (t && t->taken) t = t->next;
  return t;
}

static trm__comm_thread *new_place(trm__comm_threads *threads) {
  trm__comm_thread *t = trm__base_calloc(1, sizeof *t);
  t->of = threads;
  pthread_mutex_init(&t->log_lock, NULL);
  t->index = atomic_load(&threads->count);
  t->next = atomic_load(&threads->last);
  atomic_store(&threads->last, t);
  atomic_store(&threads->count, t->index + 1);
  return t;
}

static trm__comm_thread *enrol(trm__comm_threads *threads) {
  pthread_mutex_lock(&threads->lock);
  trm__comm_thread *t = free_place(threads);
  if (!t) t = new_place(threads);
  t->taken = true;
  pthread_mutex_unlock(&threads->lock);
  pthread_setspecific(threads->key, t);
  return t;
}

trm__comm_threads *trm__comm_threads_new(void) {
  trm__comm_threads *threads = trm__base_calloc(1, sizeof *threads);
  if (pthread_key_create(&threads->key, release_place)) {
    trm__base_error_print("too many runs at once: no thread-specific key");
    abort();
  }
  pthread_mutex_init(&threads->lock, NULL);
  enrol(threads);
  return threads;
}

static void thread_free(trm__comm_thread *t) {
  trm__comm_site_block *b = atomic_load(&t->sites.next);
  while (b) {
    trm__comm_site_block *next = atomic_load(&b->next);
    free(b);
    b = next;
  }
  pthread_mutex_destroy(&t->log_lock);
  free(t->mark);
  free(t);
}

void trm__comm_threads_free(trm__comm_threads **pointer) {
  trm__comm_threads *threads = *pointer;
  if (!threads) return;
  pthread_key_delete(threads->key);
  trm__comm_thread *t = atomic_load(&threads->last);
  while (t) {
    trm__comm_thread *next = t->next;
    thread_free(t);
    t = next;
  }
  pthread_mutex_destroy(&threads->lock);
  free(threads->name);
  free(threads);
  *pointer = NULL;
}

trm__comm_thread *trm__comm_thread_here(trm__comm_threads *threads) {
  trm__comm_thread *t = pthread_getspecific(threads->key);
  return t ? t : enrol(threads);
}

trm__comm_thread *trm__comm_threads_last(const trm__comm_threads *threads) {
  return atomic_load_explicit(&threads->last, memory_order_acquire);
}

int trm__comm_threads_count(const trm__comm_threads *threads) {
  return atomic_load(&threads->count);
}

/* -- background work ------------------------------------------------------- */

/* One number shows both finished and current work. While a thread is in a site
 * it is the finished work less the time of entry, and so negative, because no
 * thread has worked longer than the clock has run. */
void trm__comm_thread_begin(trm__comm_thread *t, double now) {
  atomic_store_explicit(&t->of->background, true, memory_order_relaxed);
  atomic_store_explicit(&t->shown, t->worked - now, memory_order_relaxed);
}

void trm__comm_thread_end(trm__comm_thread *t, double enter, double now) {
  t->worked += now - enter;
  atomic_store_explicit(&t->shown, t->worked, memory_order_relaxed);
}

double trm__comm_threads_worked(const trm__comm_threads *threads, double now) {
  double sum = 0;
  if (!atomic_load_explicit(&threads->background, memory_order_relaxed))
    return 0;
  for (trm__comm_thread *t = trm__comm_threads_last(threads); t; t = t->next) {
    double shown = atomic_load_explicit(&t->shown, memory_order_relaxed);
    sum += shown < 0 ? shown + now : shown;
  }
  return sum;
}

/* -- sites ----------------------------------------------------------------- */

static int number_of(trm__comm_threads *threads, const char *name) {
  int i = 0;
  pthread_mutex_lock(&threads->lock);
  while (i < threads->names && strcmp(threads->name[i], name)) i++;
  if (i == threads->names) {
    if ((i & (i - 1)) == 0)
      threads->name = trm__base_grow(threads->name, i ? 2 * (size_t)i : 1,
                                     sizeof *threads->name);
    threads->name[threads->names++] = name;
  }
  pthread_mutex_unlock(&threads->lock);
  return i;
}

static trm__comm_site_entry *new_entry(trm__comm_thread *t,
                                       trm__comm_site_block *b,
                                       const char *name) {
  int n = atomic_load_explicit(&b->n, memory_order_relaxed);
  if (n == TRM__SITE_BLOCK) {
    trm__comm_site_block *more = trm__base_calloc(1, sizeof *more);
    atomic_store_explicit(&b->next, more, memory_order_release);
    b = more;
    n = 0;
  }
  trm__comm_site_entry *e = &b->at[n];
  e->name = name;
  e->number = number_of(t->of, name);
  atomic_store_explicit(&b->n, n + 1, memory_order_release);
  return e;
}

trm__comm_site_entry *trm__comm_thread_entry(trm__comm_thread *t,
                                             const char *name) {
  trm__comm_site_block *b = &t->sites, *next;
  for (;;) {
    int n = atomic_load_explicit(&b->n, memory_order_relaxed);
    for (int i = 0; i < n; i++)
      if (b->at[i].name == name) return &b->at[i];
    next = atomic_load_explicit(&b->next, memory_order_relaxed);
    if (!next) return new_entry(t, b, name);
    b = next;
  }
}

int trm__comm_threads_names(trm__comm_threads *threads, const char **list,
                            int capacity) {
  pthread_mutex_lock(&threads->lock);
  int n = threads->names;
  if (list && n > capacity) n = capacity;
  if (list && n) memcpy(list, threads->name, (size_t)n * sizeof *list);
  pthread_mutex_unlock(&threads->lock);
  return n;
}
