/* The tables of the page: points, laws, two studies side by side, machine. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "study/run/compare.h"
#include "study/report/html.h"
#include "study/report/scene.h"

/* Where it is wider than the screen it scrolls, with keys too. */
static void open_table(FILE *to, const char *name, const char *const heads[]) {
  fputs("<div class=\"box\" tabindex=\"0\" role=\"region\" aria-label=\"", to);
  trm__html_text(to, name);
  fputs("\"><table>\n<thead><tr>", to);
  for (int i = 0; heads[i]; i++)
    trm__html_put(to, "th scope=\"col\"", "%s", heads[i]);
  fputs("</tr></thead>\n<tbody>\n", to);
}

static void close_table(FILE *to) {
  fputs("</tbody></table></div>\n", to);
}

/* A row that names the series of those below it, and what its speed-ups are over
 * where the head of the column does not say it. */
static void put_series(const trm__curve *c, int columns, const trm__point *base,
                       FILE *to) {
  fprintf(to,
          "<tr><th scope=\"rowgroup\" colspan=\"%d\"><span class=\"stay\">"
          "<span class=\"mark\" style=\"background:var(--%s)\"></span>",
          columns, trm__colour_name[c->colour]);
  trm__html_text(to, *c->name ? c->name : trm__mode_name[c->mode]);
  if (base)
    trm__html_print(to, "; speed-up over %s",
                    trm__base_text_count(base->cores, "core").s);
  fputs("</span></th></tr>\n", to);
}

/* -- points ---------------------------------------------------------------- */

/* What else is to be known of a row has a line of its own below it. */
static void open_remark(int columns, FILE *to) {
  fprintf(to, "<tr class=\"remark\"><td colspan=\"%d\"><span class=\"stay\">",
          columns);
}

static void close_remark(FILE *to) {
  fputs("</span></td></tr>\n", to);
}

/* Of a point: rarely there is anything, then it is a sentence. */
static void put_remarks(const trm__study *study, const trm__point *p,
                        int columns, FILE *to) {
  const char *last = p->failed ? trm__point_last(study, p) : NULL;
  if (last && p->flaw && strstr(p->flaw, last)) last = NULL;
  if (!p->flaw && !last) return;
  open_remark(columns, to);
  if (p->flaw) trm__html_text(to, p->flaw);
  if (last) {
    trm__html_print(to, "%sits last line: ", p->flaw ? "; " : "");
    trm__html_put(to, "code", "%s", last);
  }
  close_remark(to);
}

static void put_fraction(const trm__curve *c, const trm__point *p, FILE *to) {
  trm__interval fraction = {NAN, NAN, NAN, 0};
  bool known = trm__fraction_of(c->base, p, &fraction);
  trm__html_cell(to, known ? trm__fraction_text(c->base, &fraction).s : "",
                 fraction.mid <= 1
                     ? trm__interval_text(&fraction, trm__shown_fraction).s
                     : "");
}

static bool is_of_one_problem(trm__mode mode) {
  return mode == TRM__MODE_STRONG || mode == TRM__MODE_THREADS;
}

static void put_values(const trm__curve *c, const trm__point *p, FILE *to) {
  trm__base_text unit = trm__point_unit(p);
  bool valid = trm__curve_is_drawn(p), scaled = valid && p->speedup.mid > 0;
  trm__html_cell(to, valid ? trm__shown_time(p->time.mid).s : "none",
                 trm__shown_times(&p->time).s);
  trm__html_cell(to, valid ? trm__base_text_rate(p->rate.mid, unit.s).s : "",
                 "");
  if (c->mode == TRM__MODE_MEMORY) {
    trm__html_cell(
        to, p->resident > 0 ? trm__base_text_bytes(p->resident).s : "", "");
    return;
  }
  trm__html_cell(to, scaled ? trm__shown_ratio(p->speedup.mid).s : "",
                 trm__interval_text(&p->speedup, trm__shown_ratio).s);
  trm__html_cell(to, scaled ? trm__shown_percent(p->efficiency.mid).s : "",
                 trm__interval_text(&p->efficiency, trm__shown_percent).s);
  trm__html_cell(to,
                 valid && isfinite(p->over_serial)
                     ? trm__shown_ratio(p->over_serial).s
                     : "",
                 "");
  if (is_of_one_problem(c->mode)) put_fraction(c, p, to);
}

static void put_point(const trm__scene *s, const trm__curve *c,
                      const trm__point *p, int columns, FILE *to) {
  char counted[48];
  snprintf(counted, sizeof counted, "%d of %d", p->counted, p->launches);
  fprintf(to, "<tr%s>", p->valid ? "" : " class=\"out\"");
  trm__html_put(to, "th scope=\"row\"", "%s", trm__point_shape(p).s);
  trm__html_cell(to, p->config->label, "");
  trm__html_cell(to, p->valid ? trm__origin_name[p->origin] : "", "");
  put_values(c, p, to);
  trm__html_cell(to, counted, "");
  fputs("</tr>\n", to);
  put_remarks(&s->study[c->study], p, columns, to);
}

