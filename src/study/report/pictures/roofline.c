/* The picture of a roofline: all places are worked out here, in pixels, so that no
 * label lies on another; gnuplot draws. */
#include "study/report/pictures/roofline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/labels.h"
#include "base/memory.h"
#include "base/text.h"
#include "meter/roofline.h"
#include "study/report/pictures/colours.h"
#include "study/report/pictures/gnuplot.h"

enum { LEFT = 82, RIGHT = 22, TOP = 66, BOTTOM = 84, ROOFS = 8 };

/* Colours of M. Okabe and K. Ito, which all eyes tell apart; and shapes. */
static const char *const colours[] = {"#0072b2", "#d55e00", "#009e73",
                                      "#cc79a7", "#e69f00", "#56b4e9",
                                      "#000000"};
static const int shapes[] = {7, 5, 9, 13, 11, 15}; /* hollow: one less */
enum { COLOURS = 7, SHAPES = 6 };

typedef struct roof {
  char *name; /* owned */
  bool flat;  /* flop/s; else byte/s */
  double rate;
  const char *style;
} roof;

typedef struct picture {
  FILE *out;
  int width, height, font, small; /* pixels of SVG; PNG: twice as many */
  bool narrow;
  int n;
  const trm__study_roofline_point *points;
  roof roofs[ROOFS];
  int nroofs;
  double x0, x1, y0, y1; /* flop/byte, flop/s */
  trm__base_taken taken;
  int homeless; /* labels without a place */
} picture;

/* -- pixels ---------------------------------------------------------------- */

static double across(const picture *p, double intensity) {
  return LEFT + (p->width - LEFT - RIGHT) * log(intensity / p->x0) /
                    log(p->x1 / p->x0);
}

static double upwards(const picture *p, double rate) {
  return BOTTOM +
         (p->height - TOP - BOTTOM) * log(rate / p->y0) / log(p->y1 / p->y0);
}

static trm__base_box area(const picture *p) {
  return (trm__base_box){LEFT + 4, BOTTOM + 4, p->width - LEFT - RIGHT - 8,
                         p->height - TOP - BOTTOM - 8};
}

static void print_text(const picture *p, const char *text, double x, double y,
                       const char *how, int size, const char *colour) {
  fputs("set label ", p->out);
  trm__study_plot_quoted(p->out, text);
  fprintf(p->out, " at screen %.5f,%.5f %s font ',%d' tc rgb '%s'\n",
          x / p->width, y / p->height, how, size, colour);
}

static void print_line(const picture *p, double x, double y, double to_x,
                       double to_y, const char *style) {
  fprintf(
      p->out,
      "set arrow from screen %.5f,%.5f to screen %.5f,%.5f nohead back %s\n",
      x / p->width, y / p->height, to_x / p->width, to_y / p->height, style);
}

/* -- roofs ----------------------------------------------------------------- */

static void add_roof(picture *p, const char *name, bool flat, double rate,
                     const char *style) {
  if (!(rate > 0) || p->nroofs == ROOFS) return;
  roof *r = &p->roofs[p->nroofs++];
  r->name = trm__base_format("%s: %s", name,
                             trm__base_text_rate(rate, flat ? "flop" : "B").s);
  r->flat = flat;
  r->rate = rate;
  r->style = style;
}

/* Levels of the ladder: rungs that follow one another on about the same height,
 * below the level before and well above memory. */
static void add_caches(picture *p, const trm_machine *m, double cores) {
  double memory = m->read.one.best, before = INFINITY;
  for (int i = 0, levels = 0; i < m->rungs && levels < 3; i++) {
    double rate = m->ladder[i].bandwidth.best;
    int last = i;
    while (last + 1 < m->rungs &&
           m->ladder[last + 1].bandwidth.best > 0.85 * rate)
      last++;
    if (last == i || rate > 0.9 * before || rate < 1.5 * memory) continue;
    char name[96];
    snprintf(name, sizeof name, "cache, %s per core",
             trm__base_text_bytes(m->ladder[last].bytes).s);
    add_roof(p, name, false, rate * cores, "dt 2 lw 1.2 lc rgb '#999999'");
    before = rate;
    levels++;
    i = last;
  }
}

