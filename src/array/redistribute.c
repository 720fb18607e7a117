/* Redistribution: every rank computes which elements it shares with each other
 * rank, and sends them in chunks. Ranks are served in the order of their
 * distance, with a bounded number of buffers. Both sides of every message
 * follow this order, so the message of the smallest distance is always in
 * flight on both, and no deadlock is possible. */
#include <trireme/redistribute.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array/state.h"
#include "array/parts.h"
#include "comm/run.h"
#include "comm/tags.h"

enum { CHUNK = 1 << 20, BUFFERS = 8 }; /* bytes; buffers per direction */

/* One side of a redistribution: a layout, or linear windows. */
typedef struct side {
  const trm_layout *layout;
  const trm__array_linear *window;
  int64_t n[TRM_DIMS]; /* global shape, with 1 in front as in parts.h */
  trm__array_location location; /* of this rank's elements */
} side;

typedef struct stream { /* all elements exchanged with one rank */
  int rank;
  trm__array_overlap overlap[TRM__PARTS * TRM__PARTS];
  int noverlaps;
  int64_t elements;
} stream;

typedef struct cursor { /* the next chunk of a list of streams */
  stream *streams;
  int n, stream, overlap;
  int64_t at; /* elements of the overlap already handled */
} cursor;

typedef struct chunk { /* elements of one overlap in flight */
  const stream *stream;
  const trm__array_overlap *overlap;
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
  chunk buffers[2][BUFFERS]; /* 0: out, 1: in */
} job;

static trm__array_owned owned_by(const side *s, int rank, bool counting) {
  if (s->layout) return trm__array_owned_of_layout(s->layout, rank, counting);
  return trm__array_owned_of_linear(s->n, s->window->first[rank],
                                    s->window->length[rank]);
}

static void find_overlaps(const trm__array_owned *from,
                          const trm__array_owned *to, stream *s) {
  s->noverlaps = 0;
  s->elements = 0;
  for (int i = 0; i < from->count; i++)
    for (int j = 0; j < to->count; j++)
      if (trm__array_overlap_new(&from->part[i], &to->part[j],
                                 &s->overlap[s->noverlaps]))
        s->elements += s->overlap[s->noverlaps++].elements;
}

static void stream_clear(stream *s) {
  for (int i = 0; i < s->noverlaps; i++)
    trm__array_overlap_clear(&s->overlap[i]);
}

static void add_stream(cursor *c, const stream *s) {
  if (s->noverlaps == 0) return;
  if ((c->n & (c->n - 1)) == 0)
    c->streams = trm__base_grow(c->streams, c->n ? 2 * (size_t)c->n : 1,
                                sizeof *c->streams);
  c->streams[c->n++] = *s;
}

/* Find the ranks to send to and to receive from, nearest first. */
static void find_streams(job *j) {
  int me = j->run->rank, ranks = j->run->ranks;
  trm__array_owned available = owned_by(j->from, me, true);
  trm__array_owned needed = owned_by(j->to, me, false);
  find_overlaps(&available, &needed, &j->self);
  stream s;
  for (int d = 1; d < ranks; d++) {
    int to = (me + d) % ranks, from = (me - d + ranks) % ranks;
    if (available.count) {
      trm__array_owned theirs = owned_by(j->to, to, false);
      s.rank = to;
      find_overlaps(&available, &theirs, &s);
      add_stream(&j->out, &s);
      trm__array_owned_clear(&theirs);
    }
    if (needed.count) {
      trm__array_owned theirs = owned_by(j->from, from, true);
      s.rank = from;
      find_overlaps(&theirs, &needed, &s);
      add_stream(&j->in, &s);
      trm__array_owned_clear(&theirs);
    }
  }
  trm__array_owned_clear(&available);
  trm__array_owned_clear(&needed);
}

/* Get the next chunk; both sides of a stream divide it in the same way. */
static bool next_chunk(cursor *c, size_t size, chunk *k) {
  if (c->stream == c->n) return false;
  const stream *s = &c->streams[c->stream];
  const trm__array_overlap *m = &s->overlap[c->overlap];
  int64_t most = CHUNK / (int64_t)size, left = m->elements - c->at;
  k->stream = s;
  k->overlap = m;
  k->first = c->at;
  k->n = left < most ? left : most;
  c->at += k->n;
  if (c->at < m->elements) return true;
  c->at = 0;
  if (++c->overlap < s->noverlaps) return true;
  c->overlap = 0;
  c->stream++;
  return true;
}

