/* The series of studies as curves: sorted, named, fitted, judged. */
#include "study/report/curves.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "study/report/numbers.h"
#include "study/report/pictures/gnuplot.h"

/* -- points ---------------------------------------------------------------- */

double trm__study_curve_x(const trm__study_curve *c,
                          const trm__study_point *p) {
  return c->mode == TRM__MODE_MEMORY ? p->resident : p->cores;
}

bool trm__study_point_is_drawn(const trm__study_point *p) {
  return p->valid && p->time.mid > 0 && isfinite(p->time.mid);
}

trm__base_text trm__study_point_unit(const trm__study_point *p) {
  trm__base_text unit = {"step"};
  const cJSON *rate = cJSON_GetObjectItemCaseSensitive(p->result, "rate");
  const char *text = trm__base_json_text_at(rate, "unit");
  if (!*text || !(p->updates > 0)) return unit;
  snprintf(unit.s, sizeof unit.s, "%s", text);
  size_t n = strlen(unit.s);
  if (n > 2 && !strcmp(unit.s + n - 2, "/s")) unit.s[n - 2] = 0;
  return unit;
}

trm__base_text trm__study_point_shape(const trm__study_point *p) {
  trm__base_text shape;
  snprintf(shape.s, sizeof shape.s, "%d\u00d7%d", p->config->ranks,
           p->config->threads);
  return shape;
}

const char *trm__study_point_last(const trm__study *s,
                                  const trm__study_point *p) {
  long config = p->config - s->config;
  for (int i = s->launches - 1; i >= 0; i--)
    if (s->launch[i].config == config && s->launch[i].status &&
        s->launch[i].last && *s->launch[i].last)
      return s->launch[i].last;
  return NULL;
}

/* -- curves ---------------------------------------------------------------- */

/* The number of "n=128". */
static double size_of(const trm__study_point *p) {
  const char *equals = p->config->label ? strchr(p->config->label, '=') : NULL;
  return equals ? strtod(equals + 1, NULL) : 0;
}

static int rising(double x, double y) {
  return x < y ? -1 : x > y;
}

/* By bytes of a rank; those of a point that is excluded are not known, but its
 * size is. */
static int by_cores(const void *a, const void *b) {
  const trm__study_point *x = *(const trm__study_point *const *)a,
                         *y = *(const trm__study_point *const *)b;
  if (x->cores != y->cores) return x->cores - y->cores;
  bool known = x->resident > 0 && y->resident > 0;
  return known ? rising(x->resident, y->resident)
               : rising(size_of(x), size_of(y));
}

static void take_points(trm__study_curve *c, const trm__study_points *points) {
  c->point = trm__base_calloc((size_t)points->n + 1, sizeof *c->point);
  for (int i = 0; i < points->n; i++)
    if (points->point[i].config->series == c->series)
      c->point[c->n++] = &points->point[i];
  qsort(c->point, (size_t)c->n, sizeof *c->point, by_cores);
  int base = trm__study_series_base(points, c->series);
  c->base = base < 0 ? NULL : &points->point[base];
}

const char *trm__study_name(const trm__study *s) {
  size_t n = strlen(s->dir);
  while (n > 1 && s->dir[n - 1] == '/') n--;
  size_t from = n;
  while (from > 0 && s->dir[from - 1] != '/') from--;
  return s->dir + from;
}

static void name_curve(trm__study_curve *c, const trm__study_report *scene) {
  const trm__study *study = &scene->study[c->study];
  char *name = trm__study_series_name(&scene->points[c->study], c->series);
  const char *mode = trm__study_mode_name[c->mode], *rest = name;
  if (!strncmp(name, mode, strlen(mode))) rest += strlen(mode);
  while (*rest == ',' || *rest == ' ') rest++;
  if (!*rest) rest = name;
  c->name = scene->n > 1
                ? trm__base_format("%s: %s", trm__study_name(study), rest)
                : trm__base_strdup(rest);
  free(name);
}

/* -- laws ------------------------------------------------------------------ */

const char *const trm__study_law_name[] = {[TRM__AMDAHL] = "Amdahl",
                                           [TRM__GUSTAFSON] = "Gustafson",
                                           [TRM__USL] = "USL",
                                           [TRM__NORMAL] = "normal form"};

bool trm__study_serial_fraction(const trm__study_point *base,
                                const trm__study_point *p,
                                trm__study_interval *fraction) {
  trm__study_mode mode = p->config->mode;
  if (mode != TRM__MODE_STRONG && mode != TRM__MODE_THREADS) return false;
  if (!base || p->cores <= base->cores || !(p->speedup.mid > 0)) return false;
  if (p->origin == TRM__OVERSUBSCRIBED) return false;
  *fraction =
      trm__study_karp_flatt(&p->speedup, (double)p->cores / base->cores);
  return true;
}

trm__base_text trm__study_serial_fraction_text(
    const trm__study_point *base, const trm__study_interval *fraction) {
  trm__base_text text;
  if (!(fraction->mid > 1)) return trm__study_fraction_text(fraction->mid);
  snprintf(text.s, sizeof text.s, "none: slower than on %s",
           base->cores == 1 ? "one" : "the first");
  return text;
}

