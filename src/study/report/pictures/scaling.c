/* Speed-up, efficiency, rates over memory, and laws with their bands. Colour and
 * dash say which series, the mark says which kind of point; a line joins measured
 * points only. */
#include "study/report/pictures/scaling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "study/report/numbers.h"
#include "study/report/pictures/gnuplot.h"

enum { FONT = 16, SMALL = 15, STEPS = 80, KEY = 42 };

/* Marks of kinds, as gnuplot counts them. */
static const int marks[TRM__ORIGIN_COUNT] = {7, 6, 8, 2};

typedef struct axis_range {
  double low, high;
} axis_range;

typedef trm__study_interval pick(const trm__study_point *);

/* -- what is seen ---------------------------------------------------------- */

static bool is_of(const trm__study_picture *p, const trm__study_curve *c) {
  return p->curve ? p->curve == c : c->mode == p->mode;
}

static void widen(axis_range *r, double value) {
  if (!(value > 0) || !isfinite(value)) return;
  r->low = fmin(r->low, value);
  r->high = fmax(r->high, value);
}

static void see(const trm__study_report *s, const trm__study_picture *p,
                pick *y_of, axis_range *x, axis_range *y) {
  *x = *y = (axis_range){INFINITY, 0};
  for (int k = 0; k < s->curves; k++)
    for (int i = 0; is_of(p, &s->curve[k]) && i < s->curve[k].n; i++) {
      const trm__study_point *point = s->curve[k].point[i];
      widen(x, trm__study_curve_x(&s->curve[k], point));
      if (!trm__study_point_is_drawn(point)) continue;
      trm__study_interval v = y_of(point);
      widen(y, v.mid);
      if (v.level > 0) widen(y, v.low), widen(y, v.high);
    }
}

static trm__study_interval speedup_of(const trm__study_point *p) {
  return p->speedup;
}

static trm__study_interval efficiency_of(const trm__study_point *p) {
  return p->efficiency;
}

static trm__study_interval rate_of(const trm__study_point *p) {
  return p->rate;
}

static trm__study_interval time_of(const trm__study_point *p) {
  return p->time;
}

/* -- pieces of scripts ----------------------------------------------------- */

static void head(const trm__study_picture *p, FILE *out, bool png) {
  trm__study_plot_head(out, p->width, p->height, FONT, png);
  fprintf(out,
          "set border 3 lc rgb '%s'\nset tics out nomirror scale 0.5 font "
          "',%d' tc rgb '%s'\nset grid lt 1 lc rgb '%s' lw 0.7\n"
          "set key below left Left reverse vertical maxcols 1 samplen 2.2 font "
          "',%d' tc rgb '%s'\nset rmargin 2\nset tmargin 1\n"
          "set xtics offset 0,0.4\nset xlabel offset 0,0.7\n",
          trm__study_colour_light[TRM__COLOUR_axis], SMALL,
          trm__study_colour_light[TRM__COLOUR_ink],
          trm__study_colour_light[TRM__COLOUR_grid], SMALL,
          trm__study_colour_light[TRM__COLOUR_ink]);
}

static void axis_name(FILE *out, char axis, const char *name) {
  fprintf(out, "set %clabel ", axis);
  trm__study_plot_quoted(out, name);
  if (axis == 'x') fputs(".\"\\n \"", out); /* room above the key */
  fprintf(out, " font ',%d' tc rgb '%s'\n", FONT,
          trm__study_colour_light[TRM__COLOUR_ink]);
}

