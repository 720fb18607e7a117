#include "array/move/engine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "array/state.h"
#include "comm/run.h"
#include "comm/tags.h"

enum { BUFFERS = 8, LINE = 64 }; /* buffers per direction; bytes */

typedef struct position { /* of an element in a stream */
  int array, overlap;
  int64_t at;
} position;

typedef struct message { /* part of a stream */
  const trm__array_partner *partner;
  position first;
  int64_t bytes;
  char *buffer;
  trm_batch batch; /* unless all are in flight */
  bool busy;
} message;

typedef struct cursor { /* the next message of a list of streams */
  const trm__array_partner *partners;
  int n, partner;
  position at;
} cursor;

typedef enum direction { OUT, IN } direction;

typedef struct stage { /* with all messages in flight */
  message *messages[2];
  int n[2];
  trm_batch batch;
} stage;

struct trm__array_engine {
  trm_run *run;
  trm__array_schedule plan;
  trm__array_location *from, *to; /* owned; of each array */
  int number;                     /* -1: none */
  void *memory;
  bool owns_memory;
  bool bounded;   /* a bounded number of buffers; one stage */
  stage *stages;  /* owned; unless bounded */
  cursor next[2]; /* if bounded, with its buffers */
  message buffers[2][BUFFERS];
  int current; /* stage; plan.nstages: all done */
  bool busy;
};

static int64_t size_of(const trm__array_schedule *plan, int array) {
  return (int64_t)trm_type_size(plan->types[array]);
}

/* -- streams and messages -------------------------------------------------- */

static void advance(position *p, const trm__array_partner *partner, int64_t n) {
  p->at += n;
  if (p->at < partner->overlaps[p->overlap].elements) return;
  p->at = 0;
  if (++p->overlap < partner->n) return;
  p->overlap = 0;
  p->array++;
}

/* Elements of the current overlap that fit into `room` bytes. */
static int64_t fitting(const trm__array_schedule *plan, const position *p,
                       const trm__array_partner *partner, int64_t room) {
  int64_t left = partner->overlaps[p->overlap].elements - p->at;
  int64_t most = room / size_of(plan, p->array);
  return left < most ? left : most;
}

/* Cut the next message off; false: there is none. */
static bool next_message(const trm__array_schedule *plan, cursor *c,
                         message *m) {
  if (c->partner == c->n) return false;
  const trm__array_partner *partner = &c->partners[c->partner];
  *m = (message){.partner = partner,
                 .first = c->at,
                 .buffer = m->buffer,
                 .batch = m->batch};
  for (int64_t n; c->at.array < plan->n; m->bytes += n) {
    int64_t size = size_of(plan, c->at.array);
    n = fitting(plan, &c->at, partner, plan->chunk - m->bytes);
    if (n == 0) return true;
    advance(&c->at, partner, n);
    n *= size;
  }
  c->at = (position){0};
  c->partner++;
  return true;
}

static cursor cursor_of(const trm__array_stage *s, direction way) {
  return way == OUT ? (cursor){.partners = s->out, .n = s->nout}
                    : (cursor){.partners = s->in, .n = s->nin};
}

/* Copy between memory and a message. */
static void copy_message(const trm__array_engine *e, const message *m,
                         direction way) {
  position p = m->first;
  for (int64_t done = 0, n; done < m->bytes; advance(&p, m->partner, n)) {
    int64_t size = size_of(&e->plan, p.array);
    n = fitting(&e->plan, &p, m->partner, m->bytes - done);
    trm__array_copy_elements(
        e->run,
        &(trm__array_copy){.overlap = &m->partner->overlaps[p.overlap],
                           .from = way == OUT ? &e->from[p.array] : NULL,
                           .to = way == OUT ? NULL : &e->to[p.array],
                           .from_buffer = m->buffer + done,
                           .to_buffer = m->buffer + done,
                           .first = p.at,
                           .n = n,
                           .size = (size_t)size,
                           .site = e->plan.site});
    done += n * size;
  }
}

static void copy_self(const trm__array_engine *e, const trm__array_stage *s) {
  for (int i = 0; i < s->nself; i++)
    for (int k = 0; k < e->plan.n; k++)
      trm__array_copy_elements(
          e->run, &(trm__array_copy){.overlap = &s->self[i],
                                     .from = &e->from[k],
                                     .to = &e->to[k],
                                     .n = s->self[i].elements,
                                     .size = (size_t)size_of(&e->plan, k),
                                     .site = e->plan.site});
}

