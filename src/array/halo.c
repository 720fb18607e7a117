/* Halos by persistent messages. A plan is made once for a layout, a reach and a
 * list of element sizes; exchanges of fields reuse it. */
#include <trireme/halo.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <trireme/work.h>

#include "array/state.h"
#include "array/layout.h"
#include "comm/run.h"
#include "comm/tags.h"

enum { FACES = 2 * TRM_DIMS };

typedef struct box {
  int64_t lo[TRM_DIMS], len[TRM_DIMS];
} box;

typedef struct face {
  int dim, side;       /* this side's halo is received */
  bool self;           /* the neighbour is this rank: copy, no message */
  box inside, outside; /* owned cells to send; halo to fill */
  char *send, *receive;
} face;

struct trm_halo {
  trm_halo *next;
  const trm_layout *layout;
  trm_reach reach;
  int n;
  size_t *sizes;      /* owned; element size of each field */
  trm_field **fields; /* owned; fields of the current exchange */
  face faces[FACES];
  int nfaces, nstages;
  int stage_of[FACES];
  trm_batch batch[TRM_DIMS]; /* one per stage */
  void *buffers;
  int number; /* unique among the existing plans; -1: none yet */
  int stage;  /* current stage; nstages: all done */
  bool busy;  /* between start and finish */
};

/* -- geometry -------------------------------------------------------------- */

/* Cells next to a border, or beyond it. With box reach, earlier dimensions
 * include their halo, so that corners get filled. */
static box border(const trm_layout *l, trm_reach reach, int dim, int side,
                  bool beyond) {
  box b = {{0}, {1, 1, 1, 1}};
  for (int d = 0; d < TRM_DIMS; d++) {
    b.len[d] = l->len[d];
    if (reach == TRM_BOX && d < dim) {
      int64_t below = l->neighbour[d][0] >= 0 ? l->halo[d] : 0;
      int64_t above = l->neighbour[d][1] >= 0 ? l->halo[d] : 0;
      b.lo[d] = -below;
      b.len[d] += below + above;
    }
  }
  int64_t h = l->halo[dim];
  b.lo[dim] = side ? l->len[dim] - (beyond ? 0 : h) : (beyond ? -h : 0);
  b.len[dim] = h;
  return b;
}

static int64_t cells(const box *b) {
  return b->len[0] * b->len[1] * b->len[2] * b->len[3];
}

static bool has_face(const trm_layout *l, int dim, int side) {
  return l->halo[dim] > 0 && l->neighbour[dim][side] >= 0;
}

/* Does the dimension wrap around on this rank? If so, copy without a message.
 */
static bool is_self(const trm_layout *l, int dim) {
  return l->grid[dim] == 1 || l->kind[dim] == TRM_WHOLE;
}

void trm_halo_traffic(const trm_layout *l, trm_reach reach,
                      int64_t bytes_per_cell, int64_t *messages,
                      int64_t *bytes) {
  *messages = *bytes = 0;
  for (int d = 0; d < l->dims; d++)
    for (int side = 0; side < 2; side++) {
      if (!has_face(l, d, side) || is_self(l, d)) continue;
      box b = border(l, reach, d, side, false);
      int64_t size = cells(&b) * bytes_per_cell;
      *messages += (size + TRM_MESSAGE_LIMIT - 1) / TRM_MESSAGE_LIMIT;
      *bytes += size;
    }
}

/* -- copying boxes --------------------------------------------------------- */

typedef enum direction { PACK, UNPACK } direction;

/* The innermost loop: the dimension with the smallest stride among those long
 * enough. Both partners choose the same, because boxes and memory order are
 * equal. */
static int inner_dim(const trm_layout *l, const box *b) {
  int best = -1, longest = 0;
  for (int d = 0; d < TRM_DIMS; d++) {
    if (b->len[d] > b->len[longest]) longest = d;
    if (b->len[d] >= 8 && (best < 0 || l->stride[d] < l->stride[best]))
      best = d;
  }
  return best < 0 ? longest : best;
}

/* Use memcpy: in a buffer, fields of different types follow each other
 * unaligned. */