/* Powers of two of cores, of ratios; halves between where there are few. */
static void log2_tics(FILE *out, char axis, axis_range r, double padding) {
  const char *comma = "";
  fprintf(out, "set logscale %c 2\nset %crange [%.9g:%.9g]\nset %ctics (", axis,
          axis, r.low / padding, r.high * padding, axis);
  int first = (int)floor(log2(r.low)), last = (int)ceil(log2(r.high));
  int stride = 1 + (last - first) / 12;
  for (int k = first; k <= last; k++)
    for (int half = 0; half < (last - first <= 2 && axis == 'y' ? 2 : 1);
         half++) {
      double value = ldexp(1, k) * (half ? 1.5 : 1);
      if (k % stride || value < r.low / padding || value > r.high * padding)
        continue;
      fprintf(out, "%s'%g' %.9g", comma, value, value);
      comma = ", ";
    }
  fputs(")\n", out);
}

/* Two to five multiples of 1, 2 or 5 of a power of ten. */
static void few_tics(FILE *out, axis_range r, double factor) {
  double span = (r.high - r.low) * factor, step = pow(10, floor(log10(span)));
  const char *comma = "";
  step *= span >= 5 * step ? 2 : span >= 2 * step ? 1 : 0.5;
  for (double k = ceil(r.low * factor / step); k * step <= r.high * factor;
       k++) {
    fprintf(out, "%s'%g' %.9g", comma, k * step, k * step / factor);
    comma = ", ";
  }
}

/* 1, 2, 5 of each power of ten, in a unit; 1 alone where there are many, more where
 * these would be too few. */
static void log10_tics(FILE *out, axis_range r, double factor) {
  static const int steps[] = {1, 2, 5};
  bool narrow = r.high < 4 * r.low;
  int first = (int)floor(log10(r.low * factor)),
      last = (int)ceil(log10(r.high * factor));
  const char *comma = "";
  fprintf(out, "set logscale y 10\nset yrange [%.9g:%.9g]\nset ytics (", r.low,
          r.high);
  if (narrow) few_tics(out, r, factor);
  for (int k = first; k <= last && !narrow; k++)
    for (int i = 0; i < (last - first > 4 ? 1 : 3); i++) {
      double value = steps[i] * pow(10, k) / factor;
      if (value < r.low || value > r.high) continue;
      fprintf(out, "%s'%g' %.9g", comma, value * factor, value);
      comma = ", ";
    }
  fputs(")\n", out);
}

static void cores_axis(FILE *out, axis_range x) {
  axis_name(out, 'x', "cores");
  log2_tics(out, 'x', x, 1.12);
}

/* A block of a curve's points of one kind: x, y, low, high. */
static int put_block(FILE *out, const trm__study_curve *c, int index,
                     trm__study_origin kind, pick *y_of) {
  int n = 0;
  for (int i = 0; i < c->n; i++) {
    const trm__study_point *p = c->point[i];
    trm__study_interval v = y_of(p);
    if (!trm__study_point_is_drawn(p) || p->origin != kind || !(v.mid > 0) ||
        !isfinite(v.mid) || !(trm__study_curve_x(c, p) > 0))
      continue;
    if (!n++) fprintf(out, "$c%dk%d << EOD\n", index, (int)kind);
    bool known = v.level > 0 && isfinite(v.low) && isfinite(v.high);
    fprintf(out, "%.9g %.9g %.9g %.9g\n", trm__study_curve_x(c, p), v.mid,
            known ? v.low : v.mid, known ? v.high : v.mid);
  }
  if (n) fputs("EOD\n", out);
  return n;
}

/* Points with their intervals; the interior of hollow ones is clean. Where a law is
 * drawn the law is the line. */
static void plot_block(FILE *out, const trm__study_curve *c, int index,
                       trm__study_origin kind, bool joined) {
  const char *colour = trm__study_colour_light[c->colour];
  if (joined)
    fprintf(out, ", $c%dk%d u 1:2 w lines dt %d lw 2 lc rgb '%s' notitle",
            index, (int)kind, c->dash, colour);
  fprintf(out,
          ", $c%dk%d u 1:2:3:4 w yerrorbars pt 0 lw 1.4 lc rgb '%s' notitle",
          index, (int)kind, colour);
  if (kind == TRM__OVERSUBSCRIBED)
    fprintf(out, ", $c%dk%d u 1:2 w points pt 7 ps 1.1 lc rgb '%s' notitle",
            index, (int)kind, trm__study_colour_light[TRM__COLOUR_paper]);
  fprintf(out,
          ", $c%dk%d u 1:2 w points pt %d ps 1.1 lw 1.6 lc rgb '%s' notitle",
          index, (int)kind, marks[kind], colour);
}

