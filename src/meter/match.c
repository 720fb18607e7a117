#include "meter/match.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

/* -- messages -------------------------------------------------------------- */

typedef struct post { /* a send or a receive */
  int from, to, tag;
  uint32_t comm;
  int rank, event;
} post;

static int order(int64_t a, int64_t b) {
  return (a > b) - (a < b);
}

static int channel_order(const post *a, const post *b) {
  int by = order(a->from, b->from);
  if (!by) by = order(a->to, b->to);
  if (!by) by = order(a->comm, b->comm);
  return by ? by : order(a->tag, b->tag);
}

static int post_order(const void *x, const void *y) {
  const post *a = x, *b = y;
  int by = channel_order(a, b);
  return by ? by : order(a->event, b->event);
}

/* Sends, or receives, of all ranks, sorted. */
static post *posts_of(int ranks, const trm__meter_part_events part[],
                      trm__comm_event_kind what, int *n) {
  int count = 0;
  for (int r = 0; r < ranks; r++)
    for (int i = 0; i < part[r].n; i++) count += part[r].events[i].what == what;
  post *list = trm__base_calloc((size_t)count + 1, sizeof *list);
  *n = 0;
  for (int r = 0; r < ranks; r++)
    for (int i = 0; i < part[r].n; i++) {
      const trm__comm_event *e = &part[r].events[i];
      if (e->what != what) continue;
      bool send = what == TRM__EVENT_SEND;
      list[(*n)++] = (post){
          send ? r : e->partner, send ? e->partner : r, e->tag, e->comm, r, i};
    }
  qsort(list, (size_t)*n, sizeof *list, post_order);
  return list;
}

static void add_message(trm__meter_matching *m, const post *send,
                        const post *receive) {
  m->of[m->base[send->rank] + send->event] = m->messages;
  m->of[m->base[receive->rank] + receive->event] = m->messages;
  m->message[m->messages++] = (trm__meter_message){
      send->rank, send->event, receive->rank, receive->event, -1};
}

/* Both lists are sorted by channel and, within a channel, by post: the n-th
 * send matches the n-th receive. The rest of the longer list has no match. */
static void match_messages(const trm__meter_part_events part[],
                           trm__meter_matching *m) {
  int sends, receives, s = 0, r = 0;
  post *send = posts_of(m->ranks, part, TRM__EVENT_SEND, &sends);
  post *receive = posts_of(m->ranks, part, TRM__EVENT_RECEIVE, &receives);
  m->message = trm__base_calloc((size_t)sends + 1, sizeof *m->message);
  while (s < sends && r < receives) {
    int by = channel_order(&send[s], &receive[r]);
    if (by == 0) add_message(m, &send[s], &receive[r]);
    s += by <= 0;
    r += by >= 0;
  }
  free(send);
  free(receive);
}

/* -- batches --------------------------------------------------------------- */

static bool is_post(const trm__comm_event *e) {
  return e->what == TRM__EVENT_SEND || e->what == TRM__EVENT_RECEIVE;
}

static bool is_wait(const trm__comm_event *e) {
  return e->what == TRM__EVENT_WAIT || e->what == TRM__EVENT_TEST;
}

/* Does this event complete the batch, so that it can be filled or started
 * again? */
static bool completes(const trm__comm_event *e) {
  return e->what == TRM__EVENT_WAIT || (e->what == TRM__EVENT_TEST && e->bytes);
}

typedef struct step { /* an event of a batch */
  uint32_t batch;
  int event;
} step;

static int step_order(const void *x, const void *y) {
  const step *a = x, *b = y;
  int by = order(a->batch, b->batch);
  return by ? by : order(a->event, b->event);
}

/* When the partner of a post had posted; open if not known. Senders of small
 * messages do not wait. */
static double partner_posted(const trm__meter_part_events part[], int64_t eager,
                             const trm__meter_matching *m, int rank, int event,
                             bool *open) {
  const trm__comm_event *e = &part[rank].events[event];
  int of = m->of[m->base[rank] + event];
  bool send = e->what == TRM__EVENT_SEND;
  *open = false;
  if (send && e->bytes <= eager) return -HUGE_VAL;
  *open = of < 0;
  if (of < 0) return -HUGE_VAL;
  const trm__meter_message *message = &m->message[of];
  return send ? part[message->to].events[message->receive].enter
              : part[message->from].events[message->send].enter;
}

