#include "study/report/text/summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "study/report/curves.h"
#include "study/report/text/laws.h"
#include "study/run/sweep.h"

enum {
  COLUMNS = 9,
  OWN = 5 /* columns of the mode */,
  LOADED = 5 /* per cent */,
  MISSED = 6
};

typedef struct table_row {
  char *cell[COLUMNS]; /* owned; NULL: no such column */
} table_row;

static table_row head(bool sizes) {
  static const char *const scaling[] = {"speed-up", "efficiency",
                                        "over serial"},
                           *const memory[] = {"rate", "per rank", NULL};
  const char *const *own = sizes ? memory : scaling;
  const char *const names[COLUMNS] = {"ranks",    "threads", "size",
                                      "per step", "+-",      own[0],
                                      own[1],     own[2],    "launches"};
  table_row r;
  for (int i = 0; i < COLUMNS; i++)
    r.cell[i] = names[i] ? trm__base_strdup(names[i]) : NULL;
  return r;
}

static char *number(double value, const char *format) {
  if (isnan(value)) return trm__base_strdup("-");
  char text[48];
  snprintf(text, sizeof text, format, value);
  return trm__base_strdup(text);
}

/* Few launches have no interval of 95 %: the level that they have stands behind. */
static char *half_of(const trm__study_interval *time) {
  double half = 100 * trm__study_interval_half(time);
  if (!isfinite(half)) return trm__base_strdup("-");
  if (time->level >= 0.945) return trm__base_format("%.1f %%", half);
  return trm__base_format("%.1f %% (%.0f %%)", half, 100 * time->level);
}

static table_row row_of(const trm__study_point *p) {
  const trm__study_config *c = p->config;
  table_row r = {
      {trm__base_format("%d", c->ranks), trm__base_format("%d", c->threads),
       trm__base_strdup(c->label && *c->label ? c->label : "-"),
       p->valid ? trm__base_strdup(trm__base_text_duration(p->time.mid).s)
                : trm__base_strdup("-"),
       p->valid ? half_of(&p->time) : trm__base_strdup("-"), NULL, NULL, NULL,
       p->counted == p->launches
           ? trm__base_format("%d", p->launches)
           : trm__base_format("%d of %d", p->counted, p->launches)}};
  bool known = c->mode == TRM__MODE_MEMORY && p->valid;
  if (c->mode != TRM__MODE_MEMORY) {
    r.cell[OWN] = number(p->speedup.mid, "%.2f");
    r.cell[OWN + 1] = number(100 * p->efficiency.mid, "%.0f %%");
    r.cell[OWN + 2] = number(p->over_serial, "%.2f");
    return r;
  }
  r.cell[OWN] = trm__base_strdup(
      known ? trm__base_text_rate(p->rate.mid, trm__study_point_unit(p).s).s
            : "-");
  r.cell[OWN + 1] = trm__base_strdup(
      known && p->resident > 0 ? trm__base_text_bytes(p->resident).s : "-");
  return r;
}

static void widen(const table_row *r, int width[COLUMNS]) {
  for (int i = 0; i < COLUMNS; i++) {
    int n = r->cell[i] ? (int)strlen(r->cell[i]) : 0;
    if (n > width[i]) width[i] = n;
  }
}

/* A point's origin stands behind its row where it was not simply measured. */
static void print_row(FILE *out, table_row *r, const int width[COLUMNS],
                      const char *mark) {
  for (int i = 0; i < COLUMNS; i++) {
    if (!r->cell[i]) continue;
    fprintf(out, "  %*s", width[i], r->cell[i]);
    free(r->cell[i]);
  }
  fprintf(out, "%s%s\n", *mark ? "  " : "", mark);
}

static const char *mark_of(const trm__study_point *p) {
  if (!p->launches) return "not launched";
  if (!p->valid) return p->failed == p->launches ? "failed" : "is excluded";
  return p->origin == TRM__MEASURED ? "" : trm__study_origin_name[p->origin];
}

static void print_remark(FILE *out, const trm__study_config *c,
                         const char *text) {
  const char *size = c->mode == TRM__MODE_MEMORY ? c->label : "";
  int at = fprintf(
      out, "  %s x %s%s%s: ", trm__base_text_count(c->ranks, "rank").s,
      trm__base_text_count(c->threads, "thread").s, *size ? " " : "", size);
  trm__base_text_wrap(out, text, 4, at);
}