static void plot_key(FILE *out, const trm__study_curve *c, bool joined) {
  fprintf(out, ", keyentry w %s pt 7 ps 1.1 dt %d lw 2 lc rgb '%s' title ",
          joined ? "linespoints" : "points", c->dash,
          trm__study_colour_light[c->colour]);
  trm__study_plot_short(out, c->name, KEY);
}

/* Failed points lie on the axis, where they are seen. */
static int put_failed(FILE *out, const trm__study_report *s,
                      const trm__study_picture *p, double bottom) {
  int n = 0;
  for (int k = 0; k < s->curves; k++)
    for (int i = 0; is_of(p, &s->curve[k]) && i < s->curve[k].n; i++) {
      double x = trm__study_curve_x(&s->curve[k], s->curve[k].point[i]);
      if (s->curve[k].point[i]->valid || !(x > 0)) continue;
      if (!n++) fputs("$failed << EOD\n", out);
      fprintf(out, "%.9g %.9g\n", x, bottom);
    }
  if (n) fputs("EOD\n", out);
  return n;
}

/* All curves of a picture. `first` is what is plotted below them; it ends a plot
 * command without a newline. */
static void plot_curves(const trm__study_report *s, const trm__study_picture *p,
                        FILE *out, pick *y_of, const char *first,
                        double bottom) {
  int(*n)[TRM__ORIGIN_COUNT] =
      trm__base_calloc((size_t)s->curves + 1, sizeof *n);
  bool seen[TRM__ORIGIN_COUNT] = {false};
  for (int k = 0; k < s->curves; k++)
    for (int kind = 0; kind < TRM__ORIGIN_COUNT && is_of(p, &s->curve[k]);
         kind++) {
      n[k][kind] =
          put_block(out, &s->curve[k], k, (trm__study_origin)kind, y_of);
      seen[kind] = seen[kind] || n[k][kind];
    }
  int failed = put_failed(out, s, p, bottom);
  fprintf(out, "plot %s", first);
  for (int k = 0; k < s->curves; k++)
    if (is_of(p, &s->curve[k])) plot_key(out, &s->curve[k], !p->curve);
  for (int k = 0; k < s->curves; k++)
    for (int kind = 0; kind < TRM__ORIGIN_COUNT; kind++)
      if (n[k][kind])
        plot_block(out, &s->curve[k], k, (trm__study_origin)kind,
                   kind == TRM__MEASURED && n[k][kind] > 1 && !p->curve);
  for (int kind = 1; kind < TRM__ORIGIN_COUNT; kind++)
    if (seen[kind])
      fprintf(out,
              ", keyentry w points pt %d ps 1.1 lw 1.6 lc rgb '%s' title '%s'",
              marks[kind], trm__study_colour_light[TRM__COLOUR_muted],
              trm__study_origin_name[kind]);
  if (failed)
    fprintf(out,
            ", $failed u 1:2 w points pt 2 ps 1.3 lw 2.4 lc rgb '%s' title "
            "'failed, or excluded'",
            trm__study_colour_light[TRM__COLOUR_faint]);
  fputc('\n', out);
  free(n);
}

static void guide(char *text, size_t size, const char *what,
                  const char *title) {
  snprintf(text, size, "%s w lines dt 2 lw 1.6 lc rgb '%s' title '%s'", what,
           trm__study_colour_light[TRM__COLOUR_faint], title);
}

/* -- the pictures ---------------------------------------------------------- */

/* An ideal line for each number of cores that a series begins with; one entry in
 * the key. \return the largest ideal speed-up */
