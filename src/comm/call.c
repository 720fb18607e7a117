#include "comm/call.h"

#include <stdlib.h>

#include "base/error.h"
#include "comm/untracked.h"

#ifdef TRM_DEBUG
static void no_message_in_site(trm__comm_meter *m) {
  const char *site = trm__comm_thread_here(m->threads)->site;
  if (!site) return;
  trm__base_error_print(
      "a message inside site %s, or after it was left by break, return or goto",
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

/* Consecutive tests without success are one event. */
static bool extends_last(trm__comm_meter *m, uint32_t batch, double leave) {
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
  if (what == TRM__EVENT_TEST && !done && extends_last(m, batch, leave)) return;
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
