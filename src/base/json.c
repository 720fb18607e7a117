#include "base/json.h"

#include <inttypes.h>
#include <math.h>

#include "base/memory.h"
#include "base/text.h"

void trm__json_i64(cJSON *object, const char *name, int64_t value) {
  char text[32];
  snprintf(text, sizeof text, "%" PRId64, value);
  cJSON_AddRawToObject(object, name, text);
}

void trm__json_u64(cJSON *object, const char *name, uint64_t value) {
  char text[32];
  snprintf(text, sizeof text, "%" PRIu64, value);
  cJSON_AddRawToObject(object, name, text);
}

cJSON *trm__json_number(double value) {
  return isfinite(value) ? cJSON_CreateRaw(trm__text_f64(value).s)
                         : cJSON_CreateNull();
}

void trm__json_f64(cJSON *object, const char *name, double value) {
  cJSON_AddItemToObject(object, name, trm__json_number(value));
}

char *trm__json_line(const cJSON *json) {
  char *printed = cJSON_PrintUnformatted(json);
  char *line = trm__strdup(printed ? printed : "null");
  cJSON_free(printed);
  return line;
}
