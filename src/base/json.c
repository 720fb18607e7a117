#include "base/json.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>

#include "base/memory.h"
#include "base/text.h"

void trm__base_json_i64(cJSON *object, const char *name, int64_t value) {
  char text[32];
  snprintf(text, sizeof text, "%" PRId64, value);
  cJSON_AddRawToObject(object, name, text);
}

void trm__base_json_u64(cJSON *object, const char *name, uint64_t value) {
  char text[32];
  snprintf(text, sizeof text, "%" PRIu64, value);
  cJSON_AddRawToObject(object, name, text);
}

cJSON *trm__base_json_number(double value) {
  return isfinite(value) ? cJSON_CreateRaw(trm__base_text_f64(value).s)
                         : cJSON_CreateNull();
}

void trm__base_json_f64(cJSON *object, const char *name, double value) {
  cJSON_AddItemToObject(object, name, trm__base_json_number(value));
}

const cJSON *trm__base_json_at(const cJSON *object, const char *name) {
  return cJSON_GetObjectItemCaseSensitive(object, name);
}

double trm__base_json_f64_at(const cJSON *object, const char *name,
                             double otherwise) {
  const cJSON *item = trm__base_json_at(object, name);
  return cJSON_IsNumber(item) ? item->valuedouble : otherwise;
}

/* Files may hold any number: one that no integer can represent counts as
 * missing. */
int64_t trm__base_json_i64_at(const cJSON *object, const char *name,
                              int64_t otherwise) {
  double value = trm__base_json_f64_at(object, name, NAN);
  return fabs(value) < 9e15 ? (int64_t)value : otherwise;
}

int trm__base_json_int_at(const cJSON *object, const char *name,
                          int otherwise) {
  double value = trm__base_json_f64_at(object, name, NAN);
  return fabs(value) <= INT_MAX ? (int)value : otherwise;
}

const char *trm__base_json_text_at(const cJSON *object, const char *name) {
  const char *text = cJSON_GetStringValue(trm__base_json_at(object, name));
  return text ? text : "";
}

char *trm__base_json_line(const cJSON *json) {
  char *printed = cJSON_PrintUnformatted(json);
  char *line = trm__base_strdup(printed ? printed : "null");
  cJSON_free(printed);
  return line;
}