/* The events of one batch from its first to its last, as a chain. */
static void chain_event(const trm__meter_part_events part[], int64_t eager,
                        trm__meter_matching *m, int rank, int event,
                        int *last) {
  const trm__comm_event *e = &part[rank].events[event];
  int at = m->base[rank] + event, before = m->base[rank] + *last;
  m->chain[at] = *last;
  if (*last >= 0) {
    m->until[at] = m->until[before];
    m->open[at] = m->open[before];
  }
  if (is_post(e)) {
    bool open;
    double posted = partner_posted(part, eager, m, rank, event, &open);
    m->until[at] = fmax(m->until[at], posted);
    m->open[at] = m->open[at] || open;
    *last = event;
  } else if (completes(e)) {
    *last = -1;
  }
}

static void chain_rank(const trm__meter_part_events part[], int64_t eager,
                       trm__meter_matching *m, int rank) {
  const trm__meter_part_events *p = &part[rank];
  step *list = trm__base_calloc((size_t)p->n + 1, sizeof *list);
  int n = 0, last = -1;
  for (int i = 0; i < p->n; i++)
    if (is_post(&p->events[i]) || is_wait(&p->events[i]))
      list[n++] = (step){p->events[i].batch, i};
  qsort(list, (size_t)n, sizeof *list, step_order);
  for (int i = 0; i < n; i++) {
    if (i && list[i].batch != list[i - 1].batch) last = -1;
    chain_event(part, eager, m, rank, list[i].event, &last);
  }
  free(list);
}

/* Which wait or test of the receiver completed a message. */
static void find_done(const trm__meter_part_events part[],
                      trm__meter_matching *m, int rank) {
  for (int i = 0; i < part[rank].n; i++) {
    const trm__comm_event *e = &part[rank].events[i];
    if (!completes(e)) continue;
    const int *base = &m->base[rank];
    for (int p = m->chain[*base + i]; p >= 0; p = m->chain[*base + p])
      if (part[rank].events[p].what == TRM__EVENT_RECEIVE &&
          m->of[*base + p] >= 0)
        m->message[m->of[*base + p]].done = i;
  }
}

/* -- joint calls ----------------------------------------------------------- */

static int by_rank(const void *x, const void *y) {
  const trm__meter_participant *a = x, *b = y;
  int by = order(a->comm, b->comm);
  if (!by) by = order(a->rank, b->rank);
  return by ? by : order(a->event, b->event);
}

static int by_joint(const void *x, const void *y) {
  const trm__meter_participant *a = x, *b = y;
  int by = order(a->comm, b->comm);
  if (!by) by = order(a->order, b->order);
  return by ? by : order(a->rank, b->rank);
}

static bool uses_comm(const trm__comm_event *e) {
  return is_post(e) || is_wait(e) || e->what == TRM__EVENT_COLLECTIVE;
}

/* One seat for each call of a kind; a checkpoint has no communicator. */
static trm__meter_participant *seats_of(int ranks,
                                        const trm__meter_part_events part[],
                                        int total,
                                        bool (*kind)(const trm__comm_event *),
                                        int *n) {
  trm__meter_participant *list =
      trm__base_calloc((size_t)total + 1, sizeof *list);
  *n = 0;
  for (int r = 0; r < ranks; r++)
    for (int i = 0; i < part[r].n; i++)
      if (kind(&part[r].events[i]))
        list[(*n)++] =
            (trm__meter_participant){part[r].events[i].comm, r, i, 0};
  qsort(list, (size_t)*n, sizeof *list, by_rank);
  for (int i = 1; i < *n; i++)
    if (list[i].comm == list[i - 1].comm && list[i].rank == list[i - 1].rank)
      list[i].order = list[i - 1].order + 1;
  return list;
}

static bool is_collective(const trm__comm_event *e) {
  return e->what == TRM__EVENT_COLLECTIVE;
}

static bool is_checkpoint(const trm__comm_event *e) {
  return e->what == TRM__EVENT_CHECKPOINT;
}

