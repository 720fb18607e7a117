/* JSON lines of launches and results. The first line is the plan of a study, the others
 * its launches, each with a result: loaded, summarised, judged and printed. */
#include "fuzz/fuzz.h"

#include "study/plan/study.h"
#include "study/run/answer.h"
#include "study/run/points.h"
#include "study/verdict/verdict.h"

static void judge(const trm__study *s) {
  trm__study_points points = trm__study_points_of(s);
  for (int i = 0; i < trm__study_series_count(&points); i++) {
    trm__study_verdict v = trm__study_judge(s, &points, i);
    free(trm__study_series_name(&points, i));
    trm__study_verdict_clear(&v);
  }
  trm__study_points_clear(&points);
}

static void compare(const trm__study *s) {
  for (int i = 1; i < s->launches; i++) {
    const cJSON *a = s->launch[0].result, *b = s->launch[i].result;
    trm__study_answer_seconds(a);
    free(trm__study_answer_differs(a, b, NULL));
    trm__study_answer_distance(a, b);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  trm__study s;
  trm__base_error error = {TRM_OK, ""};
  size_t cut = fuzz_line(data, size);
  free(fuzz_here("study.json", data, cut));
  char *lines = fuzz_here("launches.jsonl", data + cut, size - cut);
  cJSON_Delete(trm__study_answer_read(lines));
  free(lines);
  if (trm__study_load(fuzz_dir(), &s, &error)) {
    judge(&s);
    compare(&s);
    trm__study_clear(&s);
  }
  return 0;
}