static double ideals(const trm__study_report *s, const trm__study_picture *p,
                     double cores, char **text) {
  double best = 1;
  char line[200], what[64];
  *text = NULL;
  for (int k = 0; k < s->curves; k++) {
    const trm__study_point *base = s->curve[k].base;
    bool new = is_of(p, &s->curve[k]) && base;
    for (int i = 0; i < k && new; i++)
      new = !is_of(p, &s->curve[i]) || !s->curve[i].base ||
            s->curve[i].base->cores != base->cores;
    if (!new) continue;
    snprintf(what, sizeof what, "x/%d.", base->cores);
    guide(line, sizeof line, what, *text ? "" : "ideal");
    char *longer =
        trm__base_format("%s%s%s", *text ? *text : "", *text ? ", " : "", line);
    free(*text);
    *text = longer;
    best = fmax(best, cores / base->cores);
  }
  if (!*text) *text = trm__base_strdup("NaN notitle");
  return best;
}

void trm__study_draw_speedup(const trm__study_report *s,
                             const trm__study_picture *p, FILE *out, bool png) {
  axis_range x, y;
  char *ideal;
  see(s, p, speedup_of, &x, &y);
  widen(&y, 1);
  widen(&y, ideals(s, p, x.high, &ideal));
  head(p, out, png);
  cores_axis(out, x);
  axis_name(out, 'y', trm__study_speedup_name(s, p->mode).s);
  log2_tics(out, 'y', y, 1.12);
  plot_curves(s, p, out, speedup_of, ideal, y.low / 1.12);
  free(ideal);
}

/* Bars may leave the picture where a point is hardly known; points may not. */
static double highest_middle(const trm__study_report *s,
                             const trm__study_picture *p) {
  double high = 1;
  for (int k = 0; k < s->curves; k++)
    for (int i = 0; is_of(p, &s->curve[k]) && i < s->curve[k].n; i++)
      if (s->curve[k].point[i]->efficiency.mid > high)
        high = s->curve[k].point[i]->efficiency.mid;
  return high;
}

void trm__study_draw_efficiency(const trm__study_report *s,
                                const trm__study_picture *p, FILE *out,
                                bool png) {
  axis_range x, y;
  char ideal[200];
  see(s, p, efficiency_of, &x, &y);
  double top = fmax(1.1, 1.05 * fmin(y.high, 1.5 * highest_middle(s, p))),
         step = 0.2;
  for (int i = 0; top / step > 8; i++) step *= i % 3 ? 2 : 2.5;
  head(p, out, png);
  cores_axis(out, x);
  axis_name(out, 'y', "efficiency");
  fprintf(out, "set yrange [0:%.9g]\nset ytics (", top);
  for (int i = 0; i * step <= top; i++)
    fprintf(out, "%s'%.0f %%%%' %.9g", i ? ", " : "", 100 * i * step, i * step);
  fputs(")\n", out);
  guide(ideal, sizeof ideal, "1", "ideal");
  plot_curves(s, p, out, efficiency_of, ideal, 0);
}

static void bytes_tics(FILE *out, axis_range r) {
  int first = (int)ceil(log2(r.low / 1.2)),
      last = (int)floor(log2(r.high * 1.2));
  int stride = 1 + (last - first) / 5;
  const char *comma = "";
  fprintf(out, "set logscale x 2\nset xrange [%.9g:%.9g]\nset xtics (",
          r.low / 1.2, r.high * 1.2);
  for (int k = first; k <= last; k += stride) {
    trm__base_text text = trm__base_text_bytes(ldexp(1, k));
    char *point = strchr(text.s, '.'); /* "4.00 MiB": powers of two are whole */
    if (point)
      memmove(point, strchr(point, ' '), strlen(strchr(point, ' ')) + 1);
    fprintf(out, "%s'%s' %.9g", comma, text.s, ldexp(1, k));
    comma = ", ";
  }
  fputs(")\n", out);
}

