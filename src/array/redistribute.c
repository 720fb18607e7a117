/* Redistribution: every rank works out which elements it shares with which other
 * rank, and they travel in chunks. Ranks are served in the order of their
 * distance, in a bounded number of buffers; since both sides of every message
 * follow this order, the message of the least distance is always under way on
 * both, and nothing waits in a circle. */
#include <trireme/redistribute.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array/state.h"
#include "array/parts.h"
#include "comm/run.h"
#include "comm/tags.h"

enum { CHUNK = 1 << 20, SLOTS = 8 }; /* bytes; buffers for each direction */

/* One side of a redistribution: a layout, or linear windows. */
typedef struct side {
  const trm_layout *layout;
  const trm__array_linear *window;
  int64_t n[TRM_DIMS];       /* global shape as parts see it: 1 in front */
  trm__array_location place; /* of this rank's elements */
} side;

typedef struct stream { /* all that goes to, or comes from, one rank */
  int rank;
  trm__array_overlap meet[TRM__PARTS * TRM__PARTS];
  int nmeets;
  int64_t elements;
} stream;

typedef struct cursor { /* the next chunk of a list of streams */
  stream *streams;
  int n, stream, meet;
  int64_t at; /* elements of the meeting that are done */
} cursor;

typedef struct chunk { /* elements of one meeting under way */
  const stream *stream;
  const trm__array_overlap *meet;
  int64_t first, n;
  trm_batch batch;
  char *buffer;
  bool busy;
} chunk;

typedef struct job {
  trm_run *run;
  const side *from, *to;
  size_t size;
  cursor out, in;
  stream self;
  chunk slots[2][SLOTS]; /* 0: out, 1: in */
} job;

static trm__array_owned holding(const side *s, int rank, bool counting) {
  if (s->layout) return trm__array_owned_of_layout(s->layout, rank, counting);
  return trm__array_owned_of_linear(s->n, s->window->first[rank],
                                    s->window->length[rank]);
}

static void meet_all(const trm__array_owned *from, const trm__array_owned *to,
                     stream *s) {
  s->nmeets = 0;
  s->elements = 0;
  for (int i = 0; i < from->count; i++)
    for (int j = 0; j < to->count; j++)
      if (trm__array_overlap_new(&from->part[i], &to->part[j],
                                 &s->meet[s->nmeets]))
        s->elements += s->meet[s->nmeets++].elements;
}

static void stream_clear(stream *s) {
  for (int i = 0; i < s->nmeets; i++) trm__array_overlap_clear(&s->meet[i]);
}

static void keep_stream(cursor *c, const stream *s) {
  if (s->nmeets == 0) return;
  if ((c->n & (c->n - 1)) == 0)
    c->streams = trm__base_grow(c->streams, c->n ? 2 * (size_t)c->n : 1,
                                sizeof *c->streams);
  c->streams[c->n++] = *s;
}

/* Whom this rank sends to and receives from, nearest first. */
static void find_streams(job *j) {
  int me = j->run->rank, ranks = j->run->ranks;
  trm__array_owned have = holding(j->from, me, true);
  trm__array_owned want = holding(j->to, me, false);
  meet_all(&have, &want, &j->self);
  stream s;
  for (int d = 1; d < ranks; d++) {
    int to = (me + d) % ranks, from = (me - d + ranks) % ranks;
    if (have.count) {
      trm__array_owned theirs = holding(j->to, to, false);
      s.rank = to;
      meet_all(&have, &theirs, &s);
      keep_stream(&j->out, &s);
      trm__array_owned_clear(&theirs);
    }
    if (want.count) {
      trm__array_owned theirs = holding(j->from, from, true);
      s.rank = from;
      meet_all(&theirs, &want, &s);
      keep_stream(&j->in, &s);
      trm__array_owned_clear(&theirs);
    }
  }
  trm__array_owned_clear(&have);
  trm__array_owned_clear(&want);
}

/* The next chunk of a list; both sides of a stream cut it alike. */
static bool next_chunk(cursor *c, size_t size, chunk *k) {
  if (c->stream == c->n) return false;
  const stream *s = &c->streams[c->stream];
  const trm__array_overlap *m = &s->meet[c->meet];
  int64_t most = CHUNK / (int64_t)size, left = m->elements - c->at;
  k->stream = s;
  k->meet = m;
  k->first = c->at;
  k->n = left < most ? left : most;
  c->at += k->n;
  if (c->at < m->elements) return true;
  c->at = 0;
  if (++c->meet < s->nmeets) return true;
  c->meet = 0;
  c->stream++;
  return true;
}

static void copy_chunk(job *j, const chunk *k, bool out) {
  trm__array_copy_elements(
      j->run, &(trm__array_copy){.meet = k->meet,
                                 .from = out ? &j->from->place : NULL,
                                 .to = out ? NULL : &j->to->place,
                                 .from_buffer = k->buffer,
                                 .to_buffer = k->buffer,
                                 .first = k->first,
                                 .n = k->n,
                                 .size = j->size});
}

/* Move one slot on; true when it is busy afterwards. */
static bool advance_out(job *j, chunk *k) {
  if (k->busy && !trm_batch_test(&k->batch)) return true;
  k->busy = next_chunk(&j->out, j->size, k);
  if (!k->busy) return false;
  copy_chunk(j, k, true);
  trm_isend(j->run->comm, k->buffer, k->n * (int64_t)j->size, k->stream->rank,
            TRM__TAG_REDISTRIBUTE, &k->batch);
  return true;
}

