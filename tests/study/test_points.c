/* TEST */
/* What the launches of a study come to, on made-up launches. */
#include "check.h"

#include "base/memory.h"
#include "study/run/points.h"

static trm__study_config configs[8];
static trm__study study;

static void config(int i, trm__study_mode mode, int series, int problem,
                   int ranks, int threads) {
  configs[i] = (trm__study_config){.mode = mode,
                                   .series = series,
                                   .problem = problem,
                                   .ranks = ranks,
                                   .threads = threads,
                                   .label = "n=64"};
}

/* Strong scaling over 1, 2, 4 ranks: problem 0, series 0. */
static void open_study(void) {
  for (int i = 0; i < 3; i++) config(i, TRM__MODE_STRONG, 0, 0, 1 << i, 1);
  study = (trm__study){.configs = 3, .config = configs};
}

static void close_study(void) {
  for (int i = 0; i < study.launches; i++) {
    free(study.launch[i].last);
    cJSON_Delete(study.launch[i].result);
  }
  free(study.launch);
}

typedef struct made { /* a result */
  double seconds, updates, resident;
  const char *fingerprint, *origin, *verified, *doctor, *sketch;
  double rtol;
  int ranks, threads, steps;
  const char *machine, *commit;
} made;

static void launch(int config, int status, const char *last,
                   const made *result) {
  trm__study_launch l = {.config = config, .status = status};
  const trm__study_config *c = &configs[config];
  if (last) l.last = trm__base_strdup(last);
  if (result) {
    made m = *result;
    char *text = trm__base_format(
        "{\"ranks\": %d, \"threads\": %d, \"origin\": \"%s\", \"doctor\": "
        "[%s], \"rtol\": %.17g, \"steps\": %d, \"first_step\": 0, "
        "\"fingerprint\": \"%s\", \"sketch\": [%s], \"verified\": %s, "
        "\"seconds\": {\"advance\": %.17g}, \"work\": {\"updates\": %.17g}, "
        "\"memory\": {\"predicted_bytes\": %.17g}, \"machine\": {\"class\": "
        "\"%s\"}, \"build\": {\"commit\": \"%s\"}}",
        m.ranks ? m.ranks : c->ranks, m.threads ? m.threads : c->threads,
        m.origin ? m.origin : "measured", m.doctor ? m.doctor : "", m.rtol,
        m.steps ? m.steps : 10, m.fingerprint ? m.fingerprint : "aa",
        m.sketch ? m.sketch : "", m.verified ? m.verified : "true", m.seconds,
        m.updates ? m.updates : 1000, m.resident,
        m.machine ? m.machine : "epyc", m.commit ? m.commit : "c1");
    l.result = cJSON_Parse(text);
    CHECK(l.result);
    free(text);
  }
  study.launch =
      trm__base_grow(study.launch, (size_t)study.launches + 1, sizeof l);
  study.launch[study.launches++] = l;
}

static void check_flaw(const trm__study_point *p, const char *want) {
  if (!strstr(p->flaw ? p->flaw : "", want))
    fprintf(stderr, "flaw \"%s\"\n", p->flaw ? p->flaw : "(none)");
  CHECK(p->flaw && strstr(p->flaw, want));
}