#define COPY_ROW(bytes)                                                   \
  do {                                                                    \
    if (way == PACK)                                                      \
      for (int64_t i = 0; i < n; i++)                                     \
        memcpy(buffer + i * (bytes), memory + i * step * (bytes), bytes); \
    else                                                                  \
      for (int64_t i = 0; i < n; i++)                                     \
        memcpy(memory + i * step * (bytes), buffer + i * (bytes), bytes); \
  } while (0)

static void copy_row(char *memory, int64_t step, char *buffer, int64_t n,
                     size_t size, direction way) {
  if (step == 1) {
    memcpy(way == PACK ? buffer : memory, way == PACK ? memory : buffer,
           (size_t)n * size);
    return;
  }
  switch (size) {
    case 1:
      COPY_ROW(1);
      break;
    case 4:
      COPY_ROW(4);
      break;
    case 8:
      COPY_ROW(8);
      break;
    default:
      COPY_ROW(16);
      break;
  }
}

static void copy_rows(const trm_field *f, const box *b, char *buffer,
                      direction way, int64_t from, int64_t to) {
  const trm_layout *l = f->layout;
  size_t size = trm_type_size(f->type);
  int inner = inner_dim(l, b);
  int64_t len[TRM_DIMS], row_cells = b->len[inner];
  memcpy(len, b->len, sizeof len);
  len[inner] = 1;
  for (int64_t row = from; row < to; row++) {
    int64_t i[TRM_DIMS], at = 0, rest = row;
    for (int d = TRM_DIMS - 1; d >= 0; d--) {
      i[d] = b->lo[d] + rest % len[d];
      rest /= len[d];
      at += i[d] * l->stride[d];
    }
    copy_row((char *)f->data + at * (int64_t)size, l->stride[inner],
             buffer + row * row_cells * (int64_t)size, row_cells, size, way);
  }
}

enum { PARALLEL_FROM = 1 << 17 }; /* minimum bytes for a parallel region */

static void copy_box(const trm_field *f, const box *b, char *buffer,
                     direction way) {
  trm_run *run = f->layout->run;
  int64_t rows = cells(b) / b->len[inner_dim(f->layout, b)];
  double bytes = (double)cells(b) * (double)trm_type_size(f->type);
  if (run->threads == 1 || bytes < PARALLEL_FROM) {
    TRM_WORK(run, "halo", 0, 2 * bytes) {
      copy_rows(f, b, buffer, way, 0, rows);
    }
    return;
  }
  TRM_PARALLEL(run, "halo", 0, 2 * bytes) {
#pragma omp for schedule(static) nowait
    for (int t = 0; t < run->threads; t++)
      copy_rows(f, b, buffer, way, rows * t / run->threads,
                rows * (t + 1) / run->threads);
  }
}

#ifdef TRM_DEBUG
/* Makes reads before the finish visible. */
static void poison(const trm_field *f, const box *b, char *buffer) {
  double nan64 = NAN;
  float nan32 = NAN;
  if (f->type != TRM_F64 && f->type != TRM_F32 && f->type != TRM_C128) return;
  size_t size = f->type == TRM_F32 ? sizeof nan32 : sizeof nan64;
  int64_t n = cells(b) * (int64_t)(trm_type_size(f->type) / size);
  for (int64_t i = 0; i < n; i++)
    memcpy(buffer + i * (int64_t)size,
           f->type == TRM_F32 ? (void *)&nan32 : (void *)&nan64, size);
  copy_box(f, b, buffer, UNPACK);
}
#endif

/* -- plans ----------------------------------------------------------------- */

static void add_face(trm_halo *h, int dim, int side) {
  const trm_layout *l = h->layout;
  face *f = &h->faces[h->nfaces];
  *f = (face){.dim = dim, .side = side, .self = is_self(l, dim)};
  f->inside = border(l, h->reach, dim, side, false);
  f->outside = border(l, h->reach, dim, side, true);
  h->stage_of[h->nfaces++] = h->reach == TRM_BOX ? dim : 0;
}

static int64_t cell_bytes(const trm_halo *h) {
  int64_t sum = 0;
  for (int i = 0; i < h->n; i++) sum += (int64_t)h->sizes[i];
  return sum;
}

