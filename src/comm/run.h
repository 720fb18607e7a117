/* What a run keeps for the library: private across the floors above. */
#ifndef TRM_COMM_RUN_H
#define TRM_COMM_RUN_H

#include <trireme/run.h>

#include "base/error.h"
#include "base/memory.h"

struct trm_field;
struct trm__array_layout;

typedef struct
    trm__array_kept { /* trm_keep: a small array, the same on all ranks */
  const char *name;   /* owned */
  trm_type type;
  int64_t n;
  void *data; /* borrowed */
} trm__array_kept;

typedef struct trm__run_gauge {
  const char *name;
  double value;
} trm__run_gauge;

enum { TRM__GAUGES = 16, TRM__SITES = 64 };

/* Something that a floor above hangs on the run; freed last in, first out. */
typedef struct trm__comm_attached {
  struct trm__comm_attached *next;
  void *what;
  void (*drop)(trm_run *, void *what);
} trm__comm_attached;

struct trm__comm_run {
  trm_comm *comm;       /* run->comm, to free */
  const trm_comm *host; /* ranks of this rank's host, ordered by rank */
  int hosts,
      host_index; /* number of hosts; which one this is (by lowest rank) */
  trm_counter counter;
  trm__base_error error;
  trm__base_bill bill;
  trm__comm_attached *attached;
  struct trm_field **fields; /* in the order of their declaration */
  int nfields;
  trm__array_kept *kept;
  int nkept;
  trm__run_gauge gauges[TRM__GAUGES];
  int ngauges;
  int64_t ended;                  /* trm_ended: steps; -1: not */
  struct trm__comm_meter *meter;  /* comm/meter.c */
  struct trm__meter_sites *sites; /* meter/work.c */
  int halos;                      /* array/halo.c: plans made so far */
  void *scratch;                  /* trm__comm_scratch */
  int64_t scratch_bytes;
};

/** Agree on an error that may be this rank's alone. Collective. */
trm_status trm__comm_agree_on(trm_run *, const trm__base_error *);

/** Memory for the time of one call, kept for the next: redistribution's. */
trm_status trm__comm_scratch(trm_run *, int64_t bytes, void **);

/** Hang something on the run, freed with it. */
void trm__comm_attach(trm_run *, void *what, void (*drop)(trm_run *, void *));
/** Take it off again without freeing it. */
void trm__comm_detach(trm_run *, void *what);

#endif