/* 10 steps; seconds a step are a tenth. */
static void test_figures(void) {
  open_study();
  const double of[3][5] = {{8, 8.4, 8.2, 7.9, 8.1},
                           {4, 4.1, 4.2, 4.3, 4.4},
                           {2.7, 2.5, 2.6, 2.8, 2.9}};
  for (int r = 0; r < 5; r++)
    for (int c = 2; c >= 0; c--)
      launch(c, 0, NULL, &(made){.seconds = of[c][r]});
  trm__study_points points = trm__study_points_of(&study);
  const trm__study_point *p = points.point;
  CHECK_INT(points.n, 3);
  CHECK_INT(points.serial, 0);
  for (int i = 0; i < 3; i++) {
    CHECK(p[i].valid && !p[i].flaw && !p[i].superlinear);
    CHECK_INT(p[i].counted, 5);
    CHECK_INT(p[i].origin, TRM__MEASURED);
  }
  CHECK_NEAR(p[0].time.mid, 0.81, 1e-15);
  CHECK_NEAR(p[1].time.mid, 0.42, 1e-15);
  CHECK_NEAR(p[1].time.low, 0.40, 1e-15);
  CHECK_NEAR(p[1].time.high, 0.44, 1e-15);
  CHECK_NEAR(p[1].rate.mid, 100 / 0.42, 1e-9);
  CHECK_NEAR(p[1].rate.low, 100 / 0.44, 1e-9);
  CHECK_SAME(p[0].speedup.mid, 1);
  CHECK_SAME(p[0].speedup.low, 1);
  CHECK_NEAR(p[1].speedup.mid, 0.81 / 0.42, 1e-12);
  CHECK(p[1].speedup.low < 0.81 / 0.42 && p[1].speedup.high > 0.81 / 0.42);
  CHECK_NEAR(p[2].efficiency.mid, 0.81 / 0.27 / 4, 1e-12);
  CHECK_NEAR(p[2].over_serial, 0.81 / 0.27, 1e-12);
  CHECK_NEAR(p[1].seconds[0], 0.4, 1e-15); /* in order of launching */
  CHECK_NEAR(p[1].seconds[4], 0.44, 1e-15);
  trm__study_points_clear(&points);
  close_study();
}

/* Weak: rates, not times, so rounded sizes do no harm. */
static void test_weak(void) {
  open_study();
  for (int i = 0; i < 3; i++) config(i, TRM__MODE_WEAK, 0, i, 1 << i, 1);
  const double updates[] = {1000, 2100, 3900}, seconds[] = {1, 1.05, 1.3};
  for (int i = 0; i < 3; i++)
    for (int r = 0; r < 3; r++)
      launch(i, 0, NULL,
             &(made){.seconds = seconds[i],
                     .updates = updates[i],
                     .fingerprint = i == 1 ? "bb" : "cc"});
  trm__study_points points = trm__study_points_of(&study);
  CHECK_NEAR(points.point[1].speedup.mid, 2, 1e-12);
  CHECK_NEAR(points.point[1].efficiency.mid, 1, 1e-12);
  CHECK_NEAR(points.point[2].speedup.mid, 3, 1e-12);
  CHECK_NEAR(points.point[2].efficiency.mid, 0.75, 1e-12);
  char *name = trm__study_series_name(&points, 0);
  CHECK_TEXT(name, "weak, 1 thread, from n=64");
  CHECK_INT(trm__study_series_count(&points), 1);
  free(name);
  trm__study_points_clear(&points);
  close_study();
}

static void test_fingerprint(void) {
  open_study();
  for (int r = 0; r < 3; r++)
    for (int c = 0; c < 2; c++) launch(c, 0, NULL, &(made){.seconds = 2});
  launch(1, 0, NULL, &(made){.seconds = 1, .fingerprint = "bad"});
  launch(2, 0, NULL, &(made){.seconds = 1, .fingerprint = "bad"});
  trm__study_points points = trm__study_points_of(&study);
  CHECK_INT(points.point[0].counted, 3);
  CHECK_INT(points.point[1].counted, 3);
  CHECK_INT(points.point[1].failed, 0);
  check_flaw(&points.point[1],
             "1 of 4 launches: fingerprint bad, but aa on 1 rank x 1");
  CHECK(!points.point[2].valid);
  check_flaw(&points.point[2], "fingerprint bad, but aa on 1 rank");
  CHECK(isnan(points.point[2].speedup.mid));
  CHECK(isnan(points.point[2].over_serial));
  trm__study_points_clear(&points);
  close_study();
}

