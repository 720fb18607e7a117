/* Verdicts: the checks of a kernel's verify. */
#ifndef TRM_RUN_SESSION_VERIFY_H
#define TRM_RUN_SESSION_VERIFY_H

#include <trireme/kernel.h>

typedef struct trm__run_check {
  char *what; /* owned */
  double got, want, tol;
  bool pass;
} trm__run_check;

struct trm_verdict { /* zero-initialised */
  trm__run_check *checks;
  int n;
};

/** Return the first check that failed; NULL: all passed. Pure. */
const trm__run_check *trm__run_verdict_failed(const trm_verdict *);
void trm__run_verdict_clear(trm_verdict *);

#endif
