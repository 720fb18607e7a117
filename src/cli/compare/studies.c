/* trireme compare of two studies: the points that both have. */
#include "cli/compare/studies.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "study/plan/problem.h"
#include "study/run/compare.h"
#include "study/statistics/difference.h"

typedef struct studies {
  trm__study study[2];
  trm__study_points points[2];
  trm__study_comparison matches;
  trm__study_check check;
} studies;

/* "strong 2 x 1, n=256": free with free(). */
static char *name_of(const trm__study_config *c) {
  bool label = c->label && *c->label;
  return trm__base_format("%s %d x %d%s%s", trm__study_mode_name[c->mode],
                          c->ranks, c->threads, label ? ", " : "",
                          label ? c->label : "");
}

/* -- printing --------------------------------------------------------------- */

static int widest(const trm__study_comparison *m) {
  int width = 15; /* of the head */
  for (int i = 0; i < m->n; i++) {
    char *name = name_of(m->match[i].a->config);
    if ((int)strlen(name) > width) width = (int)strlen(name);
    free(name);
  }
  return width;
}

/* Points with their times, and p-values. */
static void say_points(const trm__study_comparison *m) {
  int width = widest(m);
  printf("  %-*s  %9s  %9s  B / A\n", width, "ranks x threads", "A", "B");
  for (int i = 0; i < m->n; i++) {
    const trm__study_common_point *match = &m->match[i];
    const trm__study_interval *r = &match->ratio;
    char *name = name_of(match->a->config);
    printf("  %-*s  %9s  %9s  %.3f", width, name,
           trm__base_text_duration(match->a->time.mid).s,
           trm__base_text_duration(match->b->time.mid).s, r->mid);
    if (r->level > 0)
      printf(" (%.3g %%: %.3f to %.3f)", 100 * r->level, r->low, r->high);
    printf("  p = %.2g\n", match->differs);
    free(name);
  }
}

static void say_left_out(const trm__study_comparison *m) {
  if (!m->alone && !m->left_out) return;
  char *alone =
      m->alone
          ? trm__base_format("%s of one study only",
                             trm__base_text_count(m->alone, "configuration").s)
          : trm__base_strdup("");
  char *other = m->left_out
                    ? trm__base_format(
                          "%s that %s not valid and measured in both",
                          trm__base_text_count(m->left_out, "configuration").s,
                          m->left_out == 1 ? "is" : "are")
                    : trm__base_strdup("");
  char *text = trm__base_format("excluded: %s%s%s", alone,
                                *alone && *other ? ", " : "", other);
  trm__cli_compare_print("note", text);
  free(alone);
  free(other);
  free(text);
}

static void say_worst(const trm__study_comparison *m) {
  const trm__study_common_point *worst = &m->match[m->worst];
  char *name = name_of(worst->a->config);
  char *text = trm__base_format("%s: B takes %.3f times as long as A", name,
                                worst->ratio.mid);
  trm__cli_compare_print("worst", text);
  free(text);
  free(name);
}

static void say(const trm__cli_comparison *c, const studies *s) {
  const trm__study_comparison *m = &s->matches;
  trm__base_text count = trm__base_text_count(m->n, "point");
  printf("compare: %s, time per step at %s that both studies have\n",
         s->study[0].kernel, count.s);
  trm__cli_compare_print("A", c->side[0]);
  trm__cli_compare_print("B", c->side[1]);
  say_points(m);
  char *text = trm__study_difference_text(&m->ratio, count.s,
                                          "launches like these", m->differs);
  trm__cli_compare_print("verdict", text);
  free(text);
  say_worst(m);
  if (trm__study_comparison_can_tell(m, c->rule.confidence))
    trm__cli_compare_print_gate(&c->rule, "such launches", &s->check);
  else if (!isnan(c->rule.gate))
    trm__cli_compare_print("gate", "undecided: too few launches to tell.");
  say_left_out(m);
  trm__cli_compare_print("note",
                         "the studies were not interleaved: any change of the "
                         "machine between them is part of the ratio");
}

/* -- writing ---------------------------------------------------------------- */