static trm_status add_buffers(trm_run *run, trm_halo *h) {
  int64_t total = 0;
  for (int i = 0; i < h->nfaces; i++)
    total += (cells(&h->faces[i].inside) * cell_bytes(h) + 63) / 64 * 64;
  if (total == 0) return TRM_OK;
  TRM_TRY(trm_alloc(run, "halo buffers", 2 * total, &h->buffers));
  char *at = h->buffers;
  for (int i = 0; i < h->nfaces; i++) {
    face *f = &h->faces[i];
    f->send = at;
    f->receive = at + total;
    at += (cells(&f->inside) * cell_bytes(h) + 63) / 64 * 64;
  }
  return TRM_OK;
}

/* The tag of a message names the side that it is sent to; it is received at the
 * opposite side of the neighbour. */
static void add_messages(trm_run *run, trm_halo *h) {
  for (int i = 0; i < h->nfaces; i++) {
    face *f = &h->faces[i];
    int peer = h->layout->neighbour[f->dim][f->side];
    int64_t bytes = cells(&f->inside) * cell_bytes(h);
    int tag = TRM__TAG_HALO + FACES * h->number + 2 * f->dim;
    trm_batch *batch = &h->batch[h->stage_of[i]];
    if (f->self) continue;
    trm_recv_init(run->comm, f->receive, bytes, peer, tag + 1 - f->side, batch);
    trm_send_init(run->comm, f->send, bytes, peer, tag + f->side, batch);
  }
}

/* Messages of two simultaneous exchanges must not mix, so each plan has its own
 * tags, from the lowest free number. All ranks make and drop plans in the same
 * order. */
static trm_status assign_number(trm_run *run, trm_halo *h) {
  trm__array_state *own = trm__array_state_of(run);
  int i = 0;
  while (i < own->nhalos && own->halo_taken[i]) i++;
  int most = (trm__comm_tag_limit(run->comm) + 1 - TRM__TAG_HALO) / FACES;
  if (i >= most)
    return trm_fail(run, TRM_EINPUT,
                    "too many halo plans: this MPI has tags for %d; drop "
                    "layouts that are no longer used",
                    most);
  if (i == own->nhalos)
    own->halo_taken =
        trm__base_grow(own->halo_taken, (size_t)++own->nhalos, sizeof(bool));
  own->halo_taken[i] = true;
  h->number = i;
  return TRM_OK;
}

static void drop_plan(trm_run *run, trm_halo *h) {
  for (int s = 0; s < TRM_DIMS; s++) trm_batch_free(&h->batch[s]);
  if (h->number >= 0) trm__array_state_of(run)->halo_taken[h->number] = false;
  trm_release(run, &h->buffers);
  free(h->sizes);
  free(h->fields);
  free(h);
}

/* Drop all plans of a layout that is being freed. */
static void drop_plans(trm_run *run, trm_halo *h) {
  for (trm_halo *next; h; h = next) {
    next = h->next;
    drop_plan(run, h);
  }
}

static trm_status plan(trm_run *run, trm_reach reach, int n,
                       trm_field *const fields[], trm_halo **result) {
  trm_halo *h = trm__base_calloc(1, sizeof *h);
  *h = (trm_halo){
      .layout = fields[0]->layout, .reach = reach, .n = n, .number = -1};
  h->sizes = trm__base_calloc((size_t)n, sizeof *h->sizes);
  h->fields = trm__base_calloc((size_t)n, sizeof(trm_field *));
  for (int i = 0; i < n; i++) h->sizes[i] = trm_type_size(fields[i]->type);
  for (int d = 0; d < h->layout->dims; d++)
    for (int side = 0; side < 2; side++)
      if (has_face(h->layout, d, side)) add_face(h, d, side);
  h->nstages = reach == TRM_BOX ? h->layout->dims : 1;
  h->stage = h->nstages;
  trm_status status = trm_agree(run, add_buffers(run, h));
  if (status == TRM_OK) status = assign_number(run, h);
  if (status != TRM_OK) {
    drop_plan(run, h);
    return status;
  }
  add_messages(run, h);
  struct trm__array_layout *own = h->layout->own;
  h->next = own->halos;
  own->halos = h;
  own->drop_halos = drop_plans;
  *result = h;
  return TRM_OK;
}

