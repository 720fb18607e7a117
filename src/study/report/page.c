/* The page: the verdict on top, then figures, pictures, laws, points, machine. */
#include "study/report/page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/program.h"
#include "base/text.h"
#include "study/report/html.h"
#include "study/report/machine.h"
#include "study/report/numbers.h"
#include "study/report/pictures/gnuplot.h"
#include "study/report/tables.h"

/* What a mode asks, as a heading. */
static const char *const mode_heading[TRM__MODE_COUNT] = {
    [TRM__MODE_STRONG] = "Strong scaling: one problem on more and more cores",
    [TRM__MODE_WEAK] = "Weak scaling: the problem grows with the cores",
    [TRM__MODE_THREADS] = "Threads: one rank, one problem",
    [TRM__MODE_MEMORY] = "Memory: one launch, larger and larger problems"};

/* "heat, nbody and triad": the kernels of all studies, each once. */
static char *kernels_of(const trm__study_report *s) {
  char *list = trm__base_strdup("");
  int last = 0; /* the study whose kernel ends the list */
  for (int pass = 0; pass < 2; pass++)
    for (int i = 0, put = 0; i < s->n; i++) {
      int before = 0;
      while (strcmp(s->study[before].kernel, s->study[i].kernel)) before++;
      if (before < i) continue;
      if (!pass) {
        last = i;
        continue;
      }
      char *longer = trm__base_format("%s%s%s", list,
                                      !put++      ? ""
                                      : i == last ? " and "
                                                  : ", ",
                                      s->study[i].kernel);
      free(list);
      list = longer;
    }
  return list;
}

static char *title_of(const trm__study_report *s) {
  if (s->n == 1)
    return trm__base_format("%s: scaling study", s->study[0].kernel);
  if (!trm__study_report_comparable(s)) {
    char *kernels = kernels_of(s);
    char *title = trm__base_format("%d scaling studies of %s", s->n, kernels);
    free(kernels);
    return title;
  }
  char *title = trm__base_format("Compared: %s", trm__study_name(&s->study[0]));
  for (int i = 1; i < s->n; i++) {
    char *longer =
        trm__base_format("%s%s%s", title, i + 1 < s->n ? ", " : " and ",
                         trm__study_name(&s->study[i]));
    free(title);
    title = longer;
  }
  return title;
}

static void put_top(const trm__study_report *s, const char *title, FILE *to) {
  trm__study_html_put(to, "h1", "%s", title);
  for (int i = 0; i < s->n; i++) {
    const trm__study *study = &s->study[i];
    int counted = 0;
    for (int k = 0; k < s->points[i].n; k++)
      counted += s->points[i].point[k].valid;
    trm__study_html_put(
        to, "p class=\"under\"",
        "%s%s%s, started %.10s on %s: %d launches, %d of %s valid",
        s->n > 1 ? trm__study_name(study) : "", s->n > 1 ? ": " : "",
        study->kernel, study->began,
        study->host && *study->host ? study->host : "an unnamed host",
        study->launches, counted,
        trm__base_text_count(s->points[i].n, "point").s);
  }
}

/* -- the verdict ----------------------------------------------------------- */

static void put_verdicts(const trm__study_report *s, FILE *to) {
  fputs("<section class=\"verdict\">\n", to);
  for (int i = 0; i < s->curves; i++) {
    const trm__study_curve *c = &s->curve[i];
    if (!c->verdict.text || !*c->verdict.text) continue;
    fputs("<p>", to);
    if (s->curves > 1) {
      fprintf(to, "<span class=\"mark\" style=\"background:var(--%s)\"></span>",
              trm__study_colour_name[c->colour]);
      fputs("<b>", to);
      trm__study_html_print(to, "%s%s%s.", trm__study_mode_name[c->mode],
                            *c->name ? ", " : "", c->name);
      fputs("</b> ", to);
    }
    trm__study_html_text(to, c->verdict.text);
    fputs("</p>\n", to);
  }
  fputs("</section>\n", to);
}

