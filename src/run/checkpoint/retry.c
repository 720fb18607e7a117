#include "run/checkpoint/retry.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double LONGEST = 60; /* seconds */

double trm__run_retry_delay(const trm__run_retry *r) {
  return fmin(ldexp(1, r->failures - 1), LONGEST);
}

bool trm__run_retry_failed(trm__run_retry *r, int64_t step, double now,
                           const char *reason) {
  bool news = !r->failures || strcmp(r->reason, reason);
  if (!r->failures) {
    r->step = step;
    r->since = now;
  }
  r->failures++;
  r->next = now + trm__run_retry_delay(r);
  snprintf(r->reason, sizeof r->reason, "%s", reason);
  return news;
}

bool trm__run_retry_due(const trm__run_retry *r, double now) {
  return r->failures > 0 && now >= r->next;
}