static bool fits(const trm_halo *h, trm_reach reach, int n,
                 trm_field *const fields[]) {
  if (h->busy || h->reach != reach || h->n != n) return false;
  for (int i = 0; i < n; i++)
    if (h->sizes[i] != trm_type_size(fields[i]->type)) return false;
  return true;
}

/* -- exchange -------------------------------------------------------------- */

static void pack(trm_halo *h, const face *f) {
  char *at = f->self ? f->receive : f->send;
  const box *b = &f->inside;
  box opposite;
  if (f->self) { /* periodic: from the opposite end */
    opposite = border(h->layout, h->reach, f->dim, 1 - f->side, false);
    b = &opposite;
  }
  for (int i = 0; i < h->n; i++) {
    copy_box(h->fields[i], b, at, PACK);
    at += cells(b) * (int64_t)h->sizes[i];
  }
}

static void unpack(trm_halo *h, const face *f) {
  char *at = f->receive;
  for (int i = 0; i < h->n; i++) {
    copy_box(h->fields[i], &f->outside, at, UNPACK);
    at += cells(&f->outside) * (int64_t)h->sizes[i];
  }
}

static void stage_start(trm_halo *h) {
  trm_run *run = h->layout->run;
  trm_cause before = trm_comm_cause(run->comm, TRM_FOR_HALO);
  for (int i = 0; i < h->nfaces; i++)
    if (h->stage_of[i] == h->stage && !h->faces[i].self) pack(h, &h->faces[i]);
  trm_batch_start(&h->batch[h->stage]);
  for (int i = 0; i < h->nfaces; i++)
    if (h->stage_of[i] == h->stage && h->faces[i].self) {
      pack(h, &h->faces[i]);
      unpack(h, &h->faces[i]);
    }
  trm_comm_cause_end(run->comm, before);
}

static void stage_end(trm_halo *h) {
  for (int i = 0; i < h->nfaces; i++)
    if (h->stage_of[i] == h->stage && !h->faces[i].self)
      unpack(h, &h->faces[i]);
  if (++h->stage < h->nstages) stage_start(h);
}

trm_status trm_halo_start(trm_run *run, trm_reach reach, int n,
                          trm_field *const fields[], trm_halo **result) {
  if (n < 1)
    return trm_fail(run, TRM_EINPUT, "a halo of %d fields; expected at least 1",
                    n);
  for (int i = 1; i < n; i++)
    if (fields[i]->layout != fields[0]->layout)
      return trm_fail(run, TRM_EINPUT,
                      "the halos of %s and %s cannot be exchanged together: "
                      "use one layout",
                      fields[0]->name, fields[i]->name);
  trm_halo *h = fields[0]->layout->own->halos;
  while (h && !fits(h, reach, n, fields)) h = h->next;
  if (!h) TRM_TRY(plan(run, reach, n, fields, &h));
  memcpy(h->fields, fields, (size_t)n * sizeof *fields);
#ifdef TRM_DEBUG
  for (int i = 0; i < h->nfaces; i++)
    for (int k = 0; k < n; k++)
      poison(fields[k], &h->faces[i].outside, h->faces[i].receive);
#endif
  h->busy = true;
  h->stage = 0;
  stage_start(h);
  *result = h;
  return TRM_OK;
}

void trm_halo_poll(trm_halo *h) {
  const trm_comm *comm = h->layout->run->comm;
  trm_cause before = trm_comm_cause(comm, TRM_FOR_HALO);
  while (h->stage < h->nstages && trm_batch_test(&h->batch[h->stage]))
    stage_end(h);
  trm_comm_cause_end(comm, before);
}

trm_status trm_halo_finish(trm_halo *h) {
  const trm_comm *comm = h->layout->run->comm;
  trm_cause before = trm_comm_cause(comm, TRM_FOR_HALO);
  while (h->stage < h->nstages) {
    trm_batch_wait(&h->batch[h->stage]);
    stage_end(h);
  }
  trm_comm_cause_end(comm, before);
  h->busy = false;
  return TRM_OK;
}

trm_status trm_halo_fill(trm_run *run, trm_reach reach, int n,
                         trm_field *const fields[]) {
  trm_halo *h;
  TRM_TRY(trm_halo_start(run, reach, n, fields, &h));
  return trm_halo_finish(h);
}