/* Only what was measured, and counts. */
static int samples_of(const trm__study_curve *c, trm__study_sample samples[]) {
  int n = 0;
  for (int i = 0; i < c->n; i++) {
    const trm__study_point *p = c->point[i];
    if (p->origin == TRM__MEASURED && trm__study_point_is_drawn(p) &&
        trm__study_curve_x(c, p) > 0)
      samples[n++] =
          (trm__study_sample){trm__study_curve_x(c, p), p->counted, p->seconds};
  }
  return n;
}

static int laws_of(trm__study_mode mode,
                   trm__study_law_kind kinds[TRM__CURVE_LAWS]) {
  int n = 0;
  if (mode == TRM__MODE_STRONG || mode == TRM__MODE_THREADS) {
    kinds[n++] = TRM__AMDAHL;
    kinds[n++] = TRM__USL;
  }
  if (mode == TRM__MODE_WEAK) kinds[n++] = TRM__GUSTAFSON;
  kinds[n++] = TRM__NORMAL;
  return n;
}

static void fit_laws(trm__study_curve *c, uint64_t seed) {
  trm__study_law_kind kinds[TRM__CURVE_LAWS];
  trm__study_sample *samples =
      trm__base_calloc((size_t)c->n + 1, sizeof *samples);
  int n = samples_of(c, samples);
  bool falling = c->mode == TRM__MODE_STRONG || c->mode == TRM__MODE_THREADS;
  c->laws = laws_of(c->mode, kinds);
  c->best = -1;
  for (int i = 0; i < c->laws; i++) {
    c->law[i] = trm__study_law_fit(kinds[i], n, samples, falling, 0.95, seed);
    if (c->law[i].fitted &&
        (c->best < 0 || c->law[i].error < c->law[c->best].error))
      c->best = i;
  }
  free(samples);
}

/* -- the whole ------------------------------------------------------------- */

static const trm__study_config *first_of(const trm__study_points *points,
                                         int series) {
  for (int i = 0; i < points->n; i++)
    if (points->point[i].config->series == series)
      return points->point[i].config;
  return NULL;
}

bool trm__study_curve_fit(trm__study_curve *c, const trm__study *study,
                          const trm__study_points *points, int series) {
  const trm__study_config *first = first_of(points, series);
  *c = (trm__study_curve){.series = series, .best = -1};
  if (!first) return false;
  c->mode = first->mode;
  c->expected = first->expected;
  take_points(c, points);
  fit_laws(c, study->seed);
  return true;
}

void trm__study_curve_clear(trm__study_curve *c) {
  for (int k = 0; k < c->laws; k++) trm__study_law_clear(&c->law[k]);
  trm__study_verdict_clear(&c->verdict);
  free(c->point);
  free(c->name);
}

static void add_curve(trm__study_report *s, int study, int series) {
  static const int dashes[] = {1, 2, 4, 5};
  trm__study_curve made;
  if (!trm__study_curve_fit(&made, &s->study[study], &s->points[study], series))
    return;
  int k = s->curves++;
  s->curve = trm__base_grow(s->curve, (size_t)k + 1, sizeof *s->curve);
  trm__study_curve *c = &s->curve[k];
  *c = made;
  c->study = study;
  c->dash = dashes[k % 4];
  name_curve(c, s);
  c->verdict = trm__study_judge(&s->study[study], &s->points[study], series);
}

/* A colour for each series of the page; where there are too few, for each of those
 * that stand in one picture. */
static void colour_curves(trm__study_report *s) {
  int of_mode[TRM__MODE_COUNT] = {0};
  for (int k = 0; k < s->curves; k++) {
    int among = of_mode[s->curve[k].mode]++;
    int index = s->curves > TRM__SERIES_COLOURS ? among : k;
    s->curve[k].colour =
        (trm__study_colour)(TRM__COLOUR_series_1 + index % TRM__SERIES_COLOURS);
  }
}

void trm__study_report_open(trm__study_report *s, int n,
                            const trm__study study[], const trm_option *table) {
  *s = (trm__study_report){.n = n,
                           .study = study,
                           .options = table,
                           .absent = trm__study_plot_absent()};
  s->points = trm__base_calloc((size_t)n, sizeof *s->points);
  for (int i = 0; i < n; i++) {
    s->points[i] = trm__study_points_of(&study[i]);
    int series = trm__study_series_count(&s->points[i]);
    for (int k = 0; k < series; k++) add_curve(s, i, k);
  }
  colour_curves(s);
}

void trm__study_report_clear(trm__study_report *s) {
  for (int i = 0; i < s->curves; i++) trm__study_curve_clear(&s->curve[i]);
  for (int i = 0; i < s->n; i++) trm__study_points_clear(&s->points[i]);
  free(s->curve);
  free(s->points);
}

const trm__study_curve *trm__study_report_first(const trm__study_report *s,
                                                trm__study_mode mode) {
  for (int i = 0; i < s->curves; i++)
    if (s->curve[i].mode == mode) return &s->curve[i];
  return NULL;
}

trm__base_text trm__study_speedup_name(const trm__study_report *s,
                                       trm__study_mode mode) {
  trm__base_text text = {"speed-up"};
  int cores = 0;
  for (int i = 0; i < s->curves; i++) {
    const trm__study_point *base = s->curve[i].base;
    if (s->curve[i].mode != mode || !base) continue;
    if (cores && cores != base->cores) return text;
    cores = base->cores;
  }
  if (cores)
    snprintf(text.s, sizeof text.s, "speed-up over %.24s",
             trm__base_text_count(cores, "core").s);
  return text;
}
