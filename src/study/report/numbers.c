#include "study/report/numbers.h"

#include <math.h>
#include <string.h>

/* Three digits, zeros at the end too. */
static int digits_after(double value) {
  return value >= 100 ? 0 : value >= 10 ? 1 : 2;
}

static bool is_known(const trm__study_interval *i) {
  return i->level > 0 && isfinite(i->low) && isfinite(i->high) &&
         i->low < i->high;
}

/* Of few launches no interval has the 95 % that is said elsewhere. */
static trm__base_text with_level(const trm__study_interval *i,
                                 trm__base_text text) {
  size_t n = strlen(text.s);
  if (i->level < 0.945)
    snprintf(text.s + n, sizeof text.s - n, " (%.0f %%)", 100 * i->level);
  return text;
}

trm__base_text trm__study_interval_text(const trm__study_interval *i,
                                        trm__study_number_text *shown) {
  trm__base_text text = {""};
  if (!is_known(i)) return text;
  snprintf(text.s, sizeof text.s, "%.24s to %.24s", shown(i->low).s,
           shown(i->high).s);
  return with_level(i, text);
}

trm__base_text trm__study_value_text(double value) {
  trm__base_text text;
  snprintf(text.s, sizeof text.s, "%.3g", value);
  return text;
}

trm__base_text trm__study_ratio_text(double value) {
  trm__base_text text;
  snprintf(text.s, sizeof text.s, "%.*f", digits_after(value), value);
  return text;
}

trm__base_text trm__study_fraction_text(double value) {
  trm__base_text text;
  snprintf(text.s, sizeof text.s, "%.3f", value);
  return text;
}

trm__base_text trm__study_percent_text(double value) {
  trm__base_text text;
  snprintf(text.s, sizeof text.s, "%.0f %%", 100 * value);
  return text;
}

trm__base_text trm__study_time_text(double seconds) {
  trm__base_text text;
  double factor;
  if (seconds >= 100) return trm__base_text_duration(seconds);
  const char *unit = trm__study_time_unit(seconds, &factor);
  snprintf(text.s, sizeof text.s, "%.*f %s", digits_after(seconds * factor),
           seconds * factor, unit);
  return text;
}

trm__base_text trm__study_times_text(const trm__study_interval *i) {
  trm__base_text text = {""};
  double factor;
  if (!is_known(i)) return text;
  if (i->high >= 100) return trm__study_interval_text(i, trm__study_time_text);
  const char *unit = trm__study_time_unit(i->mid, &factor);
  int digits = digits_after(i->mid * factor);
  snprintf(text.s, sizeof text.s, "%.*f to %.*f %s", digits, i->low * factor,
           digits, i->high * factor, unit);
  return with_level(i, text);
}

const char *trm__study_time_unit(double seconds, double *factor) {
  static const char *const units[] = {"s", "ms", "\u00b5s", "ns"};
  int i = 0;
  *factor = 1;
  while (i < 3 && seconds * *factor < 1) *factor *= 1000, i++;
  return units[i];
}