/* -- the figures of the largest point that was measured --------------------- */

static const trm__study_point *largest_of(const trm__study_curve *c) {
  for (int i = c->n - 1; i >= 0; i--)
    if (c->point[i]->origin == TRM__MEASURED &&
        trm__study_point_is_drawn(c->point[i]))
      return c->point[i];
  return NULL;
}

static void put_figure(FILE *to, const char *what, const char *value,
                       const char *small) {
  fputs("<div>", to);
  trm__study_html_put(to, "dt", "%s", what);
  fputs("<dd>", to);
  trm__study_html_text(to, value);
  if (*small) trm__study_html_put(to, "small", "%s", small);
  fputs("</dd></div>\n", to);
}

/* Whose figures these are, where there is a choice. */
static void put_whose(const trm__study_report *s, const trm__study_curve *c,
                      FILE *to) {
  int n = 0;
  for (int k = 0; k < s->curves; k++) n += s->curve[k].mode == c->mode;
  if (n < 2) return;
  fputs("<p class=\"under\">", to);
  fprintf(to, "<span class=\"mark\" style=\"background:var(--%s)\"></span>",
          trm__study_colour_name[c->colour]);
  trm__study_html_print(to, "%s: the largest point that was measured", c->name);
  fputs("</p>\n", to);
}

static void put_figures(const trm__study_report *s, const trm__study_curve *c,
                        FILE *to) {
  const trm__study_point *p = largest_of(c);
  if (!p) return;
  put_whose(s, c, to);
  trm__base_text unit = trm__study_point_unit(p),
                 rate = trm__base_text_rate(p->rate.mid, unit.s),
                 shape = trm__study_point_shape(p);
  fputs("<dl class=\"figures\">\n", to);
  if (c->base && p->speedup.mid > 0 && c->mode != TRM__MODE_MEMORY) {
    char *cores = trm__base_format("speed-up on %s",
                                   trm__base_text_count(p->cores, "core").s);
    trm__base_text known =
        trm__study_interval_text(&p->speedup, trm__study_ratio_text);
    char *over = trm__base_format(
        "over %s%s%s", trm__base_text_count(c->base->cores, "core").s,
        *known.s ? ": " : "", known.s);
    put_figure(to, cores, trm__study_ratio_text(p->speedup.mid).s, over);
    free(cores);
    free(over);
    put_figure(
        to, "efficiency", trm__study_percent_text(p->efficiency.mid).s,
        trm__study_interval_text(&p->efficiency, trm__study_percent_text).s);
    if (isfinite(p->over_serial))
      put_figure(to, "over the best serial run",
                 trm__study_ratio_text(p->over_serial).s, "");
  }
  put_figure(to, "time per step", trm__study_time_text(p->time.mid).s,
             trm__study_times_text(&p->time).s);
  char *last = strrchr(rate.s, ' '); /* "1.5 G interaction/s" is long */
  if (last) *last++ = 0;
  put_figure(to, "rate", rate.s, last ? last : "");
  put_figure(to, "ranks \u00d7 threads", shape.s, "");
  fputs("</dl>\n", to);
}

/* -- how to read it -------------------------------------------------------- */

static void put_reading(const trm__study_report *s, FILE *to) {
  bool other = false;
  for (int i = 0; i < s->curves; i++)
    for (int k = 0; k < s->curve[i].n; k++)
      other = other || s->curve[i].point[k]->origin != TRM__MEASURED;
  trm__study_html_put(to, "h2", "How to read it");
  trm__study_html_put(
      to, "p",
      "Each point is the median of complete launches in random order, with the "
      "95 %% interval of that median (for fewer than six launches its level is "
      "given); a launch is valid only if its result was verified and equals "
      "that of the other launches of the same problem.%s",
      other ? " Different marks stand for different kinds of points (measured; "
              "oversubscribed: more threads than cores; simulated; modelled). "
              "Lines join points of one kind only, and laws are fitted to "
              "measured points only."
            : " All points were measured with one core per thread.");
  trm__study_html_put(
      to, "p",
      "Where the speed-up leaves the dashed line, look at the bars of core "
      "time: the part that grows from point to point is the bottleneck, and "
      "the verdict says what could be gained without it.");
}

