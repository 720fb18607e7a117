/* A study from results that were recorded, one JSON line each: what the verdict
 * is tried on, in tests/study and in benchmarks/bench_verdict.c. */
#ifndef TRM_TESTS_RECORDED_H
#define TRM_TESTS_RECORDED_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "study/run/points.h"

/* Its configuration; a new one where there is none yet. */
static inline int recorded_config(trm__study *s, trm__study_mode mode,
                                  int ranks, int threads) {
  for (int i = 0; i < s->configs; i++)
    if (s->config[i].ranks == ranks && s->config[i].threads == threads)
      return i;
  s->config =
      trm__base_grow(s->config, (size_t)s->configs + 1, sizeof *s->config);
  s->config[s->configs] =
      (trm__study_config){.mode = mode,
                          .ranks = ranks,
                          .threads = threads,
                          .words = trm__base_calloc(1, sizeof(char *)),
                          .expected = NAN,
                          .label = trm__base_strdup("")};
  if (mode == TRM__MODE_WEAK) s->config[s->configs].problem = s->configs;
  return s->configs++;
}

/* As a study has it, of the size that the result was made with. */
static inline void recorded_label(trm__study_config *c, const cJSON *result) {
  double n =
      trm__base_json_f64_at(trm__base_json_at(result, "options"), "n", 0);
  if (!(n > 0)) return;
  free(c->label);
  c->label = trm__base_format("n=%.0f", n);
}

/* Takes the result over. */
static inline void recorded_add(trm__study *s, trm__study_mode mode,
                                cJSON *result) {
  int ranks = (int)trm__base_json_f64_at(result, "ranks", 0);
  int threads = (int)trm__base_json_f64_at(result, "threads", 0);
  trm__study_launch launch = {
      .config = recorded_config(s, mode, ranks, threads),
      .repeat = s->launches,
      .load = -1,
      .steal = -1,
      .result = result};
  recorded_label(&s->config[launch.config], result);
  s->launch =
      trm__base_grow(s->launch, (size_t)s->launches + 1, sizeof *s->launch);
  s->launch[s->launches++] = launch;
}

static inline char *recorded_text(const char *path) {
  FILE *file = fopen(path, "re");
  size_t n = 0, got;
  char *text = trm__base_calloc(1, 1);
  if (!file) return text;
  do {
    text = trm__base_grow(text, n + 65537, 1);
    got = fread(text + n, 1, 65536, file);
    n += got;
  } while (got > 0);
  text[n] = 0;
  fclose(file);
  return text;
}

/* The kernel is named as the first result has it. No results: 0 launches. */
static inline trm__study recorded_study(const char *path,
                                        trm__study_mode mode) {
  trm__study s = {.seed = 1};
  char *text = recorded_text(path), *rest = NULL;
  for (char *line = strtok_r(text, "\n", &rest); line;
       line = strtok_r(NULL, "\n", &rest)) {
    cJSON *result = cJSON_Parse(line);
    if (!result) continue;
    const char *kernel = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(result, "kernel"));
    if (!s.kernel) s.kernel = trm__base_strdup(kernel ? kernel : "");
    recorded_add(&s, mode, result);
  }
  free(text);
  return s;
}

#endif