static cJSON *json_of(const trm__cli_comparison *c, const studies *s) {
  const trm__study_comparison *m = &s->matches;
  cJSON *json = trm__cli_compare_json(c, &m->ratio, &s->check);
  cJSON_AddStringToObject(json, "what", "seconds a step");
  cJSON_AddStringToObject(json, "kernel", s->study[0].kernel);
  cJSON *points = cJSON_AddArrayToObject(json, "points");
  for (int i = 0; i < m->n; i++) {
    const trm__study_common_point *match = &m->match[i];
    const trm__study_config *config = match->a->config;
    cJSON *point = cJSON_CreateObject();
    cJSON_AddStringToObject(point, "mode", trm__study_mode_name[config->mode]);
    trm__base_json_i64(point, "ranks", config->ranks);
    trm__base_json_i64(point, "threads", config->threads);
    cJSON_AddStringToObject(point, "label", config->label ? config->label : "");
    trm__base_json_f64(point, "a", match->a->time.mid);
    trm__base_json_f64(point, "b", match->b->time.mid);
    trm__base_json_f64(point, "ratio", match->ratio.mid);
    trm__base_json_f64(point, "low", match->ratio.low);
    trm__base_json_f64(point, "high", match->ratio.high);
    trm__base_json_f64(point, "probability", match->differs);
    cJSON_AddItemToArray(points, point);
  }
  return json;
}

/* -- the command ------------------------------------------------------------ */

static trm_status match(const trm__cli_comparison *c, studies *s,
                        trm__base_error *error) {
  const char *a = s->study[0].kernel, *b = s->study[1].kernel;
  if (strcmp(a, b))
    return trm__base_error_set(
        error, TRM_EUSAGE, "the studies are of different kernels, %s and %s", a,
        b);
  for (int side = 0; side < 2; side++)
    s->points[side] = trm__study_points_of(&s->study[side]);
  s->matches = trm__study_compare(&s->points[0], &s->points[1],
                                  trm__study_kernel_options(c->cli->kernels, a),
                                  c->rule.level, c->rule.gate, c->seed);
  if (s->matches.unlike)
    return trm__base_error_set(error, TRM_EVERIFY,
                               "A and B do not give the same answer at %s",
                               s->matches.unlike);
  if (!s->matches.n)
    return trm__base_error_set(
        error, TRM_EINPUT, "%s and %s have no valid, measured point in common",
        c->side[0], c->side[1]);
  return TRM_OK;
}

static trm_status conclude(const trm__cli_comparison *c, studies *s,
                           bool *alarm, trm__base_error *error) {
  const trm__study_comparison *m = &s->matches;
  s->check = (trm__study_check){
      .stop = true, .part = 1, .differs = m->differs, .slower = m->slower};
  s->check.alarm = !isnan(c->rule.gate) && m->slower <= 1 - c->rule.confidence;
  s->check.cleared =
      !isnan(c->rule.gate) && m->faster <= 1 - c->rule.confidence;
  *alarm = s->check.alarm;
  say(c, s);
  if (c->output) {
    cJSON *json = json_of(c, s);
    trm__cli_compare_append(c->output, json, error);
    cJSON_Delete(json);
  }
  if (!error->status && !isnan(c->rule.gate) &&
      !trm__study_comparison_can_tell(m, c->rule.confidence))
    trm__base_error_set(
        error, TRM_EFILE,
        "the gate needs more launches of the points at --confidence "
        "%g; repeat both with `study -o DIR --repeat N`",
        c->rule.confidence);
  return error->status;
}

trm_status trm__cli_compare_studies(const trm__cli_comparison *c, bool *alarm,
                                    trm__base_error *error) {
  studies s = {.matches = {.worst = -1}};
  if (trm__study_load(c->side[0], &s.study[0], error) &&
      trm__study_load(c->side[1], &s.study[1], error) && !match(c, &s, error))
    conclude(c, &s, alarm, error);
  trm__study_comparison_clear(&s.matches);
  for (int side = 0; side < 2; side++) {
    trm__study_points_clear(&s.points[side]);
    trm__study_clear(&s.study[side]);
  }
  return error->status;
}
