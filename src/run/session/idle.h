/* Ranks that have nothing to do, because the problem has fewer parts than there are
 * ranks. */
#ifndef TRM_RUN_SESSION_IDLE_H
#define TRM_RUN_SESSION_IDLE_H

#include <trireme/run.h>

#include "run/setup/command.h"

typedef struct trm__run_idle {
  int64_t n;     /* of the ranks; 0: none, or not known */
  int64_t first; /* the lowest of them */
} trm__run_idle;

/** By the fields: ranks that own no element of any evolving field. Collective. */
trm__run_idle trm__run_idle_fields(trm_run *);

/** By the kernel's work model: ranks that update nothing in the first step; none
 * without a model. Collective. */
trm__run_idle trm__run_idle_model(trm_run *, const trm__run_command *);

/** "2 of 5 ranks own nothing ..."; NULL: there are none. Free with free(). */
char *trm__run_idle_text(const trm__run_idle *, int ranks);

#endif
