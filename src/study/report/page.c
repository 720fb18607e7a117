/* The page: the verdict on top, then figures, pictures, laws, points, machine. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/program.h"
#include "base/text.h"
#include "study/report/html.h"
#include "study/report/scene.h"

/* What a mode asks, as a heading. */
static const char *const mode_heading[TRM__MODE_COUNT] = {
    [TRM__MODE_STRONG] = "Strong scaling: one problem on more and more cores",
    [TRM__MODE_WEAK] = "Weak scaling: the problem grows with the cores",
    [TRM__MODE_THREADS] = "Threads: one rank, one problem",
    [TRM__MODE_MEMORY] = "Memory: one launch, larger and larger problems"};

/* "heat, nbody and triad": the kernels of all studies, each once. */
static char *kernels_of(const trm__scene *s) {
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

static char *title_of(const trm__scene *s) {
  if (s->n == 1)
    return trm__base_format("%s: scaling study", s->study[0].kernel);
  if (!trm__report_comparable(s)) {
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

static void put_top(const trm__scene *s, const char *title, FILE *to) {
  trm__html_put(to, "h1", "%s", title);
  for (int i = 0; i < s->n; i++) {
    const trm__study *study = &s->study[i];
    int counted = 0;
    for (int k = 0; k < s->points[i].n; k++)
      counted += s->points[i].point[k].valid;
    trm__html_put(to, "p class=\"under\"",
                  "%s%s%s, begun %.10s on %s: %d launches, %d of %s count",
                  s->n > 1 ? trm__study_name(study) : "", s->n > 1 ? ": " : "",
                  study->kernel, study->began,
                  study->host && *study->host ? study->host : "an unnamed host",
                  study->launches, counted,
                  trm__base_text_count(s->points[i].n, "point").s);
  }
}

/* -- the verdict ----------------------------------------------------------- */

static void put_verdicts(const trm__scene *s, FILE *to) {
  fputs("<section class=\"verdict\">\n", to);
  for (int i = 0; i < s->curves; i++) {
    const trm__curve *c = &s->curve[i];
    if (!c->verdict.text || !*c->verdict.text) continue;
    fputs("<p>", to);
    if (s->curves > 1) {
      fprintf(to, "<span class=\"mark\" style=\"background:var(--%s)\"></span>",
              trm__colour_name[c->colour]);
      fputs("<b>", to);
      trm__html_print(to, "%s%s%s.", trm__mode_name[c->mode],
                      *c->name ? ", " : "", c->name);
      fputs("</b> ", to);
    }
    trm__html_text(to, c->verdict.text);
    fputs("</p>\n", to);
  }
  fputs("</section>\n", to);
}

/* -- the figures of the largest point that was measured --------------------- */

static const trm__point *largest_of(const trm__curve *c) {
  for (int i = c->n - 1; i >= 0; i--)
    if (c->point[i]->origin == TRM__MEASURED &&
        trm__curve_is_drawn(c->point[i]))
      return c->point[i];
  return NULL;
}

static void put_figure(FILE *to, const char *what, const char *value,
                       const char *small) {
  fputs("<div>", to);
  trm__html_put(to, "dt", "%s", what);
  fputs("<dd>", to);
  trm__html_text(to, value);
  if (*small) trm__html_put(to, "small", "%s", small);
  fputs("</dd></div>\n", to);
}

/* Whose figures these are, where there is a choice. */
static void put_whose(const trm__scene *s, const trm__curve *c, FILE *to) {
  int n = 0;
  for (int k = 0; k < s->curves; k++) n += s->curve[k].mode == c->mode;
  if (n < 2) return;
  fputs("<p class=\"under\">", to);
  fprintf(to, "<span class=\"mark\" style=\"background:var(--%s)\"></span>",
          trm__colour_name[c->colour]);
  trm__html_print(to, "%s: the largest point that was measured", c->name);
  fputs("</p>\n", to);
}

static void put_figures(const trm__scene *s, const trm__curve *c, FILE *to) {
  const trm__point *p = largest_of(c);
  if (!p) return;
  put_whose(s, c, to);
  trm__base_text unit = trm__point_unit(p),
                 rate = trm__base_text_rate(p->rate.mid, unit.s),
                 shape = trm__point_shape(p);
  fputs("<dl class=\"figures\">\n", to);
  if (c->base && p->speedup.mid > 0 && c->mode != TRM__MODE_MEMORY) {
    char *cores = trm__base_format("speed-up on %s",
                                   trm__base_text_count(p->cores, "core").s);
    trm__base_text known = trm__interval_text(&p->speedup, trm__shown_ratio);
    char *over = trm__base_format(
        "over %s%s%s", trm__base_text_count(c->base->cores, "core").s,
        *known.s ? ": " : "", known.s);
    put_figure(to, cores, trm__shown_ratio(p->speedup.mid).s, over);
    free(cores);
    free(over);
    put_figure(to, "efficiency", trm__shown_percent(p->efficiency.mid).s,
               trm__interval_text(&p->efficiency, trm__shown_percent).s);
    if (isfinite(p->over_serial))
      put_figure(to, "over the best serial run",
                 trm__shown_ratio(p->over_serial).s, "");
  }
  put_figure(to, "time a step", trm__shown_time(p->time.mid).s,
             trm__shown_times(&p->time).s);
  char *last = strrchr(rate.s, ' '); /* "1.5 G interaction/s" is long */
  if (last) *last++ = 0;
  put_figure(to, "rate", rate.s, last ? last : "");
  put_figure(to, "ranks \u00d7 threads", shape.s, "");
  fputs("</dl>\n", to);
}

/* -- how to read it -------------------------------------------------------- */

static void put_reading(const trm__scene *s, FILE *to) {
  bool other = false;
  for (int i = 0; i < s->curves; i++)
    for (int k = 0; k < s->curve[i].n; k++)
      other = other || s->curve[i].point[k]->origin != TRM__MEASURED;
  trm__html_put(to, "h2", "How to read it");
  trm__html_put(
      to, "p",
      "Each point is the median of whole launches in random order, with the 95 "
      "%% interval of that median (of fewer launches than six the level stands "
      "beside it); a launch counts only if its result was "
      "verified and equals that of the same problem's other launches.%s",
      other ? " Points of different marks are of different kinds (measured; "
              "oversubscribed: more threads than cores; simulated; modelled), "
              "and no line joins two kinds, nor does a law know of any but the "
              "measured ones."
            : " All points were measured on cores of their own.");
  trm__html_put(
      to, "p",
      "Where speed-up leaves the dashed line, look at the bars of core time: "
      "the part that grows from point to point is what limits scaling, and the "
      "verdict says what would be won without it.");
}

/* -- pictures -------------------------------------------------------------- */

static void put_picture(const trm__scene *s, const trm__run_picture *p,
                        const char *svg, FILE *to) {
  fputs("<figure>\n", to);
  trm__html_put(to, "h3", "%s", p->title);
  if (svg)
    trm__plot_inline(to, svg, p->name, p->caption);
  else
    trm__html_put(to, "p class=\"under\"", "%s",
                  s->absent ? "Not drawn: gnuplot was not there."
                            : "Not drawn: gnuplot failed.");
  trm__html_put(to, "figcaption", "%s", p->caption);
  fputs("</figure>\n", to);
}

static void put_pictures(const trm__scene *s, trm__mode mode, int n,
                         const trm__run_picture pictures[], char *const svg[],
                         FILE *to) {
  fputs("<div class=\"pictures\">\n", to);
  for (int i = 0; i < n; i++)
    if (pictures[i].mode == mode) put_picture(s, &pictures[i], svg[i], to);
  fputs("</div>\n", to);
}

/* Notes of the plan: where the shares of ranks differ, why sizes end. */
static void put_notes(const trm__scene *s, trm__mode mode, FILE *to) {
  for (int i = 0; i < s->curves; i++)
    for (int k = 0; k < s->curve[i].n && s->curve[i].mode == mode; k++) {
      const trm__point *p = s->curve[i].point[k];
      if (p->config->note && *p->config->note)
        trm__html_put(to, "p class=\"under\"", "%s: %s", trm__point_shape(p).s,
                      p->config->note);
    }
}

static void put_mode(const trm__scene *s, trm__mode mode, int n,
                     const trm__run_picture pictures[], char *const svg[],
                     FILE *to) {
  trm__html_put(to, "h2", "%s", mode_heading[mode]);
  put_figures(s, trm__scene_first(s, mode), to);
  put_notes(s, mode, to);
  put_pictures(s, mode, n, pictures, svg, to);
  trm__report_laws(s, mode, to);
  trm__report_points(s, mode, to);
}

void trm__report_page(const trm__scene *s, int n,
                      const trm__run_picture pictures[], char *const svg[],
                      FILE *to) {
  char *title = title_of(s);
  bool roofline = false;
  trm__html_head(to, title);
  fputs("<main>\n", to);
  put_top(s, title, to);
  put_verdicts(s, to);
  if (s->absent)
    trm__html_put(to, "p",
                  "Pictures are left out: gnuplot was not there when "
                  "this page was made. The tables say the same.");
  if (s->n > 1 && trm__report_comparable(s)) trm__report_compared(s, to);
  for (int mode = 0; mode < TRM__MODE_COUNT; mode++)
    if (trm__scene_first(s, (trm__mode)mode))
      put_mode(s, (trm__mode)mode, n, pictures, svg, to);
  for (int i = 0; i < n; i++)
    roofline = roofline || pictures[i].mode == TRM__MODE_COUNT;
  if (roofline) {
    trm__html_put(to, "h2", "What the machine gives");
    put_pictures(s, TRM__MODE_COUNT, n, pictures, svg, to);
  }
  put_reading(s, to);
  trm__report_machine(s, to);
  if (!roofline)
    trm__html_put(to, "p class=\"under\"",
                  "No roofline: it needs a kernel with flops, and ceilings of "
                  "the machine (mpirun ... %s machine).",
                  trm__program_path());
  fputs("</main>\n", to);
  trm__html_foot(to);
  free(title);
}
