#include "cli/compare/output.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"

void trm__cli_compare_print(const char *label, const char *text) {
  enum { INDENT = 12 };
  printf("  %-*s", INDENT - 2, label);
  trm__base_text_wrap(stdout, text, INDENT, INDENT);
}

void trm__cli_compare_print_gate(const trm__study_rule *rule, const char *like,
                                 const trm__study_check *check) {
  if (isnan(rule->gate)) return;
  trm__base_text gate = trm__base_text_limit(100 * rule->gate);
  trm__base_text sure = trm__base_text_limit(100 * rule->confidence);
  char *text;
  if (check->alarm)
    text = trm__base_format(
        "failed: B is slower than A by more than %s %%; if it were slower by "
        "exactly that, %s would occur with a probability of %.2g.",
        gate.s, like, check->slower);
  else if (check->cleared)
    text = trm__base_format(
        "passed: B is not slower by more than %s %%, with %s %% confidence.",
        gate.s, sure.s);
  else
    text = trm__base_format(
        "undecided: B is neither shown to be slower by more than %s %% nor "
        "shown not to be, with %s %% confidence.",
        gate.s, sure.s);
  trm__cli_compare_print("gate", text);
  free(text);
}

static void add_interval(cJSON *object, const char *name,
                         const trm__study_interval *interval) {
  cJSON *item = cJSON_AddObjectToObject(object, name);
  trm__base_json_f64(item, "mid", interval->mid);
  trm__base_json_f64(item, "low", interval->low);
  trm__base_json_f64(item, "high", interval->high);
  trm__base_json_f64(item, "level", interval->level);
}

static void add_gate(cJSON *json, const trm__study_rule *rule,
                     const trm__study_check *check) {
  if (isnan(rule->gate)) {
    cJSON_AddNullToObject(json, "gate");
    return;
  }
  cJSON *gate = cJSON_AddObjectToObject(json, "gate");
  trm__base_json_f64(gate, "limit", rule->gate);
  trm__base_json_f64(gate, "confidence", rule->confidence);
  trm__base_json_f64(gate, "probability", check->slower);
  cJSON_AddBoolToObject(gate, "alarm", check->alarm);
  cJSON_AddBoolToObject(gate, "cleared", check->cleared);
}

cJSON *trm__cli_compare_json(const trm__cli_comparison *c,
                             const trm__study_interval *ratio,
                             const trm__study_check *check) {
  char host[65] = "", written[32];
  time_t now = time(NULL);
  struct tm utc;
  gethostname(host, sizeof host - 1);
  strftime(written, sizeof written, "%FT%TZ", gmtime_r(&now, &utc));
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "schema", "trireme.compare/1");
  cJSON_AddStringToObject(json, "a", c->side[0]);
  cJSON_AddStringToObject(json, "b", c->side[1]);
  cJSON_AddStringToObject(json, "host", host);
  cJSON_AddStringToObject(json, "written", written);
  trm__base_json_u64(json, "seed", c->seed);
  add_interval(json, "ratio", ratio);
  trm__base_json_f64(json, "probability", check->differs);
  add_gate(json, &c->rule, check);
  return json;
}

trm_status trm__cli_compare_append(const char *path, const cJSON *json,
                                   trm__base_error *error) {
  char *line = trm__base_json_line(json);
  FILE *file = fopen(path, "ae");
  bool good = file && fprintf(file, "%s\n", line) > 0;
  if (file && fclose(file)) good = false;
  free(line);
  if (good) return TRM_OK;
  return trm__base_error_set(error, TRM_EFILE,
                             "--result %s: %s; the line was not appended", path,
                             strerror(errno));
}
