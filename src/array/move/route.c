#include "array/move/route.h"

#include "comm/run.h"

enum { CHUNK = 1 << 20 }; /* bytes of a message */

/* This rank is the nearest of its own partners, if it is one. */
static bool starts_with(const trm__array_partners *p, int rank) {
  return p->n > 0 && p->partner[0].rank == rank;
}

void trm__array_route_find(trm__array_route *r, const trm__array_side *from,
                           const trm__array_side *to, int n,
                           const trm_type types[], int me, int ranks) {
  r->out = trm__array_partners_find(from, to, true, me, ranks);
  r->in = trm__array_partners_find(from, to, false, me, ranks);
  bool self = starts_with(&r->out, me);
  r->stage = (trm__array_stage){.out = r->out.partner + self,
                                .in = r->in.partner + starts_with(&r->in, me),
                                .nout = r->out.n - self,
                                .nin = r->in.n - starts_with(&r->in, me)};
  if (self) {
    r->stage.self = r->out.partner[0].overlaps;
    r->stage.nself = r->out.partner[0].n;
  }
  r->schedule = (trm__array_schedule){.stages = &r->stage,
                                      .nstages = 1,
                                      .n = n,
                                      .types = types,
                                      .chunk = CHUNK,
                                      .cause = TRM_FOR_REDISTRIBUTE,
                                      .site = "copy"};
}

void trm__array_route_clear(trm__array_route *r) {
  trm__array_partners_clear(&r->out);
  trm__array_partners_clear(&r->in);
}

trm__array_location trm__array_location_of(const trm_field *f) {
  trm__array_location l = {.data = f->data};
  for (int d = 0; d < TRM_DIMS; d++) l.stride[d] = f->layout->stride[d];
  return l;
}

trm_status trm__array_move_once(trm_run *run, const trm__array_side *from,
                                const trm__array_side *to, trm_type type,
                                const trm__array_location *source,
                                const trm__array_location *target) {
  trm__array_route route;
  trm__array_engine *engine;
  trm__array_route_find(&route, from, to, 1, &type, run->rank, run->ranks);
  route.schedule.once = true;
  trm_status status = trm__array_engine_new(run, &route.schedule, &engine);
  if (status == TRM_OK) {
    trm__array_engine_start(engine, source, target);
    trm__array_engine_finish(engine);
    trm__array_engine_free(&engine);
  }
  trm__array_route_clear(&route);
  return status;
}
