/* TEST */
/* A study in its directory: written, read, cut off, damaged. */
#include "check.h"

#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "study/plan/study.h"

static char dir[64];

static trm__study made(void) {
  trm__study s = {.dir = trm__base_strdup(dir),
                  .kernel = trm__base_strdup("heat"),
                  .host = trm__base_strdup("here"),
                  .began = "2026-01-02T03:04:05Z",
                  .seed = 9007199254740991,
                  .target = 0.02,
                  .budget = 600,
                  .timeout = 90,
                  .settle = NAN,
                  .memory = 1e9 / 3,
                  .cache = 1 << 20,
                  .build = cJSON_Parse("{\"commit\": \"c1\"}"),
                  .cores = 12,
                  .configs = 2,
                  .config = trm__base_calloc(2, sizeof(trm__study_config))};
  for (int i = 0; i < 2; i++) {
    s.config[i] =
        (trm__study_config){.mode = TRM__MODE_WEAK,
                            .series = 3,
                            .problem = i,
                            .ranks = 1 + i,
                            .threads = 2,
                            .work = 1e9 / 3,
                            .expected = i ? NAN : -1. / 3,
                            .n_words = 1,
                            .words = trm__base_calloc(2, sizeof(char *)),
                            .label = trm__base_strdup("n=64")};
    s.config[i].words[0] = trm__base_strdup("--name=a \"b\"");
  }
  s.config[1].note = trm__base_strdup("shares differ");
  return s;
}

static trm__study_launch a_launch(int config, int status, const char *result) {
  trm__study_launch l = {
      .config = config,
      .repeat = 1,
      .status = status,
      .wall = 0.1,
      .waited = 0.3,
      .load = 0.25,
      .steal = -1,
      .began = "2026-01-02T03:04:06Z",
      .last = status ? trm__base_strdup("no \"memory\"") : NULL,
      .result = result ? cJSON_Parse(result) : NULL};
  return l;
}

static char *path_of(const char *name) {
  return trm__base_format("%s/%s", dir, name);
}

static void add_text(const char *name, const char *text) {
  char *path = path_of(name);
  FILE *file = fopen(path, "a");
  CHECK(file && fputs(text, file) >= 0);
  if (file) fclose(file);
  free(path);
}

static void test_round(void) {
  trm__base_error error = {TRM_OK, ""};
  trm__study s = made(), back;
  trm__study_launch l = a_launch(1, 0,
                                 "{\"ranks\": 2, \"seconds\": {\"advance\": "
                                 "0.1234567890123456}}"),
                    failed = a_launch(0, 137, NULL);
  failed.late = failed.cut = true;
  CHECK(trm__study_save(&s, &error));
  CHECK(trm__study_append(&s, &l, &error));
  CHECK(trm__study_append(&s, &failed, &error));
  CHECK_INT(s.launches, 2);
  CHECK(trm__study_load(dir, &back, &error));
  CHECK_TEXT(error.text, "");
  CHECK_TEXT(back.kernel, "heat");
  CHECK(!back.launcher && !back.machine);
  CHECK_INT(back.seed, s.seed);
  CHECK_SAME(back.target, 0.02);
  CHECK_SAME(back.config[0].expected, -1. / 3);
  CHECK(isnan(back.config[1].expected));
  CHECK_INT(back.cores, 12);
  CHECK_SAME(back.timeout, 90);
  CHECK(isnan(back.settle));
  CHECK_SAME(back.memory, 1e9 / 3);
  CHECK_SAME(back.cache, 1 << 20);
  CHECK_TEXT(trm__base_json_text_at(back.build, "commit"), "c1");
  CHECK_SAME(back.config[1].work, 1e9 / 3);
  CHECK_INT(back.configs, 2);
  CHECK_INT(back.config[1].mode, TRM__MODE_WEAK);
  CHECK_INT(back.config[1].ranks, 2);
  CHECK_INT(back.config[1].problem, 1);
  CHECK_TEXT(back.config[1].words[0], "--name=a \"b\"");
  CHECK_TEXT(back.config[1].note, "shares differ");
  CHECK(!back.config[0].note);
  CHECK_INT(back.launches, 2);
  CHECK_INT(back.launch[0].config, 1);
  CHECK(!back.launch[0].cut && back.launch[1].cut);
  CHECK_SAME(
      cJSON_GetObjectItem(cJSON_GetObjectItem(back.launch[0].result, "seconds"),
                          "advance")
          ->valuedouble,
      0.1234567890123456);
  CHECK(!back.launch[0].last);
  CHECK_INT(back.launch[1].status, 137);
  CHECK_TEXT(back.launch[1].last, "no \"memory\"");
  CHECK(!back.launch[1].result);
  CHECK_SAME(back.launch[1].load, 0.25);
  CHECK_SAME(back.launch[1].waited, 0.3);
  CHECK(back.launch[1].late && !back.launch[0].late);
  trm__study_clear(&back);
  CHECK(!trm__study_save(&s, &error)); /* another one is there */
  CHECK_STATUS(error.status, TRM_EUSAGE);
  trm__study_clear(&s);
}

