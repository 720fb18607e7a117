/* The tables of the page: points, laws, two studies side by side, machine. */
#include "study/report/tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "study/report/html.h"
#include "study/report/numbers.h"
#include "study/run/compare.h"

/* Where it is wider than the screen it scrolls, with keys too. */
static void open_table(FILE *to, const char *name, const char *const heads[]) {
  fputs("<div class=\"box\" tabindex=\"0\" role=\"region\" aria-label=\"", to);
  trm__study_html_text(to, name);
  fputs("\"><table>\n<thead><tr>", to);
  for (int i = 0; heads[i]; i++)
    trm__study_html_put(to, "th scope=\"col\"", "%s", heads[i]);
  fputs("</tr></thead>\n<tbody>\n", to);
}

static void close_table(FILE *to) {
  fputs("</tbody></table></div>\n", to);
}

/* A row that names the series of those below it, and what its speed-ups are over
 * where the head of the column does not say it. */
static void put_series(const trm__study_curve *c, int columns,
                       const trm__study_point *base, FILE *to) {
  fprintf(
      to,
      "<tr><th scope=\"rowgroup\" colspan=\"%d\"><span class=\"stay\"><span "
      "class=\"mark\" style=\"background:var(--%s)\"></span>",
      columns, trm__study_colour_name[c->colour]);
  trm__study_html_text(to, *c->name ? c->name : trm__study_mode_name[c->mode]);
  if (base)
    trm__study_html_print(to, "; speed-up over %s",
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
static void put_remarks(const trm__study *study, const trm__study_point *p,
                        int columns, FILE *to) {
  const char *last = p->failed ? trm__study_point_last(study, p) : NULL;
  if (last && p->flaw && strstr(p->flaw, last)) last = NULL;
  if (!p->flaw && !last) return;
  open_remark(columns, to);
  if (p->flaw) trm__study_html_text(to, p->flaw);
  if (last) {
    trm__study_html_print(to, "%sits last line: ", p->flaw ? "; " : "");
    trm__study_html_put(to, "code", "%s", last);
  }
  close_remark(to);
}

static void put_fraction(const trm__study_curve *c, const trm__study_point *p,
                         FILE *to) {
  trm__study_interval fraction = {NAN, NAN, NAN, 0};
  bool known = trm__study_serial_fraction(c->base, p, &fraction);
  trm__study_html_cell(
      to, known ? trm__study_serial_fraction_text(c->base, &fraction).s : "",
      fraction.mid <= 1
          ? trm__study_interval_text(&fraction, trm__study_fraction_text).s
          : "");
}

static bool is_of_one_problem(trm__study_mode mode) {
  return mode == TRM__MODE_STRONG || mode == TRM__MODE_THREADS;
}

static void put_values(const trm__study_curve *c, const trm__study_point *p,
                       FILE *to) {
  trm__base_text unit = trm__study_point_unit(p);
  bool valid = trm__study_point_is_drawn(p),
       scaled = valid && p->speedup.mid > 0;
  trm__study_html_cell(to, valid ? trm__study_time_text(p->time.mid).s : "none",
                       trm__study_times_text(&p->time).s);
  trm__study_html_cell(
      to, valid ? trm__base_text_rate(p->rate.mid, unit.s).s : "", "");
  if (c->mode == TRM__MODE_MEMORY) {
    trm__study_html_cell(
        to, p->resident > 0 ? trm__base_text_bytes(p->resident).s : "", "");
    return;
  }
  trm__study_html_cell(
      to, scaled ? trm__study_ratio_text(p->speedup.mid).s : "",
      trm__study_interval_text(&p->speedup, trm__study_ratio_text).s);
  trm__study_html_cell(
      to, scaled ? trm__study_percent_text(p->efficiency.mid).s : "",
      trm__study_interval_text(&p->efficiency, trm__study_percent_text).s);
  trm__study_html_cell(to,
                       valid && isfinite(p->over_serial)
                           ? trm__study_ratio_text(p->over_serial).s
                           : "",
                       "");
  if (is_of_one_problem(c->mode)) put_fraction(c, p, to);
}

static void put_point(const trm__study_report *s, const trm__study_curve *c,
                      const trm__study_point *p, int columns, FILE *to) {
  char counted[48];
  snprintf(counted, sizeof counted, "%d of %d", p->counted, p->launches);
  fprintf(to, "<tr%s>", p->valid ? "" : " class=\"out\"");
  trm__study_html_put(to, "th scope=\"row\"", "%s",
                      trm__study_point_shape(p).s);
  trm__study_html_cell(to, p->config->label, "");
  trm__study_html_cell(to, p->valid ? trm__study_origin_name[p->origin] : "",
                       "");
  put_values(c, p, to);
  trm__study_html_cell(to, counted, "");
  fputs("</tr>\n", to);
  put_remarks(&s->study[c->study], p, columns, to);
}

void trm__study_report_points(const trm__study_report *s, trm__study_mode mode,
                              FILE *to) {
  trm__base_text speedup = trm__study_speedup_name(s, mode);
  bool memory = mode == TRM__MODE_MEMORY, one = is_of_one_problem(mode),
       many = !memory && !strstr(speedup.s, "over");
  const char *heads[12] = {"ranks \u00d7 threads", "sizes", "kind",
                           "time per step", "rate"};
  int columns = 5;
  if (memory) heads[columns++] = "memory per rank";
  if (!memory) heads[columns++] = speedup.s;
  if (!memory) heads[columns++] = "efficiency";
  if (!memory) heads[columns++] = "over serial";
  if (one) heads[columns++] = "serial fraction";
  heads[columns++] = "launches";
  trm__study_html_put(to, "h3", "Points");
  open_table(to, "Points", heads);
  for (int i = 0; i < s->curves; i++) {
    const trm__study_curve *c = &s->curve[i];
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

static trm__base_text term_text(trm__study_term t) {
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

static void put_expected(const trm__study_law *law, double expected, FILE *to) {
  if (isfinite(expected))
    trm__study_html_print(
        to, "; the work model expects p^%.3g%s", expected,
        trm__study_law_disagrees(law, expected) ? ": they disagree" : "");
}

/* Terms that cannot be told apart, and what the work model expects. */
static void put_terms(const trm__study_law *law, double expected, FILE *to) {
  trm__study_html_print(
      to, "%s",
      law->terms > 1 ? "terms that cannot be told apart: " : "term: ");
  for (int i = 0; i < law->terms && i < TRM__LAW_TERMS; i++)
    trm__study_html_print(to, "%s%s", i ? ", " : "", term_text(law->also[i]).s);
  put_expected(law, expected, to);
}

static void put_parameters(const trm__study_law *law, FILE *to) {
  const char *comma = "";
  for (int i = 0; i < TRM__LAW_PARAMETERS; i++) {
    const char *name = parameter_name[law->kind][i];
    if (!name) continue;
    trm__base_text known =
        trm__study_interval_text(&law->known[i], trm__study_value_text);
    trm__study_html_print(to, "%s%s %.3g%s%s%s", comma, name, law->parameter[i],
                          *known.s ? " (" : "", known.s, *known.s ? ")" : "");
    comma = "; ";
  }
  double peak = law->kind == TRM__USL ? trm__study_usl_peak(law) : INFINITY;
  if (law->kind == TRM__USL && isfinite(peak))
    trm__study_html_print(to, "; fastest on %.0f cores", peak);
}

static void put_prediction(const trm__study_law *law, double p, FILE *to) {
  trm__study_interval at;
  if (trm__study_law_at(law, p, &at))
    trm__study_html_cell(to, trm__study_time_text(at.mid).s,
                         trm__study_times_text(&at).s);
  else
    trm__study_html_cell(to, "unknown", "");
}

static void put_law(const trm__study_law *law, bool best, double expected,
                    FILE *to) {
  fprintf(to, "<tr%s>", law->fitted ? "" : " class=\"out\"");
  trm__study_html_put(to, "th scope=\"row\"", "%s%s",
                      trm__study_law_name[law->kind], best ? " (drawn)" : "");
  if (!law->fitted) {
    fputs("<td class=\"wide\" colspan=\"5\">", to);
    trm__study_html_print(to, "not fitted: %s",
                          law->why ? law->why : "too few points");
    if (law->kind == TRM__NORMAL) put_expected(law, expected, to);
    fputs("</td></tr>\n", to);
    return;
  }
  char *text = trm__study_law_text(law);
  trm__study_html_put(to, "td class=\"formula\"", "%s", text);
  free(text);
  fputs("<td class=\"wide\">", to);
  if (law->kind == TRM__NORMAL)
    put_terms(law, expected, to);
  else
    put_parameters(law, to);
  if (law->why) trm__study_html_print(to, "; %s", law->why);
  fputs("</td>", to);
  trm__study_html_cell(to, trm__study_percent_text(law->error).s, "");
  put_prediction(law, 2 * law->to, to);
  put_prediction(law, 4 * law->to, to);
  fputs("</tr>\n", to);
}

void trm__study_report_laws(const trm__study_report *s, trm__study_mode mode,
                            FILE *to) {
  static const char *const heads[] = {
      "law",   "time per step",          "what it says",
      "error", "at 2 times the largest", "at 4 times",
      NULL};
  trm__study_html_put(to, "h3", "Laws");
  open_table(to, "Laws", heads);
  for (int i = 0; i < s->curves; i++) {
    const trm__study_curve *c = &s->curve[i];
    if (c->mode != mode) continue;
    put_series(c, 6, NULL, to);
    for (int k = 0; k < c->laws; k++)
      put_law(&c->law[k], k == c->best && mode != TRM__MODE_MEMORY && s->n < 2,
              c->expected, to);
  }
  close_table(to);
  if (is_of_one_problem(mode))
    trm__study_html_put(
        to, "p class=\"note\"", "%s",
        "The serial fraction of a point (Karp and Flatt) is the share of "
        "serial code that would explain its speed-up; where it rises with the "
        "cores, the loss is overhead that grows with them (messages, waiting, "
        "a shared memory), not serial code.");
}

/* -- studies side by side -------------------------------------------------- */

static bool can_be_compared(const trm__study_report *s, int i) {
  return !strcmp(s->study[0].kernel, s->study[i].kernel);
}

static const trm__study_point *same_point(const trm__study_report *s, int i,
                                          const trm__study_point *of) {
  if (!can_be_compared(s, i)) return NULL;
  return i ? trm__study_point_find(&s->points[i], of->config) : of;
}

bool trm__study_report_comparable(const trm__study_report *s) {
  for (int i = 1; i < s->n; i++)
    for (int k = 0; k < s->points[0].n; k++)
      if (same_point(s, i, &s->points[0].point[k])) return true;
  return false;
}

/* Where there is no ratio: why. */
static void put_ratio(const trm__study *study, const trm__study_point *a,
                      const trm__study_point *b, bool differs, FILE *to) {
  if (!b || !a->valid || !b->valid) {
    trm__study_html_cell(to, "", "");
  } else if (!trm__study_point_counts(a) || !trm__study_point_counts(b)) {
    trm__study_origin kind = trm__study_point_counts(a) ? b->origin : a->origin;
    trm__study_html_cell(to, "", trm__study_origin_name[kind]);
  } else if (differs) {
    trm__study_html_cell(to, "another answer", "");
  } else {
    trm__study_interval r = trm__study_point_ratio(a, b, 0.95, study->seed);
    trm__study_html_cell(to, trm__study_ratio_text(r.mid).s,
                         trm__study_interval_text(&r, trm__study_ratio_text).s);
  }
}

static void put_row(const trm__study_report *s, const trm__study_point *a,
                    FILE *to) {
  char *remark = NULL;
  fputs("<tr>", to);
  trm__study_html_put(to, "th scope=\"row\"", "%s",
                      trm__study_point_shape(a).s);
  trm__study_html_cell(to, trm__study_mode_name[a->config->mode],
                       a->config->label);
  for (int i = 0; i < s->n; i++) {
    const trm__study_point *b = same_point(s, i, a);
    char *differs = b ? trm__study_point_differs(a, b, s->options) : NULL;
    bool valid = b && trm__study_point_is_drawn(b);
    trm__study_html_cell(to,
                         valid ? trm__study_time_text(b->time.mid).s : "none",
                         valid ? trm__study_times_text(&b->time).s : "");
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
    trm__study_html_text(to, remark);
    close_remark(to);
  }
  free(remark);
}

void trm__study_report_compared(const trm__study_report *s, FILE *to) {
  const char **heads = trm__base_calloc((size_t)(2 * s->n + 4), sizeof *heads);
  int n = 0;
  heads[n++] = "ranks \u00d7 threads";
  heads[n++] = "problem";
  for (int i = 0; i < s->n; i++) {
    heads[n++] = trm__study_name(&s->study[i]);
    if (i) heads[n++] = "time over the first's";
  }
  trm__study_html_put(to, "h2", "Side by side");
  trm__study_html_put(
      to, "p class=\"under\"",
      "Seconds per step, and the ratio of medians with its 95 %% interval (or "
      "at the level given): below 1 is faster than %s. An interval that "
      "contains 1 shows no difference. A ratio is given where both were "
      "measured and give the same answer.",
      trm__study_name(&s->study[0]));
  open_table(to, "Side by side", heads);
  for (int i = 0; i < s->points[0].n; i++)
    put_row(s, &s->points[0].point[i], to);
  close_table(to);
  free(heads);
}