/* Of as many cores as any result used. */
static void add_roofs(picture *p, const trm_machine *m, int cores, int hosts) {
  const char *memory = "lw 2 lc rgb '#333333'", *flops = memory;
  add_roof(p, "FMA, single", true,
           hosts * trm__meter_roof_at(m, &m->fma_f32, cores),
           "dt 4 lw 1.6 lc rgb '#333333'");
  add_roof(p, "FMA, double", true,
           hosts * trm__meter_roof_at(m, &m->fma_f64, cores), flops);
  add_caches(p, m, (double)cores * hosts);
  add_roof(p, "streaming stores", false,
           hosts * trm__meter_roof_memory(m, cores, TRM__ROOF_STREAMED, 1. / 3),
           memory);
  add_roof(p, "plain stores", false,
           hosts * trm__meter_roof_memory(m, cores, TRM__ROOF_PLAIN, 1. / 3),
           "dt 4 lw 1.6 lc rgb '#333333'");
}

static double highest(const picture *p, bool flat) {
  double rate = 0;
  for (int i = 0; i < p->nroofs; i++)
    if (p->roofs[i].flat == flat) rate = fmax(rate, p->roofs[i].rate);
  return rate;
}

static double lowest(const picture *p, bool flat) {
  double rate = INFINITY;
  for (int i = 0; i < p->nroofs; i++)
    if (p->roofs[i].flat == flat) rate = fmin(rate, p->roofs[i].rate);
  return rate;
}

/* What is seen: all results, the ridges, and room for names. */
static void frame(picture *p) {
  double flops = highest(p, true), bytes = lowest(p, false);
  double low_x = INFINITY, high_x = 0, low_y = INFINITY, high_y = flops;
  if (flops > 0 && isfinite(bytes)) {
    low_x = lowest(p, true) / bytes / 12;
    high_x = flops / bytes * 3;
  }
  for (int i = 0; i < p->n; i++) {
    low_x = fmin(low_x, p->points[i].intensity);
    high_x = fmax(high_x, p->points[i].intensity);
    low_y = fmin(low_y, p->points[i].rate);
    high_y = fmax(high_y, p->points[i].rate);
  }
  p->x0 = low_x / 4;
  p->x1 = high_x * (p->narrow ? 5 : 2); /* names need room */
  if (isfinite(bytes)) low_y = fmin(low_y, bytes * p->x0);
  p->y0 = low_y / 1.6;
  p->y1 = high_y * 1.7;
}

typedef struct line { /* in the picture: flop/byte, flop/s */
  double x, y, to_x, to_y;
} line;

static line line_of(const picture *p, const roof *r) {
  double bytes = highest(p, false), flops = highest(p, true);
  if (r->flat) {
    double ridge = bytes > 0 ? r->rate / bytes : p->x0;
    return (line){fmax(ridge, p->x0), r->rate, p->x1, r->rate};
  }
  double top = flops > 0 ? flops : p->y1;
  double from = fmax(p->x0, p->y0 / r->rate), to = fmin(p->x1, top / r->rate);
  return (line){from, from * r->rate, to, to * r->rate};
}

static void draw_roof(picture *p, const roof *r) {
  line l = line_of(p, r);
  if (l.to_x <= l.x) return;
  double x = across(p, l.x), y = upwards(p, l.y);
  double to_x = across(p, l.to_x), to_y = upwards(p, l.to_y);
  print_line(p, x, y, to_x, to_y, r->style);
  trm__base_boxes_line(&p->taken.lines, x, y, to_x, to_y, 5);
}