/* Of two answers nobody can say which is right, however often one was given. */
static void test_tie(void) {
  static const char want[] =
      "answers differ: aa on 1 rank x 1 thread, bb on 2 ranks x 1 thread";
  open_study();
  launch(0, 0, NULL, &(made){.seconds = 2});
  for (int r = 0; r < 5; r++)
    launch(1, 0, NULL, &(made){.seconds = 1, .fingerprint = "bb"});
  trm__study_points points = trm__study_points_of(&study);
  CHECK_INT(points.point[0].counted, 0);
  CHECK_INT(points.point[1].counted, 0);
  CHECK_TEXT(points.point[0].flaw, want);
  CHECK_TEXT(points.point[1].flaw, want);
  CHECK_INT(points.wrong, 6);
  trm__study_points_clear(&points);
  launch(2, 0, NULL, &(made){.seconds = 1}); /* a vote for aa */
  points = trm__study_points_of(&study);
  CHECK(points.point[0].valid && !points.point[1].valid);
  CHECK_TEXT(points.point[1].flaw,
             "fingerprint bb, but aa on 1 rank x 1 thread");
  CHECK_INT(points.wrong, 5);
  trm__study_points_clear(&points);
  close_study();
  open_study(); /* one configuration of two minds */
  launch(0, 0, NULL, &(made){.seconds = 2, .fingerprint = "bb"});
  launch(0, 0, NULL, &(made){.seconds = 2});
  points = trm__study_points_of(&study);
  CHECK(!points.point[0].valid);
  check_flaw(&points.point[0],
             "answers differ: bb on 1 rank x 1 thread, aa on 1 rank");
  trm__study_points_clear(&points);
  close_study();
}

static void test_tied_sketches(void) {
  open_study();
  launch(0, 0, NULL, &(made){.seconds = 2, .rtol = 1e-6, .sketch = "100, 1"});
  launch(1, 0, NULL,
         &(made){.seconds = 2,
                 .rtol = 1e-6,
                 .sketch = "100, 1.01",
                 .fingerprint = "bb"});
  trm__study_points points = trm__study_points_of(&study);
  CHECK(!points.point[0].valid && !points.point[1].valid);
  check_flaw(
      &points.point[0],
      "bb on 2 ranks x 1 thread (sketches differ by 0.0001, rtol 1e-06)");
  trm__study_points_clear(&points);
  close_study();
}

/* Each counts as wrong once; a run that failed otherwise is not. */
static void test_wrong(void) {
  open_study();
  launch(0, 0, NULL, &(made){.seconds = 2});
  launch(1, 1, "not verified",
         &(made){.seconds = 2, .verified = "false", .fingerprint = "bb"});
  launch(2, 3, "out of memory", NULL);
  trm__study_points points = trm__study_points_of(&study);
  CHECK(points.point[0].valid);
  CHECK_INT(points.wrong, 1);
  trm__study_points_clear(&points);
  close_study();
}

static void test_origin(void) {
  open_study();
  launch(0, 0, NULL, &(made){.seconds = 2, .origin = ""});
  launch(1, 0, NULL, &(made){.seconds = 2, .origin = "guessed"});
  launch(2, 0, NULL, &(made){.seconds = 2});
  cJSON_DeleteItemFromObject(study.launch[2].result, "origin");
  trm__study_points points = trm__study_points_of(&study);
  for (int i = 0; i < 3; i++) CHECK(!points.point[i].valid);
  check_flaw(&points.point[1], "origin unknown (\"guessed\")");
  check_flaw(&points.point[2], "origin unknown (\"\")");
  trm__study_points_clear(&points);
  close_study();
}

/* Other fingerprints are right where sketches agree within rtol. */
static void test_sketch(void) {
  open_study();
  const made same = {.seconds = 2, .rtol = 1e-6, .sketch = "100, 1, -50"};
  made near = same, far = same;
  near.fingerprint = "bb";
  near.sketch = "100.00005, 1.00005, -50"; /* 5e-7 of the largest */
  far.fingerprint = "cc";
  far.sketch = "100, 1.0002, -50"; /* 2e-6 */
  for (int r = 0; r < 2; r++) launch(0, 0, NULL, &same);
  launch(1, 0, NULL, &near);
  launch(2, 0, NULL, &far);
  trm__study_points points = trm__study_points_of(&study);
  CHECK(points.point[1].valid && !points.point[1].flaw);
  CHECK(!points.point[2].valid);
  check_flaw(&points.point[2],
             "its sketch differs by 2e-06 from that of 1 rank");
  trm__study_points_clear(&points);
  close_study();
}

