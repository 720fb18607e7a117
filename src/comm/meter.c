#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "comm/meter.h"

const char *const trm__comm_cause_name[] = {
#define TRM__CAUSE(name, text) text,
    TRM_CAUSES(TRM__CAUSE)
#undef TRM__CAUSE
};

const char *const trm__comm_call_name[] = {
#define TRM__CALL(name, text) text,
    TRM_CALLS(TRM__CALL)
#undef TRM__CALL
};

int trm_size_class(int64_t bytes) {
  if (bytes < 4) return 0;
  int class = (63 - __builtin_clzll((unsigned long long)bytes)) / 2;
  return class < TRM_SIZE_CLASSES ? class : TRM_SIZE_CLASSES - 1;
}

/* -- life ------------------------------------------------------------------ */

void trm__comm_meter_free(trm__comm_meter **meter) {
  trm__comm_meter *m = *meter;
  if (!m) return;
  for (int w = 0; w < TRM__WINDOWS; w++) free(m->window[w].events);
  trm__comm_threads_free(&m->threads);
  free(m->to);
  free(m);
  *meter = NULL;
}

trm__comm_meter *trm__comm_meter_new(int ranks) {
  trm__comm_meter *m = trm__base_calloc(1, sizeof *m);
  m->shown.on = true;
  m->shown.ranks = ranks;
  m->to = trm__base_calloc((size_t)ranks, sizeof *m->to);
  m->threads = trm__comm_threads_new();
  m->stride = 1;
  atomic_store(&m->marking, -1);
  return m;
}

void trm__comm_meter_switch(trm__comm_meter *m, bool on) {
  m->shown.on = on;
}

void trm__comm_meter_begin(trm__comm_meter *m) {
  trm__comm_untracked_read(&m->untracked);
  m->spent = (trm__comm_spent){.began = trm_now()};
  m->others_began = trm__comm_threads_worked(m->threads, m->spent.began);
  m->counting = m->shown.on;
}

/* Book MPI that the kernel calls itself. Inside a site it is useful time
 * already, so only time that no site and no call explains is counted. */
static void book_untracked(trm__comm_meter *m) {
  trm__comm_untracked now;
  trm__comm_spent *s = &m->spent;
  if (!m->counting || !trm__comm_untracked_read(&now)) return;
  double left = s->wall - s->region - s->serial - s->calls - s->checkpoint;
  double seconds = fmin(now.seconds - m->untracked.seconds, fmax(left, 0));
  trm_call_total *total = &m->shown.calls[TRM_FOR_KERNEL][TRM_CALL_UNTRACKED];
  total->calls +=
      now.calls + now.messages - m->untracked.calls - m->untracked.messages;
  total->seconds += seconds;
  s->calls += seconds;
}

static double within(double value, double most) {
  return fmax(fmin(value, most), 0);
}

/* Background work fills at most the cores that the first thread left idle in
 * spans of each kind. Work of more threads than cores is counted in their
 * sites, not in the ledger. */
static void credit_others(trm__comm_meter *m, double threads, double now) {
  trm__comm_spent *s = &m->spent;
  struct trm__others *o = &s->others;
  double rest = s->wall - s->region - s->serial - s->calls - s->checkpoint;
  o->all = trm__comm_threads_worked(m->threads, now) - m->others_began;
  double outside = o->all - o->region - o->serial - o->calls - o->checkpoint;
  o->region = within(o->region, threads * s->region - s->region_useful);
  o->serial = within(o->serial, (threads - 1) * s->serial);
  o->calls = within(o->calls, threads * s->calls);
  o->checkpoint = within(o->checkpoint, threads * s->checkpoint);
  outside = within(outside, threads * rest);
  o->all = o->region + o->serial + o->calls + o->checkpoint + outside;
  s->useful += o->all;
}

void trm__comm_meter_end(trm__comm_meter *m, int threads) {
  double now = trm_now();
  m->spent.wall = now - m->spent.began;
  book_untracked(m);
  if (m->counting) credit_others(m, threads, now);
  m->counting = false;
}

void trm__comm_others_enter(trm__comm_meter *m, double now) {
  m->others_at = trm__comm_threads_worked(m->threads, now);
}

double trm__comm_others_leave(trm__comm_meter *m, double now) {
  return trm__comm_threads_worked(m->threads, now) - m->others_at;
}

/* -- windows --------------------------------------------------------------- */

static void make_room(trm__comm_meter *m) {
  if (m->window[0].events) return;
  for (int w = 0; w < TRM__WINDOWS; w++)
    m->window[w].events =
        trm__base_calloc(TRM__WINDOW_EVENTS, sizeof *m->window[w].events);
}

