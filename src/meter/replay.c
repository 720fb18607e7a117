/* Each rank has its own ideal clock, which runs while the rank works and stops
 * in calls. A message carries its sender's clock at the post; the receiver's
 * clock advances to that time if it is earlier. Ranks are replayed in turn,
 * each as far as possible. A rank that depends on an event not yet reached is
 * queued again when that event is reached. */
#include "meter/replay.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "meter/match.h"

typedef struct walker { /* the state of a rank */
  int next;             /* event */
  bool reached;         /* its entry: everything before it is counted */
  int scan;             /* post of the batch being checked; -1: all checked */
  bool scanning, arrived;
  double at;  /* up to here the window is accounted for, on the common clock */
  double tau; /* the ideal clock */
  double calls, apart;  /* seconds in calls; in checkpoints */
  bool running, queued; /* running: not stopped, not at its end */
} walker;

typedef struct gathering { /* of a joint call: ranks that have arrived */
  int arrived;
  bool released;
  double tau;
} gathering;

typedef struct replay {
  int ranks;
  const trm__meter_part_events *part;
  trm__meter_matching m;
  trm__meter_replayed *out;
  walker *walker;
  double *stamp; /* of each message; -1: not sent yet */
  bool *awaited; /* of each message: its receiver waits for it */
  gathering *gathering;
  int *queue, head, queued; /* ring of ranks that can continue */
} replay;

static void enqueue(replay *p, int rank) {
  walker *w = &p->walker[rank];
  if (w->queued || !w->running) return;
  w->queued = true;
  p->queue[(p->head + p->queued++) % p->ranks] = rank;
}

/* -- can an event pass? ---------------------------------------------------- */

typedef enum readiness { READY, LATER, NEVER } readiness;

/* All receives of a batch have their stamps. */
static readiness batch_ready(replay *p, int rank, int event) {
  walker *w = &p->walker[rank];
  const int base = p->m.base[rank];
  if (p->m.open[base + event]) return NEVER;
  if (!w->scanning) w->scan = p->m.chain[base + event];
  w->scanning = true;
  for (; w->scan >= 0; w->scan = p->m.chain[base + w->scan]) {
    int of = p->m.of[base + w->scan];
    if (p->part[rank].events[w->scan].what != TRM__EVENT_RECEIVE) continue;
    if (p->stamp[of] >= 0) continue;
    p->awaited[of] = true;
    return LATER;
  }
  return READY;
}

static void release(replay *p, int joint) {
  const trm__meter_joint_call *m = &p->m.joint[joint];
  p->gathering[joint].released = true;
  for (int k = 0; k < m->present; k++) enqueue(p, p->m.seat[m->first + k].rank);
}

static readiness joint_ready(replay *p, int rank, int joint) {
  const trm__meter_joint_call *m = &p->m.joint[joint];
  gathering *g = &p->gathering[joint];
  walker *w = &p->walker[rank];
  bool rooted = m->root >= 0;
  if (rooted ? isinf(m->opened) : m->present < m->members) return NEVER;
  if (!w->arrived) {
    w->arrived = true;
    g->arrived++;
    if (!rooted || rank == m->root) g->tau = fmax(g->tau, w->tau);
    if (rooted ? rank == m->root : g->arrived == m->members) release(p, joint);
  }
  return g->released ? READY : LATER;
}

static bool completes(const trm__comm_event *e) {
  return e->what == TRM__EVENT_WAIT || (e->what == TRM__EVENT_TEST && e->bytes);
}

static readiness ready(replay *p, int rank, int event) {
  const trm__comm_event *e = &p->part[rank].events[event];
  if (completes(e)) return batch_ready(p, rank, event);
  if (e->what != TRM__EVENT_COLLECTIVE && e->what != TRM__EVENT_CHECKPOINT)
    return READY;
  return joint_ready(p, rank, p->m.of[p->m.base[rank] + event]);
}

/* -- an event passes ------------------------------------------------------- */

static double clamp(double value, double most) {
  return value > 0 ? value < most ? value : most : 0;
}