static void test_excluded(void) {
  open_study();
  launch(0, 0, NULL, &(made){.seconds = 2});
  launch(0, 1, NULL, &(made){.seconds = 1, .verified = "false"});
  launch(0, 0, NULL, &(made){.seconds = 1, .verified = "null"});
  launch(0, 0, NULL, &(made){.seconds = 1, .ranks = 2});
  launch(0, 0, NULL, &(made){.seconds = 1, .steps = 11});
  launch(0, 0, NULL, &(made){.seconds = 1, .origin = "simulated"});
  launch(1, 0, NULL,
         &(made){.seconds = 1, .doctor = "\"core_shared_by_ranks\""});
  launch(1, 0, NULL, &(made){.seconds = 1, .machine = "xeon"});
  launch(1, 0, NULL, &(made){.seconds = 1, .commit = "c2"});
  launch(2, 0, NULL,
         &(made){.seconds = 1,
                 .doctor = "\"oversubscribed\"",
                 .origin = "oversubscribed"});
  trm__study_points points = trm__study_points_of(&study);
  const trm__study_point *p = points.point;
  CHECK_INT(p[0].launches, 6);
  CHECK_INT(p[0].counted, 1);
  CHECK_INT(p[0].failed, 1);
  CHECK_NEAR(p[0].time.mid, 0.2, 1e-15);
  check_flaw(&p[0], "1 of 6 launches: a wrong result");
  check_flaw(&p[0], "not verified");
  check_flaw(&p[0], "it ran on 2 ranks x 1 thread, not on 1 rank x 1 thread");
  check_flaw(&p[0], "11 steps, but 10 on 1 rank");
  check_flaw(&p[0], "simulated, while the first launch was measured");
  CHECK(!p[1].valid);
  check_flaw(&p[1], "the launch doctor found core_shared_by_ranks");
  check_flaw(&p[1], "another machine: xeon, not epyc");
  check_flaw(&p[1], "another build: c2, not c1");
  CHECK(p[2].valid && !p[2].flaw);
  CHECK_INT(p[2].origin, TRM__OVERSUBSCRIBED);
  trm__study_points_clear(&points);
  close_study();
}

static void test_failed(void) {
  open_study();
  launch(0, 3, "trireme: out of memory", NULL);
  launch(0, 3, "trireme: out of memory", NULL);
  launch(1, 137, "", NULL);
  launch(1, 0, NULL, &(made){.seconds = 2});
  launch(1, 0, NULL, NULL);
  trm__study_points points = trm__study_points_of(&study);
  const trm__study_point *p = points.point;
  CHECK(!p[0].valid);
  CHECK_INT(p[0].failed, 2);
  CHECK_TEXT(p[0].flaw, "exit status 3: trireme: out of memory");
  CHECK_TEXT(
      p[1].flaw,
      "1 of 3 launches: ended by signal 9; 1 of 3 launches: it left no result");
  CHECK(p[1].valid);
  CHECK_TEXT(p[2].flaw, "not launched yet");
  CHECK_INT(points.serial, -1);
  CHECK(isnan(p[0].speedup.mid) && isnan(p[2].speedup.mid));
  CHECK_INT(trm__study_series_base(&points, 0), 1); /* in place of the first */
  CHECK_SAME(p[1].speedup.mid, 1);
  trm__study_points_clear(&points);
  launch(2, 0, NULL, &(made){.seconds = 1.25});
  points = trm__study_points_of(&study);
  CHECK_NEAR(points.point[2].speedup.mid, 1.6, 1e-12); /* over 2 ranks */
  CHECK_NEAR(points.point[2].efficiency.mid, 0.8, 1e-12);
  trm__study_points_clear(&points);
  close_study();
}

/* The first that was measured, before one that is something else. */
static void test_base(void) {
  open_study();
  launch(0, 0, NULL, &(made){.seconds = 2, .origin = "oversubscribed"});
  trm__study_points points = trm__study_points_of(&study);
  CHECK_INT(trm__study_series_base(&points, 0), 0);
  CHECK_INT(trm__study_series_base(&points, 1), -1); /* no such series */
  trm__study_points_clear(&points);
  launch(1, 0, NULL, &(made){.seconds = 1});
  points = trm__study_points_of(&study);
  CHECK_INT(trm__study_series_base(&points, 0), 1);
  CHECK_NEAR(points.point[0].speedup.mid, 0.5, 1e-12);
  trm__study_points_clear(&points);
  close_study();
}