static void add_joint(const trm__meter_part_events part[],
                      trm__meter_matching *m, int first, int present,
                      int members) {
  const trm__meter_participant *seat = m->seat + first;
  const trm__comm_event *head = &part[seat->rank].events[seat->event];
  bool bcast =
      head->what == TRM__EVENT_COLLECTIVE && head->call == TRM_CALL_BCAST;
  trm__meter_joint_call *joint = &m->joint[m->joints];
  *joint = (trm__meter_joint_call){
      first, present, members, bcast ? head->partner : -1, -HUGE_VAL, HUGE_VAL};
  for (int k = 0; k < present; k++) {
    double enter = part[seat[k].rank].events[seat[k].event].enter;
    joint->latest = fmax(joint->latest, enter);
    if (seat[k].rank == joint->root) joint->opened = enter;
    m->of[m->base[seat[k].rank] + seat[k].event] = m->joints;
  }
  m->joints++;
}

/* The ranks that recorded anything on a communicator; `users` is sorted by
 * communicator and rank, and read on from *at. */
static int members_of(const trm__meter_participant *users, int n, uint32_t comm,
                      int *at) {
  int members = 0;
  while (*at < n && users[*at].comm < comm) ++*at;
  for (int last = -1, i = *at; i < n && users[i].comm == comm; i++)
    if (users[i].rank != last) {
      members++;
      last = users[i].rank;
    }
  return members;
}

static void join_calls(const trm__meter_part_events part[],
                       trm__meter_matching *m, int from, int to,
                       const trm__meter_participant *users, int nusers) {
  int at = 0, members = m->ranks;
  qsort(m->seat + from, (size_t)(to - from), sizeof *m->seat, by_joint);
  for (int i = from, end; i < to; i = end) {
    const trm__meter_participant *s = &m->seat[i];
    if (users && (i == from || s->comm != s[-1].comm))
      members = members_of(users, nusers, s->comm, &at);
    for (end = i + 1; end < to && m->seat[end].comm == s->comm &&
                      m->seat[end].order == s->order;)
      end++;
    add_joint(part, m, i, end - i, members);
  }
}

static void match_joints(const trm__meter_part_events part[],
                         trm__meter_matching *m) {
  int calls, checkpoints, nusers;
  trm__meter_participant *call =
      seats_of(m->ranks, part, m->n, is_collective, &calls);
  trm__meter_participant *checkpoint =
      seats_of(m->ranks, part, m->n, is_checkpoint, &checkpoints);
  trm__meter_participant *users =
      seats_of(m->ranks, part, m->n, uses_comm, &nusers);
  m->seats = calls + checkpoints;
  m->seat = trm__base_calloc((size_t)m->seats + 1, sizeof *m->seat);
  m->joint = trm__base_calloc((size_t)m->seats + 1, sizeof *m->joint);
  for (int i = 0; i < m->seats; i++)
    m->seat[i] = i < calls ? call[i] : checkpoint[i - calls];
  join_calls(part, m, 0, calls, users, nusers);
  join_calls(part, m, calls, m->seats, NULL, 0);
  free(call);
  free(checkpoint);
  free(users);
}

/* -- the whole ------------------------------------------------------------- */

void trm__meter_match_window(int ranks, const trm__meter_part_events part[],
                             int64_t eager, trm__meter_matching *m) {
  *m = (trm__meter_matching){.ranks = ranks};
  m->base = trm__base_calloc((size_t)ranks + 1, sizeof *m->base);
  for (int r = 0; r < ranks; r++) m->base[r + 1] = m->base[r] + part[r].n;
  m->n = m->base[ranks];
  size_t n = (size_t)m->n + 1;
  m->of = trm__base_calloc(n, sizeof *m->of);
  m->chain = trm__base_calloc(n, sizeof *m->chain);
  m->until = trm__base_calloc(n, sizeof *m->until);
  m->open = trm__base_calloc(n, sizeof *m->open);
  for (int i = 0; i < m->n; i++) {
    m->of[i] = m->chain[i] = -1;
    m->until[i] = -HUGE_VAL;
  }
  match_messages(part, m);
  for (int r = 0; r < ranks; r++) chain_rank(part, eager, m, r);
  for (int r = 0; r < ranks; r++) find_done(part, m, r);
  match_joints(part, m);
}

void trm__meter_matching_clear(trm__meter_matching *m) {
  free(m->base);
  free(m->of);
  free(m->chain);
  free(m->until);
  free(m->open);
  free(m->message);
  free(m->joint);
  free(m->seat);
  *m = (trm__meter_matching){.ranks = 0};
}