/* A name along its roof, on the side and as far along as it is free. */
static bool name_at(picture *p, const roof *r, double x, double y, double dx,
                    double dy, double side, bool across_lines) {
  double width = trm__study_plot_width(r->name, p->small),
         away = side * 0.9 * p->small;
  double from_x = x - dy * away, from_y = y + dx * away;
  trm__base_boxes own = {0};
  bool room = true;
  trm__base_boxes_line(&own, from_x, from_y, from_x + dx * width,
                       from_y + dy * width, 0.7 * p->small);
  for (int i = 0; i < own.n && room; i++)
    room = trm__base_box_inside(own.list[i], area(p)) &&
           !trm__base_boxes_hit(&p->taken.points, own.list[i]) &&
           !trm__base_boxes_hit(&p->taken.labels, own.list[i]) &&
           !trm__base_boxes_hit(&p->taken.leaders, own.list[i]) &&
           (across_lines || !trm__base_boxes_hit(&p->taken.lines, own.list[i]));
  if (room) {
    char how[64];
    snprintf(how, sizeof how, "left rotate by %.2f",
             atan2(dy, dx) * 180 / 3.14159265358979323846);
    print_text(p, r->name, from_x, from_y, how, p->small, "#333333");
    for (int i = 0; i < own.n; i++)
      trm__base_boxes_add(&p->taken.labels, own.list[i]);
  }
  free(own.list);
  return room;
}

static bool name_roof(picture *p, const roof *r, bool across_lines) {
  line l = line_of(p, r);
  double x = across(p, l.x), y = upwards(p, l.y);
  double w = across(p, l.to_x) - x, h = upwards(p, l.to_y) - y;
  double length = hypot(w, h), dx = w / length, dy = h / length;
  double room = length - trm__study_plot_width(r->name, p->small);
  if (!(l.to_x > l.x)) return true; /* it is not seen */
  for (double at = 8; at <= room; at += 6)
    for (int side = 1; side >= -1; side -= 2) {
      double along = r->flat ? room - at : at;
      if (name_at(p, r, x + dx * along, y + dy * along, dx, dy, side,
                  across_lines))
        return true;
    }
  return false;
}

static void name_roofs(picture *p) {
  for (int i = 0; i < p->nroofs; i++)
    if (!name_roof(p, &p->roofs[i], false) && !name_roof(p, &p->roofs[i], true))
      p->homeless++;
}

/* -- results --------------------------------------------------------------- */

static int kernel_index(const picture *p, int i) {
  int index = 0;
  for (int k = 0; k < i; k++) {
    int first = 0;
    while (strcmp(p->points[first].kernel, p->points[k].kernel)) first++;
    if (!strcmp(p->points[k].kernel, p->points[i].kernel))
      return kernel_index(p, first == k ? k : first);
    index += first == k;
  }
  return index;
}

static void draw_point(const picture *p, int i) {
  const trm__study_roofline_point *point = &p->points[i];
  int index = point->colour ? 0 : kernel_index(p, i);
  int shape = shapes[index % SHAPES] - (point->flaw != NULL);
  fprintf(p->out,
          "set label '' at screen %.5f,%.5f point pt %d ps 1.3 lw 1.6 lc rgb "
          "'%s'\n",
          across(p, point->intensity) / p->width,
          upwards(p, point->rate) / p->height, shape,
          point->colour ? point->colour : colours[index % COLOURS]);
}

static void label_of(const picture *p, const trm__study_roofline_point *point,
                     char *text, size_t size) {
  char fraction[16] = "";
  if (point->fraction > 0)
    snprintf(fraction, sizeof fraction, ", %.2f", point->fraction);
  snprintf(text, size, "%s%s%d\u00d7%d%s", p->narrow ? "" : point->kernel,
           p->narrow ? "" : " ", point->ranks, point->threads, fraction);
}

