/* Redistribution: copy fields from any layout to any other of the same global
 * shape.
 *
 * It serves the transposition of an FFT, the change from blocks to block-cyclic
 * and a restart on another number of ranks. Ranks that share elements send each
 * other messages of at most 1 MiB; nothing else is sent. An element with several
 * owners is sent by the lowest and received by all. Halos are unchanged.
 *
 * trm_redistribute plans again at each call. A plan (trm_move) is made once and
 * used many times. It moves several fields in the same messages, and can be
 * polled while the kernel computes:
 *
 *   trm_move_start(move, from, to);
 *   for (each tile) { compute; trm_move_poll(move); }
 *   trm_move_finish(move);
 *
 * Time and memory of planning grow with the number of ranks that share elements
 * with this one, not with all. Buffers take at most 16 MiB per plan. */
#ifndef TRIREME_REDISTRIBUTE_H
#define TRIREME_REDISTRIBUTE_H

#include <trireme/field.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Copy all elements of `from` to `to`, which have the same type and global
 * shape and layouts of one run. Collective. Fails with TRM_EMEMORY, or with
 * TRM_EINPUT if types or shapes differ. */
trm_status trm_redistribute(trm_run *, const trm_field *from, trm_field *to);

typedef struct trm_move trm_move;

/** Plan to move n fields of the given types from one layout to another of the
 * same global shape. Collective. Fails with TRM_EMEMORY, or with TRM_EINPUT
 * (n < 1; shapes differ; more plans at a time than MPI has tags for: at least
 * 2668, 2 billion with Open MPI).
 * \param types of each field; copied */
trm_status trm_move_new(trm_run *, const trm_layout *from, const trm_layout *to,
                        int n, const trm_type types[], trm_move **);

/** Start to move. The fields may be different ones each time, but have the
 * layouts and types of the plan. Until the finish, do not change `from` and do
 * not read `to`. Collective: if several plans are in flight, all ranks start and
 * finish them in the same order. Fails with TRM_EINPUT if the fields do not fit
 * the plan or it has not been finished. */
trm_status trm_move_start(trm_move *, trm_field *const from[],
                          trm_field *const to[]);

/** Let messages make progress. Local.
 * \return true when all have arrived; the finish is still required */
bool trm_move_poll(trm_move *);

/** Wait until the fields have moved. Collective. */
void trm_move_finish(trm_move *);

/** Free a plan before the run ends and set the pointer to NULL. Collective. */
void trm_move_free(trm_run *, trm_move **);

/** Compute what one move sends from the rank that `from` describes (`to` may
 * describe any rank): for work models. Layouts may be made by trm_layout_view.
 * Pure. */
void trm_move_traffic(const trm_layout *from, const trm_layout *to, int n,
                      const trm_type types[], trm_traffic *);

#ifdef __cplusplus
}
#endif

#endif
