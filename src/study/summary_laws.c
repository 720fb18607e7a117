/* The laws of a series at a terminal: what was fitted, or why nothing can be. */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "study/report_own.h"
#include "study/summary.h"

static void say(FILE *out, char *text) {
  if (text) trm__text_wrap(out, text, 4, fprintf(out, "  "));
  free(text);
}

/* The law of the least error; else what the first of them lacks. */
static char *law_of(const trm__curve *c) {
  const trm__law *law = &c->law[c->best < 0 ? 0 : c->best];
  const char *name = trm__law_name[law->kind];
  if (!law->fitted)
    return trm__format("no law is fitted: %s", law->why ? law->why : name);
  char *said = trm__law_text(law);
  char *text = trm__format("%s: %s%s%s", name, said, law->why ? "; " : "",
                           law->why ? law->why : "");
  free(said);
  return text;
}

static bool is_of_one_problem(const trm__curve *c) {
  return c->mode == TRM__MODE_STRONG || c->mode == TRM__MODE_THREADS;
}

static char *fraction_of(const trm__curve *c) {
  const trm__point *last = NULL;
  for (int i = 0; i < c->n; i++)
    if (c->point[i]->origin == TRM__MEASURED && c->point[i]->valid)
      last = c->point[i];
  if (!last || !is_of_one_problem(c)) return NULL;
  trm__text fraction = trm__fraction_text(c, last);
  if (!*fraction.s) return NULL;
  return trm__format("serial fraction on %s (Karp-Flatt): %s",
                     trm__text_count(last->cores, "core").s, fraction.s);
}

static char *exponent_of(const trm__curve *c, double expected) {
  const trm__law *normal = &c->law[c->laws - 1];
  if (!isfinite(expected)) return NULL;
  const char *over = c->mode == TRM__MODE_MEMORY ? "bytes of a rank" : "cores";
  if (!normal->fitted)
    return trm__format(
        "exponent over %s: the work model expects %.3g; so few points give "
        "none",
        over, expected);
  return trm__format(
      "exponent over %s: the work model expects %.3g, the normal form has "
      "%.3g%s",
      over, expected, normal->term.exponent,
      trm__law_disagrees(normal, expected) ? ": they disagree" : "");
}

void trm__study_print_laws(FILE *out, const trm__study *s,
                           const trm__points *points, int series) {
  trm__curve c;
  if (!trm__curve_fit(&c, s, points, series)) return;
  say(out, law_of(&c));
  say(out, fraction_of(&c));
  say(out, exponent_of(&c, s->expected[c.mode]));
  trm__curve_clear(&c);
}
