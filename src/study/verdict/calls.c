/* Losses in calls: fixed costs of messages and reductions, their bytes, chains of
 * waiting. */
#include "study/verdict/calls.h"

/* A collective call that takes less than this moves too few bytes to matter. */
static const double SHORT = 1e-3;
/* Ranks that wait less than this in a call did not wait for work: it is the
 * jitter that a call costs. */
static const double JITTER = 1e-4;
/* Messages from one rank to another in a step that could be fewer: a halo needs one
 * or two. */
static const double MANY = 4;

static double share(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

static double per_call(double seconds, const trm__study_call_times *g) {
  return share(seconds, g->calls);
}

bool trm__study_small_messages(const trm__study_evidence *e) {
  double each = share(e->sent, e->pairs * e->steps);
  return each >= MANY && e->sent * e->per_message > e->sent_bytes * e->per_byte;
}

void trm__study_losses_calls(const trm__study_evidence *e,
                             trm__study_losses *l) {
  const trm__study_call_times *c = &e->collectives, *m = &e->messages;
  const trm__meter_parts *p = &e->ledger.parts;
  double transfer = c->transfer + m->transfer,
         waiting = c->waiting + m->waiting;
  bool latency = per_call(c->transfer, c) < SHORT,
       small = trm__study_small_messages(e);
  int sent = small ? TRM__LIMIT_SMALL_MESSAGES : TRM__LIMIT_TRANSFER;
  int reduced = latency ? TRM__LIMIT_LATENCY : TRM__LIMIT_TRANSFER;
  bool jitter = latency && per_call(c->waiting, c) < JITTER;
  bool behind = small && share(m->waiting, e->sent) < JITTER;
  l->lost[sent] += p->transfer * share(m->transfer, transfer);
  l->lost[reduced] += p->transfer * share(c->transfer, transfer);
  l->lost[behind ? sent : TRM__LIMIT_WAITING] +=
      p->waiting * share(m->waiting, waiting);
  l->lost[jitter ? reduced : TRM__LIMIT_WAITING] +=
      p->waiting * share(c->waiting, waiting);
}
