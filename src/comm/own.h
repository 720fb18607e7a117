/* What a run keeps for the library: private across the floors above. */
#ifndef TRM_COMM_OWN_H
#define TRM_COMM_OWN_H

#include <trireme/run.h>

#include "base/error.h"
#include "base/memory.h"

struct trm_field;
struct trm__layout;

typedef struct trm__kept { /* trm_keep: a small array, the same on all ranks */
  const char *name;        /* owned */
  trm_type type;
  int64_t n;
  void *data; /* borrowed */
} trm__kept;

typedef struct trm__gauge {
  const char *name;
  double value;
} trm__gauge;

enum { TRM__GAUGES = 16, TRM__SITES = 64 };

/* Something that a floor above hangs on the run; freed last in, first out. */
typedef struct trm__attached {
  struct trm__attached *next;
  void *what;
  void (*drop)(trm_run *, void *what);
} trm__attached;

struct trm__own {
  trm_comm *comm;       /* run->comm, to free */
  const trm_comm *host; /* ranks of this rank's host, ordered by rank */
  int hosts,
      host_index; /* number of hosts; which one this is (by lowest rank) */
  trm_counter counter;
  trm__error error;
  trm__bill bill;
  trm__attached *attached;
  struct trm_field **fields; /* in the order of their declaration */
  int nfields;
  trm__kept *kept;
  int nkept;
  trm__gauge gauges[TRM__GAUGES];
  int ngauges;
  int64_t ended;            /* trm_ended: steps; -1: not */
  struct trm__meter *meter; /* comm/meter.c */
  struct trm__sites *sites; /* measure/work.c */
  int halos;                /* array/halo.c: plans made so far */
  void *scratch;            /* trm__scratch */
  int64_t scratch_bytes;
};

/** Agree on an error that may be this rank's alone. Collective. */
trm_status trm__agree_on(trm_run *, const trm__error *);

/** Memory for the time of one call, kept for the next: redistribution's. */
trm_status trm__scratch(trm_run *, int64_t bytes, void **);

/** Hang something on the run, freed with it. */
void trm__attach(trm_run *, void *what, void (*drop)(trm_run *, void *));
/** Take it off again without freeing it. */
void trm__detach(trm_run *, void *what);

#endif
