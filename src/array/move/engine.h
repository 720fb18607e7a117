/* The engine that moves data: halos, redistributions and the windows of files
 * are plans for it. A plan names, stage by stage, the elements that go to and
 * come from each other rank, of one or several arrays; it is made once and
 * carried out any number of times, with progress whenever it is polled.
 *
 * Messages. The elements of all arrays for one rank form one stream, divided
 * into messages of at most `chunk` bytes. Both sides of a stream divide it in the
 * same way, and both serve their streams in an order that never waits in a
 * circle: by stage, then in the order of the plan (distances for partners.h).
 *
 * Buffers. If all messages of a direction are small, or the plan says so, each
 * has a buffer of its own and all of a stage are in flight together, as
 * persistent requests. Otherwise a bounded number of buffers is filled, sent and
 * filled again. The message of the smallest distance is always in flight on both
 * sides, so no deadlock is possible. */
#ifndef TRM_ARRAY_MOVE_ENGINE_H
#define TRM_ARRAY_MOVE_ENGINE_H

#include "array/move/overlap.h"
#include "array/move/partners.h"

/* One step of a plan; its messages are complete before the next one starts. */
typedef struct trm__array_stage {
  trm__array_partner *out, *in; /* owned by whoever makes the plan */
  int nout, nin;
  const trm__array_overlap *self; /* copied on this rank */
  int nself;
} trm__array_stage;

/* Everything is borrowed and must outlive the engine. */
typedef struct trm__array_schedule {
  const trm__array_stage *stages;
  int nstages;
  int n;                 /* arrays */
  const trm_type *types; /* of each */
  int64_t chunk;         /* largest message in bytes; a multiple of 16 */
  bool all_in_flight;    /* however large; required for several stages */
  bool once;             /* uses buffers that are kept for the next such plan */
  trm_cause cause;
  const char *site; /* of the copies */
} trm__array_schedule;

typedef struct trm__array_engine trm__array_engine;

/** Make buffers, requests and a tag. Collective; the only agreement. Fails with
 * TRM_EMEMORY, or with TRM_EINPUT if MPI has no tag left. */
trm_status trm__array_engine_new(trm_run *, const trm__array_schedule *,
                                 trm__array_engine **);

/** Start to move. The arrays to read from and to write to may be different ones
 * each time; locations are copied. Collective: if several engines are started
 * and finished, all ranks do it in the same order. Debug builds fill what will
 * be written with NaN. */
void trm__array_engine_start(trm__array_engine *,
                             const trm__array_location from[],
                             const trm__array_location to[]);

/** Let it make progress. Local. \return true when it is done */
bool trm__array_engine_poll(trm__array_engine *);

void trm__array_engine_finish(trm__array_engine *);

/** Between start and finish? Local. */
bool trm__array_engine_busy(const trm__array_engine *);

/** Free it and set the pointer to NULL; accepts NULL. It must not be busy.
 * Collective. */
void trm__array_engine_free(trm__array_engine **);

/** Count the messages and bytes of one side's streams. Pure. */
void trm__array_engine_traffic(const trm__array_schedule *, trm_traffic *);

#endif
