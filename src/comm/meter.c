#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "comm/call.h"
#include "comm/run.h"

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

static void meter_drop(trm_run *run, void *what) {
  trm__comm_meter *m = what;
  run->own->counter.meter = NULL;
  run->own->meter = NULL;
  for (int w = 0; w < TRM__WINDOWS; w++) free(m->window[w].events);
  trm__comm_threads_free(&m->threads);
  free(m->to);
  free(m);
}

void trm__comm_meter_new(trm_run *run) {
  trm__comm_meter *m = trm__base_calloc(1, sizeof *m);
  m->shown.on = true;
  m->shown.ranks = run->ranks;
  m->to = trm__base_calloc((size_t)run->ranks, sizeof *m->to);
  m->threads = trm__comm_threads_new();
  m->stride = 1;
  atomic_store(&m->marking, -1);
  run->own->meter = m;
  run->own->counter.meter = m;
  trm__comm_attach(run, m, meter_drop);
}

void trm__comm_meter_switch(trm_run *run, bool on) {
  run->own->meter->shown.on = on;
}

trm_meter trm_meter_read(const trm_run *run) {
  trm_meter shown = run->own->meter->shown;
  shown.to = run->own->meter->to;
  return shown;
}

void trm__comm_meter_begin(trm_run *run) {
  trm__comm_meter *m = run->own->meter;
  trm__comm_untracked_read(&m->beside);
  m->spent = (trm__comm_spent){.began = trm_now()};
  m->others_began = trm__comm_threads_worked(m->threads, m->spent.began);
  m->counting = m->shown.on;
}

/* MPI called by the kernel itself. What it calls inside a site is useful time
 * already; only what neither a site nor a call explains is booked. */
static void book_beside(trm__comm_meter *m) {
  trm__comm_untracked now;
  trm__comm_spent *s = &m->spent;
  if (!m->counting || !trm__comm_untracked_read(&now)) return;
  double left = s->wall - s->region - s->serial - s->calls - s->checkpoint;
  double seconds = fmin(now.seconds - m->beside.seconds, fmax(left, 0));
  trm_call_total *total = &m->shown.calls[TRM_FOR_KERNEL][TRM_CALL_UNTRACKED];
  total->calls +=
      now.calls + now.messages - m->beside.calls - m->beside.messages;
  total->seconds += seconds;
  s->calls += seconds;
}

static double within(double value, double most) {
  return fmax(fmin(value, most), 0);
}

/* Background work fills what the first thread left of `threads` cores in spans of
 * each kind, and no more: what more threads than those did at once is counted in
 * their sites, not in the ledger. */
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

