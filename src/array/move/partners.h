/* Partners: the ranks that share elements with this one when they move from one
 * division of the global index space to another. */
#ifndef TRM_ARRAY_MOVE_PARTNERS_H
#define TRM_ARRAY_MOVE_PARTNERS_H

#include "array/move/overlap.h"
#include "array/move/windows.h"

/* One side: as the layout divides, or linear windows of its global shape. */
typedef struct trm__array_side {
  const trm_layout *layout;
  const trm__array_linear *windows; /* NULL: none */
} trm__array_side;

typedef struct trm__array_partner {
  int rank;
  const trm__array_overlap *overlaps; /* in an order that both sides share */
  int n;
  int64_t elements; /* of all overlaps */
} trm__array_partner;

typedef struct trm__array_partners {
  trm__array_partner *partner; /* nearest first; owned, as is all the rest */
  int n;
  trm__array_overlap *overlaps;
  trm__array_segment **segments; /* that the overlaps point to */
  int nsegments;
} trm__array_partners;

/** Find the ranks that `me` sends elements to, or receives them from; `me` is
 * among them. An element with several owners is sent by the lowest and received
 * by all. Distances count modulo `ranks`, upwards for the sender, downwards for
 * the receiver. Time and memory grow with the partners and with what is owned
 * along each dimension, not with the number of ranks, except that windows are
 * looked through. Not both sides may have windows. Pure. */
trm__array_partners trm__array_partners_find(const trm__array_side *from,
                                             const trm__array_side *to,
                                             bool sending, int me, int ranks);
void trm__array_partners_clear(trm__array_partners *);

#endif