void trm__array_engine_traffic(const trm__array_schedule *plan,
                               trm_traffic *traffic) {
  for (int s = 0; s < plan->nstages; s++) {
    cursor c = cursor_of(&plan->stages[s], OUT);
    message m = {0};
    while (next_message(plan, &c, &m)) {
      traffic->messages +=
          (m.bytes + TRM_MESSAGE_LIMIT - 1) / TRM_MESSAGE_LIMIT;
      traffic->bytes += m.bytes;
    }
  }
}

/* -- making an engine ------------------------------------------------------ */

static int64_t bytes_of(const trm__array_schedule *plan,
                        const trm__array_stage *s, direction way) {
  const trm__array_partner *p = way == OUT ? s->out : s->in;
  int64_t elements = 0, size = 0;
  for (int i = 0; i < (way == OUT ? s->nout : s->nin); i++)
    elements += p[i].elements;
  for (int k = 0; k < plan->n; k++) size += size_of(plan, k);
  return elements * size;
}

static bool is_bounded(const trm__array_schedule *plan) {
  if (plan->all_in_flight) return false;
  int64_t most = BUFFERS * plan->chunk;
  return bytes_of(plan, &plan->stages[0], OUT) > most ||
         bytes_of(plan, &plan->stages[0], IN) > most;
}

static int64_t to_line(int64_t bytes) {
  return (bytes + LINE - 1) / LINE * LINE;
}

/* List the messages of a stage; buffers are offsets until there is memory. */
static void list_messages(trm__array_engine *e, int s, direction way,
                          int64_t *bytes) {
  cursor c = cursor_of(&e->plan.stages[s], way);
  stage *own = &e->stages[s];
  int capacity = 0;
  message m = {0};
  while (next_message(&e->plan, &c, &m)) {
    if (own->n[way] == capacity) {
      capacity = capacity ? 2 * capacity : c.n;
      own->messages[way] = trm__base_grow(own->messages[way], (size_t)capacity,
                                          sizeof *own->messages[way]);
    }
    own->messages[way][own->n[way]++] = m;
    *bytes += to_line(m.bytes);
  }
}

static trm_status get_memory(trm__array_engine *e, int64_t bytes) {
  if (bytes == 0) return TRM_OK;
  if (e->plan.once) return trm__array_scratch(e->run, bytes, &e->memory);
  e->owns_memory = true;
  return trm_alloc(e->run, "message buffers", bytes, &e->memory);
}

static trm_status make_all(trm__array_engine *e) {
  int64_t bytes = 0;
  e->stages = trm__base_calloc((size_t)e->plan.nstages, sizeof *e->stages);
  for (int s = 0; s < e->plan.nstages; s++) {
    list_messages(e, s, OUT, &bytes);
    list_messages(e, s, IN, &bytes);
  }
  TRM_TRY(get_memory(e, bytes));
  char *at = e->memory;
  for (int s = 0; s < e->plan.nstages; s++)
    for (int way = OUT; way <= IN; way++)
      for (int i = 0; i < e->stages[s].n[way]; i++) {
        message *m = &e->stages[s].messages[way][i];
        m->buffer = at;
        at += to_line(m->bytes);
      }
  return TRM_OK;
}

static trm_status make_bounded(trm__array_engine *e) {
  TRM_TRY(get_memory(e, 2 * BUFFERS * e->plan.chunk));
  for (int i = 0; i < 2 * BUFFERS; i++)
    e->buffers[i / BUFFERS][i % BUFFERS].buffer =
        (char *)e->memory + i * e->plan.chunk;
  return TRM_OK;
}

static int tag_of(const trm__array_engine *e) {
  return TRM__TAG_MOVE + e->number;
}

