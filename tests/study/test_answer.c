/* TEST */
/* Results as launches leave them in a file. */
#include "check.h"

#include <unistd.h>

#include "base/json.h"
#include "study/run/answer.h"

/* \return the steps of the result that is read; -1: none */
static int steps_read(const char *text) {
  char path[] = "/tmp/trireme.XXXXXX";
  int file = mkstemp(path);
  CHECK(file >= 0);
  CHECK_INT(write(file, text, strlen(text)), (ssize_t)strlen(text));
  close(file);
  cJSON *result = trm__study_answer_read(path);
  int steps = (int)trm__base_json_f64_at(result, "steps", -1);
  cJSON_Delete(result);
  unlink(path);
  return steps;
}

/* What is no result hides none. */
static void test_read(void) {
  CHECK_INT(steps_read("{\"steps\": 1}\n"), 1);
  CHECK_INT(steps_read("{\"steps\": 1}\n{\"steps\": 2}\n"), 2);
  CHECK_INT(steps_read("{\"steps\": 1}\n\n"), 1);
  CHECK_INT(steps_read("{\"steps\": 1}\n{\"steps\": 2"), 1);
  CHECK_INT(steps_read("{\"steps\": 1}\n7\n"), 1);
  CHECK_INT(steps_read(""), -1);
  CHECK(!trm__study_answer_read("/no/such/file"));
}

static void test_seconds(void) {
  cJSON *result = cJSON_Parse(
      "{\"steps\": 30, \"first_step\": 10, \"seconds\": {\"advance\": 5}}");
  CHECK_NEAR(trm__study_answer_steps(result), 20, 0);
  CHECK_NEAR(trm__study_answer_seconds(result), 0.25, 1e-15);
  CHECK(isnan(trm__study_answer_seconds(NULL)));
  cJSON_Delete(result);
}

int main(void) {
  test_read();
  test_seconds();
  return check_done();
}
