/* Halos: copies of the neighbours' outermost cells.
 *
 * Start it, compute what needs no halo, poll between tiles (Open MPI moves data
 * only inside calls), finish it, compute the rest. Where a dimension is not
 * periodic, the halo beyond the wall is the kernel's: it is never touched.
 * Debug builds fill what will be received with NaN at the start. */
#ifndef TRIREME_HALO_H
#define TRIREME_HALO_H

#include <trireme/field.h>

typedef enum trm_reach {
  TRM_STAR, /* faces: all messages at once, at most 2 a dimension */
  TRM_BOX   /* edges and corners too: at most 2 messages a dimension, one
                dimension after the other */
} trm_reach;

typedef struct trm_halo trm_halo;

/** Begin to fill the halos of n fields of one layout; several fields travel in
 * one message. The fields' owned cells next to the border must not change, and
 * the halo must not be read, before the finish. Collective. Fails with TRM_EINPUT
 * (n < 1, several layouts; more plans at once than MPI has tags for: at least
 * 333, 268 million with Open MPI), TRM_EMEMORY. */
trm_status trm_halo_start(trm_run *, trm_reach, int n, trm_field *const[],
                          trm_halo **);

/** Let messages and stages move on. Local. */
void trm_halo_poll(trm_halo *);

/** Wait until the halos are filled. The handle is the run's and is used again.
 * Collective: of several halos under way, all ranks finish the same one
 * first. */
trm_status trm_halo_finish(trm_halo *);

/** Start and finish at once. Collective. */
trm_status trm_halo_fill(trm_run *, trm_reach, int n, trm_field *const[]);

/** What one fill sends from the rank whose layout (or trm_layout_view) this is:
 * for work models. Pure.  \param bytes_per_cell sum of the element sizes */
void trm_halo_traffic(const trm_layout *, trm_reach, int64_t bytes_per_cell,
                      int64_t *messages, int64_t *bytes);

#endif