/* Repeats of a run that lie on one another need one name. */
static bool is_repeat(const picture *p, int i) {
  const trm__study_roofline_point *a = &p->points[i];
  for (int k = 0; k < i; k++) {
    const trm__study_roofline_point *b = &p->points[k];
    if (!strcmp(a->kernel, b->kernel) && a->ranks == b->ranks &&
        a->threads == b->threads &&
        fabs(across(p, a->intensity) - across(p, b->intensity)) < 12 &&
        fabs(upwards(p, a->rate) - upwards(p, b->rate)) < 12)
      return true;
  }
  return false;
}

/* The end that is towards the point is where it should be, whatever the width. */
static void print_beside(const picture *p, const char *text, double x,
                         trm__base_box box) {
  double y = box.y + box.h / 2;
  if (box.x >= x)
    print_text(p, text, box.x, y, "left", p->font, "#222222");
  else if (box.x + box.w <= x)
    print_text(p, text, box.x + box.w, y, "right", p->font, "#222222");
  else
    print_text(p, text, box.x + box.w / 2, y, "center", p->font, "#222222");
}

static void draw_label(picture *p, int i) {
  const trm__study_roofline_point *point = &p->points[i];
  double x = across(p, point->intensity), y = upwards(p, point->rate);
  char text[128];
  if (point->quiet || is_repeat(p, i)) return;
  label_of(p, point, text, sizeof text);
  trm__base_box box = {0, 0, trm__study_plot_width(text, p->font), p->font + 3};
  double leader[2];
  if (!trm__base_label_place(x, y, area(p), &p->taken, &box, leader)) {
    p->homeless++;
    return;
  }
  if (leader[0] != x || leader[1] != y)
    print_line(p, x, y, leader[0], leader[1], "lw 0.7 lc rgb '#888888'");
  print_beside(p, text, x, box);
}

/* -- axes ------------------------------------------------------------------ */

/* Powers of two, as fractions below 1. */
static void print_x_tics(const picture *p) {
  int first = (int)ceil(log2(p->x0)), last = (int)floor(log2(p->x1));
  int stride = 1 + (last - first) / 16;
  const char *comma = "";
  fputs("set xtics out nomirror (", p->out);
  for (int k = first; k <= last; k++) {
    if (k % stride) continue;
    if (k < 0)
      fprintf(p->out, "%s'1/%.0f' %.17g", comma, ldexp(1, -k), ldexp(1, k));
    else
      fprintf(p->out, "%s'%.0f' %.17g", comma, ldexp(1, k), ldexp(1, k));
    comma = ", ";
  }
  fputs(")\n", p->out);
}

/* 1, 2, 5 of each power of ten; 1 alone where there are many. */
static void print_y_tics(const picture *p) {
  static const int steps[] = {1, 2, 5};
  int first = (int)floor(log10(p->y0)), last = (int)floor(log10(p->y1));
  const char *comma = "";
  fputs("set ytics out nomirror (", p->out);
  for (int k = first; k <= last; k++)
    for (int i = 0; i < (last - first > 4 ? 1 : 3); i++) {
      double rate = steps[i] * pow(10, k);
      if (rate < p->y0 || rate > p->y1) continue;
      trm__base_text text = trm__base_text_rate(rate, "flop");
      text.s[strcspn(text.s, "f")] = 0; /* "10 G" */
      fprintf(p->out, "%s'%s' %.17g", comma, trm__base_text_trim(text.s), rate);
      comma = ", ";
    }
  fputs(")\n", p->out);
}

static void print_titles(const picture *p, const trm_machine *m, int cores,
                         int hosts) {
  char under[200];
  print_text(p, "arithmetic intensity, flop/byte",
             (LEFT + p->width - RIGHT) / 2, BOTTOM - 48, "center", p->font,
             "#222222");
  print_text(p, "flop/s", 18, (BOTTOM + p->height - TOP) / 2, "center rotate",
             p->font, "#222222");
  print_text(p, *m->node_class ? m->node_class : "a machine without a class",
             LEFT, p->height - 24, "left", 16, "#000000");
  snprintf(under, sizeof under, "roofline; ceilings of %s%s%s%s%.10s",
           trm__base_text_count(cores, "core").s,
           hosts > 1 ? " on each of " : "",
           hosts > 1 ? trm__base_text_count(hosts, "host").s : "",
           *m->written ? ", measured " : "", m->written);
  print_text(p, under, LEFT, p->height - 46, "left", p->small, "#555555");
}