/* Persistent requests, the receives first. */
static void make_requests(trm__array_engine *e) {
  for (int s = 0; s < e->plan.nstages; s++) {
    stage *own = &e->stages[s];
    for (int i = 0; i < own->n[IN]; i++) {
      const message *m = &own->messages[IN][i];
      trm_recv_init(e->run->comm, m->buffer, m->bytes, m->partner->rank,
                    tag_of(e), &own->batch);
    }
    for (int i = 0; i < own->n[OUT]; i++) {
      const message *m = &own->messages[OUT][i];
      trm_send_init(e->run->comm, m->buffer, m->bytes, m->partner->rank,
                    tag_of(e), &own->batch);
    }
  }
}

/* Messages of two simultaneous engines must not mix, so each has a tag of its
 * own, from the lowest free number. All ranks make and free them in the same
 * order. */
static trm_status take_number(trm__array_engine *e) {
  trm__array_state *own = trm__array_state_of(e->run);
  int i = 0, most = trm__comm_tag_limit(e->run->comm) + 1 - TRM__TAG_MOVE;
  while (i < own->ntaken && own->taken[i]) i++;
  if (i >= most)
    return trm_fail(e->run, TRM_EINPUT,
                    "too many plans of halos and moves: this MPI has tags for "
                    "%d; free moves and drop layouts that are no longer used",
                    most);
  if (i == own->ntaken)
    own->taken =
        trm__base_grow(own->taken, (size_t)++own->ntaken, sizeof(bool));
  own->taken[i] = true;
  e->number = i;
  return TRM_OK;
}

trm_status trm__array_engine_new(trm_run *run, const trm__array_schedule *plan,
                                 trm__array_engine **result) {
  trm__array_engine *e = trm__base_calloc(1, sizeof *e);
  *e = (trm__array_engine){.run = run,
                           .plan = *plan,
                           .number = -1,
                           .current = plan->nstages,
                           .bounded = is_bounded(plan)};
  e->from = trm__base_calloc((size_t)plan->n, sizeof *e->from);
  e->to = trm__base_calloc((size_t)plan->n, sizeof *e->to);
  trm_cause before = trm_comm_cause(run->comm, plan->cause);
  trm_status status =
      trm_agree(run, e->bounded ? make_bounded(e) : make_all(e));
  trm_comm_cause_end(run->comm, before);
  if (status == TRM_OK) status = take_number(e);
  if (status == TRM_OK && !e->bounded) make_requests(e);
  if (status != TRM_OK) trm__array_engine_free(&e);
  *result = e;
  return status;
}

void trm__array_engine_free(trm__array_engine **engine) {
  trm__array_engine *e = *engine;
  if (!e) return;
  for (int i = 0; i < 2 * BUFFERS; i++)
    trm_batch_free(&e->buffers[i / BUFFERS][i % BUFFERS].batch);
  for (int s = 0; e->stages && s < e->plan.nstages; s++) {
    trm_batch_free(&e->stages[s].batch);
    free(e->stages[s].messages[OUT]);
    free(e->stages[s].messages[IN]);
  }
  if (e->number >= 0) trm__array_state_of(e->run)->taken[e->number] = false;
  if (e->owns_memory) trm_release(e->run, &e->memory);
  free(e->stages);
  free(e->from);
  free(e->to);
  free(e);
  *engine = NULL;
}

bool trm__array_engine_busy(const trm__array_engine *e) {
  return e->busy;
}

/* -- stages with all messages in flight ------------------------------------ */

static void stage_start(trm__array_engine *e) {
  stage *s = &e->stages[e->current];
  for (int i = 0; i < s->n[OUT]; i++)
    copy_message(e, &s->messages[OUT][i], OUT);
  trm_batch_start(&s->batch);
  copy_self(e, &e->plan.stages[e->current]);
}

static void stage_end(trm__array_engine *e) {
  stage *s = &e->stages[e->current];
  for (int i = 0; i < s->n[IN]; i++) copy_message(e, &s->messages[IN][i], IN);
  if (++e->current < e->plan.nstages) stage_start(e);
}

/* -- a bounded number of messages in flight -------------------------------- */

/* Each returns true if the buffer is busy afterwards. */
static bool advance_out(trm__array_engine *e, message *m) {
  if (m->busy && !trm_batch_test(&m->batch)) return true;
  if (!next_message(&e->plan, &e->next[OUT], m)) return m->busy = false;
  copy_message(e, m, OUT);
  trm_isend(e->run->comm, m->buffer, m->bytes, m->partner->rank, tag_of(e),
            &m->batch);
  return m->busy = true;
}