/* Seconds of a call spent waiting for a late partner. */
static double waiting_of(const replay *p, int rank, int event,
                         double duration) {
  const trm__comm_event *e = &p->part[rank].events[event];
  int at = p->m.base[rank] + event;
  if (e->what == TRM__EVENT_WAIT || e->what == TRM__EVENT_TEST)
    return clamp(p->m.until[at] - e->enter, duration);
  if (e->what != TRM__EVENT_COLLECTIVE) return 0;
  const trm__meter_joint_call *m = &p->m.joint[p->m.of[at]];
  return clamp((m->root >= 0 ? m->opened : m->latest) - e->enter, duration);
}

/* Messages that are posted together are one call. */
static bool is_new_call(const replay *p, int rank, int event) {
  const trm__comm_event *e = &p->part[rank].events[event], *before = e - 1;
  if (e->call != TRM_CALL_POST || event == 0) return true;
  return before->call != TRM_CALL_POST || before->batch != e->batch ||
         before->enter != e->enter;
}

static void count_call(replay *p, int rank, int event, double duration) {
  const trm__comm_event *e = &p->part[rank].events[event];
  size_t kind = ((size_t)rank * TRM_CAUSE_COUNT + e->cause) * TRM_CALL_COUNT;
  trm__meter_called *called = &p->out->called[kind + e->call];
  double waiting = waiting_of(p, rank, event, duration);
  p->walker[rank].calls += duration;
  p->out->waiting[rank][event] = waiting;
  called->seconds += duration;
  called->waiting += waiting;
  called->calls += is_new_call(p, rank, event);
}

/* Advance the ideal clock. */
static void lift(replay *p, int rank, int event) {
  const trm__comm_event *e = &p->part[rank].events[event];
  walker *w = &p->walker[rank];
  const int base = p->m.base[rank];
  if (e->what == TRM__EVENT_COLLECTIVE || e->what == TRM__EVENT_CHECKPOINT)
    w->tau = fmax(w->tau, p->gathering[p->m.of[base + event]].tau);
  if (!completes(e)) return;
  for (int i = p->m.chain[base + event]; i >= 0; i = p->m.chain[base + i])
    if (p->part[rank].events[i].what == TRM__EVENT_RECEIVE)
      w->tau = fmax(w->tau, p->stamp[p->m.of[base + i]]);
}

static void send(replay *p, int rank, int event) {
  int of = p->m.of[p->m.base[rank] + event];
  if (of < 0) return;
  p->stamp[of] = p->walker[rank].tau;
  if (p->awaited[of]) enqueue(p, p->m.message[of].to);
}

static void pass(replay *p, int rank, int event) {
  const trm__comm_event *e = &p->part[rank].events[event];
  walker *w = &p->walker[rank];
  double duration = fmax(e->leave - w->at, 0);
  w->at += duration;
  if (e->what == TRM__EVENT_SITE || e->what == TRM__EVENT_REGION) {
    w->tau += duration;
    return;
  }
  if (e->what == TRM__EVENT_CHECKPOINT)
    w->apart += duration;
  else
    count_call(p, rank, event, duration);
  if (e->what == TRM__EVENT_SEND) send(p, rank, event);
  lift(p, rank, event);
}

/* -- the walk -------------------------------------------------------------- */

static void work_until(walker *w, double time) {
  double gap = fmax(time - w->at, 0);
  w->at += gap;
  w->tau += gap;
}

static void walk(replay *p, int rank) {
  walker *w = &p->walker[rank];
  const trm__meter_part_events *part = &p->part[rank];
  for (; w->next < part->n; w->next++) {
    if (!w->reached) work_until(w, part->events[w->next].enter);
    w->reached = true;
    readiness now = ready(p, rank, w->next);
    if (now == NEVER) w->running = false;
    if (now != READY) return;
    pass(p, rank, w->next);
    w->reached = w->scanning = w->arrived = false;
  }
  if (!part->cut) work_until(w, part->end);
  w->running = false;
}

static void walk_all(replay *p) {
  for (int r = 0; r < p->ranks; r++) {
    p->walker[r].running = true;
    p->walker[r].at = p->part[r].begin;
    enqueue(p, r);
  }
  while (p->queued) {
    int rank = p->queue[p->head];
    p->head = (p->head + 1) % p->ranks;
    p->queued--;
    p->walker[rank].queued = false;
    walk(p, rank);
  }
}

