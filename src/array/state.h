/* State of the array floor in a run: fields, kept arrays and memory for
 * messages. */
#ifndef TRM_ARRAY_STATE_H
#define TRM_ARRAY_STATE_H

#include <trireme/field.h>

typedef struct trm__array_kept { /* trm_keep: the same on all ranks */
  const char *name;              /* owned */
  trm_type type;
  int64_t n;
  void *data; /* borrowed */
} trm__array_kept;

typedef struct trm__array_state {
  trm_field **fields; /* in the order of their declaration; the list is owned */
  int nfields;
  trm__array_kept *kept; /* owned */
  int nkept;
  bool *taken; /* owned; is this number in use by a plan of engine.h? */
  int ntaken;
  void *scratch; /* trm__array_scratch */
  int64_t scratch_bytes;
} trm__array_state;

/** Get the run's state; created on first use. Local. */
trm__array_state *trm__array_state_of(const trm_run *);

/** Get memory for the duration of one call; it is reused by the next. Local.
 * Fails with TRM_EMEMORY. */
trm_status trm__array_scratch(trm_run *, int64_t bytes, void **);

#endif
