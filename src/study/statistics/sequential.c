#include "study/statistics/sequential.h"

#include "study/statistics/ranks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <trireme/random.h>

#include "base/memory.h"
#include "base/text.h"

enum { COINS = 1 };
static const double EARLY = 0.125; /* of the allowed alarms, each early check */

/* -- pairs ------------------------------------------------------------------ */

bool trm__study_rule_b_first(uint64_t seed, int pair) {
  return trm_random(seed, COINS, (uint64_t)pair) >> 63;
}

/* Pairs that are needed for a probability so small: 2^-n when all agree. */
static int pairs_for(double probability) {
  int n = 1;
  while (n < 60 && ldexp(1, -n) > probability) n++;
  return n;
}

int trm__study_rule_least(double confidence) {
  return pairs_for(1 - confidence);
}

/* Alarms are of one side, intervals of two. */
static int first_check(const trm__study_rule *rule) {
  int alarm = pairs_for((1 - rule->confidence) * EARLY),
      interval = pairs_for((1 - rule->level) * EARLY / 2);
  return alarm > interval ? alarm : interval;
}

/* The part of the allowed alarms that may be spent after n pairs. */
static double part_of(const trm__study_rule *rule, int n, bool last) {
  if (!rule->sequential) return last ? 1 : 0;
  double left = 1; /* what earlier checks did not spend */
  int check = first_check(rule);
  for (; check < n && left > EARLY; check *= 2) left -= EARLY;
  return last ? left : check == n && left > EARLY ? EARLY : 0;
}

static double corrected(double probability, double part) {
  return fmin(1, probability / part);
}

double trm__study_rule_level(const trm__study_rule *rule,
                             const trm__study_check *check) {
  return 1 - (1 - rule->level) * check->part;
}

trm__study_interval trm__study_rule_stated(const trm__study_rule *rule,
                                           const trm__study_check *check,
                                           trm__study_interval i) {
  double inside = trm__study_rule_level(rule, check);
  i.level = i.level >= inside ? rule->level
                              : fmax(0, 1 - (1 - i.level) / check->part);
  return i;
}

/* The median's own interval, of order statistics: no resampling at each check. */
static bool narrow(const trm__study_rule *rule, const trm__study_check *check,
                   int n, const double a[], const double b[]) {
  double *ratio = trm__base_calloc((size_t)n, sizeof *ratio);
  double inside = trm__study_rule_level(rule, check);
  for (int i = 0; i < n; i++) ratio[i] = b[i] / a[i];
  trm__study_interval known = trm__study_median_interval(n, ratio, inside);
  free(ratio);
  return known.level >= inside &&
         trm__study_interval_half(&known) <= rule->target;
}

trm__study_check trm__study_rule_check(const trm__study_rule *rule, int n,
                                       const double a[], const double b[],
                                       bool last) {
  trm__study_check check = {
      .stop = last || n >= rule->most, .differs = 1, .slower = 1};
  check.part = n > 0 ? part_of(rule, n, check.stop) : 0;
  if (!(check.part > 0)) return check;
  double above = trm__study_signed_rank(n, a, b, 1);
  double below = trm__study_signed_rank(n, b, a, 1);
  check.differs = corrected(2 * fmin(above, below), check.part);
  if (!isnan(rule->gate)) {
    double limit = 1 + rule->gate, allowed = 1 - rule->confidence;
    check.slower =
        corrected(trm__study_signed_rank(n, a, b, limit), check.part);
    check.alarm = check.slower <= allowed;
    check.cleared = corrected(trm__study_signed_rank(n, b, a, 1 / limit),
                              check.part) <= allowed;
  }
  check.stop = check.stop || check.alarm || check.cleared ||
               narrow(rule, &check, n, a, b);
  return check;
}
