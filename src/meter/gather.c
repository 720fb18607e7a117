#include "meter/gather.h"

#include <stdlib.h>
#include <string.h>

#include "comm/run.h"
#include "comm/tags.h"
#include "meter/work.h"

static const int64_t WINDOW_BYTES = 64 << 20; /* of all ranks, on rank 0 */

/* -- bytes ----------------------------------------------------------------- */

typedef struct bytes {
  char *data;
  int64_t n, capacity, at; /* at: read so far */
} bytes;

static void put(bytes *b, const void *data, size_t n) {
  int64_t required = b->n + (int64_t)n;
  if (required > b->capacity) {
    b->capacity = 2 * required;
    b->data = trm__base_grow(b->data, (size_t)b->capacity, 1);
  }
  if (n) memcpy(b->data + b->n, data, n);
  b->n = required;
}

static void take(bytes *b, void *data, size_t n) {
  if (n) memcpy(data, b->data + b->at, n);
  b->at += (int64_t)n;
}

/* A copy of n items; NULL of none. */
static void *take_list(bytes *b, size_t n, size_t size) {
  void *list = n ? trm__base_calloc(n, size) : NULL;
  take(b, list, n * size);
  return list;
}

static void send_bytes(const trm_comm *comm, const bytes *b) {
  trm_sendrecv(comm, &b->n, sizeof b->n, 0, NULL, 0, 0, TRM__TAG_MEASURE);
  trm_sendrecv(comm, b->data, b->n, 0, NULL, 0, 0, TRM__TAG_MEASURE);
}

static bytes receive_bytes(const trm_comm *comm, int from) {
  bytes b = {NULL, 0, 0, 0};
  trm_sendrecv(comm, NULL, 0, from, &b.n, sizeof b.n, from, TRM__TAG_MEASURE);
  b.data = trm__base_calloc((size_t)b.n + 1, 1);
  trm_sendrecv(comm, NULL, 0, from, b.data, b.n, from, TRM__TAG_MEASURE);
  return b;
}

/* Rank 0 gets the bytes of one rank after the other, its own first. */
static void gather(trm_run *run, bytes *mine,
                   void (*each)(void *context, int rank, bytes *),
                   void *context) {
  trm_cause before = trm_comm_cause(run->comm, TRM_FOR_CONTROL);
  if (run->rank) {
    send_bytes(run->comm, mine);
  } else {
    each(context, 0, mine);
    for (int r = 1; r < run->ranks; r++) {
      bytes theirs = receive_bytes(run->comm, r);
      each(context, r, &theirs);
      free(theirs.data);
    }
  }
  trm_comm_cause_end(run->comm, before);
}

/* -- records --------------------------------------------------------------- */

static void pack_record(const trm__meter_record *r, bytes *b) {
  trm__meter_record head = *r;
  head.text = 0;
  for (int i = 0; i < r->sites; i++)
    head.text += (int)strlen(r->site[i].name) + 1;
  put(b, &head, sizeof head);
  put(b, r->site, (size_t)r->sites * sizeof *r->site);
  put(b, r->loop, (size_t)r->sites * sizeof *r->loop);
  put(b, r->partner, (size_t)r->partners * sizeof *r->partner);
  for (int i = 0; i < r->sites; i++)
    put(b, r->site[i].name, strlen(r->site[i].name) + 1);
}

static trm__meter_record unpack_record(bytes *b) {
  trm__meter_record r;
  take(b, &r, sizeof r);
  r.site = take_list(b, (size_t)r.sites, sizeof *r.site);
  r.loop = take_list(b, (size_t)r.sites, sizeof *r.loop);
  r.partner = take_list(b, (size_t)r.partners, sizeof *r.partner);
  r.names = take_list(b, (size_t)r.text, 1);
  const char *name = r.names;
  for (int i = 0; i < r.sites; i++, name += strlen(name) + 1)
    r.site[i].name = name;
  return r;
}

void trm__meter_record_clear(trm__meter_record *r) {
  free(r->site);
  free(r->loop);
  free(r->partner);
  free(r->names);
  *r = (trm__meter_record){.threads = 0};
}

typedef struct receiver {
  void (*each)(void *context, int rank, const trm__meter_record *);
  void *context;
} receiver;

static void hand_on(void *context, int rank, bytes *b) {
  const receiver *to = context;
  trm__meter_record r = unpack_record(b);
  to->each(to->context, rank, &r);
}

void trm__meter_records_gather(trm_run *run, const trm__meter_record *mine,
                               void (*each)(void *, int,
                                            const trm__meter_record *),
                               void *context) {
  bytes b = {NULL, 0, 0, 0};
  receiver to = {each, context};
  pack_record(mine, &b);
  gather(run, &b, hand_on, &to);
  free(b.data);
}

/* -- windows --------------------------------------------------------------- */

typedef struct head { /* of one rank's part of a window */
  int64_t chunk, first, steps;
  double begin, end;
  int n, marks;
  bool cut;
} head;

typedef struct names {  /* of this rank's sites */
  trm_site_total *site; /* owned */
  int n;
} names;

/* Names travel as numbers; 0: none. */
static const char *number_of(const names *list, const char *name) {
  if (!name) return NULL;
  for (int i = 0; i < list->n; i++)
    if (list->site[i].name == name || !strcmp(list->site[i].name, name))
      return (const char *)(intptr_t)(i + 1);
  return NULL;
}

