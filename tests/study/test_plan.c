/* TEST */
/* From what is asked of a study to its configurations, for a made-up kernel: a cube
 * of n^3 cells, cut into slabs. */
#include "check.h"

#include "base/memory.h"
#include "study/plan.h"

struct options {
  int64_t n;
  double reach;
  const char *input;
};

static const trm_option table[] = {
    TRM_OPT(struct options, n, .dflt = "64", .min = 2, .max = 5000,
            .weak = 1. / 3),
    TRM_OPT(struct options, reach, .dflt = "1", .min = 0, .max = 1e9),
    TRM_OPT(struct options, input, .dflt = ""), TRM_OPT_END};
static const trm_option fixed[] = {
    TRM_OPT(struct options, reach, .dflt = "1", .min = 0, .max = 1e9),
    TRM_OPT_END};

static int64_t steps(const void *options) {
  (void)options;
  return 100;
}

static void work(const void *options, const trm_span *span, trm_work *w) {
  const struct options *o = options;
  double rows = (double)(o->n * (span->rank + 1) / span->ranks -
                         o->n * span->rank / span->ranks);
  w->updates = rows * (double)o->n * (double)o->n * (double)span->steps;
  w->resident_bytes = 16 * rows * (double)o->n * (double)o->n;
}

static trm_status resolve(trm_run *run, void *options) {
  (void)run, (void)options;
  return TRM_OK;
}

static const trm_kernel cube = {.unit = "cell",
                                .options = table,
                                .options_size = sizeof(struct options),
                                .steps = steps,
                                .work = work,
                                .resolve = resolve};
static const trm_kernel plain = {.options = fixed,
                                 .options_size = sizeof(struct options)};
static const trm_listed listed = {"cube", &cube}, other = {"plain", &plain};

typedef struct ask {
  const trm_listed *kernel;
  const char *word, *modes, *ranks, *threads, *size;
} ask;

static trm__error planned_error;

/* A machine of 4 cores, 1 GB, and caches of 1 MiB. */
static trm__study planned(ask q) {
  trm__asked a = {.cores = 4, .memory = 1e9, .cache = 1 << 20, .size = q.size};
  trm__study s = {.kernel = trm__strdup("cube")};
  char *word[] = {(char *)q.word};
  planned_error = (trm__error){TRM_OK, ""};
  const trm_listed *kernel = q.kernel ? q.kernel : &listed;
  trm__problem_read(kernel, q.word != NULL, word, &a.problem, &planned_error);
  if (q.ranks)
    trm__plan_counts("--ranks", q.ranks, TRM__RANKS_MOST, &a.ranks,
                     &planned_error);
  if (q.threads)
    trm__plan_counts("--threads", q.threads, TRM__THREADS_MOST, &a.threads,
                     &planned_error);
  if (!planned_error.status) trm__plan_modes(q.modes, &a.modes, &planned_error);
  if (!planned_error.status) trm__plan_study(&a, &s, &planned_error);
  trm__asked_clear(&a);
  return s;
}

static void check_texts(const trm__study *s, int n, const char *const want[]) {
  CHECK_STATUS(planned_error.status, TRM_OK);
  CHECK_INT(s->configs, n);
  for (int i = 0; i < n && i < s->configs; i++) {
    char *text = trm__config_text(&s->config[i]);
    CHECK_TEXT(text, want[i]);
    free(text);
  }
}

static void test_strong(void) {
  trm__study s =
      planned((ask){.modes = "strong", .ranks = "4,1, 3,1", .threads = "2,1"});
  check_texts(&s, 6,
              (const char *[]){"strong 1 rank x 1 thread n=64",
                               "strong 3 ranks x 1 thread n=64",
                               "strong 4 ranks x 1 thread n=64",
                               "strong 1 rank x 2 threads n=64",
                               "strong 3 ranks x 2 threads n=64",
                               "strong 4 ranks x 2 threads n=64"});
  CHECK_INT(s.config[2].series, 0);
  CHECK_INT(s.config[3].series, 1);
  CHECK_INT(s.config[5].problem, 0);
  CHECK_INT(s.config[0].n_words, 0);
  CHECK_NEAR(s.config[0].work, 100 * 64 * 64 * 64., 1e-3); /* of 100 steps */
  CHECK_NEAR(s.config[1].work, 100 * 22 * 64 * 64., 1e-3); /* of 64 / 3 rows */
  CHECK_NEAR(s.config[5].work, 100 * 8 * 64 * 64., 1e-3);  /* of 4 x 2 cores */
  CHECK_NEAR(s.expected[TRM__MODE_STRONG], -1, 1e-12);
  CHECK(isnan(s.expected[TRM__MODE_WEAK]));
  trm__study_clear(&s);
  s = planned((ask){.modes = "strong"}); /* 1, 2, 4: all cores */
  CHECK_INT(s.configs, 3);
  CHECK_INT(s.config[2].ranks, 4);
  trm__study_clear(&s);
  s = planned((ask){.modes = "strong", .ranks = "1,3", .word = "--n=4"});
  CHECK_TEXT(s.config[1].words[0], "--n=4");
  CHECK_TEXT(s.config[1].label, "n=4");
  /* of 4 rows on 3 ranks one has 2 */
  CHECK_NEAR(s.expected[TRM__MODE_STRONG], log(0.5) / log(3), 1e-12);
  trm__study_clear(&s);
}

