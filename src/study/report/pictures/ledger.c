/* Where the core time of each point goes, one bar per point: the parts of its ledger,
 * per update, so that bars of one series would be of one length if it scaled. */
#include "study/report/pictures/ledger.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "study/report/numbers.h"
#include "study/report/pictures/gnuplot.h"

enum { FONT = 16, SMALL = 15, ROW = 28, PARTS = 8 };

typedef struct bar {
  const trm__study_curve *curve;
  const trm__study_point *point;
  int row;        /* from the top, in rows; headings take one */
  double updates; /* of the whole launch; else steps */
} bar;

typedef struct bars {
  bar *bar;
  int n, rows;
  double longest; /* core seconds an update */
} bars;

static const char *const part_text[PARTS] = {
#define TRM__PART(name, text) text,
    TRM__PARTS(TRM__PART)
#undef TRM__PART
};

static const trm__study_colour part_colour[PARTS] = {
#define TRM__PART(name, text) TRM__COLOUR_part_##name,
    TRM__PARTS(TRM__PART)
#undef TRM__PART
};

static void parts_list(const trm__meter_parts *parts, double list[PARTS]) {
  int i = 0;
#define TRM__PART(name, text) list[i++] = parts->name;
  TRM__PARTS(TRM__PART)
#undef TRM__PART
}

static double updates_of(const trm__study_point *p) {
  const cJSON *work = cJSON_GetObjectItemCaseSensitive(p->result, "work");
  double updates = trm__base_json_f64_at(work, "updates", 0);
  double steps = trm__base_json_f64_at(p->result, "steps", 0) -
                 trm__base_json_f64_at(p->result, "first_step", 0);
  return updates > 0 ? updates : steps > 0 ? steps : 1;
}

static int curves_of(const trm__study_report *s, trm__study_mode mode) {
  int n = 0;
  for (int k = 0; k < s->curves; k++) n += s->curve[k].mode == mode;
  return n;
}

static bars bars_of(const trm__study_report *s, trm__study_mode mode) {
  bars b = {.bar = NULL};
  bool headings = curves_of(s, mode) > 1;
  for (int k = 0; k < s->curves; k++) {
    const trm__study_curve *c = &s->curve[k];
    bool first = true;
    for (int i = 0; i < c->n && c->mode == mode; i++) {
      const trm__study_point *p = c->point[i];
      if (!p->valid || !(p->ledger.total > 0)) continue;
      if (first && headings) b.rows++;
      first = false;
      b.bar = trm__base_grow(b.bar, (size_t)b.n + 1, sizeof *b.bar);
      b.bar[b.n++] = (bar){c, p, b.rows++, updates_of(p)};
      b.longest = fmax(b.longest, p->ledger.total / b.bar[b.n - 1].updates);
    }
  }
  return b;
}

int trm__study_ledger_rows(const trm__study_report *s, trm__study_mode mode,
                           int *height) {
  bars b = bars_of(s, mode);
  int rows = b.n ? b.rows : 0;
  *height = 190 + rows * ROW;
  free(b.bar);
  return rows;
}

/* -- the script ------------------------------------------------------------ */

static void print_label(FILE *out, const char *text, const char *where,
                        trm__study_colour colour) {
  fputs("set label ", out);
  trm__study_plot_short(out, text, 46);
  fprintf(out, " at %s font ',%d' tc rgb '%s' front\n", where, SMALL,
          trm__study_colour_light[colour]);
}

static void print_head(FILE *out, const trm__study_picture *p, const bars *b,
                       const char *unit, double factor, bool png) {
  trm__study_plot_head(out, p->width, p->height, FONT, png);
  fprintf(
      out,
      "set border 1 lc rgb '%s'\nset grid x lt 1 lc rgb '%s' lw 0.7\n"
      "set xtics out nomirror scale 0.5 offset 0,0.4 font ',%d' tc rgb '%s'\n"
      "set xrange [0:%.9g]\nset yrange [%.2f:-0.6]\n"
      "set rmargin 2\nset tmargin 0.5\n"
      "set key below left Left reverse horizontal maxcols 3 samplen 1 font "
      "',%d' tc rgb '%s'\nset style fill solid 1 border rgb '%s'\n",
      trm__study_colour_light[TRM__COLOUR_axis],
      trm__study_colour_light[TRM__COLOUR_grid], SMALL,
      trm__study_colour_light[TRM__COLOUR_ink], 1.04 * b->longest * factor,
      b->rows - 0.4, SMALL, trm__study_colour_light[TRM__COLOUR_ink],
      trm__study_colour_light[TRM__COLOUR_paper]);
  fputs("set xlabel ", out);
  trm__study_plot_quoted(out, unit);
  fprintf(out, ".\"\\n \" offset 0,0.7 font ',%d' tc rgb '%s'\n", FONT,
          trm__study_colour_light[TRM__COLOUR_ink]);
}

