#include <trireme/redistribute.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array/layout/layout.h"
#include "array/move/route.h"
#include "base/memory.h"
#include "comm/run.h"

/* -- checks ---------------------------------------------------------------- */

/* "5 x 7" */
static const char *shape(const trm_layout *l, char text[96]) {
  int at = 0;
  for (int d = 0; d < l->dims; d++)
    at += sprintf(text + at, "%s%" PRId64, d ? " x " : "", l->n[d]);
  return text;
}

static bool same_shape(const trm_layout *a, const trm_layout *b) {
  return a->dims == b->dims && !memcmp(a->n, b->n, sizeof a->n);
}

static trm_status check_fields(trm_run *run, const trm_field *from,
                               const trm_field *to) {
  char from_shape[96], to_shape[96];
  if (from->type != to->type)
    return trm_fail(run, TRM_EINPUT,
                    "redistribute %s to %s: types %s and %s must be the same",
                    from->name, to->name, trm_type_name(from->type),
                    trm_type_name(to->type));
  if (!same_shape(from->layout, to->layout))
    return trm_fail(run, TRM_EINPUT,
                    "redistribute %s to %s: shapes %s and %s must be the same",
                    from->name, to->name, shape(from->layout, from_shape),
                    shape(to->layout, to_shape));
  return TRM_OK;
}

/* -- at once --------------------------------------------------------------- */

trm_status trm_redistribute(trm_run *run, const trm_field *from,
                            trm_field *to) {
  TRM_TRY(check_fields(run, from, to));
  trm__array_side a = {from->layout, NULL}, b = {to->layout, NULL};
  trm__array_location source = trm__array_location_of(from);
  trm__array_location target = trm__array_location_of(to);
  return trm__array_move_once(run, &a, &b, from->type, &source, &target);
}

/* -- plans ----------------------------------------------------------------- */

struct trm_move {
  trm_run *run;
  const trm_layout *from, *to; /* retained */
  int n;
  trm_type *types;                        /* owned */
  trm__array_location *sources, *targets; /* owned; of the current move */
  trm__array_route route;
  trm__array_engine *engine;
};

static void drop(trm_run *run, void *what) {
  trm_move *m = what;
  trm__array_engine_free(&m->engine);
  trm__array_route_clear(&m->route);
  trm__array_layout_release(run, m->from);
  trm__array_layout_release(run, m->to);
  free(m->types);
  free(m->sources);
  free(m->targets);
  free(m);
}

static trm_status check_plan(trm_run *run, const trm_layout *from,
                             const trm_layout *to, int n) {
  char from_shape[96], to_shape[96];
  if (n < 1)
    return trm_fail(run, TRM_EINPUT, "a move of %d fields; expected at least 1",
                    n);
  if (!same_shape(from, to))
    return trm_fail(
        run, TRM_EINPUT,
        "a move from shape %s to shape %s; the shapes must be the same",
        shape(from, from_shape), shape(to, to_shape));
  return TRM_OK;
}

trm_status trm_move_new(trm_run *run, const trm_layout *from,
                        const trm_layout *to, int n, const trm_type types[],
                        trm_move **result) {
  *result = NULL;
  TRM_TRY(check_plan(run, from, to, n));
  trm_move *m = trm__base_calloc(1, sizeof *m);
  *m = (trm_move){.run = run, .from = from, .to = to, .n = n};
  m->types = trm__base_calloc((size_t)n, sizeof *m->types);
  m->sources = trm__base_calloc((size_t)n, sizeof *m->sources);
  m->targets = trm__base_calloc((size_t)n, sizeof *m->targets);
  memcpy(m->types, types, (size_t)n * sizeof *types);
  trm__array_layout_retain(from);
  trm__array_layout_retain(to);
  trm__array_route_find(&m->route, &(trm__array_side){from, NULL},
                        &(trm__array_side){to, NULL}, n, m->types, run->rank,
                        run->ranks);
  trm_status status =
      trm__array_engine_new(run, &m->route.schedule, &m->engine);
  if (status != TRM_OK) {
    drop(run, m);
    return status;
  }
  trm__comm_attach(run, m, drop);
  *result = m;
  return TRM_OK;
}

void trm_move_free(trm_run *run, trm_move **move) {
  if (!*move) return;
  trm__comm_detach(run, *move);
  drop(run, *move);
  *move = NULL;
}

static trm_status check_start(const trm_move *m, const trm_field *from,
                              const trm_field *to, trm_type type) {
  if (trm__array_engine_busy(m->engine))
    return trm_fail(m->run, TRM_EINPUT,
                    "move %s to %s: the plan's last move has not been finished",
                    from->name, to->name);
  if (from->layout != m->from || to->layout != m->to || from->type != type ||
      to->type != type)
    return trm_fail(m->run, TRM_EINPUT,
                    "move %s to %s: layouts and types must be those of the "
                    "plan",
                    from->name, to->name);
  return TRM_OK;
}

trm_status trm_move_start(trm_move *m, trm_field *const from[],
                          trm_field *const to[]) {
  for (int k = 0; k < m->n; k++) {
    TRM_TRY(check_start(m, from[k], to[k], m->types[k]));
    m->sources[k] = trm__array_location_of(from[k]);
    m->targets[k] = trm__array_location_of(to[k]);
  }
  trm__array_engine_start(m->engine, m->sources, m->targets);
  return TRM_OK;
}

bool trm_move_poll(trm_move *m) {
  return trm__array_engine_poll(m->engine);
}

void trm_move_finish(trm_move *m) {
  trm__array_engine_finish(m->engine);
}

void trm_move_traffic(const trm_layout *from, const trm_layout *to, int n,
                      const trm_type types[], trm_traffic *traffic) {
  *traffic = (trm_traffic){0};
  if (from->coord[0] < 0) return;
  trm__array_route route;
  trm__array_route_find(&route, &(trm__array_side){from, NULL},
                        &(trm__array_side){to, NULL}, n, types,
                        trm__array_rank_at(from, from->coord), 1 << 30);
  trm__array_engine_traffic(&route.schedule, traffic);
  trm__array_route_clear(&route);
}