static void test_weak(void) {
  trm__study s = planned((ask){.modes = "weak", .ranks = "1,2,8,16"});
  check_texts(&s, 4,
              (const char *[]){"weak 1 rank x 1 thread n=64",
                               "weak 2 ranks x 1 thread n=81",
                               "weak 8 ranks x 1 thread n=128",
                               "weak 16 ranks x 1 thread n=161"});
  CHECK(!s.config[0].note);
  CHECK_TEXT(
      s.config[1].note ? s.config[1].note : "",
      "n=81: shares of 2 cores differ in shape from that of 1; the busiest "
      "has 2.6 % more cells"); /* 41 x 81 x 81 / 64^3 */
  CHECK(!s.config[2].note);    /* twice each side: 16 planes of 128^2 */
  CHECK(s.config[3].note);
  CHECK_INT(s.config[3].problem, 3);
  CHECK_INT(s.config[3].series, 0);
  CHECK_NEAR(s.expected[TRM__MODE_WEAK],
             log(11. * 161 * 161 / (64 * 64 * 64)) / log(16), 1e-12);
  trm__study_clear(&s);
  s = planned((ask){.modes = "weak", .ranks = "1,2", .threads = "4"});
  CHECK_TEXT(s.config[0].words[0], "--n=102"); /* ranks x threads */
  CHECK_TEXT(s.config[1].words[0], "--n=128");
  trm__study_clear(&s);
}

static void test_threads(void) {
  trm__study s = planned((ask){.modes = "threads", .ranks = "1"});
  check_texts(&s, 3,
              (const char *[]){"threads 1 rank x 1 thread n=64",
                               "threads 1 rank x 2 threads n=64",
                               "threads 1 rank x 4 threads n=64"});
  CHECK_NEAR(s.expected[TRM__MODE_THREADS], -1, 1e-12);
  trm__study_clear(&s);
}

/* From half of a core's cache to 40 % of the memory, about evenly on a logarithmic
 * scale, with steps for about the same work. */
static void test_memory(void) {
  trm__study s = planned((ask){.modes = "memory"});
  CHECK_INT(s.configs, 8);
  double last = 0;
  for (int i = 0; i < s.configs; i++) {
    const trm__config *c = &s.config[i];
    double n = atof(c->words[0] + 4), count = atof(c->words[1] + 8);
    CHECK_INT(c->ranks, 4);
    CHECK(!strncmp(c->words[0], "--n=", 4));
    CHECK(!strncmp(c->words[1], "--steps=", 8));
    double bytes = 16 * n * n * n / 4, work_done = count * n * n * n;
    if (i == 0) CHECK_NEAR(bytes / (1 << 19), 1, 0.1);
    if (i > 0) CHECK_NEAR(bytes / last, pow(1e8 / (1 << 19), 1. / 7), 0.25);
    if (i == 7) CHECK_NEAR(bytes / 1e8, 1, 0.05);
    if (count > 3) CHECK_NEAR(work_done / (100. * 64 * 64 * 64), 1, 0.3);
    last = bytes;
  }
  CHECK_NEAR(s.expected[TRM__MODE_MEMORY], 1, 0.02);
  trm__study_clear(&s);
  s = planned((ask){.modes = "memory",
                    .size = "n=200,10,10",
                    .ranks = "2",
                    .word = "--steps=7"});
  check_texts(&s, 2,
              (const char *[]){"memory 2 ranks x 1 thread n=200",
                               "memory 2 ranks x 1 thread n=10"});
  CHECK_INT(s.config[1].n_words, 2);
  trm__study_clear(&s);
}

static void test_sizes(void) {
  trm__study s = planned(
      (ask){.modes = "strong,weak", .ranks = "1,2", .size = "reach=3,5"});
  check_texts(&s, 8,
              (const char *[]){"strong 1 rank x 1 thread n=64 reach=3",
                               "strong 2 ranks x 1 thread n=64 reach=3",
                               "strong 1 rank x 1 thread n=64 reach=5",
                               "strong 2 ranks x 1 thread n=64 reach=5",
                               "weak 1 rank x 1 thread n=64 reach=3",
                               "weak 2 ranks x 1 thread n=81 reach=3",
                               "weak 1 rank x 1 thread n=64 reach=5",
                               "weak 2 ranks x 1 thread n=81 reach=5"});
  CHECK_INT(s.config[4].problem, s.config[0].problem);
  CHECK(s.config[2].problem != s.config[0].problem);
  CHECK_INT(s.config[6].series, 3);
  trm__study_clear(&s);
}

