/* Laws and verdicts as JSON lines: one a law, one a series. */
#include "study/report/data/laws.h"

#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/memory.h"

static void put_text(cJSON *to, const char *name, const char *text) {
  if (text)
    cJSON_AddStringToObject(to, name, text);
  else
    cJSON_AddNullToObject(to, name);
}

static cJSON *line_of(const trm__study_report *s, const trm__study_curve *c) {
  cJSON *json = cJSON_CreateObject();
  put_text(json, "study", s->study[c->study].dir);
  put_text(json, "kernel", s->study[c->study].kernel);
  put_text(json, "mode", trm__study_mode_name[c->mode]);
  trm__base_json_i64(json, "series", c->series);
  put_text(json, "name", c->name);
  return json;
}

static void put_line(cJSON *json, FILE *to) {
  char *line = trm__base_json_line(json);
  fprintf(to, "%s\n", line);
  free(line);
  cJSON_Delete(json);
}

static void put_interval(cJSON *to, const trm__study_interval *i) {
  bool known = i->level > 0;
  trm__base_json_f64(to, "low", known ? i->low : NAN);
  trm__base_json_f64(to, "high", known ? i->high : NAN);
  trm__base_json_f64(to, "level", i->level);
}

/* -- laws ------------------------------------------------------------------ */

static void put_parameters(cJSON *json, const trm__study_law *law) {
  static const char *const names[][TRM__LAW_PARAMETERS] = {
      [TRM__AMDAHL] = {"seconds_on_one", "serial_fraction", NULL},
      [TRM__GUSTAFSON] = {"seconds_on_one", "serial_fraction", NULL},
      [TRM__USL] = {"seconds_on_one", "contention", "coherency"},
      [TRM__NORMAL] = {"constant", "factor", NULL}};
  cJSON *all = cJSON_AddArrayToObject(json, "parameters");
  for (int i = 0; law->fitted && i < TRM__LAW_PARAMETERS; i++) {
    if (!names[law->kind][i]) continue;
    cJSON *one = cJSON_CreateObject();
    put_text(one, "name", names[law->kind][i]);
    trm__base_json_f64(one, "value", law->parameter[i]);
    put_interval(one, &law->known[i]);
    cJSON_AddItemToArray(all, one);
  }
}

static void put_terms(cJSON *json, const trm__study_law *law, double expected) {
  if (law->kind != TRM__NORMAL) return;
  cJSON *all = cJSON_AddArrayToObject(json, "terms");
  for (int i = 0; i < law->terms && i < TRM__LAW_TERMS; i++) {
    cJSON *one = cJSON_CreateObject();
    trm__base_json_f64(one, "exponent", law->also[i].exponent);
    trm__base_json_i64(one, "log", law->also[i].log);
    cJSON_AddItemToArray(all, one);
  }
  cJSON_AddBoolToObject(json, "disagrees",
                        trm__study_law_disagrees(law, expected));
}

/* null: it unknown. */
static void put_prediction(cJSON *json, const char *name,
                           const trm__study_law *law, double p) {
  trm__study_interval at;
  if (!trm__study_law_at(law, p, &at)) {
    cJSON_AddNullToObject(json, name);
    return;
  }
  cJSON *to = cJSON_AddObjectToObject(json, name);
  trm__base_json_f64(to, "p", p);
  trm__base_json_f64(to, "seconds", at.mid);
  put_interval(to, &at);
}

static cJSON *law_line(const trm__study_report *s, const trm__study_curve *c,
                       int k) {
  const trm__study_law *law = &c->law[k];
  cJSON *json = line_of(s, c);
  char *text = law->fitted ? trm__study_law_text(law) : NULL;
  put_text(json, "law", trm__study_law_name[law->kind]);
  cJSON_AddBoolToObject(json, "fitted", law->fitted);
  cJSON_AddBoolToObject(json, "best", k == c->best);
  put_text(json, "text", text);
  put_text(json, "unknown", law->why);
  trm__base_json_i64(json, "points", law->points);
  trm__base_json_f64(json, "from", law->fitted ? law->from : NAN);
  trm__base_json_f64(json, "to", law->fitted ? law->to : NAN);
  trm__base_json_f64(json, "error", law->fitted ? law->error : NAN);
  put_parameters(json, law);
  trm__base_json_f64(json, "expected_exponent", c->expected);
  put_terms(json, law, c->expected);
  put_prediction(json, "at_2x", law, 2 * law->to);
  put_prediction(json, "at_4x", law, 4 * law->to);
  free(text);
  return json;
}

void trm__study_report_law_lines(const trm__study_report *s, FILE *to) {
  for (int i = 0; i < s->curves; i++)
    for (int k = 0; k < s->curve[i].laws; k++)
      put_line(law_line(s, &s->curve[i], k), to);
}

/* -- verdicts -------------------------------------------------------------- */

/* What the figures are of: nothing where there is no point. */
static void put_place(cJSON *json, const trm__study_report *s,
                      const trm__study_curve *c) {
  const trm__study_verdict *j = &c->verdict;
  const trm__study_config *at =
      j->point < 0 ? NULL : s->points[c->study].point[j->point].config;
  trm__base_json_f64(json, "ranks", at ? at->ranks : NAN);
  trm__base_json_f64(json, "threads", at ? at->threads : NAN);
  put_text(json, "sizes", at ? at->label : NULL);
}

void trm__study_report_verdict_lines(const trm__study_report *s, FILE *to) {
  for (int i = 0; i < s->curves; i++) {
    const trm__study_verdict *j = &s->curve[i].verdict;
    cJSON *json = line_of(s, &s->curve[i]);
    bool known = j->limit != TRM__LIMIT_NONE;
    put_place(json, s, &s->curve[i]);
    put_text(json, "limit", known ? trm__study_limiter_name[j->limit] : NULL);
    trm__base_json_f64(json, "lost", known ? j->lost : NAN);
    trm__base_json_f64(json, "won", known ? j->won : NAN);
    put_text(json, "text", j->text);
    put_line(json, to);
  }
}