static bool advance_in(job *j, chunk *k) {
  if (k->busy) {
    if (!trm_batch_test(&k->batch)) return true;
    copy_chunk(j, k, false);
  }
  k->busy = next_chunk(&j->in, j->size, k);
  if (!k->busy) return false;
  trm_irecv(j->run->comm, k->buffer, k->n * (int64_t)j->size, k->stream->rank,
            TRM__TAG_REDISTRIBUTE, &k->batch);
  return true;
}

static void copy_self(job *j) {
  for (int i = 0; i < j->self.nmeets; i++)
    trm__array_copy_elements(j->run,
                             &(trm__array_copy){.meet = &j->self.meet[i],
                                                .from = &j->from->place,
                                                .to = &j->to->place,
                                                .n = j->self.meet[i].elements,
                                                .size = j->size});
}

static void travel(job *j) {
  bool busy = true, self = true;
  while (busy) {
    busy = false;
    for (int s = 0; s < SLOTS; s++) {
      bool in = advance_in(j, &j->slots[1][s]);
      bool out = advance_out(j, &j->slots[0][s]);
      busy = busy || in || out;
    }
    if (self) copy_self(j); /* while the first chunks travel */
    self = false;
  }
}

static int64_t longest(const cursor *c) {
  int64_t most = 0;
  for (int i = 0; i < c->n; i++)
    if (c->streams[i].elements > most) most = c->streams[i].elements;
  return most;
}

/* Buffers no larger than the chunks will be. */
static trm_status make_slots(job *j) {
  int64_t size = (int64_t)j->size;
  int64_t most = longest(&j->out), in = longest(&j->in);
  if (in > most) most = in;
  int64_t bytes = most * size < CHUNK ? most * size : CHUNK;
  bytes = (bytes + 63) / 64 * 64;
  void *memory;
  TRM_TRY(trm__array_scratch(j->run, 2 * SLOTS * bytes, &memory));
  for (int s = 0; s < 2 * SLOTS; s++)
    j->slots[s / SLOTS][s % SLOTS].buffer = (char *)memory + s * bytes;
  return TRM_OK;
}

static void clear(job *j) {
  for (int i = 0; i < j->out.n; i++) stream_clear(&j->out.streams[i]);
  for (int i = 0; i < j->in.n; i++) stream_clear(&j->in.streams[i]);
  stream_clear(&j->self);
  free(j->out.streams);
  free(j->in.streams);
  for (int s = 0; s < 2 * SLOTS; s++)
    trm_batch_free(&j->slots[s / SLOTS][s % SLOTS].batch);
}

static trm_status move(trm_run *run, const side *from, const side *to,
                       size_t size) {
  job *j = trm__base_calloc(1, sizeof *j);
  *j = (job){.run = run, .from = from, .to = to, .size = size};
  trm_cause before = trm_comm_cause(run->comm, TRM_FOR_REDISTRIBUTE);
  find_streams(j);
  trm_status status = trm_agree(run, make_slots(j));
  if (status == TRM_OK) travel(j);
  trm_comm_cause_end(run->comm, before);
  clear(j);
  free(j);
  return status;
}

static side side_of_field(const trm_field *f) {
  const trm_layout *l = f->layout;
  side s = {.layout = l, .n = {1, 1, 1, 1}, .place = {.data = f->data}};
  for (int d = 0; d < l->dims; d++) {
    s.n[TRM_DIMS - l->dims + d] = l->n[d];
    s.place.stride[TRM_DIMS - l->dims + d] = l->stride[d];
  }
  return s;
}

static side side_of_window(const trm_field *f, const trm__array_linear *w,
                           const void *buffer) {
  side s = side_of_field(f);
  s.layout = NULL;
  s.window = w;
  s.place.data = (char *)buffer;
  s.place.base = -w->first[f->layout->run->rank];
  int64_t stride = 1;
  for (int d = TRM_DIMS - 1; d >= 0; d--) {
    s.place.stride[d] = stride;
    stride *= s.n[d];
  }
  return s;
}

trm_status trm__array_linear_from_field(trm_run *run, const trm_field *field,
                                        const trm__array_linear *window,
                                        void *buffer) {
  side from = side_of_field(field), to = side_of_window(field, window, buffer);
  return move(run, &from, &to, trm_type_size(field->type));
}

trm_status trm__array_linear_to_field(trm_run *run,
                                      const trm__array_linear *window,
                                      const void *buffer, trm_field *field) {
  side from = side_of_window(field, window, buffer), to = side_of_field(field);
  return move(run, &from, &to, trm_type_size(field->type));
}

/* "5 x 7" */
static const char *shape(const trm_layout *l, char text[96]) {
  int at = 0;
  for (int d = 0; d < l->dims; d++)
    at += sprintf(text + at, "%s%" PRId64, d ? " x " : "", l->n[d]);
  return text;
}

trm_status trm_redistribute(trm_run *run, const trm_field *from,
                            trm_field *to) {
  const trm_layout *a = from->layout, *b = to->layout;
  char had[96], has[96];
  if (from->type != to->type)
    return trm_fail(run, TRM_EINPUT,
                    "redistribute %s to %s: types %s and %s must be the same",
                    from->name, to->name, trm_type_name(from->type),
                    trm_type_name(to->type));
  if (a->dims != b->dims || memcmp(a->n, b->n, sizeof a->n))
    return trm_fail(run, TRM_EINPUT,
                    "redistribute %s to %s: shapes %s and %s must be the same",
                    from->name, to->name, shape(a, had), shape(b, has));
  side source = side_of_field(from), target = side_of_field(to);
  return move(run, &source, &target, trm_type_size(from->type));
}