void trm__study_draw_memory(const trm__study_report *s,
                            const trm__study_picture *p, FILE *out, bool png) {
  static const char *const prefix[] = {"", "k ", "M ", "G ", "T "};
  axis_range x, y;
  int i = 0;
  double factor = 1;
  see(s, p, rate_of, &x, &y);
  while (i < 4 && y.high * factor >= 1000) factor /= 1000, i++;
  const trm__study_curve *c = trm__study_report_first(s, p->mode);
  trm__base_text unit = {"step"};
  for (int k = 0; k < c->n && !strcmp(unit.s, "step"); k++)
    unit = trm__study_point_unit(c->point[k]);
  char *name = trm__base_format("rate, %s%s/s", prefix[i], unit.s);
  head(p, out, png);
  axis_name(out, 'x', "memory per rank");
  axis_name(out, 'y', name);
  bytes_tics(out, x);
  y.low /= 1.3;
  y.high *= 1.3;
  log10_tics(out, y, factor);
  plot_curves(s, p, out, rate_of, "NaN notitle", y.low);
  free(name);
}

void trm__study_draw_time(const trm__study_report *s,
                          const trm__study_picture *p, FILE *out, bool png) {
  axis_range x, y;
  double factor;
  see(s, p, time_of, &x, &y);
  head(p, out, png);
  cores_axis(out, x);
  char *name = trm__base_format("time per step, %s",
                                trm__study_time_unit(y.high, &factor));
  axis_name(out, 'y', name);
  y.low /= 1.15;
  y.high *= 1.15;
  log10_tics(out, y, factor);
  plot_curves(s, p, out, time_of, "NaN notitle", y.low);
  free(name);
}

/* Middle and band of a law, as far as it can be said. */
static int put_law(FILE *out, const trm__study_law *law, axis_range *y) {
  int n = 0;
  double from = law->from, to = 4 * law->to;
  fputs("$law << EOD\n", out);
  for (int i = 0; i <= STEPS; i++) {
    double p = from * pow(to / from, i / (double)STEPS);
    trm__study_interval at;
    if (!trm__study_law_at(law, p, &at) || !(at.low > 0) || !(at.mid > 0))
      continue;
    fprintf(out, "%.9g %.9g %.9g %.9g\n", p, at.mid, at.low, at.high);
    widen(y, at.low);
    widen(y, at.high);
    n++;
  }
  fputs("EOD\n", out);
  return n;
}

void trm__study_draw_law(const trm__study_report *s,
                         const trm__study_picture *p, FILE *out, bool png) {
  axis_range x, y;
  char first[900];
  const trm__study_law *law = &p->curve->law[p->curve->best];
  const char *colour = trm__study_colour_light[p->curve->colour];
  double factor;
  see(s, p, time_of, &x, &y);
  head(p, out, png);
  if (!put_law(out, law, &y)) fputs("$law << EOD\n1 NaN NaN NaN\nEOD\n", out);
  widen(&x, 4 * law->to);
  cores_axis(out, x);
  char *name = trm__base_format("time per step, %s",
                                trm__study_time_unit(y.high, &factor));
  axis_name(out, 'y', name);
  y.low /= 1.15;
  y.high *= 1.15;
  log10_tics(out, y, factor);
  snprintf(
      first, sizeof first,
      "$law u 1:3:4 w filledcurves fc rgb '%s' fs transparent solid 0.18 "
      "noborder title '95 %% prediction band', $law u ($1<=%.9g?$1:NaN):2 w "
      "lines lw 1.6 lc rgb '%s' title 'law', $law u ($1>=%.9g?$1:NaN):2 w "
      "lines dt 2 lw 1.6 lc rgb '%s' title 'law beyond what was measured'",
      colour, law->to * 1.0001, colour, law->to, colour);
  plot_curves(s, p, out, time_of, first, y.low);
  free(name);
}
