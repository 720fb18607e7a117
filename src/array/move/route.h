/* Routes: plans of the engine from one division of the index space to another.
 */
#ifndef TRM_ARRAY_MOVE_ROUTE_H
#define TRM_ARRAY_MOVE_ROUTE_H

#include <trireme/field.h>

#include "array/move/engine.h"

typedef struct trm__array_route {
  trm__array_partners out, in;
  trm__array_stage stage;
  trm__array_schedule schedule;
} trm__array_route;

/** Plan the one stage of a route, for `n` arrays. Pure.
 * \param types borrowed; must outlive the route */
void trm__array_route_find(trm__array_route *, const trm__array_side *from,
                           const trm__array_side *to, int n,
                           const trm_type types[], int me, int ranks);
void trm__array_route_clear(trm__array_route *);

/** Locate a field's elements. Pure. */
trm__array_location trm__array_location_of(const trm_field *);

/** Plan, move one array and forget the plan. Collective. Fails with
 * TRM_EMEMORY. */
trm_status trm__array_move_once(trm_run *, const trm__array_side *from,
                                const trm__array_side *to, trm_type,
                                const trm__array_location *source,
                                const trm__array_location *target);

#endif
