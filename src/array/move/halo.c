/* Halos: plans of the engine, made once for a layout, a reach and a list of types
 * and used again by exchanges of any such fields. */
#include <trireme/halo.h>

#include <stdlib.h>
#include <string.h>

#include "array/layout/layout.h"
#include "array/move/route.h"
#include "base/memory.h"
#include "comm/run.h"

enum { FACES = 2 * TRM_DIMS };

typedef struct box {
  int64_t lo[TRM_DIMS], len[TRM_DIMS];
} box;

typedef struct region { /* the elements of one message, or a copy */
  trm__array_segment segments[TRM_DIMS];
  trm__array_overlap overlap;
} region;

struct trm_halo {
  trm_halo *next;
  const trm_layout *layout;
  trm_reach reach;
  int n;
  trm_type *types; /* owned */
  region regions[3 * FACES];
  int nregions;
  trm__array_partner out[TRM_DIMS][FACES], in[TRM_DIMS][FACES];
  trm__array_overlap self[TRM_DIMS][FACES];
  trm__array_stage stages[TRM_DIMS]; /* each dimension's, or all in the first */
  trm__array_schedule schedule;
  trm__array_engine *engine;
  trm__array_location *fields; /* owned; of the current exchange */
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

/* -- plans ----------------------------------------------------------------- */

/* The cells of a box; local indices `from` on the sender, `to` here. */
static trm__array_overlap *add_region(trm_halo *h, const box *from,
                                      const box *to) {
  region *r = &h->regions[h->nregions++];
  for (int d = 0; d < TRM_DIMS; d++) {
    r->segments[d] =
        (trm__array_segment){from->lo[d], to->lo[d], from->len[d], 0};
    r->overlap.dim[d] = (trm__array_shared){from->len[d], 1, &r->segments[d]};
  }
  trm__array_overlap_complete(&r->overlap, h->layout->fastest,
                              h->layout->fastest);
  return &r->overlap;
}

static void add_partner(trm__array_partner *list, int *n, int rank,
                        const trm__array_overlap *m) {
  if (m->elements == 0) return;
  list[(*n)++] = (trm__array_partner){
      .rank = rank, .overlaps = m, .n = 1, .elements = m->elements};
}

static void add_send(trm_halo *h, int stage, int dim, int side) {
  box inside = border(h->layout, h->reach, dim, side, false);
  add_partner(h->out[stage], &h->stages[stage].nout,
              h->layout->neighbour[dim][side], add_region(h, &inside, &inside));
}

static void add_receive(trm_halo *h, int stage, int dim, int side) {
  box outside = border(h->layout, h->reach, dim, side, true);
  add_partner(h->in[stage], &h->stages[stage].nin,
              h->layout->neighbour[dim][side],
              add_region(h, &outside, &outside));
}

/* Periodic on this rank: from the opposite end. */
static void add_copy(trm_halo *h, int stage, int dim, int side) {
  box outside = border(h->layout, h->reach, dim, side, true);
  box inside = border(h->layout, h->reach, dim, 1 - side, false);
  h->self[stage][h->stages[stage].nself++] = *add_region(h, &inside, &outside);
}

/* What one neighbour gets from below and from above are two messages of one tag.
 * The first that it sends goes down, and arrives here from above. */
static void add_dimension(trm_halo *h, int dim) {
  const trm_layout *l = h->layout;
  int stage = h->reach == TRM_BOX ? dim : 0;
  bool self = is_self(l, dim);
  for (int side = 0; side < 2; side++)
    if (has_face(l, dim, side) && self) add_copy(h, stage, dim, side);
  for (int side = 0; side < 2; side++)
    if (has_face(l, dim, side) && !self) add_send(h, stage, dim, side);
  for (int side = 1; side >= 0; side--)
    if (has_face(l, dim, side) && !self) add_receive(h, stage, dim, side);
}

static void drop_plan(trm_halo *h) {
  trm__array_engine_free(&h->engine);
  free(h->types);
  free(h->fields);
  free(h);
}

/* Drop all plans of a layout that is being freed. */
static void drop_plans(trm_halo *h) {
  for (trm_halo *next; h; h = next) {
    next = h->next;
    drop_plan(h);
  }
}

static trm_halo *plan(trm_reach reach, int n, trm_field *const fields[]) {
  trm_halo *h = trm__base_calloc(1, sizeof *h);
  *h = (trm_halo){.layout = fields[0]->layout, .reach = reach, .n = n};
  h->types = trm__base_calloc((size_t)n, sizeof *h->types);
  h->fields = trm__base_calloc((size_t)n, sizeof *h->fields);
  for (int i = 0; i < n; i++) h->types[i] = fields[i]->type;
  for (int d = 0; d < h->layout->dims; d++) add_dimension(h, d);
  for (int s = 0; s < TRM_DIMS; s++) {
    h->stages[s].out = h->out[s];
    h->stages[s].in = h->in[s];
    h->stages[s].self = h->self[s];
  }
  h->schedule = (trm__array_schedule){
      .stages = h->stages,
      .nstages = reach == TRM_BOX ? h->layout->dims : 1,
      .n = n,
      .types = h->types,
      .chunk = INT64_MAX / 16 * 16, /* comm splits what is too long for MPI */
      .all_in_flight = true,
      .cause = TRM_FOR_HALO,
      .site = "halo"};
  return h;
}

static trm_status add_plan(trm_run *run, trm_reach reach, int n,
                           trm_field *const fields[], trm_halo **result) {
  trm_halo *h = plan(reach, n, fields);
  trm_status status = trm__array_engine_new(run, &h->schedule, &h->engine);
  if (status != TRM_OK) {
    drop_plan(h);
    return status;
  }
  struct trm__array_layout *own = h->layout->own;
  h->next = own->halos;
  own->halos = h;
  own->drop_halos = drop_plans;
  *result = h;
  return TRM_OK;
}

static bool fits(const trm_halo *h, trm_reach reach, int n,
                 trm_field *const fields[]) {
  if (trm__array_engine_busy(h->engine) || h->reach != reach || h->n != n)
    return false;
  for (int i = 0; i < n; i++)
    if (h->types[i] != fields[i]->type) return false;
  return true;
}

/* -- exchange -------------------------------------------------------------- */

static trm_status check(trm_run *run, int n, trm_field *const fields[]) {
  if (n < 1)
    return trm_fail(run, TRM_EINPUT, "a halo of %d fields; expected at least 1",
                    n);
  for (int i = 1; i < n; i++)
    if (fields[i]->layout != fields[0]->layout)
      return trm_fail(run, TRM_EINPUT,
                      "the halos of %s and %s cannot be exchanged together: "
                      "use one layout",
                      fields[0]->name, fields[i]->name);
  return TRM_OK;
}

trm_status trm_halo_start(trm_run *run, trm_reach reach, int n,
                          trm_field *const fields[], trm_halo **result) {
  TRM_TRY(check(run, n, fields));
  trm_halo *h = fields[0]->layout->own->halos;
  while (h && !fits(h, reach, n, fields)) h = h->next;
  if (!h) TRM_TRY(add_plan(run, reach, n, fields, &h));
  for (int i = 0; i < n; i++) h->fields[i] = trm__array_location_of(fields[i]);
  trm__array_engine_start(h->engine, h->fields, h->fields);
  *result = h;
  return TRM_OK;
}

void trm_halo_poll(trm_halo *h) {
  trm__array_engine_poll(h->engine);
}

trm_status trm_halo_finish(trm_halo *h) {
  trm__array_engine_finish(h->engine);
  return TRM_OK;
}

trm_status trm_halo_fill(trm_run *run, trm_reach reach, int n,
                         trm_field *const fields[]) {
  trm_halo *h;
  TRM_TRY(trm_halo_start(run, reach, n, fields, &h));
  return trm_halo_finish(h);
}