/* Sizes that a file decides are not known before a run. */
static void test_file(void) {
  trm__study s =
      planned((ask){.modes = "strong", .word = "--input=earth.h5:/elevation"});
  CHECK_INT(s.configs, 3);
  CHECK(isnan(s.expected[TRM__MODE_STRONG]));
  trm__study_clear(&s);
}

static void refused(ask q, trm_status status, const char *want) {
  trm__study s = planned(q);
  CHECK_STATUS(planned_error.status, status);
  if (!strstr(planned_error.text, want)) CHECK_TEXT(planned_error.text, want);
  CHECK(strstr(planned_error.text, want));
  trm__study_clear(&s);
}

static void test_refused(void) {
  refused((ask){.modes = "week"}, TRM_EOPTION, "did you mean weak?");
  refused((ask){.modes = "strong,"}, TRM_EOPTION, "--mode: \"\" is none");
  refused((ask){.modes = "strong", .ranks = "1,0"}, TRM_EOPTION,
          "--ranks: \"0\" is no count");
  refused((ask){.modes = "strong", .ranks = "1,2x"}, TRM_EOPTION, "\"2x\"");
  refused(
      (ask){.modes = "strong", .threads = "5000"}, TRM_EOPTION,
      "--threads: \"5000\" is no count; want some like 1,2,4, each 1 to 4096");
  refused((ask){.modes = "strong", .ranks = ""}, TRM_EOPTION, "--ranks: \"\"");
  refused((ask){.modes = "strong", .size = "n"}, TRM_EOPTION, "like n=128,256");
  refused((ask){.modes = "strong", .size = "m=1,2"}, TRM_EOPTION, "--m");
  refused((ask){.modes = "strong", .size = "n=64,1"}, TRM_EOPTION, "--n=1");
  refused((ask){.modes = "strong", .size = "n=64", .word = "--n=3"}, TRM_EUSAGE,
          "--n is given too");
  refused((ask){.modes = "weak", .ranks = "1,1000", .word = "--n=4000"},
          TRM_EOPTION, "--n=40000");
  refused((ask){.modes = "weak", .kernel = &other}, TRM_EUSAGE,
          "plain has no option that states how it grows");
  refused((ask){.modes = "memory", .kernel = &other}, TRM_EUSAGE,
          "want --size");
  refused((ask){.modes = "threads", .ranks = "2"}, TRM_EUSAGE,
          "--ranks: --mode threads is of one rank");
  refused((ask){.modes = "threads", .ranks = "1,2"}, TRM_EUSAGE, "--ranks");
}

static void test_difference(void) {
  trm__study a = planned((ask){.modes = "strong", .ranks = "1,2"}),
             b = planned((ask){.modes = "strong", .ranks = "1,2"}),
             c = planned((ask){.modes = "strong", .ranks = "1,3"}),
             d = planned(
                 (ask){.modes = "strong", .ranks = "1,2", .word = "--reach=2"}),
             e = planned((ask){.modes = "strong", .ranks = "1,2,3"}),
             f = planned(
                 (ask){.modes = "strong", .ranks = "1,2", .word = "--reach=3"});
  char *text = trm__plan_difference(&a, &b);
  CHECK(!text);
  text = trm__plan_difference(&a, &c);
  CHECK_TEXT(text,
             "strong 2 ranks x 1 thread n=64 there, strong 3 ranks x 1 "
             "thread n=64 here");
  free(text);
  text = trm__plan_difference(&a, &d);
  CHECK_TEXT(text, "--reach not given there, 2 here");
  free(text);
  text = trm__plan_difference(&d, &a);
  CHECK_TEXT(text, "--reach 2 there, not given here");
  free(text);
  text = trm__plan_difference(&d, &f);
  CHECK_TEXT(text, "--reach 2 there, 3 here");
  free(text);
  text = trm__plan_difference(&a, &e);
  CHECK_TEXT(text, "2 points there, 3 here");
  free(text);
  b.launcher = trm__strdup("mine");
  text = trm__plan_difference(&a, &b);
  CHECK_TEXT(text, "launcher not given there, mine here");
  free(text);
  trm__study *all[] = {&a, &b, &c, &d, &e, &f};
  for (int i = 0; i < 6; i++) trm__study_clear(all[i]);
}

int main(void) {
  test_strong();
  test_weak();
  test_threads();
  test_memory();
  test_sizes();
  test_file();
  test_refused();
  test_difference();
  return check_done();
}
