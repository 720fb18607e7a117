/* Which pictures there are, and the roofline's. */
#include "study/report/pictures/pictures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "host/machine/figures.h"
#include "host/machine/machine.h"
#include "study/report/pictures/ledger.h"
#include "study/report/pictures/roofline.h"
#include "study/report/pictures/scaling.h"

/* -- the roofline ---------------------------------------------------------- */

static const cJSON *at(const cJSON *object, const char *name) {
  return cJSON_GetObjectItemCaseSensitive(object, name);
}

/* Ceilings: of the machine file that the study carries, else of a result. */
static bool machine_of(const trm__study_report *s, trm_machine *m) {
  trm__host_machine_file file;
  for (int i = 0; i < s->n; i++)
    if (trm__host_machine_parse(s->study[i].machine, &file)) {
      *m = file.machine;
      trm__host_machine_clear(&file);
      return true;
    }
  for (int i = 0; i < s->n; i++)
    for (int k = 0; k < s->points[i].n; k++)
      if (s->points[i].point[k].result &&
          trm__host_figures_read(at(s->points[i].point[k].result, "machine"),
                                 m))
        return true;
  return false;
}

static bool plotted_of(const trm__study_curve *c, const trm__study *study,
                       const trm__study_point *p,
                       trm__study_roofline_point *to) {
  const cJSON *r = p->result, *work = at(r, "work");
  double flops = trm__base_json_f64_at(work, "flops", 0),
         bytes = trm__base_json_f64_at(work, "bytes", 0),
         seconds = trm__base_json_f64_at(at(r, "seconds"), "advance", 0);
  if (!p->valid || !r || !(flops > 0) || !(bytes > 0) || !(seconds > 0))
    return false;
  int hosts = trm__base_json_int_at(r, "hosts", 0);
  *to = (trm__study_roofline_point){
      .ranks = p->config->ranks,
      .threads = p->config->threads,
      .hosts = hosts > 0 ? hosts : 1,
      .intensity = flops / bytes,
      .rate = flops / seconds,
      .fraction = trm__base_json_f64_at(at(r, "roofline"), "fraction", 0),
      .flaw =
          p->origin == TRM__MEASURED ? NULL : trm__study_origin_name[p->origin],
      .colour = trm__study_colour_light[c->colour]};
  snprintf(to->kernel, sizeof to->kernel, "%s", study->kernel);
  return true;
}

/* Sizes are in the memory picture. The ends of a series have labels, and so what lies
 * between has one too. */
static int all_plotted(const trm__study_report *s,
                       trm__study_roofline_point **to) {
  int n = 0;
  *to = NULL;
  for (int k = 0; k < s->curves; k++) {
    int first = n;
    if (s->curve[k].mode == TRM__MODE_MEMORY) continue;
    for (int i = 0; i < s->curve[k].n; i++) {
      trm__study_roofline_point p;
      if (!plotted_of(&s->curve[k], &s->study[s->curve[k].study],
                      s->curve[k].point[i], &p))
        continue;
      *to = trm__base_grow(*to, (size_t)n + 1, sizeof p);
      (*to)[n++] = p;
      if (n - 1 > first) (*to)[n - 1].quiet = true;
    }
    if (n) (*to)[n - 1].quiet = false;
  }
  return n;
}

static bool has_roofline(const trm__study_report *s) {
  trm_machine m;
  trm__study_roofline_point *points;
  int n = all_plotted(s, &points);
  free(points);
  return n > 0 && machine_of(s, &m);
}

static void draw_roofline(const trm__study_report *s,
                          const trm__study_picture *p, FILE *out, bool png) {
  trm_machine m;
  trm__study_roofline_point *points;
  int n = all_plotted(s, &points);
  (void)p;
  if (machine_of(s, &m))
    trm__study_roofline_script(out, &m, n, points, png, true);
  free(points);
}

/* -- the list -------------------------------------------------------------- */

typedef struct pictures {
  trm__study_picture *list;
  int n;
} pictures;

static void add(pictures *all, trm__study_picture p) {
  all->list = trm__base_grow(all->list, (size_t)all->n + 1, sizeof p);
  all->list[all->n++] = p;
}

static bool any_drawn(const trm__study_report *s, trm__study_mode mode) {
  for (int k = 0; k < s->curves; k++)
    for (int i = 0; i < s->curve[k].n && s->curve[k].mode == mode; i++)
      if (trm__study_point_is_drawn(s->curve[k].point[i]) &&
          (mode != TRM__MODE_MEMORY || s->curve[k].point[i]->resident > 0))
        return true;
  return false;
}

/* Room below for a line of the key for each curve. */
static int height_of(const trm__study_report *s, trm__study_mode mode,
                     int more) {
  int lines = more;
  for (int k = 0; k < s->curves; k++) lines += s->curve[k].mode == mode;
  return 350 + 22 * lines;
}

/* The least level of the bars that are drawn: few launches have less than 95 %.
 * 0: there are no bars. */
static double level_of(const trm__study_report *s, trm__study_mode mode) {
  double least = INFINITY;
  for (int k = 0; k < s->curves; k++)
    for (int i = 0; i < s->curve[k].n && s->curve[k].mode == mode; i++) {
      const trm__study_point *p = s->curve[k].point[i];
      if (trm__study_point_is_drawn(p) && p->time.level > 0)
        least = fmin(least, p->time.level);
    }
  return isfinite(least) ? least : 0;
}

static char *bars_of(const trm__study_report *s, trm__study_mode mode) {
  double level = level_of(s, mode);
  if (!(level > 0))
    return trm__base_strdup("One launch of each point: it has no interval");
  if (level >= 0.945) return trm__base_strdup("Bars are 95 % intervals");
  return trm__base_format(
      "Bars are intervals of 95 %%, or of the level that so few launches have: "
      "%.0f %% at least",
      100 * level);
}