void trm__report_points(const trm__scene *s, trm__mode mode, FILE *to) {
  trm__base_text speedup = trm__speedup_name(s, mode);
  bool memory = mode == TRM__MODE_MEMORY, one = is_of_one_problem(mode),
       many = !memory && !strstr(speedup.s, "over");
  const char *heads[12] = {"ranks \u00d7 threads", "sizes", "kind",
                           "time a step", "rate"};
  int columns = 5;
  if (memory) heads[columns++] = "memory of a rank";
  if (!memory) heads[columns++] = speedup.s;
  if (!memory) heads[columns++] = "efficiency";
  if (!memory) heads[columns++] = "over serial";
  if (one) heads[columns++] = "serial fraction";
  heads[columns++] = "launches";
  trm__html_put(to, "h3", "Points");
  open_table(to, "Points", heads);
  for (int i = 0; i < s->curves; i++) {
    const trm__curve *c = &s->curve[i];
    if (c->mode != mode) continue;
    put_series(c, columns, many ? c->base : NULL, to);
    for (int k = 0; k < c->n; k++) put_point(s, c, c->point[k], columns, to);
  }
  close_table(to);
}

/* -- laws ------------------------------------------------------------------ */

static const char *const parameter_name[][TRM__LAW_PARAMETERS] = {
    [TRM__AMDAHL] = {NULL, "serial fraction", NULL},
    [TRM__GUSTAFSON] = {NULL, "serial fraction", NULL},
    [TRM__USL] = {NULL, "contention", "coherency"},
    [TRM__NORMAL] = {NULL, NULL, NULL}};

static trm__base_text term_text(trm__term t) {
  trm__base_text text;
  int n = 0;
  if (t.exponent != 0)
    n = snprintf(text.s, sizeof text.s, "p^%.3g", t.exponent);
  if (t.log)
    n += snprintf(text.s + n, sizeof text.s - (size_t)n,
                  t.log > 1 ? "%slog\u00b2 p" : "%slog p", n ? " " : "");
  if (!n) snprintf(text.s, sizeof text.s, "constant");
  return text;
}

static void put_expected(const trm__law *law, double expected, FILE *to) {
  if (isfinite(expected))
    trm__html_print(to, "; the work model expects p^%.3g%s", expected,
                    trm__law_disagrees(law, expected) ? ": they disagree" : "");
}

/* Terms that cannot be told apart, and what the work model expects. */
static void put_terms(const trm__law *law, double expected, FILE *to) {
  trm__html_print(
      to, "%s",
      law->terms > 1 ? "terms that cannot be told apart: " : "term: ");
  for (int i = 0; i < law->terms && i < TRM__LAW_TERMS; i++)
    trm__html_print(to, "%s%s", i ? ", " : "", term_text(law->also[i]).s);
  put_expected(law, expected, to);
}

static void put_parameters(const trm__law *law, FILE *to) {
  const char *comma = "";
  for (int i = 0; i < TRM__LAW_PARAMETERS; i++) {
    const char *name = parameter_name[law->kind][i];
    if (!name) continue;
    trm__base_text known = trm__interval_text(&law->known[i], trm__shown_value);
    trm__html_print(to, "%s%s %.3g%s%s%s", comma, name, law->parameter[i],
                    *known.s ? " (" : "", known.s, *known.s ? ")" : "");
    comma = "; ";
  }
  double peak = law->kind == TRM__USL ? trm__usl_peak(law) : INFINITY;
  if (law->kind == TRM__USL && isfinite(peak))
    trm__html_print(to, "; fastest on %.0f cores", peak);
}

static void put_prediction(const trm__law *law, double p, FILE *to) {
  trm__interval at;
  if (trm__law_at(law, p, &at))
    trm__html_cell(to, trm__shown_time(at.mid).s, trm__shown_times(&at).s);
  else
    trm__html_cell(to, "cannot be said", "");
}

static void put_law(const trm__law *law, bool best, double expected, FILE *to) {
  fprintf(to, "<tr%s>", law->fitted ? "" : " class=\"out\"");
  trm__html_put(to, "th scope=\"row\"", "%s%s", trm__law_name[law->kind],
                best ? " (drawn)" : "");
  if (!law->fitted) {
    fputs("<td class=\"wide\" colspan=\"5\">", to);
    trm__html_print(to, "not fitted: %s",
                    law->why ? law->why : "too few points");
    if (law->kind == TRM__NORMAL) put_expected(law, expected, to);
    fputs("</td></tr>\n", to);
    return;
  }
  char *text = trm__law_text(law);
  trm__html_put(to, "td class=\"formula\"", "%s", text);
  free(text);
  fputs("<td class=\"wide\">", to);
  if (law->kind == TRM__NORMAL)
    put_terms(law, expected, to);
  else
    put_parameters(law, to);
  if (law->why) trm__html_print(to, "; %s", law->why);
  fputs("</td>", to);
  trm__html_cell(to, trm__shown_percent(law->error).s, "");
  put_prediction(law, 2 * law->to, to);
  put_prediction(law, 4 * law->to, to);
  fputs("</tr>\n", to);
}

