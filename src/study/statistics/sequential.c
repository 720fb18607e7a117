#include "study/run/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <trireme/random.h>

#include "base/memory.h"
#include "base/text.h"

enum { COINS = 1 };
static const double EARLY = 0.125; /* of the allowed alarms, each early look */
static const double SHOWN = 0.05;  /* a difference: so unlikely of equals */

/* -- pairs ------------------------------------------------------------------ */

bool trm__compare_b_first(uint64_t seed, int pair) {
  return trm_random(seed, COINS, (uint64_t)pair) >> 63;
}

/* Pairs that are needed for a probability so small: 2^-n when all agree. */
static int pairs_for(double probability) {
  int n = 1;
  while (n < 60 && ldexp(1, -n) > probability) n++;
  return n;
}

int trm__compare_least(double confidence) {
  return pairs_for(1 - confidence);
}

/* Alarms are of one side, intervals of two. */
static int first_look(const trm__rule *rule) {
  int alarm = pairs_for((1 - rule->confidence) * EARLY),
      interval = pairs_for((1 - rule->level) * EARLY / 2);
  return alarm > interval ? alarm : interval;
}

/* The part of the allowed alarms that may be spent after n pairs. */
static double part_of(const trm__rule *rule, int n, bool last) {
  if (!rule->looks) return last ? 1 : 0;
  double left = 1; /* what earlier looks did not spend */
  int look = first_look(rule);
  for (; look < n && left > EARLY; look *= 2) left -= EARLY;
  return last ? left : look == n && left > EARLY ? EARLY : 0;
}

static double corrected(double probability, double part) {
  return fmin(1, probability / part);
}

double trm__compare_inside(const trm__rule *rule, const trm__look *look) {
  return 1 - (1 - rule->level) * look->part;
}

trm__interval trm__compare_stated(const trm__rule *rule, const trm__look *look,
                                  trm__interval i) {
  double inside = trm__compare_inside(rule, look);
  i.level =
      i.level >= inside ? rule->level : fmax(0, 1 - (1 - i.level) / look->part);
  return i;
}

/* The median's own interval, of order statistics: no resampling at each look. */
static bool narrow(const trm__rule *rule, const trm__look *look, int n,
                   const double a[], const double b[]) {
  double *ratio = trm__base_calloc((size_t)n, sizeof *ratio);
  double inside = trm__compare_inside(rule, look);
  for (int i = 0; i < n; i++) ratio[i] = b[i] / a[i];
  trm__interval known = trm__median_interval(n, ratio, inside);
  free(ratio);
  return known.level >= inside && trm__interval_half(&known) <= rule->target;
}

trm__look trm__compare_look(const trm__rule *rule, int n, const double a[],
                            const double b[], bool last) {
  trm__look look = {.stop = last || n >= rule->most, .differs = 1, .slower = 1};
  look.part = n > 0 ? part_of(rule, n, look.stop) : 0;
  if (!(look.part > 0)) return look;
  double above = trm__signed_rank(n, a, b, 1);
  double below = trm__signed_rank(n, b, a, 1);
  look.differs = corrected(2 * fmin(above, below), look.part);
  if (!isnan(rule->gate)) {
    double limit = 1 + rule->gate, allowed = 1 - rule->confidence;
    look.slower = corrected(trm__signed_rank(n, a, b, limit), look.part);
    look.alarm = look.slower <= allowed;
    look.cleared =
        corrected(trm__signed_rank(n, b, a, 1 / limit), look.part) <= allowed;
  }
  look.stop =
      look.stop || look.alarm || look.cleared || narrow(rule, &look, n, a, b);
  return look;
}

/* -- words ------------------------------------------------------------------ */

/* "1 of 4,096". */
static char *odds(double probability) {
  double n = floor(1 / probability + 0.5);
  if (n >= 1e6) return trm__base_format("less than 1 of 1,000,000");
  if (n >= 1000)
    return trm__base_format("1 of %d,%03d", (int)n / 1000, (int)n % 1000);
  return trm__base_format("1 of %.0f", n);
}

/* Is it nothing at so many digits? Then it has no direction either. */
static bool is_nothing(double percent, int digits) {
  return percent < 0.5 * pow(10, -digits);
}

/* Digits behind the point that an interval of so many per cent deserves. */
static int digits_of(double half) {
  return !(half < 5) ? 0 : half >= 0.3 ? 1 : half >= 0.03 ? 2 : 3;
}

/* Per cent of one bound, in words where it is on the other side. */
static char *bound(double ratio, bool slower, bool both_sides, int digits,
                   const char *unit) {
  double percent = 100 * (slower ? ratio - 1 : 1 - ratio);
  if (!both_sides) return trm__base_format("%.*f%s", digits, percent, unit);
  return trm__base_format("%.*f %% %s", digits, 100 * fabs(ratio - 1),
                          ratio > 1 ? "slower" : "faster");
}

/* "B is 2.1 % faster than A (95 %: 1.2 to 3.0 %)". */
static char *in_per_cent(const trm__interval *r) {
  bool slower = r->mid >= 1, both = r->low < 1 && r->high > 1;
  int digits = digits_of(50 * (r->high - r->low));
  if (!(r->level > 0) && is_nothing(100 * fabs(r->mid - 1), 1))
    return trm__base_strdup("B takes as long as A");
  if (!(r->level > 0))
    return trm__base_format("B is %.1f %% %s than A", 100 * fabs(r->mid - 1),
                            slower ? "slower" : "faster");
  char *low = bound(slower ? r->low : r->high, slower, both, digits, "");
  char *high = bound(slower ? r->high : r->low, slower, both, digits, " %");
  double percent = 100 * fabs(r->mid - 1);
  char *what = is_nothing(percent, digits)
                   ? trm__base_strdup("B takes as long as A")
                   : trm__base_format("B is %.*f %% %s than A", digits, percent,
                                      slower ? "slower" : "faster");
  char *text = trm__base_format("%s (%.3g %%: %s to %s)", what, 100 * r->level,
                                low, high);
  free(what);
  free(low);
  free(high);
  return text;
}

/* Far apart, per cent mislead: "B takes 2.31 times as long as A". */
static char *in_times(const trm__interval *r) {
  bool slower = r->mid >= 1;
  double mid = slower ? r->mid : 1 / r->mid,
         low = slower ? r->low : 1 / r->high,
         high = slower ? r->high : 1 / r->low;
  char *text = trm__base_format("%c takes %.3g times as long as %c",
                                slower ? 'B' : 'A', mid, slower ? 'A' : 'B');
  if (!(r->level > 0)) return text;
  char *more = trm__base_format("%s (%.3g %%: %.3g to %.3g times)", text,
                                100 * r->level, low, high);
  free(text);
  return more;
}

char *trm__compare_text(const trm__interval *r, const char *count,
                        const char *like, double differs) {
  bool wide = r->level > 0 && (r->high >= 2 || r->low <= 0.5);
  bool far = wide || r->mid >= 1.5 || r->mid <= 1 / 1.5;
  char *what = far ? in_times(r) : in_per_cent(r), *chance = odds(differs);
  char *text =
      differs <= SHOWN
          ? trm__base_format("%s, %s; were they equal, %s would come up in %s.",
                             what, count, like, chance)
          : trm__base_format("No difference is shown: %s, %s (p = %.2g).", what,
                             count, fmin(1, differs));
  free(what);
  free(chance);
  return text;
}