/* -- figures --------------------------------------------------------------- */

/* Limited to the measured time above and to the work of the busiest rank below:
 * small clock differences, and checkpoints (left out) that ranks enter at
 * different times, could exceed these. */
static void conclude(replay *p) {
  trm__meter_replayed *out = p->out;
  double busiest = 0;
  for (int r = 0; r < p->ranks; r++) {
    const walker *w = &p->walker[r];
    out->covered[r] = fmax(w->at - p->part[r].begin - w->apart, 0);
    out->busy[r] = fmax(out->covered[r] - w->calls, 0);
    out->wall = fmax(out->wall, out->covered[r]);
    out->ideal = fmax(out->ideal, w->tau);
    busiest = fmax(busiest, out->busy[r]);
  }
  out->ideal = fmin(fmax(out->ideal, busiest), out->wall);
}

static int64_t count_unmatched(const replay *p) {
  int64_t count = 0;
  for (int r = 0; r < p->ranks; r++)
    for (int i = 0; i < p->part[r].n; i++) {
      const trm__comm_event *e = &p->part[r].events[i];
      int of = p->m.of[p->m.base[r] + i];
      if (e->what == TRM__EVENT_SEND || e->what == TRM__EVENT_RECEIVE)
        count += of < 0;
      if (e->what != TRM__EVENT_COLLECTIVE && e->what != TRM__EVENT_CHECKPOINT)
        continue;
      const trm__meter_joint_call *m = &p->m.joint[of];
      count += m->root >= 0 ? isinf(m->opened) : m->present < m->members;
    }
  return count;
}

static void make_room(replay *p) {
  size_t ranks = (size_t)p->ranks, messages = (size_t)p->m.messages + 1;
  trm__meter_replayed *out = p->out;
  double *waiting = trm__base_calloc((size_t)p->m.n + 1, sizeof *waiting);
  out->waiting = trm__base_calloc(ranks + 1, sizeof *out->waiting);
  for (int r = 0; r <= p->ranks; r++) out->waiting[r] = waiting + p->m.base[r];
  out->called = trm__base_calloc(ranks * TRM_CAUSE_COUNT * TRM_CALL_COUNT,
                                 sizeof *out->called);
  out->covered = trm__base_calloc(ranks, sizeof *out->covered);
  out->busy = trm__base_calloc(ranks, sizeof *out->busy);
  p->walker = trm__base_calloc(ranks, sizeof *p->walker);
  p->queue = trm__base_calloc(ranks, sizeof *p->queue);
  p->stamp = trm__base_calloc(messages, sizeof *p->stamp);
  p->awaited = trm__base_calloc(messages, sizeof *p->awaited);
  p->gathering =
      trm__base_calloc((size_t)p->m.joints + 1, sizeof *p->gathering);
  for (int i = 0; i < p->m.messages; i++) p->stamp[i] = -1;
}

static void free_room(replay *p) {
  free(p->walker);
  free(p->queue);
  free(p->stamp);
  free(p->awaited);
  free(p->gathering);
}

void trm__meter_replay(int ranks, const trm__meter_part_events part[],
                       int64_t eager, trm__meter_replayed *out) {
  replay p = {.ranks = ranks, .part = part, .out = out};
  *out = (trm__meter_replayed){.ranks = ranks};
  trm__meter_match_window(ranks, part, eager, &p.m);
  make_room(&p);
  walk_all(&p);
  conclude(&p);
  out->unmatched = count_unmatched(&p);
  out->matches = p.m.message;
  out->nmatches = p.m.messages;
  p.m.message = NULL;
  free_room(&p);
  trm__meter_matching_clear(&p.m);
}

void trm__meter_replayed_clear(trm__meter_replayed *out) {
  if (out->waiting) free(out->waiting[0]);
  free(out->waiting);
  free(out->called);
  free(out->covered);
  free(out->busy);
  free(out->matches);
  *out = (trm__meter_replayed){.ranks = 0};
}