static void move_window(trm__comm_meter *m, int from, int to) {
  trm__comm_window moved = m->window[from];
  m->window[from].events = m->window[to].events;
  m->window[to] = moved;
  for (trm__comm_thread *t = trm__comm_threads_last(m->threads); t;
       t = t->next) {
    pthread_mutex_lock(&t->log_lock);
    int n = t->marks[to] = t->marks[from];
    if (n)
      memcpy(t->mark + to * TRM__WINDOW_SPANS,
             t->mark + from * TRM__WINDOW_SPANS, (size_t)n * sizeof *t->mark);
    pthread_mutex_unlock(&t->log_lock);
  }
}

/* Drop every other window. */
static void thin_out(trm__comm_meter *m) {
  int kept = 0;
  m->stride *= 2;
  for (int w = 0; w < m->windows; w++) {
    if (m->window[w].chunk % m->stride) continue;
    if (w != kept) move_window(m, w, kept);
    kept++;
  }
  m->windows = kept;
}

void trm__comm_window_open(trm__comm_meter *m, int64_t chunk, int64_t first,
                           int64_t steps) {
  if (!m->shown.on || chunk % m->stride) return;
  if (m->windows == TRM__WINDOWS) thin_out(m);
  if (chunk % m->stride) return;
  make_room(m);
  m->open = m->windows++;
  trm__comm_window *w = &m->window[m->open];
  *w = (trm__comm_window){.chunk = chunk,
                          .first = first,
                          .steps = steps,
                          .begin = trm_now(),
                          .events = w->events};
  for (trm__comm_thread *t = trm__comm_threads_last(m->threads); t;
       t = t->next) {
    pthread_mutex_lock(&t->log_lock);
    t->marks[m->open] = 0;
    pthread_mutex_unlock(&t->log_lock);
  }
  m->recording = true;
  atomic_store(&m->marking, m->open);
}

void trm__comm_window_close(trm__comm_meter *m, int64_t steps) {
  if (!m->recording) return;
  m->window[m->open].end = trm_now();
  m->window[m->open].steps = steps;
  m->recording = false;
  atomic_store(&m->marking, -1);
}

/* The window may be closed meanwhile, but not moved: moving takes the lock
 * too. */
void trm__comm_mark_log(trm__comm_meter *m, trm__comm_thread *t,
                        const char *name, double enter, double leave) {
  if (atomic_load_explicit(&m->marking, memory_order_relaxed) < 0) return;
  pthread_mutex_lock(&t->log_lock);
  int window = atomic_load(&m->marking);
  if (window >= 0 && t->marks[window] < TRM__WINDOW_SPANS) {
    if (!t->mark)
      t->mark =
          trm__base_calloc(TRM__WINDOWS * TRM__WINDOW_SPANS, sizeof *t->mark);
    t->mark[window * TRM__WINDOW_SPANS + t->marks[window]++] =
        (trm__comm_mark){enter, leave, name};
  }
  pthread_mutex_unlock(&t->log_lock);
}

trm__comm_event *trm__comm_event_new(trm__comm_meter *m) {
  if (!m || !m->recording || m->checkpointing) return NULL;
  trm__comm_window *w = &m->window[m->open];
  if (w->n < TRM__WINDOW_EVENTS) return &w->events[w->n++];
  w->lost++;
  return NULL;
}

/* -- checkpoints ----------------------------------------------------------- */

void trm__comm_meter_checkpoint(trm__comm_meter *m) {
  if (!m->shown.on) return;
  m->checkpoint_began = trm_now();
  trm__comm_event *e = trm__comm_event_new(m);
  if (e)
    *e = (trm__comm_event){.enter = m->checkpoint_began,
                           .leave = m->checkpoint_began,
                           .partner = -1,
                           .what = TRM__EVENT_CHECKPOINT,
                           .cause = TRM_FOR_CHECKPOINT};
  m->checkpoint_event = e;
  m->checkpointing = true;
  m->others_checkpoint =
      trm__comm_threads_worked(m->threads, m->checkpoint_began);
  atomic_store(&m->marking, -1);
  trm__comm_untracked_begin(); /* HDF5 calls MPI too */
}

void trm__comm_meter_checkpoint_end(trm__comm_meter *m) {
  if (!m->checkpointing) return;
  double now = trm_now(), seconds = now - m->checkpoint_began;
  trm__comm_untracked_end();
  m->checkpointing = false;
  m->shown.checkpoint_seconds += seconds;
  if (m->recording) atomic_store(&m->marking, m->open);
  if (m->counting) {
    m->spent.checkpoint += seconds;
    m->spent.others.checkpoint +=
        trm__comm_threads_worked(m->threads, now) - m->others_checkpoint;
  }
  if (m->checkpoint_event) m->checkpoint_event->leave = now;
  m->checkpoint_event = NULL;
}