/* One disturbed launch is not all of them. */
static void test_disturbed(void) {
  const double load[] = {0, 0.9, 0.02, 0, 0.01},
               steal[] = {-1, -1, 0.1, 0, 0.2};
  open_study();
  for (int r = 0; r < 5; r++) {
    launch(0, 0, NULL, &(made){.seconds = 2});
    study.launch[r].load = load[r];
    study.launch[r].steal = steal[r];
  }
  trm__study_points points = trm__study_points_of(&study);
  CHECK_SAME(points.point[0].load, 0.01);
  CHECK_SAME(points.point[0].steal, 0.1); /* of what is known */
  CHECK_SAME(points.point[1].load, -1);
  trm__study_points_clear(&points);
  close_study();
}

/* A launch whose time was over was ended; one that ends with 124 was not. */
static void test_late(void) {
  open_study();
  launch(0, 124, "asked too much", NULL);
  launch(1, 124, "asked too much", NULL);
  study.launch[1].late = true;
  trm__study_points points = trm__study_points_of(&study);
  CHECK_TEXT(points.point[0].flaw, "exit status 124: asked too much");
  CHECK_TEXT(points.point[1].flaw, "timed out: asked too much");
  trm__study_points_clear(&points);
  close_study();
}

/* -- one launch more -------------------------------------------------------- */

static uint64_t draw(uint64_t *state, uint64_t below) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (*state >> 33) % below;
}

static void launch_any(uint64_t *luck, double rtol) {
  static const char *const print[] = {"aa", "aa", "aa", "aa", "bb"},
                           *const sketch[] = {"100, 1", "100, 1",
                                              "100, 1.00005", "100, 1.00012"};
  made m = {.seconds = 1 + (double)draw(luck, 9), .rtol = rtol};
  m.fingerprint = print[draw(luck, 5)];
  m.sketch = sketch[draw(luck, 4)];
  if (!draw(luck, 12)) m.machine = "xeon";
  if (!draw(luck, 12)) m.origin = "simulated";
  if (!draw(luck, 12)) m.verified = "false";
  bool fails = !draw(luck, 6);
  launch((int)draw(luck, 3), fails ? 3 : 0, fails ? "no" : NULL,
         fails ? NULL : &m);
}

/* Where a launch is judged by itself, all together give the same: of it, and of
 * those before it. */
static void test_one_more(void) {
  int alone = 0;
  for (uint64_t seed = 1; seed <= 300; seed++) {
    char **before = NULL;
    uint64_t luck = seed;
    open_study();
    for (int i = 0; i < 24; i++) {
      int like = -1;
      char *reason = NULL;
      launch_any(&luck, seed % 2 ? 1e-6 : 0);
      for (int k = 0; k < i; k++)
        if (!before[k] && study.launch[k].config == study.launch[i].config)
          like = k;
      bool known = trm__study_launch_validate(&study, like, &reason);
      char **all = trm__study_launches_validate(&study, NULL);
      CHECK(known || !reason);
      for (int k = 0; k < i && known; k++) CHECK_INT(!before[k], !all[k]);
      if (known) CHECK_TEXT(reason ? reason : "", all[i] ? all[i] : "");
      alone += known;
      free(reason);
      if (before) trm__study_reasons_free(before, i);
      before = all;
    }
    trm__study_reasons_free(before, study.launches);
    close_study();
  }
  CHECK(alone > 300 * 8);
}

static void launch_often(int config, double seconds, double resident) {
  for (int r = 0; r < 6; r++)
    launch(config, 0, NULL, &(made){.seconds = seconds, .resident = resident});
}

/* Twice as fast as its cores allow: because of the caches, or not. */
static void test_superlinear(void) {
  open_study();
  study.machine = cJSON_Parse(
      "{\"ladder\": [{\"bytes\": 1048576, \"bandwidth\": {\"best\": 2e11}}, "
      "{\"bytes\": 16777216, \"bandwidth\": {\"best\": 4e10}}]}");
  launch_often(0, 8, 4 << 20);
  launch_often(1, 3.7, 4 << 20);
  launch_often(2, 1, 4 << 20);
  trm__study_points points = trm__study_points_of(&study);
  CHECK(!points.point[1].superlinear && !points.point[1].flaw); /* 108 % */
  CHECK(points.point[2].superlinear);
  CHECK_TEXT(points.point[2].flaw,
             "efficiency 200 %, likely cache: a core's 1.00 MiB are read at "
             "200 GB/s, the 4.00 MiB of the base at 40 GB/s");
  trm__study_points_clear(&points);
  cJSON_Delete(study.machine);
  study.machine = NULL;
  points = trm__study_points_of(&study);
  CHECK_TEXT(points.point[2].flaw,
             "efficiency 200 %, likely cache: a core works on 1.00 MiB, that "
             "of the base on 4.00 MiB");
  trm__study_points_clear(&points);
  close_study();
  open_study();
  launch_often(0, 8, 4 << 20);
  launch_often(1, 2, 8 << 20);
  points = trm__study_points_of(&study);
  check_flaw(&points.point[1], "200 %, and not because of a smaller working");
  trm__study_points_clear(&points);
  close_study();
  open_study();
  launch(0, 0, NULL, &(made){.seconds = 8});
  launch(1, 0, NULL, &(made){.seconds = 2});
  points = trm__study_points_of(&study);
  check_flaw(&points.point[1], "200 %, of few launches: more are needed");
  trm__study_points_clear(&points);
  close_study();
}