void trm__report_laws(const trm__scene *s, trm__mode mode, FILE *to) {
  static const char *const heads[] = {"law",
                                      "time a step",
                                      "what it says",
                                      "error",
                                      "at 2 times the largest",
                                      "at 4 times",
                                      NULL};
  trm__html_put(to, "h3", "Laws");
  open_table(to, "Laws", heads);
  for (int i = 0; i < s->curves; i++) {
    const trm__curve *c = &s->curve[i];
    if (c->mode != mode) continue;
    put_series(c, 6, NULL, to);
    for (int k = 0; k < c->laws; k++)
      put_law(&c->law[k], k == c->best && mode != TRM__MODE_MEMORY && s->n < 2,
              c->expected, to);
  }
  close_table(to);
  if (is_of_one_problem(mode))
    trm__html_put(
        to, "p class=\"note\"", "%s",
        "The serial fraction of a point (Karp and Flatt) is the share "
        "of serial code that would explain its speed-up; where it "
        "rises with the cores, the loss is overhead that grows with "
        "them (messages, waiting, a shared memory), not serial "
        "code.");
}

/* -- studies side by side -------------------------------------------------- */

static bool can_be_compared(const trm__scene *s, int i) {
  return !strcmp(s->study[0].kernel, s->study[i].kernel);
}

static const trm__point *same_point(const trm__scene *s, int i,
                                    const trm__point *of) {
  if (!can_be_compared(s, i)) return NULL;
  return i ? trm__match_find(&s->points[i], of->config) : of;
}

bool trm__report_comparable(const trm__scene *s) {
  for (int i = 1; i < s->n; i++)
    for (int k = 0; k < s->points[0].n; k++)
      if (same_point(s, i, &s->points[0].point[k])) return true;
  return false;
}

/* Where there is no ratio: why. */
static void put_ratio(const trm__study *study, const trm__point *a,
                      const trm__point *b, bool differs, FILE *to) {
  if (!b || !a->valid || !b->valid) {
    trm__html_cell(to, "", "");
  } else if (!trm__match_counts(a) || !trm__match_counts(b)) {
    trm__origin kind = trm__match_counts(a) ? b->origin : a->origin;
    trm__html_cell(to, "", trm__origin_name[kind]);
  } else if (differs) {
    trm__html_cell(to, "another answer", "");
  } else {
    trm__interval r = trm__match_ratio(a, b, 0.95, study->seed);
    trm__html_cell(to, trm__shown_ratio(r.mid).s,
                   trm__interval_text(&r, trm__shown_ratio).s);
  }
}

static void put_row(const trm__scene *s, const trm__point *a, FILE *to) {
  char *remark = NULL;
  fputs("<tr>", to);
  trm__html_put(to, "th scope=\"row\"", "%s", trm__point_shape(a).s);
  trm__html_cell(to, trm__mode_name[a->config->mode], a->config->label);
  for (int i = 0; i < s->n; i++) {
    const trm__point *b = same_point(s, i, a);
    char *differs = b ? trm__match_differs(a, b, s->options) : NULL;
    bool valid = b && trm__curve_is_drawn(b);
    trm__html_cell(to, valid ? trm__shown_time(b->time.mid).s : "none",
                   valid ? trm__shown_times(&b->time).s : "");
    if (i) put_ratio(&s->study[0], a, b, differs, to);
    if (differs) {
      char *longer = trm__base_format("%s%s%s: %s", remark ? remark : "",
                                      remark ? "; " : "",
                                      trm__study_name(&s->study[i]), differs);
      free(remark);
      remark = longer;
    }
    free(differs);
  }
  fputs("</tr>\n", to);
  if (remark) {
    open_remark(2 * s->n + 1, to);
    trm__html_text(to, remark);
    close_remark(to);
  }
  free(remark);
}

void trm__report_compared(const trm__scene *s, FILE *to) {
  const char **heads = trm__base_calloc((size_t)(2 * s->n + 4), sizeof *heads);
  int n = 0;
  heads[n++] = "ranks \u00d7 threads";
  heads[n++] = "problem";
  for (int i = 0; i < s->n; i++) {
    heads[n++] = trm__study_name(&s->study[i]);
    if (i) heads[n++] = "time over the first's";
  }
  trm__html_put(to, "h2", "Side by side");
  trm__html_put(to, "p class=\"under\"",
                "Seconds a step, and the ratio of medians with its 95 %% "
                "interval (or of the level behind it): below 1 is faster than "
                "%s. An interval that holds 1 shows no difference. There is a "
                "ratio where both were measured and give the same answer.",
                trm__study_name(&s->study[0]));
  open_table(to, "Side by side", heads);
  for (int i = 0; i < s->points[0].n; i++)
    put_row(s, &s->points[0].point[i], to);
  close_table(to);
  free(heads);
}
