/* Halos: copies of the neighbours' outermost cells.
 *
 * To overlap communication with computation: start the exchange, compute the
 * cells that need no halo, poll between tiles (Open MPI moves data only inside
 * MPI calls), finish the exchange, compute the remaining cells. At non-periodic
 * boundaries the halo belongs to the kernel and is never written. Debug builds
 * fill the halo that will be received with NaN at the start. */
#ifndef TRIREME_HALO_H
#define TRIREME_HALO_H

#include <trireme/field.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum trm_reach {
  TRM_STAR, /* faces; all messages at once, at most 2 per dimension */
  /* edges and corners too; at most 2 messages per dimension, one dimension
   * after the other */
  TRM_BOX
} trm_reach;

typedef struct trm_halo trm_halo;

/** Start to fill the halos of n fields of one layout; the fields share
 * messages. Until the finish, do not change owned cells next to the border and
 * do not read the halo. Collective. Fails with TRM_EMEMORY, or with TRM_EINPUT
 * (n < 1; different layouts; more plans at a time than MPI has tags for: at
 * least 2668, 2 billion with Open MPI). */
trm_status trm_halo_start(trm_run *, trm_reach, int n, trm_field *const[],
                          trm_halo **);

/** Let the exchange make progress. Local. */
void trm_halo_poll(trm_halo *);

/** Wait until the halos are filled. The run owns the handle and reuses it.
 * Collective: if several exchanges are in flight, all ranks finish them in the
 * same order. */
trm_status trm_halo_finish(trm_halo *);

/** Start and finish an exchange. Collective. */
trm_status trm_halo_fill(trm_run *, trm_reach, int n, trm_field *const[]);

/** Compute what one fill sends from the rank that a layout (or trm_layout_view)
 * describes: for work models. Pure.
 * \param bytes_per_cell sum of the element sizes of the fields */
void trm_halo_traffic(const trm_layout *, trm_reach, int64_t bytes_per_cell,
                      int64_t *messages, int64_t *bytes);

#ifdef __cplusplus
}
#endif

#endif
