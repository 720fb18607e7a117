#include "run/session/verify.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

void trm_expect(trm_verdict *verdict, const char *what, double got, double want,
                double tol) {
  size_t n = (size_t)verdict->n++;
  verdict->checks =
      trm__base_grow(verdict->checks, n + 1, sizeof *verdict->checks);
  bool pass = tol > 0 ? fabs(got - want) <= tol : got == want;
  if (!isfinite(want)) pass = false; /* it would prove nothing */
  verdict->checks[n] =
      (trm__run_check){trm__base_strdup(what), got, want, tol, pass};
}

const trm__run_check *trm__run_verdict_failed(const trm_verdict *verdict) {
  for (int i = 0; i < verdict->n; i++)
    if (!verdict->checks[i].pass) return &verdict->checks[i];
  return NULL;
}

void trm__run_verdict_clear(trm_verdict *verdict) {
  for (int i = 0; i < verdict->n; i++) free(verdict->checks[i].what);
  free(verdict->checks);
  *verdict = (trm_verdict){NULL, 0};
}
