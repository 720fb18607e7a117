/* The private part of a run: for messages, and for the floors above, which
 * attach their own state. */
#ifndef TRM_COMM_RUN_H
#define TRM_COMM_RUN_H

#include <trireme/run.h>

#include "base/error.h"
#include "base/memory.h"

/* An object that a floor above attaches to the run; freed last in, first
 * out. */
typedef struct trm__comm_attached {
  struct trm__comm_attached *next;
  void *what;
  void (*drop)(trm_run *, void *what);
} trm__comm_attached;

/* State that a floor above keeps with a run. */
typedef struct trm__comm_floor {
  size_t size;
  void (*drop)(trm_run *, void *state); /* frees what it owns, not itself */
} trm__comm_floor;

typedef struct trm__comm_state_of_floor {
  struct trm__comm_state_of_floor *next;
  const trm__comm_floor *floor; /* borrowed: a constant of that floor */
  void *state;                  /* owned */
} trm__comm_state_of_floor;

struct trm__comm_run {
  trm_comm *comm;       /* run->comm, to free */
  const trm_comm *host; /* ranks of this rank's host, ordered by rank */
  int hosts,
      host_index; /* number of hosts; which one this is (by lowest rank) */
  trm_counter counter;
  trm__base_error error;
  trm__base_bill bill;
  trm__comm_attached *attached;
  trm__comm_state_of_floor *states; /* of the floors above; owned */
  struct trm__comm_meter *meter;    /* comm/meter.c */
};

/** Agree on an error that may exist on this rank only. Collective. */
trm_status trm__comm_agree_on(trm_run *, const trm__base_error *);

/** Return the state of a floor: zeroed on first use, dropped with the run after
 * all attached objects. Local; any thread. */
void *trm__comm_state(const trm_run *, const trm__comm_floor *);
/** Free all states; called by trm_run_free. Local. */
void trm__comm_states_free(trm_run *);

/** Attach an object to the run, freed with it. Local. */
void trm__comm_attach(trm_run *, void *what, void (*drop)(trm_run *, void *));
/** Detach it without freeing it. Local. */
void trm__comm_detach(trm_run *, void *what);

#endif
