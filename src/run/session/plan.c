#include "run/session/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const double CHUNK = 0.5; /* seconds: the length aimed at */
static const double LAST = 1;    /* seconds for the end of a run */
static const double TRIED =
    0.1;             /* part of the time after which a checkpoint is timed */
enum { GROWTH = 8 }; /* at most, from one chunk to the next */

trm_status trm__run_every_read(const char *text, trm__run_every *every,
                               trm__base_error *error) {
  *every = (trm__run_every){0, 0, false};
  char *end;
  if (!strcmp(text, "auto")) {
    every->automatic = true;
    return TRM_OK;
  }
  if (trm__base_text_seconds(text, &every->seconds) && every->seconds > 0)
    return TRM_OK;
  double steps = strtod(text, &end);
  bool plain = strspn(text, "0123456789.e+") == strlen(text);
  if (!*text || *end || !plain || !(steps >= 1 && steps < 9e18) ||
      steps != floor(steps))
    return trm__base_error_set(
        error, TRM_EOPTION,
        "--every=%s: expected a number of steps such as "
        "1000, a time such as 30s, 1h30m or 1:30:00, or auto",
        text);
  every->steps = (int64_t)steps;
  return TRM_OK;
}

static int64_t by_time(const trm__run_plan *p) {
  if (p->last < 1) return 1;
  double step = p->last_seconds / (double)p->last, wait = CHUNK;
  double due = p->every.seconds - p->since_checkpoint;
  if (p->every.seconds > 0 && due < wait) wait = due;
  if (p->deadline) wait = fmin(wait, p->left - trm__run_plan_margin(p));
  int64_t most = p->last > INT64_MAX / GROWTH ? INT64_MAX : p->last * GROWTH;
  double n = step > 0 ? wait / step : (double)most;
  return n < 1 ? 1 : n < (double)most ? (int64_t)n : most;
}

int64_t trm__run_plan_steps(const trm__run_plan *p) {
  int64_t n = by_time(p);
  if (p->end >= 0 && n > p->end - p->step) n = p->end - p->step;
  if (p->every.steps > 0) {
    int64_t to_go = p->every.steps - p->step % p->every.steps;
    if (n > to_go) n = to_go;
  }
  return n;
}

double trm__run_plan_margin(const trm__run_plan *p) {
  double step = p->last > 0 ? p->last_seconds / (double)p->last : 0;
  return 2 * p->checkpoint_seconds + 2 * step + LAST;
}

bool trm__run_plan_late(const trm__run_plan *p) {
  return p->deadline && p->left <= trm__run_plan_margin(p);
}

static bool to_be_timed(const trm__run_plan *p) {
  return p->deadline && p->guessed &&
         p->since_checkpoint >= TRIED * (p->since_checkpoint + p->left);
}

bool trm__run_plan_due(const trm__run_plan *p) {
  if (to_be_timed(p)) return true;
  if (p->every.steps > 0) return p->step % p->every.steps == 0;
  return p->every.seconds > 0 && p->since_checkpoint >= p->every.seconds;
}