void trm__comm_meter_end(trm_run *run) {
  trm__comm_meter *m = run->own->meter;
  double now = trm_now();
  m->spent.wall = now - m->spent.began;
  book_beside(m);
  if (m->counting) credit_others(m, run->threads, now);
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

/* Every other window goes. */
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

void trm__comm_window_open(trm_run *run, int64_t chunk, int64_t first,
                           int64_t steps) {
  trm__comm_meter *m = run->own->meter;
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

void trm__comm_window_close(trm_run *run, int64_t steps) {
  trm__comm_meter *m = run->own->meter;
  if (!m->recording) return;
  m->window[m->open].end = trm_now();
  m->window[m->open].steps = steps;
  m->recording = false;
  atomic_store(&m->marking, -1);
}

/* The window may be closed meanwhile, but not moved: that takes the lock too. */
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

void trm__comm_meter_checkpoint(trm_run *run) {
  trm__comm_meter *m = run->own->meter;
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

void trm__comm_meter_checkpoint_end(trm_run *run) {
  trm__comm_meter *m = run->own->meter;
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

/* -- calls ----------------------------------------------------------------- */

#ifdef TRM_DEBUG
static void no_message_in_site(trm__comm_meter *m) {
  const char *site = trm__comm_thread_here(m->threads)->site;
  if (!site) return;
  fprintf(stderr,
          "trireme: a message inside site %s, or after it was left by break, "
          "return or goto\n",
          site);
  abort();
}
#endif

double trm__comm_call_enter(const trm_comm *comm) {
  trm__comm_meter *m = comm->counter->meter;
  double now = m && m->shown.on ? trm_now() : 0;
#ifdef TRM_DEBUG
  if (m) no_message_in_site(m);
#endif
  trm__comm_untracked_begin();
  if (now > 0) trm__comm_others_enter(m, now);
  return now;
}

double trm__comm_call_leave(const trm_comm *comm, trm_call call, double enter) {
  trm__comm_meter *m = comm->counter->meter;
  trm__comm_untracked_end();
  if (!m) return 0;
  trm_call_total *total = &m->shown.calls[comm->counter->cause][call];
  total->calls++;
  if (!m->shown.on) return 0;
  double now = trm_now();
  total->seconds += now - enter;
  if (!m->counting || m->checkpointing) return now;
  m->spent.calls += now - enter;
  m->spent.others.calls += trm__comm_others_leave(m, now);
  return now;
}

static int global(const trm_comm *comm, int rank) {
  return comm->global && rank >= 0 ? comm->global[rank] : rank;
}

void trm__comm_call_log(const trm_comm *comm, trm_call call, double enter,
                        double leave, int64_t bytes, int root) {
  trm__comm_event *e = trm__comm_event_new(comm->counter->meter);
  if (!e) return;
  *e = (trm__comm_event){.enter = enter,
                         .leave = leave,
                         .bytes = bytes,
                         .comm = comm->id,
                         .partner = global(comm, root),
                         .what = TRM__EVENT_COLLECTIVE,
                         .call = (uint8_t)call,
                         .cause = (uint8_t)comm->counter->cause};
}

static void tally(trm_tally *t, int64_t bytes) {
  t->messages++;
  t->bytes += bytes;
}

void trm__comm_message_log(const trm_comm *comm, const trm__comm_posted *p,
                           uint32_t batch, double enter, double leave) {
  trm__comm_meter *m = comm->counter->meter;
  if (!m) return;
  int class = trm_size_class(p->bytes), partner = global(comm, p->partner);
  trm_cause cause = comm->counter->cause;
  if (p->send) tally(&m->to[partner], p->bytes);
  tally(
      p->send ? &m->shown.sent[cause][class] : &m->shown.received[cause][class],
      p->bytes);
  trm__comm_event *e = trm__comm_event_new(m);
  if (!e) return;
  *e = (trm__comm_event){.enter = enter,
                         .leave = leave,
                         .bytes = p->bytes,
                         .comm = comm->id,
                         .batch = batch,
                         .partner = partner,
                         .tag = p->tag,
                         .what = p->send ? TRM__EVENT_SEND : TRM__EVENT_RECEIVE,
                         .call = TRM_CALL_POST,
                         .cause = (uint8_t)cause};
}

/* Tests in a row that find nothing are one. */
static bool goes_on(trm__comm_meter *m, uint32_t batch, double leave) {
  trm__comm_window *w = &m->window[m->open];
  if (!m->recording || m->checkpointing || w->n == 0) return false;
  trm__comm_event *last = &w->events[w->n - 1];
  if (last->what != TRM__EVENT_TEST || last->batch != batch || last->bytes)
    return false;
  last->leave = leave;
  return true;
}

void trm__comm_wait_log(const trm_comm *comm, trm__comm_event_kind what,
                        uint32_t batch, bool done, double enter, double leave) {
  trm__comm_meter *m = comm->counter->meter;
  if (!m || !m->recording) return;
  if (what == TRM__EVENT_TEST && !done && goes_on(m, batch, leave)) return;
  trm__comm_event *e = trm__comm_event_new(m);
  if (!e) return;
  *e = (trm__comm_event){
      .enter = enter,
      .leave = leave,
      .bytes = done,
      .comm = comm->id,
      .batch = batch,
      .partner = -1,
      .what = (uint8_t)what,
      .call = what == TRM__EVENT_TEST ? TRM_CALL_TEST : TRM_CALL_WAIT,
      .cause = (uint8_t)comm->counter->cause};
}

uint32_t trm__comm_batch_name(const trm_comm *comm) {
  trm__comm_meter *m = comm->counter->meter;
  return m ? ++m->batches : 0;
}