static void print_head(const picture *p, const trm_machine *m, int cores,
                       int hosts, bool png) {
  trm__study_plot_head(p->out, p->width, p->height, p->font, png);
  fprintf(p->out,
          "set lmargin at screen %.5f\nset rmargin at screen %.5f\n"
          "set bmargin at screen %.5f\nset tmargin at screen %.5f\n",
          LEFT / (double)p->width, 1 - RIGHT / (double)p->width,
          BOTTOM / (double)p->height, 1 - TOP / (double)p->height);
  fprintf(
      p->out,
      "set logscale xy\nset xrange [%.17g:%.17g]\nset yrange [%.17g:%.17g]\n",
      p->x0, p->x1, p->y0, p->y1);
  fprintf(p->out,
          "set border 3 lc rgb '#333333'\nset grid lc rgb '#e6e6e6' lw 0.6\n"
          "unset key\nset tics font ',%d'\n",
          p->small);
  print_x_tics(p);
  print_y_tics(p);
  print_titles(p, m, cores, hosts);
}

static void print_foot(const picture *p) {
  bool hollow = false;
  if (p->narrow) {
    fputs("plot NaN notitle\n", p->out);
    return;
  }
  for (int i = 0; i < p->n; i++) hollow = hollow || p->points[i].flaw;
  print_text(
      p,
      hollow
          ? "label: kernel ranks\u00d7threads, fraction of the attainable "
            "rate; hollow: wrong, not verified or oversubscribed"
          : "label: kernel ranks\u00d7threads, fraction of the attainable rate",
      LEFT, 14, "left", p->small, "#555555");
  fputs("plot NaN notitle\n", p->out);
}

/* -- the whole ------------------------------------------------------------- */

static void cores_used(const picture *p, const trm_machine *m, int *cores,
                       int *hosts) {
  *cores = *hosts = 1;
  for (int i = 0; i < p->n; i++) {
    const trm__study_roofline_point *d = &p->points[i];
    int used = trm__meter_roof_cores(m, d->ranks, d->threads, d->hosts);
    if (used > *cores) *cores = used;
    if (d->hosts > *hosts) *hosts = d->hosts;
  }
}

static void reserve_points(picture *p) {
  for (int i = 0; i < p->n; i++)
    trm__base_boxes_add(
        &p->taken.points,
        (trm__base_box){across(p, p->points[i].intensity) - 7,
                        upwards(p, p->points[i].rate) - 7, 14, 14});
}

int trm__study_roofline_script(FILE *out, const trm_machine *m, int n,
                               const trm__study_roofline_point points[],
                               bool png, bool narrow) {
  picture p = {.out = out,
               .width = narrow ? 600 : 1000,
               .height = narrow ? 520 : 680,
               .font = narrow ? 15 : 13,
               .small = narrow ? 14 : 12,
               .narrow = narrow,
               .n = n,
               .points = points};
  int cores, hosts;
  cores_used(&p, m, &cores, &hosts);
  add_roofs(&p, m, cores, hosts);
  frame(&p);
  print_head(&p, m, cores, hosts, png);
  reserve_points(&p);
  for (int i = 0; i < p.nroofs; i++) draw_roof(&p, &p.roofs[i]);
  for (int i = 0; i < n; i++) draw_label(&p, i);
  name_roofs(&p);
  for (int i = 0; i < n; i++) draw_point(&p, i);
  print_foot(&p);
  for (int i = 0; i < p.nroofs; i++) free(p.roofs[i].name);
  trm__base_taken_clear(&p.taken);
  return p.homeless;
}