static void copy_chunk(job *j, const chunk *k, bool out) {
  trm__array_copy_elements(
      j->run, &(trm__array_copy){.overlap = k->overlap,
                                 .from = out ? &j->from->location : NULL,
                                 .to = out ? NULL : &j->to->location,
                                 .from_buffer = k->buffer,
                                 .to_buffer = k->buffer,
                                 .first = k->first,
                                 .n = k->n,
                                 .size = j->size});
}

/* Advance one buffer; true if it is busy afterwards. */
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
  for (int i = 0; i < j->self.noverlaps; i++)
    trm__array_copy_elements(
        j->run, &(trm__array_copy){.overlap = &j->self.overlap[i],
                                   .from = &j->from->location,
                                   .to = &j->to->location,
                                   .n = j->self.overlap[i].elements,
                                   .size = j->size});
}

static void exchange(job *j) {
  bool busy = true, self = true;
  while (busy) {
    busy = false;
    for (int s = 0; s < BUFFERS; s++) {
      bool in = advance_in(j, &j->buffers[1][s]);
      bool out = advance_out(j, &j->buffers[0][s]);
      busy = busy || in || out;
    }
    if (self) copy_self(j); /* while the first chunks are in flight */
    self = false;
  }
}

static int64_t longest(const cursor *c) {
  int64_t most = 0;
  for (int i = 0; i < c->n; i++)
    if (c->streams[i].elements > most) most = c->streams[i].elements;
  return most;
}

/* Allocate the buffers, no larger than the largest chunk. */
static trm_status make_buffers(job *j) {
  int64_t size = (int64_t)j->size;
  int64_t most = longest(&j->out), in = longest(&j->in);
  if (in > most) most = in;
  int64_t bytes = most * size < CHUNK ? most * size : CHUNK;
  bytes = (bytes + 63) / 64 * 64;
  void *memory;
  TRM_TRY(trm__array_scratch(j->run, 2 * BUFFERS * bytes, &memory));
  for (int s = 0; s < 2 * BUFFERS; s++)
    j->buffers[s / BUFFERS][s % BUFFERS].buffer = (char *)memory + s * bytes;
  return TRM_OK;
}

static void clear(job *j) {
  for (int i = 0; i < j->out.n; i++) stream_clear(&j->out.streams[i]);
  for (int i = 0; i < j->in.n; i++) stream_clear(&j->in.streams[i]);
  stream_clear(&j->self);
  free(j->out.streams);
  free(j->in.streams);
  for (int s = 0; s < 2 * BUFFERS; s++)
    trm_batch_free(&j->buffers[s / BUFFERS][s % BUFFERS].batch);
}

static trm_status move(trm_run *run, const side *from, const side *to,
                       size_t size) {
  job *j = trm__base_calloc(1, sizeof *j);
  *j = (job){.run = run, .from = from, .to = to, .size = size};
  trm_cause before = trm_comm_cause(run->comm, TRM_FOR_REDISTRIBUTE);
  find_streams(j);
  trm_status status = trm_agree(run, make_buffers(j));
  if (status == TRM_OK) exchange(j);
  trm_comm_cause_end(run->comm, before);
  clear(j);
  free(j);
  return status;
}

static side side_of_field(const trm_field *f) {
  const trm_layout *l = f->layout;
  side s = {.layout = l, .n = {1, 1, 1, 1}, .location = {.data = f->data}};
  for (int d = 0; d < l->dims; d++) {
    s.n[TRM_DIMS - l->dims + d] = l->n[d];
    s.location.stride[TRM_DIMS - l->dims + d] = l->stride[d];
  }
  return s;
}

static side side_of_window(const trm_field *f, const trm__array_linear *w,
                           const void *buffer) {
  side s = side_of_field(f);
  s.layout = NULL;
  s.window = w;
  s.location.data = (char *)buffer;
  s.location.base = -w->first[f->layout->run->rank];
  int64_t stride = 1;
  for (int d = TRM_DIMS - 1; d >= 0; d--) {
    s.location.stride[d] = stride;
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
  char from_shape[96], to_shape[96];
  if (from->type != to->type)
    return trm_fail(run, TRM_EINPUT,
                    "redistribute %s to %s: types %s and %s must be the same",
                    from->name, to->name, trm_type_name(from->type),
                    trm_type_name(to->type));
  if (a->dims != b->dims || memcmp(a->n, b->n, sizeof a->n))
    return trm_fail(run, TRM_EINPUT,
                    "redistribute %s to %s: shapes %s and %s must be the same",
                    from->name, to->name, shape(a, from_shape),
                    shape(b, to_shape));
  side source = side_of_field(from), target = side_of_field(to);
  return move(run, &source, &target, trm_type_size(from->type));
}
