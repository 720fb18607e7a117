/* TEST */
/* From what is asked of a study to its configurations, for made-up kernels: a cube of
 * n^3 cells, cut into slabs; a box, cut as the library cuts; all pairs of n bodies. */
#include <trireme/kernel.h>

#include "check.h"

#include <time.h>

#include "base/memory.h"
#include "study/plan/plan.h"

struct options {
  int64_t n;
  double reach;
  const char *input;
};

static const trm_option table[] = {
    TRM_OPT(struct options, n, .default_text = "64", .min = 2, .max = 5000,
            .weak = 1. / 3),
    TRM_OPT(struct options, reach, .default_text = "1", .min = 0, .max = 1e9),
    TRM_OPT(struct options, input, .default_text = ""), TRM_OPT_END};
static const trm_option fixed[] = {
    TRM_OPT(struct options, reach, .default_text = "1", .min = 0, .max = 1e9),
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
static const trm_listed listed = {"cube", &cube, sizeof(trm_kernel)},
                        other = {"plain", &plain, sizeof(trm_kernel)};

struct box {
  int64_t n, nx, ny, nz;
};

static int64_t side(int64_t given, int64_t n) {
  return given > 0 ? given : given < 0 ? 1 : n;
}

/* As the library cuts, and cut anew for each rank, as kernels do. */
static void cut_box(const struct box *o, int ranks, int64_t n[], int places[]) {
  const int first = o->nz < 0; /* a plane */
  places[0] = 1;
  n[0] = side(o->nz, o->n);
  n[1] = side(o->ny, o->n);
  n[2] = side(o->nx, o->n);
  trm_grid_choose(ranks, 3 - first, n + first, (int[]){1, 1, 1},
                  (int[]){0, 0, 0}, places + first);
}

static void work_of_box(const void *options, const trm_span *span,
                        trm_work *w) {
  int64_t n[3];
  int places[3];
  cut_box(options, span->ranks, n, places);
  w->updates = (double)span->steps;
  for (int d = 0; d < 3; d++) w->updates *= ceil((double)n[d] / places[d]);
  w->resident_bytes = 16 * w->updates / (double)span->steps;
}

static const trm_option sides[] = {
    TRM_OPT(struct box, n, .default_text = "10", .min = 1, .max = 5000,
            .weak = 1. / 3, .sides = "nz ny nx"),
    TRM_OPT(struct box, nx, .default_text = "0"),
    TRM_OPT(struct box, ny, .default_text = "0"),
    TRM_OPT(struct box, nz, .default_text = "0"), TRM_OPT_END};
static const trm_kernel box = {.unit = "cell",
                               .options = sides,
                               .options_size = sizeof(struct box),
                               .steps = steps,
                               .work = work_of_box};
static const trm_listed box_listed = {"box", &box, sizeof(trm_kernel)};

struct pairs {
  int64_t n;
};
enum { PICTURE = 4 << 20 }; /* bytes that each rank has whatever the size */
static const trm_option bodies[] = {
    TRM_OPT(struct pairs, n, .default_text = "16384", .min = 1, .max = 1e9,
            .weak = 1. / 2),
    TRM_OPT_END};

static void work_of_pairs(const void *options, const trm_span *span,
                          trm_work *w) {
  double n = (double)((const struct pairs *)options)->n;
  w->updates = n * ceil(n / span->ranks) * (double)span->steps;
  w->resident_bytes = 140 * ceil(n / span->ranks) + PICTURE;
}

static const trm_kernel pairs = {.unit = "interaction",
                                 .options = bodies,
                                 .options_size = sizeof(struct pairs),
                                 .steps = steps,
                                 .work = work_of_pairs};
static const trm_listed pairs_listed = {"pairs", &pairs, sizeof(trm_kernel)};

typedef struct ask {
  const trm_listed *kernel;
  const char *word, *modes, *ranks, *threads, *size;
  int cores, hosts; /* 0: 4, 1 */
} ask;

static trm__base_error planned_error;

/* Machines of 4 cores, 1 GB, and caches of 1 MiB. */
static trm__study planned(ask q) {
  trm__study_request a = {.cores = q.cores ? q.cores : 4,
                          .hosts = q.hosts,
                          .memory = 1e9,
                          .cache = 1 << 20,
                          .size = q.size};
  trm__study s = {.kernel = trm__base_strdup("cube")};
  char *word[] = {(char *)q.word};
  planned_error = (trm__base_error){TRM_OK, ""};
  const trm_listed *kernel = q.kernel ? q.kernel : &listed;
  trm__study_problem_read(kernel, q.word != NULL, word, &a.problem,
                          &planned_error);
  if (q.ranks)
    trm__study_plan_counts("--ranks", q.ranks, TRM__STUDY_RANKS_MAX, &a.ranks,
                           &planned_error);
  if (q.threads)
    trm__study_plan_counts("--threads", q.threads, TRM__STUDY_THREADS_MAX,
                           &a.threads, &planned_error);
  if (!planned_error.status)
    trm__study_plan_modes(q.modes, &a.modes, &planned_error);
  if (!planned_error.status) trm__study_plan(&a, &s, &planned_error);
  trm__study_request_clear(&a);
  return s;
}

static void check_texts(const trm__study *s, int n, const char *const want[]) {
  CHECK_STATUS(planned_error.status, TRM_OK);
  CHECK_INT(s->configs, n);
  for (int i = 0; i < n && i < s->configs; i++) {
    char *text = trm__study_config_text(&s->config[i]);
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
  for (int i = 0; i < 6; i++) CHECK_NEAR(s.config[i].expected, -1, 1e-12);
  trm__study_clear(&s);
  s = planned((ask){.modes = "strong"}); /* 1, 2, 4: all cores */
  CHECK_INT(s.configs, 3);
  CHECK_INT(s.config[2].ranks, 4);
  trm__study_clear(&s);
  s = planned((ask){.modes = "strong", .ranks = "1,3", .word = "--n=4"});
  CHECK_TEXT(s.config[1].words[0], "--n=4");
  CHECK_TEXT(s.config[1].label, "n=4");
  /* of 4 rows on 3 ranks one has 2 */
  CHECK_NEAR(s.config[1].expected, log(0.5) / log(3), 1e-12);
  trm__study_clear(&s);
  /* each series has its own */
  s = planned((ask){.modes = "strong", .ranks = "1,3", .size = "n=4,33"});
  CHECK_NEAR(s.config[0].expected, log(0.5) / log(3), 1e-12);
  CHECK_NEAR(s.config[2].expected, -1, 1e-12);
  CHECK_NEAR(s.config[3].expected, -1, 1e-12);
  trm__study_clear(&s);
  s = planned((ask){.modes = "strong", .ranks = "2", .threads = "1,2"});
  CHECK(isnan(s.config[0].expected) && isnan(s.config[1].expected));
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
  CHECK_TEXT(s.config[1].note ? s.config[1].note : "",
             "n=81: blocks of 2 cores differ in shape from that of 1; the "
             "busiest has 2.6 % more cells"); /* 41 x 81 x 81 / 64^3 */
  CHECK(!s.config[2].note); /* twice each side: 16 planes of 128^2 */
  CHECK(s.config[3].note);
  CHECK_INT(s.config[3].problem, 3);
  CHECK_INT(s.config[3].series, 0);
  CHECK_NEAR(s.config[0].expected,
             log(11. * 161 * 161 / (64 * 64 * 64)) / log(16), 1e-12);
  trm__study_clear(&s);
  s = planned((ask){.modes = "weak", .ranks = "1,2", .threads = "4"});
  CHECK_TEXT(s.config[0].words[0], "--n=102"); /* ranks x threads */
  CHECK_TEXT(s.config[1].words[0], "--n=128");
  trm__study_clear(&s);
}

/* What a rank of a configuration has: its sides. \return it is the same for all */
static bool share_of_box(const trm__study_config *c, int64_t len[]) {
  trm__study_problem p;
  int64_t n[3];
  int places[3], product = 1;
  trm__study_problem_read(&box_listed, c->n_words, c->words, &p,
                          &planned_error);
  cut_box(p.command.options->values, c->ranks, n, places);
  trm__study_problem_clear(&p);
  bool even = true;
  for (int d = 0; d < 3; d++) {
    even = even && n[d] % places[d] == 0;
    len[d] = n[d] / places[d];
    product *= places[d];
  }
  return even && product == c->ranks;
}

/* Shares keep their sides on all ranks; threads lengthen the slowest. */
static void check_shares(const char *word, const char *threads,
                         const int64_t one[3]) {
  trm__study s = planned(
      (ask){.kernel = &box_listed,
            .modes = "weak",
            .ranks = "1,2,3,4,5,6,7,8,9,12,16,18,24,27,30,32,64,97,512,1000",
            .threads = threads,
            .word = word});
  CHECK_TEXT(planned_error.text, "");
  CHECK(s.configs >= 20);
  int slowest = one[0] > 1 ? 0 : 1;
  for (int i = 0; i < s.configs; i++) {
    const trm__study_config *c = &s.config[i];
    int64_t len[3];
    bool even = share_of_box(c, len);
    char *text = trm__study_config_text(c);
    for (int d = 0; d < 3; d++)
      even = even && len[d] == one[d] * (d == slowest ? c->threads : 1);
    if (!even || c->note) CHECK_TEXT(c->note ? c->note : "other shares", text);
    CHECK_NEAR(c->work, 100. * (double)(one[0] * one[1] * one[2]), 1e-3);
    free(text);
  }
  CHECK_NEAR(s.config[0].expected, 0, 1e-12);
  trm__study_clear(&s);
}

/* A grid grows by whole shares, which the run's own cut gives back; of all ways that
 * is taken which has the most compact whole. */
static void test_sides(void) {
  trm__study s = planned((ask){.kernel = &box_listed,
                               .modes = "weak",
                               .ranks = "1,2,4,5,6,8,27",
                               .word = "--n=60"});
  check_texts(&s, 7,
              (const char *[]){"weak 1 rank x 1 thread n=60",
                               "weak 2 ranks x 1 thread n=60 nz=120",
                               "weak 4 ranks x 1 thread n=60 ny=120 nz=120",
                               "weak 5 ranks x 1 thread n=60 nz=300",
                               "weak 6 ranks x 1 thread n=60 ny=120 nz=180",
                               "weak 8 ranks x 1 thread n=60 ny=120 nz=240",
                               "weak 27 ranks x 1 thread n=180"});
  trm__study_clear(&s);
  /* a side that is given grows from there: here, x has the smallest faces */
  s = planned((ask){.kernel = &box_listed,
                    .modes = "weak",
                    .ranks = "1,2",
                    .threads = "1,3",
                    .word = "--nx=80"});
  check_texts(&s, 4,
              (const char *[]){"weak 1 rank x 1 thread n=10 nx=80",
                               "weak 2 ranks x 1 thread n=10 nx=160",
                               "weak 1 rank x 3 threads n=10 nx=80 nz=30",
                               "weak 2 ranks x 3 threads n=10 nx=160 nz=30"});
  trm__study_clear(&s);
  /* a plane has two sides, whatever `weak` says */
  s = planned((ask){.kernel = &box_listed,
                    .modes = "weak",
                    .ranks = "1,2,4",
                    .word = "--nz=-1"});
  check_texts(&s, 3,
              (const char *[]){"weak 1 rank x 1 thread n=10",
                               "weak 2 ranks x 1 thread n=10 ny=20",
                               "weak 4 ranks x 1 thread n=10 ny=40"});
  trm__study_clear(&s);
  check_shares("--n=60", "1", (int64_t[]){60, 60, 60});
  check_shares("--n=10", "1,2,3,8", (int64_t[]){10, 10, 10});
  check_shares("--nx=80", "1,3", (int64_t[]){10, 10, 80});
  check_shares("--ny=7", "1,4", (int64_t[]){10, 7, 10});
  check_shares("--nz=-1", "1,2,6", (int64_t[]){1, 10, 10});
}

/* Where no cut gives the shares back, sizes grow by the exponent, and that is said. */
static void test_sides_thin(void) {
  trm__study s = planned((ask){.kernel = &box_listed,
                               .modes = "weak",
                               .ranks = "1,2,64",
                               .word = "--n=1"});
  check_texts(&s, 3,
              (const char *[]){"weak 1 rank x 1 thread n=1",
                               "weak 2 ranks x 1 thread n=1",
                               "weak 64 ranks x 1 thread n=4"});
  CHECK(s.configs == 3 && !s.config[2].note && s.config[1].note &&
        strstr(s.config[1].note, "differ in shape"));
  trm__study_clear(&s);
  s = planned(
      (ask){.kernel = &box_listed, .modes = "memory", .word = "--nx=80"});
  CHECK_INT(s.configs, 8);
  for (int i = 0; i < s.configs && i < 8; i++) { /* all sides by one factor */
    long long n = 0, nx = 0;
    CHECK_INT(sscanf(s.config[i].label, "n=%lld nx=%lld", &n, &nx), 2);
    CHECK_NEAR((double)nx / (double)n / 8, 1, 0.05);
  }
  trm__study_clear(&s);
}

/* Thousands of ranks are planned in the blink of an eye: with every grid looked at for
 * every rank it would be half a minute. */
static void test_large(void) {
  clock_t began = clock();
  trm__study s = planned((ask){.kernel = &box_listed,
                               .modes = "strong,weak,memory",
                               .ranks = "4096",
                               .cores = 4096,
                               .hosts = 32,
                               .word = "--n=288"});
  CHECK_STATUS(planned_error.status, TRM_OK);
  CHECK_NEAR(s.config[0].work, 100 * 18. * 18 * 18, 1e-3);
  CHECK_TEXT(s.config[1].label, "n=4608");
  trm__study_clear(&s);
  s = planned((ask){.kernel = &box_listed,
                    .modes = "weak",
                    .ranks = "262144",
                    .word = "--n=64"});
  CHECK_TEXT(s.config[0].label, "n=4096");
  trm__study_clear(&s);
  double took = (double)(clock() - began) / CLOCKS_PER_SEC;
  printf("planned in %.2f s\n", took);
  CHECK(took < 20); /* of which sanitizers take most */
}

static void test_threads(void) {
  trm__study s = planned((ask){.modes = "threads", .ranks = "1"});
  check_texts(&s, 3,
              (const char *[]){"threads 1 rank x 1 thread n=64",
                               "threads 1 rank x 2 threads n=64",
                               "threads 1 rank x 4 threads n=64"});
  CHECK_NEAR(s.config[2].expected, -1, 1e-12);
  trm__study_clear(&s);
}

/* From half of a core's cache to 40 % of the memory, about evenly on a logarithmic
 * scale, with steps for about the same work. */
static void test_memory(void) {
  trm__study s = planned((ask){.modes = "memory"});
  CHECK_INT(s.configs, 8);
  double last = 0;
  for (int i = 0; i < s.configs; i++) {
    const trm__study_config *c = &s.config[i];
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
  CHECK_NEAR(s.config[7].expected, 1, 0.02);
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

static int64_t size_of(const trm__study_config *c) {
  return strtoll(c->words[0] + strlen("--n="), NULL, 10);
}

/* Where work grows faster than memory, sizes end before a run takes days; and they
 * begin where they count beside what each rank has anyway. */
static void test_memory_of_pairs(void) {
  trm__study s = planned((ask){.kernel = &pairs_listed, .modes = "memory"});
  double work = 100 * 16384. * 16384 / 4;
  CHECK_INT(s.configs, 8);
  for (int i = 0; i < s.configs; i++) {
    const trm__study_config *c = &s.config[i];
    double n = (double)size_of(c);
    CHECK(140 * n / 4 >= 0.49 * PICTURE);
    CHECK(c->work < 20.1 * work);
    if (i > 0) CHECK(n > 1.2 * (double)size_of(c - 1));
    CHECK(i == 7 ? c->note && strstr(c->note, "20 times the work") : !c->note);
  }
  CHECK_NEAR(s.config[7].work / work, 20, 0.1);
  CHECK(s.config[0].expected > 1.2); /* n^2, and all but the picture is n */
  trm__study_clear(&s);
  /* the same with steps that are given */
  s = planned(
      (ask){.kernel = &pairs_listed, .modes = "memory", .word = "--steps=2"});
  CHECK_NEAR(s.config[s.configs - 1].work / (work / 50), 20, 0.1);
  trm__study_clear(&s);
  /* linear work has the memory for its end, however small the run as given */
  s = planned((ask){.modes = "memory", .word = "--n=4"});
  CHECK_NEAR(16 * pow((double)size_of(&s.config[7]), 3) / 4e8, 1, 0.05);
  CHECK(!s.config[7].note);
  trm__study_clear(&s);
}

/* Memory is that of a host. */
static void test_memory_of_hosts(void) {
  static const struct {
    int cores, hosts;
    const char *ranks;
    double on_one;
  } c[] = {{16, 4, "16", 4}, {16, 4, "8", 4}, {16, 4, "2", 2}, {4, 0, "2", 2}};
  for (int i = 0; i < 4; i++) {
    trm__study s = planned((ask){.modes = "memory",
                                 .ranks = c[i].ranks,
                                 .cores = c[i].cores,
                                 .hosts = c[i].hosts});
    double ranks = s.config[7].ranks, n = (double)size_of(&s.config[7]);
    CHECK_NEAR(16 * n * n * n / ranks * c[i].on_one / 4e8, 1, 0.05);
    trm__study_clear(&s);
  }
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
  CHECK(isnan(s.config[0].expected));
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
  refused((ask){.modes = "strong,"}, TRM_EOPTION,
          "--mode: unknown mode \"\" (choose from");
  refused((ask){.modes = "strong", .ranks = "1,0"}, TRM_EOPTION,
          "--ranks: \"0\" is not a count");
  refused((ask){.modes = "strong", .ranks = "1,2x"}, TRM_EOPTION, "\"2x\"");
  refused((ask){.modes = "strong", .threads = "5000"}, TRM_EOPTION,
          "--threads: \"5000\" is not a count (give counts such as 1,2,4, each "
          "from 1 to 4096)");
  refused((ask){.modes = "strong", .ranks = ""}, TRM_EOPTION, "--ranks: \"\"");
  refused((ask){.modes = "strong", .size = "n"}, TRM_EOPTION,
          "such as n=128,256");
  refused((ask){.modes = "strong", .size = "m=1,2"}, TRM_EOPTION, "--m");
  refused((ask){.modes = "strong", .size = "n=64,1"}, TRM_EOPTION, "--n=1");
  refused((ask){.modes = "strong", .size = "n=64", .word = "--n=3"}, TRM_EUSAGE,
          "--n is given as well");
  refused((ask){.modes = "weak", .ranks = "1,1000", .word = "--n=4000"},
          TRM_EOPTION, "--n=40000");
  refused((ask){.modes = "weak", .kernel = &other}, TRM_EUSAGE,
          "plain has no option that grows with the ranks");
  refused((ask){.modes = "memory", .kernel = &other}, TRM_EUSAGE,
          "give --size");
  refused((ask){.modes = "threads", .ranks = "2"}, TRM_EUSAGE,
          "--ranks: --mode threads uses one rank");
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
  char *text = trm__study_plan_difference(&a, &b);
  CHECK(!text);
  text = trm__study_plan_difference(&a, &c);
  CHECK_TEXT(text,
             "strong 2 ranks x 1 thread n=64 there, strong 3 ranks x 1 thread "
             "n=64 here");
  free(text);
  text = trm__study_plan_difference(&a, &d);
  CHECK_TEXT(text, "--reach not given there, 2 here");
  free(text);
  text = trm__study_plan_difference(&d, &a);
  CHECK_TEXT(text, "--reach 2 there, not given here");
  free(text);
  text = trm__study_plan_difference(&d, &f);
  CHECK_TEXT(text, "--reach 2 there, 3 here");
  free(text);
  text = trm__study_plan_difference(&a, &e);
  CHECK_TEXT(text, "2 points there, 3 here");
  free(text);
  b.launcher = trm__base_strdup("mine");
  text = trm__study_plan_difference(&a, &b);
  CHECK_TEXT(text, "launcher not given there, mine here");
  free(text);
  trm__study *all[] = {&a, &b, &c, &d, &e, &f};
  for (int i = 0; i < 6; i++) trm__study_clear(all[i]);
}

int main(void) {
  test_strong();
  test_weak();
  test_sides();
  test_sides_thin();
  test_large();
  test_threads();
  test_memory();
  test_memory_of_pairs();
  test_memory_of_hosts();
  test_sizes();
  test_file();
  test_refused();
  test_difference();
  return check_done();
}