/* -- pictures -------------------------------------------------------------- */

static void put_picture(const trm__study_report *s, const trm__study_picture *p,
                        const char *svg, FILE *to) {
  fputs("<figure>\n", to);
  trm__study_html_put(to, "h3", "%s", p->title);
  if (svg)
    trm__study_plot_inline(to, svg, p->name, p->caption);
  else
    trm__study_html_put(to, "p class=\"under\"", "%s",
                        s->absent ? "Not drawn: gnuplot was not found."
                                  : "Not drawn: gnuplot failed.");
  trm__study_html_put(to, "figcaption", "%s", p->caption);
  fputs("</figure>\n", to);
}

static void put_pictures(const trm__study_report *s, trm__study_mode mode,
                         int n, const trm__study_picture pictures[],
                         char *const svg[], FILE *to) {
  fputs("<div class=\"pictures\">\n", to);
  for (int i = 0; i < n; i++)
    if (pictures[i].mode == mode) put_picture(s, &pictures[i], svg[i], to);
  fputs("</div>\n", to);
}

/* Notes of the plan: where the shares of ranks differ, why sizes end. */
static void put_notes(const trm__study_report *s, trm__study_mode mode,
                      FILE *to) {
  for (int i = 0; i < s->curves; i++)
    for (int k = 0; k < s->curve[i].n && s->curve[i].mode == mode; k++) {
      const trm__study_point *p = s->curve[i].point[k];
      if (p->config->note && *p->config->note)
        trm__study_html_put(to, "p class=\"under\"", "%s: %s",
                            trm__study_point_shape(p).s, p->config->note);
    }
}

static void put_mode(const trm__study_report *s, trm__study_mode mode, int n,
                     const trm__study_picture pictures[], char *const svg[],
                     FILE *to) {
  trm__study_html_put(to, "h2", "%s", mode_heading[mode]);
  put_figures(s, trm__study_report_first(s, mode), to);
  put_notes(s, mode, to);
  put_pictures(s, mode, n, pictures, svg, to);
  trm__study_report_laws(s, mode, to);
  trm__study_report_points(s, mode, to);
}

void trm__study_report_page(const trm__study_report *s, int n,
                            const trm__study_picture pictures[],
                            char *const svg[], FILE *to) {
  char *title = title_of(s);
  bool roofline = false;
  trm__study_html_head(to, title);
  fputs("<main>\n", to);
  put_top(s, title, to);
  put_verdicts(s, to);
  if (s->absent)
    trm__study_html_put(to, "p",
                        "Pictures are omitted: gnuplot was not found when this "
                        "page was made. The tables contain the same data.");
  if (s->n > 1 && trm__study_report_comparable(s))
    trm__study_report_compared(s, to);
  for (int mode = 0; mode < TRM__MODE_COUNT; mode++)
    if (trm__study_report_first(s, (trm__study_mode)mode))
      put_mode(s, (trm__study_mode)mode, n, pictures, svg, to);
  for (int i = 0; i < n; i++)
    roofline = roofline || pictures[i].mode == TRM__MODE_COUNT;
  if (roofline) {
    trm__study_html_put(to, "h2", "What the machine gives");
    put_pictures(s, TRM__MODE_COUNT, n, pictures, svg, to);
  }
  put_reading(s, to);
  trm__study_report_machine(s, to);
  if (!roofline)
    trm__study_html_put(
        to, "p class=\"under\"",
        "No roofline: it needs a kernel with flops, and ceilings of the "
        "machine (mpirun ... %s machine).",
        trm__base_program_path());
  fputs("</main>\n", to);
  trm__study_html_foot(to);
  free(title);
}
