/* TEST */
/* Numbers of JSON files as integers: a value that none can hold counts as missing. */
#include "check.h"

#include "base/json.h"

int main(void) {
  cJSON *json = cJSON_Parse(
      "{\"seven\": 7.9, \"minus\": -3, \"huge\": 3e111, \"low\": -1e300,"
      " \"most\": 2147483647, \"more\": 2147483648, \"text\": \"5\"}");
  CHECK_INT(trm__base_json_int_at(json, "seven", 1), 7);
  CHECK_INT(trm__base_json_int_at(json, "minus", 1), -3);
  CHECK_INT(trm__base_json_int_at(json, "most", 1), 2147483647);
  const char *bad[] = {"huge", "low", "more", "text", "none"};
  for (int i = 0; i < 5; i++)
    CHECK_INT(trm__base_json_int_at(json, bad[i], -5), -5);
  CHECK_INT(trm__base_json_int_at(NULL, "seven", 4), 4);
  CHECK_INT(trm__base_json_i64_at(json, "more", 1), 2147483648);
  CHECK_INT(trm__base_json_i64_at(json, "huge", -5), -5);
  cJSON_Delete(json);
  return check_done();
}
