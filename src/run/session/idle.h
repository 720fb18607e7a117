/* Idle ranks: the problem has fewer parts than there are ranks. */
#ifndef TRM_RUN_SESSION_IDLE_H
#define TRM_RUN_SESSION_IDLE_H

#include <trireme/run.h>

#include "run/setup/command.h"

typedef struct trm__run_idle {
  int64_t n;           /* number of idle ranks; 0: none, or unknown */
  int64_t first, last; /* the lowest and the highest of them */
} trm__run_idle;

/** Find ranks that own no element of any evolving field. Collective. */
trm__run_idle trm__run_idle_fields(trm_run *);

/** Find ranks that update nothing in the first step, by the kernel's work model; none
 * without a model. Collective. */
trm__run_idle trm__run_idle_model(trm_run *, const trm__run_command *);

/** Return "2 of 5 ranks own nothing ..."; NULL: there are none. Free with free().
 * Pure. */
char *trm__run_idle_text(const trm__run_idle *, int ranks);

#endif
