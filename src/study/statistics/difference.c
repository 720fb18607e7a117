#include "study/statistics/difference.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"

static const double SHOWN = 0.05; /* a difference: so unlikely of equals */

/* "1 of 4,096". */
static char *odds(double probability) {
  double n = floor(1 / probability + 0.5);
  if (n >= 1e6) return trm__base_format("less than 1 of 1,000,000 cases");
  if (n >= 1000)
    return trm__base_format("1 of %d,%03d cases", (int)n / 1000, (int)n % 1000);
  return trm__base_format("1 of %.0f cases", n);
}

/* Does it print as zero with this number of digits? Then it has no direction. */
static bool is_nothing(double percent, int digits) {
  return percent < 0.5 * pow(10, -digits);
}

/* Decimal places that suit an interval of this width in per cent. */
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
static char *in_per_cent(const trm__study_interval *r) {
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
static char *in_times(const trm__study_interval *r) {
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

char *trm__study_difference_text(const trm__study_interval *r,
                                 const char *count, const char *like,
                                 double differs) {
  bool wide = r->level > 0 && (r->high >= 2 || r->low <= 0.5);
  bool far = wide || r->mid >= 1.5 || r->mid <= 1 / 1.5;
  char *what = far ? in_times(r) : in_per_cent(r), *chance = odds(differs);
  char *text =
      differs <= SHOWN
          ? trm__base_format(
                "%s, %s; if they were equal, %s would occur in %s.", what,
                count, like, chance)
          : trm__base_format("No difference is shown: %s, %s (p = %.2g).", what,
                             count, fmin(1, differs));
  free(what);
  free(chance);
  return text;
}