/* The best of 1 rank x 1 thread of the first's problem, measured. */
static void test_serial(void) {
  open_study();
  config(0, TRM__MODE_STRONG, 0, 0, 2, 1);
  config(1, TRM__MODE_THREADS, 1, 0, 1, 1);
  config(2, TRM__MODE_STRONG, 2, 1, 1, 1);
  launch(0, 0, NULL, &(made){.seconds = 2});
  launch(1, 0, NULL, &(made){.seconds = 3});
  launch(2, 0, NULL, &(made){.seconds = 1});
  config(3, TRM__MODE_STRONG, 3, 0, 1, 1);
  study.configs = 4;
  launch(3, 0, NULL, &(made){.seconds = 1, .origin = "simulated"});
  trm__study_points points = trm__study_points_of(&study);
  CHECK_INT(points.point[3].origin, TRM__SIMULATED);
  CHECK_INT(points.serial, 1);
  CHECK_NEAR(points.point[0].over_serial, 1.5, 1e-12);
  CHECK_SAME(points.point[0].speedup.mid, 1);
  CHECK_INT(trm__study_series_count(&points), 4);
  char *name = trm__study_series_name(&points, 1);
  CHECK_TEXT(name, "threads, 1 rank, n=64");
  free(name);
  trm__study_points_clear(&points);
  close_study();
}

/* Each size has a best serial run of its own, or none; weak points have that of the
 * problem that they grew from. */
static void test_serial_of_problem(void) {
  static const struct {
    trm__study_mode mode;
    int series, problem, ranks;
    double seconds, want;
  } made_of[] = {
      {TRM__MODE_STRONG, 0, 0, 1, 4, 1},  {TRM__MODE_STRONG, 0, 0, 2, 2, 2},
      {TRM__MODE_STRONG, 1, 1, 1, 16, 1}, {TRM__MODE_STRONG, 1, 1, 4, 2, 8},
      {TRM__MODE_WEAK, 2, 0, 1, 5, 0.8},  {TRM__MODE_WEAK, 2, 2, 2, 5, 0.8},
      {TRM__MODE_MEMORY, 3, 1, 2, 8, 2},  {TRM__MODE_MEMORY, 3, 3, 2, 8, NAN}};
  static const char *const answer[] = {"aa", "bb", "cc", "dd"};
  open_study();
  study.configs = 8;
  for (int i = 0; i < 8; i++) {
    config(i, made_of[i].mode, made_of[i].series, made_of[i].problem,
           made_of[i].ranks, 1);
    launch(i, 0, NULL,
           &(made){.seconds = made_of[i].seconds,
                   .fingerprint = answer[made_of[i].problem]});
  }
  trm__study_points points = trm__study_points_of(&study);
  for (int i = 0; i < 8; i++)
    if (isnan(made_of[i].want))
      CHECK(isnan(points.point[i].over_serial));
    else
      CHECK_NEAR(points.point[i].over_serial, made_of[i].want, 1e-12);
  trm__study_points_clear(&points);
  close_study();
}

int main(void) {
  test_figures();
  test_weak();
  test_fingerprint();
  test_tie();
  test_tied_sketches();
  test_wrong();
  test_origin();
  test_sketch();
  test_excluded();
  test_failed();
  test_base();
  test_disturbed();
  test_late();
  test_one_more();
  test_superlinear();
  test_serial();
  test_serial_of_problem();
  return check_done();
}