static const char *name_of(const trm__meter_record *r, const char *number) {
  intptr_t i = (intptr_t)number;
  return i > 0 && i <= r->sites ? r->site[i - 1].name : "site";
}

static void pack_events(const trm__comm_window *w, int n,
                        const trm__meter_clock clock[2], const names *list,
                        bytes *b) {
  for (int i = 0; i < n; i++) {
    trm__comm_event e = w->events[i];
    e.enter = trm__meter_clock_fix(&clock[0], &clock[1], e.enter);
    e.leave = trm__meter_clock_fix(&clock[0], &clock[1], e.leave);
    e.name = number_of(list, e.name);
    put(b, &e, sizeof e);
  }
}

static void pack_thread(trm__comm_thread *t, int window,
                        const trm__meter_clock clock[2], const names *list,
                        int n, bytes *b) {
  for (int i = 0; i < n; i++) {
    const trm__comm_mark *k = &t->mark[window * TRM__WINDOW_SPANS + i];
    trm__meter_thread_mark mark = {
        trm__meter_clock_fix(&clock[0], &clock[1], k->enter),
        trm__meter_clock_fix(&clock[0], &clock[1], k->leave),
        number_of(list, k->name), t->index};
    put(b, &mark, sizeof mark);
  }
}

/* \return their number; windows are closed, so no mark is added */
static int pack_marks(const trm__comm_meter *m, int window,
                      const trm__meter_clock clock[2], const names *list,
                      int most, bytes *b) {
  int sum = 0;
  for (trm__comm_thread *t = trm__comm_threads_last(m->threads); t;
       t = t->next) {
    int n = t->marks[window] < most ? t->marks[window] : most;
    if (b) pack_thread(t, window, clock, list, n, b);
    sum += n;
  }
  return sum;
}

/* Half of the space is for events, half for marks of the other threads. */
static void pack_window(const trm_run *run, int window,
                        const trm__meter_clock clock[2], bool marks, bytes *b) {
  const trm__comm_meter *m = run->own->meter;
  const trm__comm_window *w = &m->window[window];
  int64_t room = WINDOW_BYTES / 2 / run->ranks;
  int most = (int)(room / (int64_t)sizeof(trm__comm_event));
  int most_marks = (int)(room / (int64_t)sizeof(trm__meter_thread_mark) /
                         trm__comm_threads_count(m->threads));
  names list;
  list.site = trm__meter_sites_list(run, &list.n);
  head h = {.chunk = w->chunk,
            .first = w->first,
            .steps = w->steps,
            .begin = trm__meter_clock_fix(&clock[0], &clock[1], w->begin),
            .end = trm__meter_clock_fix(&clock[0], &clock[1], w->end),
            .n = w->n < most ? w->n : most};
  h.cut = h.n < w->n || w->lost > 0;
  h.marks = marks ? pack_marks(m, window, clock, &list, most_marks, NULL) : 0;
  put(b, &h, sizeof h);
  pack_events(w, h.n, clock, &list, b);
  if (marks) pack_marks(m, window, clock, &list, most_marks, b);
  free(list.site);
}

typedef struct unpacking {
  trm__meter_window_view *view;
  const trm__meter_record *record;
} unpacking;

static void unpack_window(void *context, int rank, bytes *b) {
  const unpacking *to = context;
  trm__meter_window_view *view = to->view;
  const trm__meter_record *record = &to->record[rank];
  head h;
  take(b, &h, sizeof h);
  trm__comm_event *events = take_list(b, (size_t)h.n, sizeof *events);
  trm__meter_thread_mark *marks = take_list(b, (size_t)h.marks, sizeof *marks);
  for (int i = 0; i < h.n; i++)
    events[i].name = name_of(record, events[i].name);
  for (int i = 0; i < h.marks; i++)
    marks[i].name = name_of(record, marks[i].name);
  view->chunk = h.chunk;
  view->first = h.first;
  view->steps = h.steps;
  view->part[rank] =
      (trm__meter_part_events){h.n, events, h.begin, h.end, h.cut};
  view->marks[rank] = h.marks;
  view->mark[rank] = marks;
}

void trm__meter_window_gather(trm_run *run, int window,
                              const trm__meter_clock clock[2],
                              const trm__meter_record *record, bool marks,
                              trm__meter_window_view *view) {
  bytes b = {NULL, 0, 0, 0};
  unpacking to = {view, record};
  *view = (trm__meter_window_view){.ranks = run->rank ? 0 : run->ranks};
  if (run->rank == 0) {
    size_t ranks = (size_t)run->ranks;
    view->part = trm__base_calloc(ranks, sizeof *view->part);
    view->marks = trm__base_calloc(ranks, sizeof *view->marks);
    view->mark = trm__base_calloc(ranks, sizeof *view->mark);
  }
  pack_window(run, window, clock, marks, &b);
  gather(run, &b, unpack_window, &to);
  free(b.data);
}

void trm__meter_window_view_clear(trm__meter_window_view *view) {
  for (int r = 0; r < view->ranks; r++) {
    free((trm__comm_event *)view->part[r].events);
    free(view->mark[r]);
  }
  free(view->part);
  free(view->marks);
  free(view->mark);
  *view = (trm__meter_window_view){.ranks = 0};
}
