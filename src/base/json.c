#include "base/json.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

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

char *trm__base_json_exact_line(const cJSON *json) {
  char *printed = cJSON_PrintUnformatted(json);
  char *line = trm__base_strdup(printed ? printed : "null");
  cJSON_free(printed);
  return line;
}

/* Bytes of the UTF-8 character at the beginning; 0: it is none (RFC 3629,
 * section 4). */
static size_t utf8_length(const char *text) {
  const unsigned char *c = (const unsigned char *)text;
  static const struct {
    unsigned char from, to, low, high; /* first byte; second byte */
    size_t n;
  } rows[] = {{0x01, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2},
              {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
              {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
              {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
              {0xf4, 0xf4, 0x80, 0x8f, 4}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    if (c[0] < rows[i].from || c[0] > rows[i].to) continue;
    size_t n = rows[i].n;
    bool good = n == 1 || (c[1] >= rows[i].low && c[1] <= rows[i].high);
    for (size_t k = 2; good && k < n; k++) good = (c[k] & 0xc0) == 0x80;
    return good ? n : 0;
  }
  return 0;
}

char *trm__base_json_line(const cJSON *json) {
  char *exact = trm__base_json_exact_line(json);
  char *line = trm__base_calloc(5 * strlen(exact) + 1, 1), *to = line;
  for (const char *from = exact; *from;) {
    size_t n = utf8_length(from);
    if (n) {
      memcpy(to, from, n);
      to += n;
      from += n;
    } else {
      to += sprintf(to, "\\\\x%02x", (unsigned char)*from++);
    }
  }
  free(exact);
  return line;
}