static bool advance_in(trm__array_engine *e, message *m) {
  if (m->busy) {
    if (!trm_batch_test(&m->batch)) return true;
    copy_message(e, m, IN);
  }
  if (!next_message(&e->plan, &e->next[IN], m)) return m->busy = false;
  trm_irecv(e->run->comm, m->buffer, m->bytes, m->partner->rank, tag_of(e),
            &m->batch);
  return m->busy = true;
}

static void advance_all(trm__array_engine *e) {
  bool busy = false;
  for (int i = 0; i < BUFFERS; i++) {
    bool in = advance_in(e, &e->buffers[IN][i]);
    bool out = advance_out(e, &e->buffers[OUT][i]);
    busy = busy || in || out;
  }
  if (!busy) e->current = e->plan.nstages;
}

/* -- carrying out ---------------------------------------------------------- */

#ifdef TRM_DEBUG
/* Make reads before the finish visible. */
static void poison(const trm__array_engine *e, const trm__array_overlap *m,
                   int array) {
  enum { AT_ONCE = 512 };
  double nan64[2 * AT_ONCE];
  float nan32[AT_ONCE];
  trm_type type = e->plan.types[array];
  if (type != TRM_F64 && type != TRM_F32 && type != TRM_C128) return;
  for (int i = 0; i < 2 * AT_ONCE; i++) nan64[i] = NAN;
  for (int i = 0; i < AT_ONCE; i++) nan32[i] = NAN;
  for (int64_t at = 0, n; at < m->elements; at += n) {
    n = m->elements - at < AT_ONCE ? m->elements - at : AT_ONCE;
    trm__array_copy_elements(
        e->run,
        &(trm__array_copy){
            .overlap = m,
            .to = &e->to[array],
            .from_buffer = type == TRM_F32 ? (char *)nan32 : (char *)nan64,
            .first = at,
            .n = n,
            .size = trm_type_size(type),
            .site = e->plan.site});
  }
}

static void poison_all(const trm__array_engine *e) {
  for (int s = 0; s < e->plan.nstages; s++) {
    const trm__array_stage *t = &e->plan.stages[s];
    for (int k = 0; k < e->plan.n; k++) {
      for (int i = 0; i < t->nself; i++) poison(e, &t->self[i], k);
      for (int i = 0; i < t->nin; i++)
        for (int j = 0; j < t->in[i].n; j++)
          poison(e, &t->in[i].overlaps[j], k);
    }
  }
}
#endif

void trm__array_engine_start(trm__array_engine *e,
                             const trm__array_location from[],
                             const trm__array_location to[]) {
  trm_cause before = trm_comm_cause(e->run->comm, e->plan.cause);
  memcpy(e->from, from, (size_t)e->plan.n * sizeof *from);
  memcpy(e->to, to, (size_t)e->plan.n * sizeof *to);
#ifdef TRM_DEBUG
  poison_all(e);
#endif
  e->busy = true;
  e->current = 0;
  if (!e->bounded) {
    stage_start(e);
  } else {
    e->next[OUT] = cursor_of(&e->plan.stages[0], OUT);
    e->next[IN] = cursor_of(&e->plan.stages[0], IN);
    advance_all(e);
    copy_self(e, &e->plan.stages[0]); /* while the first are in flight */
  }
  trm_comm_cause_end(e->run->comm, before);
}

bool trm__array_engine_poll(trm__array_engine *e) {
  trm_cause before = trm_comm_cause(e->run->comm, e->plan.cause);
  if (e->bounded && e->current < e->plan.nstages) advance_all(e);
  while (!e->bounded && e->current < e->plan.nstages &&
         trm_batch_test(&e->stages[e->current].batch))
    stage_end(e);
  trm_comm_cause_end(e->run->comm, before);
  return e->current == e->plan.nstages;
}

void trm__array_engine_finish(trm__array_engine *e) {
  trm_cause before = trm_comm_cause(e->run->comm, e->plan.cause);
  while (e->current < e->plan.nstages) {
    if (e->bounded) {
      advance_all(e);
      continue;
    }
    trm_batch_wait(&e->stages[e->current].batch);
    stage_end(e);
  }
  trm_comm_cause_end(e->run->comm, before);
  e->busy = false;
}
