#include "run/checkpoint/checkpoint_interval.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "run/checkpoint/interval.h"

/* An estimate until a checkpoint has been timed; file systems differ by more. */
static const double FIXED = 0.3;      /* seconds, whatever the size */
static const double RATE = 160 << 20; /* bytes/s per host */
static const double HOSTS = 32; /* beyond this number bandwidth does not grow */

static const char *const from[] = {"guess", "before", "clock"};

static double guess(const trm__run_session *s) {
  double bytes = (double)trm__store_bytes(s->run);
  return FIXED + bytes / (RATE * fmin(s->run->own->hosts, HOSTS));
}

/* Cost in the previous session, unless it was a guess too; 0: unknown.
 * \param ranks of that session; 0: unknown */
static double before(const cJSON *json, double *ranks) {
  const cJSON *checkpoints = trm__base_json_at(json, "checkpoints");
  double cost = trm__base_json_f64_at(checkpoints, "last", 0);
  if (!(cost > 0) &&
      strcmp(trm__base_json_text_at(checkpoints, "cost_from"), from[0]))
    cost = trm__base_json_f64_at(checkpoints, "cost", 0);
  *ranks = trm__base_json_f64_at(json, "ranks", 0);
  return cost > 0 ? cost : 0;
}

/* The same on all ranks: by the clock of the rank that began last. */
static void choose(trm__run_session *s) {
  if (!s->command->every.automatic) return;
  double elapsed = -trm__run_slowest(s->run, s->began - trm_now());
  s->interval.seconds =
      trm__run_interval_next(s->interval.cost, trm__run_session_mtbf(s),
                             s->seconds.checkpoint, elapsed);
}

void trm__run_checkpoint_interval_begin(trm__run_session *s, cJSON *last) {
  if (!s->store) return;
  double ranks = 0, cost = s->run->rank == 0 ? before(last, &ranks) : 0;
  cJSON_Delete(last);
  cost = trm__run_slowest(s->run, cost);
  bool same = trm__run_slowest(s->run, ranks) == s->run->ranks;
  s->interval = (trm__run_checkpoint_interval){.cost = guess(s),
                                               .cost_from = TRM__COST_GUESS};
  if (cost > 0 && (same || cost > s->interval.cost))
    s->interval = (trm__run_checkpoint_interval){.cost = cost,
                                                 .cost_from = TRM__COST_BEFORE};
  choose(s);
}

void trm__run_checkpoint_interval_learn(trm__run_session *s) {
  s->interval.cost = s->interval.last_cost;
  s->interval.cost_from = TRM__COST_CLOCK;
  choose(s);
}

void trm__run_checkpoint_interval_add(const trm__run_session *s, cJSON *json) {
  cJSON *object = cJSON_AddObjectToObject(json, "checkpoints");
  const trm__run_every *every = &s->command->every;
  cJSON_AddStringToObject(object, "every", s->want->every);
  trm__base_json_f64(object, "interval",
                     every->automatic ? s->interval.seconds : every->seconds);
  trm__base_json_f64(object, "cost", s->interval.cost);
  cJSON_AddStringToObject(object, "cost_from", from[s->interval.cost_from]);
  trm__base_json_f64(object, "mtbf", trm__run_session_mtbf(s));
  trm__base_json_f64(object, "last", s->interval.last_cost);
  trm__base_json_f64(object, "spent", s->seconds.checkpoint);
}