static void print_remarks(FILE *out, const trm__study_points *points,
                          int series) {
  for (int i = 0; i < points->n; i++) {
    const trm__study_point *p = &points->point[i];
    const trm__study_config *c = p->config;
    if (c->series != series) continue;
    const char *text[] = {p->launches ? p->flaw : NULL, c->note};
    for (int k = 0; k < 2; k++)
      if (text[k]) print_remark(out, c, text[k]);
  }
}

/* Where the first one failed, speed-ups are over another. */
static void print_base(FILE *out, const trm__study_points *points, int series) {
  int base = trm__study_series_base(points, series), first = 0;
  while (points->point[first].config->series != series) first++;
  if (base < 0 || base == first) return;
  const trm__study_config *c = points->point[base].config;
  if (c->mode == TRM__MODE_MEMORY) return; /* has rates */
  fprintf(out, "  speed-ups are relative to %s x %s, the first valid point\n",
          trm__base_text_count(c->ranks, "rank").s,
          trm__base_text_count(c->threads, "thread").s);
}

static trm__study_mode mode_of(const trm__study_points *points, int series) {
  for (int i = 0; i < points->n; i++)
    if (points->point[i].config->series == series)
      return points->point[i].config->mode;
  return TRM__MODE_COUNT;
}

static void print_series(FILE *out, const trm__study *s,
                         const trm__study_points *points, int series) {
  int width[COLUMNS] = {0}, n = 0,
      base = trm__study_series_base(points, series);
  table_row *rows = trm__base_calloc((size_t)points->n + 1, sizeof *rows);
  const char **marks = trm__base_calloc((size_t)points->n + 1, sizeof *marks);
  bool sizes = mode_of(points, series) == TRM__MODE_MEMORY;
  rows[n] = head(sizes);
  marks[n++] = "";
  for (int i = 0; i < points->n; i++) {
    if (points->point[i].config->series != series) continue;
    rows[n] = row_of(&points->point[i]);
    marks[n++] = mark_of(&points->point[i]);
  }
  for (int i = 0; i < n; i++) widen(&rows[i], width);
  char *name = trm__study_series_name(points, series);
  fprintf(out, "%s: %s", s->kernel, name);
  if (base >= 0 && !sizes)
    fprintf(out, "; speed-up over %s",
            trm__base_text_count(points->point[base].cores, "core").s);
  fputc('\n', out);
  for (int i = 0; i < n; i++) print_row(out, &rows[i], width, marks[i]);
  print_base(out, points, series);
  print_remarks(out, points, series);
  free(name);
  free(marks);
  free(rows);
}

/* -- what was missed ------------------------------------------------------- */

static void print_missed(FILE *out, const trm__study *s,
                         const trm__study_points *points) {
  int missed = 0;
  for (int i = 0; i < points->n; i++)
    missed += !trm__study_sweep_reached(s, &points->point[i]);
  if (!missed) return;
  fprintf(out, "%d of %s missed ", missed,
          trm__base_text_count(points->n, "point").s);
  if (s->repeat > 0)
    fprintf(out, "%s that count%s", trm__base_text_count(s->repeat, "launch").s,
            s->repeat == 1 ? "s" : "");
  else
    fprintf(out, "a median known to %.2g %% with 95 %%", 100 * s->target);
  int said = 0;
  for (int i = 0; i < points->n && said < MISSED; i++) {
    const trm__study_point *p = &points->point[i];
    if (trm__study_sweep_reached(s, p)) continue;
    char *text = trm__study_config_text(p->config);
    char *half = p->counted > 1 ? half_of(&p->time) : trm__base_strdup("");
    fprintf(out, "%s%s (%d%s%s)", said++ ? "; " : ": ", text, p->counted,
            *half ? ", " : "", half);
    free(half);
    free(text);
  }
  if (missed > said) fprintf(out, "; and %d more", missed - said);
  fputc('\n', out);
}

static void print_load(FILE *out, const trm__study *s) {
  int loaded = 0;
  for (int i = 0; i < s->launches; i++)
    loaded += 100 * s->launch[i].load >= LOADED;
  if (loaded)
    fprintf(out,
            "%d of %d launches started while other processes used %d %% of the "
            "processors or more\n",
            loaded, s->launches, LOADED);
}

void trm__study_print(FILE *out, const trm__study *s,
                      const trm__study_points *points) {
  for (int i = 0; i < trm__study_series_count(points); i++) {
    print_series(out, s, points, i);
    trm__study_print_laws(out, s, points, i);
    fputc('\n', out);
  }
  print_missed(out, s, points);
  print_load(out, s);
}
