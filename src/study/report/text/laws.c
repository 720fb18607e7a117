/* The laws of a series at a terminal: what was fitted, or why nothing can be. */
#include "study/report/text/laws.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "study/report/curves.h"
#include "study/report/numbers.h"

static void say(FILE *out, char *text) {
  if (text) trm__base_text_wrap(out, text, 4, fprintf(out, "  "));
  free(text);
}

/* The law of the least error; else what the first of them lacks. */
static char *law_of(const trm__study_curve *c) {
  const trm__study_law *law = &c->law[c->best < 0 ? 0 : c->best];
  const char *name = trm__study_law_name[law->kind];
  if (!law->fitted)
    return trm__base_format("no law fitted: %s", law->why ? law->why : name);
  char *said = trm__study_law_text(law);
  char *text = trm__base_format("%s: %s%s%s", name, said, law->why ? "; " : "",
                                law->why ? law->why : "");
  free(said);
  return text;
}

static bool was_measured(const trm__study_curve *c, int i,
                         trm__study_interval *fraction) {
  const trm__study_point *p = c->point[i];
  return p->valid && p->origin == TRM__MEASURED &&
         trm__study_serial_fraction(c->base, p, fraction);
}

/* "0.061 (0.055 to 0.066)". */
static char *with_interval(const trm__study_curve *c,
                           const trm__study_interval *f) {
  trm__base_text known = trm__study_interval_text(f, trm__study_fraction_text);
  bool shown = *known.s && f->mid <= 1;
  return trm__base_format(
      "%s%s%s%s", trm__study_serial_fraction_text(c->base, f).s,
      shown ? " (" : "", shown ? known.s : "", shown ? ")" : "");
}

/* Serial code has the same fraction on any number of cores. Where the interval of the
 * largest count lies above that of the smallest, it is something else. */
static char *fraction_of(const trm__study_curve *c) {
  trm__study_interval low, high;
  int first = 0, last = c->n - 1;
  while (first < c->n && !was_measured(c, first, &low)) first++;
  while (last > first && !was_measured(c, last, &high)) last--;
  if (first == c->n) return NULL;
  if (last == first) high = low;
  bool rises =
      low.level > 0 && high.level > 0 && high.low > low.high && high.mid <= 1;
  char *said = with_interval(c, &high), *before = with_interval(c, &low);
  trm__base_text cores = trm__base_text_count(c->point[last]->cores, "core");
  char *text = rises
                   ? trm__base_format(
                         "serial fraction (Karp-Flatt): %s on %s, %s on %d: "
                         "it rises, so the loss is overhead that grows with "
                         "the cores, not serial code",
                         said, cores.s, before, c->point[first]->cores)
                   : trm__base_format("serial fraction on %s (Karp-Flatt): %s",
                                      cores.s, said);
  free(said);
  free(before);
  return text;
}

static char *exponent_of(const trm__study_curve *c) {
  const trm__study_law *normal = &c->law[c->laws - 1];
  double expected = c->expected;
  if (!isfinite(expected)) return NULL;
  const char *over = c->mode == TRM__MODE_MEMORY ? "bytes of a rank" : "cores";
  if (!normal->fitted)
    return trm__base_format(
        "exponent over %s: %.3g expected by the work model; too few points to "
        "fit one",
        over, expected);
  return trm__base_format(
      "exponent over %s: %.3g expected by the work model, %.3g in the normal "
      "form%s",
      over, expected, normal->term.exponent,
      trm__study_law_disagrees(normal, expected) ? ": they disagree" : "");
}

void trm__study_print_laws(FILE *out, const trm__study *s,
                           const trm__study_points *points, int series) {
  trm__study_curve c;
  if (!trm__study_curve_fit(&c, s, points, series)) return;
  say(out, law_of(&c));
  say(out, fraction_of(&c));
  say(out, exponent_of(&c));
  trm__study_curve_clear(&c);
}