/* Shape of each point beside its bar, with the mark of its kind; of the memory
 * study its size. */
static void print_names(FILE *out, const bars *b) {
  static const char *const marks[TRM__ORIGIN_COUNT] = {"", " \u25cb", " \u25b3",
                                                       " \u00d7"};
  fprintf(out, "set ytics scale 0 font ',%d' tc rgb '%s' (", SMALL,
          trm__study_colour_light[TRM__COLOUR_ink]);
  for (int i = 0; i < b->n; i++) {
    const trm__study_point *p = b->bar[i].point;
    bool sized = p->config->mode == TRM__MODE_MEMORY && p->config->label &&
                 *p->config->label;
    char *name = trm__base_format(
        "%.24s%s", sized ? p->config->label : trm__study_point_shape(p).s,
        marks[p->origin]);
    fputs(i ? ", " : "", out);
    trm__study_plot_tic(out, name);
    fprintf(out, " %d", b->bar[i].row);
    free(name);
  }
  fputs(")\n", out);
}

static void print_headings(FILE *out, const bars *b) {
  for (int i = 0; i < b->n; i++) {
    char where[64];
    if (i && b->bar[i].curve == b->bar[i - 1].curve) continue;
    if (!b->bar[i].row) return; /* one series: it needs no name */
    snprintf(where, sizeof where, "graph 0, first %d left offset 0.4,0",
             b->bar[i].row - 1);
    print_label(out, b->bar[i].curve->name, where, TRM__COLOUR_muted);
  }
}

/* What a part takes of each point, between what is left of it and itself. */
static bool print_part(FILE *out, const bars *b, int part, double factor) {
  double seen = 0;
  fprintf(out, "$p%d << EOD\n", part);
  for (int i = 0; i < b->n; i++) {
    const trm__meter_ledger *l = &b->bar[i].point->ledger;
    double list[PARTS], from = 0, scale = factor / b->bar[i].updates;
    parts_list(&l->parts, list);
    for (int k = 0; k < part; k++) from += list[k];
    double to = from + list[part];
    seen = fmax(seen, list[part] / l->total);
    fprintf(out, "%.9g %d %.9g %.9g %.2f %.2f\n", from * scale, b->bar[i].row,
            from * scale, to * scale, b->bar[i].row - 0.38,
            b->bar[i].row + 0.38);
  }
  fputs("EOD\n", out);
  return seen >= 0.005;
}

/* The useful share stands in its bar where there is room. */
static void print_shares(FILE *out, const bars *b, double factor) {
  for (int i = 0; i < b->n; i++) {
    const trm__meter_ledger *l = &b->bar[i].point->ledger;
    double useful = l->parts.useful / b->bar[i].updates;
    char where[96];
    if (useful < 0.12 * b->longest) continue;
    snprintf(where, sizeof where, "first %.9g, first %d left offset 0.5,0",
             0.0 * factor, b->bar[i].row);
    print_label(out, trm__study_percent_text(l->parts.useful / l->total).s,
                where, TRM__COLOUR_bar);
  }
}

void trm__study_draw_ledger(const trm__study_report *s,
                            const trm__study_picture *p, FILE *out, bool png) {
  bars b = bars_of(s, p->mode);
  double factor;
  const char *prefix = trm__study_time_unit(b.longest, &factor);
  trm__base_text per = trm__study_point_unit(b.bar[0].point);
  char *name = trm__base_format("core time per %s, %s", per.s, prefix);
  bool shown[PARTS], any = false;
  print_head(out, p, &b, name, factor, png);
  print_names(out, &b);
  print_headings(out, &b);
  print_shares(out, &b, factor);
  for (int i = 0; i < PARTS; i++) shown[i] = print_part(out, &b, i, factor);
  for (int i = 0; i < PARTS; i++) {
    if (!shown[i]) continue;
    fprintf(out,
            "%s $p%d u 1:2:3:4:5:6 w boxxyerror lw 0.6 fc rgb '%s' title '%s'",
            any ? "," : "plot", i, trm__study_colour_light[part_colour[i]],
            part_text[i]);
    any = true;
  }
  fputc('\n', out);
  free(name);
  free(b.bar);
}