/* What is given anew is there at the next call; launches stay. */
static void test_rewrite(void) {
  trm__base_error error = {TRM_OK, ""};
  trm__study s;
  CHECK(trm__study_load(dir, &s, &error));
  s.budget = 1200;
  CHECK(trm__study_rewrite(&s, &error));
  trm__study_clear(&s);
  CHECK(trm__study_load(dir, &s, &error));
  CHECK_SAME(s.budget, 1200);
  CHECK_INT(s.launches, 2);
  setenv("TRM_FAULT", "study:1+:ENOSPC", 1); /* the old one is still there */
  s.budget = 7;
  CHECK(!trm__study_rewrite(&s, &error));
  CHECK_STATUS(error.status, TRM_EFILE);
  unsetenv("TRM_FAULT");
  trm__study_clear(&s);
  error.status = TRM_OK;
  CHECK(trm__study_load(dir, &s, &error));
  CHECK_SAME(s.budget, 1200);
  trm__study_clear(&s);
}

static void test_order(void) {
  trm__study_launch launch[] = {{.config = 2}, {.config = 0}, {.config = 2},
                                {.config = 3}, {.config = 0}, {.config = 2}};
  const int want[] = {1, 4, 0, 2, 5, 3}, from[] = {0, 2, 2, 5, 6};
  trm__study s = {.configs = 4, .launches = 6, .launch = launch};
  int *order, *start;
  trm__study_order(&s, &order, &start);
  for (int i = 0; i < 6; i++) CHECK_INT(order[i], want[i]);
  for (int c = 0; c <= 4; c++) CHECK_INT(start[c], from[c]);
  free(order);
  free(start);
}

/* A crash cut a line off: it is left out, and the next one is not lost. */
static void test_cut(void) {
  trm__base_error error = {TRM_OK, ""};
  trm__study s, back;
  add_text("launches.jsonl", "{\"config\": 0, \"repeat\": 1, \"stat");
  CHECK(trm__study_load(dir, &s, &error));
  CHECK_INT(s.launches, 2);
  trm__study_launch l = a_launch(0, 0, "{\"ranks\": 7}");
  CHECK(trm__study_append(&s, &l, &error));
  add_text("launches.jsonl", "{\"config\": 99}\nnonsense\n\n");
  CHECK(trm__study_load(dir, &back, &error));
  CHECK_INT(back.launches, 3);
  CHECK_INT(cJSON_GetObjectItem(back.launch[2].result, "ranks")->valuedouble,
            7);
  trm__study_clear(&back);
  trm__study_clear(&s);
}

static void test_full(void) {
  trm__base_error error = {TRM_OK, ""};
  trm__study s;
  CHECK(trm__study_load(dir, &s, &error));
  setenv("TRM_FAULT", "study:1+:ENOSPC", 1);
  trm__study_launch l = a_launch(0, 0, "{}");
  CHECK(!trm__study_append(&s, &l, &error));
  CHECK_STATUS(error.status, TRM_EFILE);
  CHECK(strstr(error.text, "launches.jsonl: No space left on device"));
  unsetenv("TRM_FAULT");
  trm__study_clear(&s);
}

static void refused(const char *where, trm_status status, const char *want) {
  trm__base_error error = {TRM_OK, ""};
  trm__study s;
  CHECK(!trm__study_load(where, &s, &error));
  CHECK_STATUS(error.status, status);
  if (!strstr(error.text, want)) CHECK_TEXT(error.text, want);
}

static void test_damaged(void) {
  char *path = path_of("study.json");
  trm__base_error error = {TRM_OK, ""};
  trm__study s;
  CHECK(trm__study_load(dir, &s, &error));
  s.config[1].problem = 1999999999;
  CHECK_INT(unlink(path), 0);
  CHECK(trm__study_save(&s, &error));
  refused(dir, TRM_EINPUT, "not a study");
  trm__study_clear(&s);
  refused("/no/such/place", TRM_EINPUT, "No such file or directory; expected");
  CHECK_INT(truncate(path, 300), 0);
  refused(dir, TRM_EINPUT, "not a study");
  CHECK_INT(truncate(path, 0), 0);
  refused(dir, TRM_EINPUT, "not a study");
  add_text("study.json",
           "{\"schema\": \"trireme.study/1\", \"kernel\": \"x\", "
           "\"configs\": [{\"mode\": \"strong\", \"ranks\": -1}]}");
  refused(dir, TRM_EINPUT, "not a study");
  unlink(path);
  free(path);
}

static void test_unwritable(void) {
  trm__base_error error = {TRM_OK, ""};
  trm__study s = made();
  free(s.dir);
  s.dir = trm__base_strdup("/dev/null/study");
  CHECK(!trm__study_save(&s, &error));
  CHECK_STATUS(error.status, TRM_EFILE);
  CHECK(strstr(error.text, "/dev/null/study: Not a directory"));
  trm__study_clear(&s);
}

int main(void) {
  snprintf(dir, sizeof dir, "/tmp/trireme.XXXXXX");
  CHECK(mkdtemp(dir));
  test_round();
  test_rewrite();
  test_order();
  test_cut();
  test_full();
  test_damaged();
  test_unwritable();
  char *log = path_of("launches.jsonl");
  unlink(log);
  CHECK_INT(rmdir(dir), 0);
  free(log);
  return check_done();
}