/* Whose updates a second a speed-up is over. */
static char *base_of(const trm__study_report *s, trm__study_mode mode) {
  trm__base_text name = trm__study_speedup_name(s, mode);
  const char *over = strstr(name.s, "over ");
  return over ? trm__base_format("those on %s", over + strlen("over "))
              : trm__base_strdup(
                    "those of the first measured point of each series");
}

static void add_curves(pictures *all, const trm__study_report *s,
                       trm__study_mode mode) {
  const char *name = trm__study_mode_name[mode];
  int height = height_of(s, mode, 2);
  char *bars = bars_of(s, mode), *base = base_of(s, mode);
  add(all, (trm__study_picture){.name = trm__base_format("speedup-%s", name),
                                .title = "Speed-up",
                                .caption = trm__base_format(
                                    "Updates per second relative to %s. %s; "
                                    "the dashed line is ideal.",
                                    base, bars),
                                .mode = mode,
                                .width = 560,
                                .height = height,
                                .draw = trm__study_draw_speedup});
  add(all, (trm__study_picture){.name = trm__base_format("efficiency-%s", name),
                                .title = "Efficiency",
                                .caption = trm__base_strdup(
                                    "Speed-up divided by the increase in "
                                    "core count; 100 % is ideal."),
                                .mode = mode,
                                .width = 560,
                                .height = height,
                                .draw = trm__study_draw_efficiency});
  free(base);
  free(bars);
}

static void add_ledger(pictures *all, const trm__study_report *s,
                       trm__study_mode mode) {
  int height;
  if (!trm__study_ledger_rows(s, mode, &height)) return;
  add(all,
      (trm__study_picture){
          .name = trm__base_format("ledger-%s", trm__study_mode_name[mode]),
          .title = "Where the core time goes",
          .caption = trm__base_strdup(
              "Wall time \u00d7 cores of the median launch, per update, "
              "by what it was spent on; the number is the useful part. "
              "Bars as long as the first one mean ideal scaling."),
          .mode = mode,
          .width = 560,
          .height = height,
          .draw = trm__study_draw_ledger});
}

/* Of several studies: whose steps take less time. */
static void add_time(pictures *all, const trm__study_report *s,
                     trm__study_mode mode) {
  add(all, (trm__study_picture){
               .name = trm__base_format("time-%s", trm__study_mode_name[mode]),
               .title = "Time per step",
               .caption = trm__base_strdup(
                   "Median seconds per step: lower is faster. Times of "
                   "different series can be compared, speed-ups cannot."),
               .mode = mode,
               .width = 560,
               .height = height_of(s, mode, 1),
               .draw = trm__study_draw_time});
}

static void add_laws(pictures *all, const trm__study_report *s,
                     trm__study_mode mode) {
  for (int k = 0, n = 0; k < s->curves && n < 4; k++) {
    const trm__study_curve *c = &s->curve[k];
    if (c->mode != mode || c->best < 0) continue;
    char *law = trm__study_law_text(&c->law[c->best]);
    const char *why = c->law[c->best].why;
    add(all,
        (trm__study_picture){
            .name = n ? trm__base_format("law-%s-%d",
                                         trm__study_mode_name[mode], n + 1)
                      : trm__base_format("law-%s", trm__study_mode_name[mode]),
            .title = "Law and prediction",
            .caption = trm__base_format(
                "Time per step of %s, and %s: the fitted law with the "
                "smallest error. Another median would fall into the band "
                "in 95 of 100 cases%s%s.",
                *c->name ? c->name : "the series", law, why ? "; " : "",
                why ? why : ""),
            .mode = mode,
            .curve = c,
            .width = 560,
            .height = 350 + 5 * 22,
            .draw = trm__study_draw_law});
    free(law);
    n++;
  }
}

trm__study_picture *trm__study_pictures_of(const trm__study_report *s, int *n) {
  pictures all = {.list = NULL};
  for (int k = 0; k < TRM__MODE_COUNT; k++) {
    trm__study_mode mode = (trm__study_mode)k;
    if (!any_drawn(s, mode)) continue;
    if (mode != TRM__MODE_MEMORY)
      add_curves(&all, s, mode);
    else
      add(&all,
          (trm__study_picture){
              .name = trm__base_strdup("memory"),
              .title = "Rate by problem size",
              .caption = trm__base_strdup(
                  "Updates per second as the problem outgrows the caches."),
              .mode = mode,
              .width = 560,
              .height = height_of(s, mode, 1),
              .draw = trm__study_draw_memory});
    add_ledger(&all, s, mode);
    if (mode == TRM__MODE_MEMORY) continue;
    if (s->n > 1)
      add_time(&all, s, mode);
    else
      add_laws(&all, s, mode);
  }
  if (has_roofline(s))
    add(&all, (trm__study_picture){
                  .name = trm__base_strdup("roofline"),
                  .title = "Roofline",
                  .caption = trm__base_strdup(
                      "Flops per second under the ceilings of the machine. "
                      "Labels at the ends of each series: ranks \u00d7 "
                      "threads, and the fraction of the attainable rate. "
                      "Hollow points were not measured."),
                  .mode = TRM__MODE_COUNT,
                  .width = 600,
                  .height = 520,
                  .draw = draw_roofline});
  *n = all.n;
  return all.list;
}

void trm__study_pictures_free(trm__study_picture *list, int n) {
  for (int i = 0; i < n; i++) {
    free(list[i].name);
    free(list[i].caption);
  }
  free(list);
}
