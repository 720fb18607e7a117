/* TEST timeout=300 slow once */
/* Comparing: equal commands and studies raise no more alarms than stated, whatever
 * the noise, with a fixed number of pairs and with sequential; a slower one is found; the
 * sentence says what was found; two studies are matched by their configurations. */
#include "check.h"

#include <trireme/random.h>

#include "study/run/compare.h"
#include "study/statistics/difference.h"
#include "study/statistics/ranks.h"
#include "study/statistics/sequential.h"

enum { MOST = 48 };

static int nulls(void) {
  return check_seeds(500, 2000, 10000);
}

/* -- made-up times ---------------------------------------------------------- */

typedef struct chance {
  uint64_t seed, index;
} chance;

static double uniform(chance *c) {
  return trm_random_uniform(c->seed, 7, c->index++);
}

static double normal(chance *c) {
  return trm_random_normal(c->seed, 8, c->index++);
}

/* What a machine may do to its launches, one after the other. */
typedef enum noise {
  EVEN,     /* 1 % */
  OUTLIERS, /* a tenth of them up to 100 times slower */
  DRIFT,    /* 1 % slower with each launch */
  WALK,     /* a random walk */
  LASTING,  /* each half like the one before */
  CLOCKED,  /* fast, slow, fast, slow, ... : in step with the pairs */
  STEPS,    /* fast, slow, slow, fast, ... : in step with pairs of pairs */
  COARSE,   /* a clock that ticks in whole per cent: many ties */
  NOISES
} noise;

typedef struct machine {
  noise kind;
  chance luck;
  double state;
  int launched;
} machine;

static double slower(machine *m) {
  double e = 0.01 * normal(&m->luck);
  int k = m->launched++;
  switch (m->kind) {
    case OUTLIERS:
      return e + (uniform(&m->luck) < 0.1 ? 5 * uniform(&m->luck) : 0);
    case DRIFT:
      return e + 0.01 * k;
    case WALK:
      return m->state += e;
    case LASTING:
      return m->state = 0.5 * m->state + e;
    case CLOCKED:
      return e + (k % 2 ? 0.02 : 0);
    case STEPS:
      return 0.2 * e + ((k + 1) / 2 % 2 ? 0.02 : 0);
    case COARSE:
      return log(floor(100 * exp(e) + 0.5) / 100);
    default:
      return e;
  }
}

static machine new_machine(noise kind, uint64_t seed) {
  return (machine){.kind = kind, .luck = {seed, 0}};
}

/* -- comparisons of pairs --------------------------------------------------- */

/* B is slower by `truth`; a budget, if any, in launches of A's usual time. */
static trm__study_check one_of(const trm__study_rule *rule, noise kind,
                               uint64_t seed, double truth, double budget,
                               int *pairs, double a[MOST], double b[MOST]) {
  double spent = 0;
  machine m = new_machine(kind, seed);
  for (int n = 0;; n++) {
    bool b_first = trm__study_rule_b_first(seed, n);
    for (int k = 0; k < 2; k++) {
      double t = exp(slower(&m));
      if (b_first != (k == 1))
        b[n] = (1 + truth) * t;
      else
        a[n] = t;
      spent += t;
    }
    bool last = budget > 0 && spent * (n + 2) / (n + 1) > budget;
    trm__study_check check = trm__study_rule_check(rule, n + 1, a, b, last);
    if (!check.stop) continue;
    *pairs = n + 1;
    return check;
  }
}

static trm__study_check one(const trm__study_rule *rule, noise kind,
                            uint64_t seed, double truth, double budget,
                            int *pairs) {
  double a[MOST], b[MOST];
  return one_of(rule, kind, seed, truth, budget, pairs, a, b);
}

typedef struct tally {
  int alarms, cleared, differ, pairs;
} tally;

static tally many(const trm__study_rule *rule, noise kind, double truth,
                  double budget, int times) {
  tally t = {.alarms = 0};
  for (int i = 0; i < times; i++) {
    int pairs;
    trm__study_check check =
        one(rule, kind, (uint64_t)(i + 1), truth, budget, &pairs);
    t.alarms += check.alarm;
    t.cleared += check.cleared;
    t.differ += check.differs <= 1 - rule->confidence;
    t.pairs += pairs;
  }
  return t;
}

/* The stated share, and three standard deviations of what is drawn. */
static int most_alarms(int times, double share) {
  return (int)(times * share + 3 * sqrt(times * share * (1 - share)));
}

static trm__study_rule rule_of(bool sequential, int most, double gate) {
  return (trm__study_rule){.most = most,
                           .sequential = sequential,
                           .level = 0.95,
                           .confidence = 0.95,
                           .gate = gate,
                           .target = sequential ? 0.002 : 0};
}

static void expect_few(const char *what, noise kind, int got, double share) {
  int times = nulls(), most = most_alarms(times, share);
  if (getenv("CHECK_SHOW"))
    printf("%s, noise %d: %d of %d\n", what, (int)kind, got, times);
  if (got > most)
    fprintf(stderr, "%s, noise %d: %d alarms of %d\n", what, (int)kind, got,
            times);
  CHECK(got <= most);
}

static void test_null(void) {
  const int times = nulls();
  trm__study_rule fixed = rule_of(false, 12, 0),
                  sequential = rule_of(true, MOST, 0);
  trm__study_rule gated = rule_of(true, MOST, 0.03);
  for (noise k = EVEN; k < NOISES; k++) {
    tally t = many(&fixed, k, 0, 0, times);
    expect_few("12 pairs", k, t.alarms, 0.05);
    expect_few("12 pairs, two sides", k, t.differ, 0.05);
    expect_few("12 pairs, cleared", k, t.cleared, 0.05);
    t = many(&sequential, k, 0, 0, times);
    expect_few("sequential", k, t.alarms, 0.05);
    expect_few("sequential, two sides", k, t.differ, 0.05);
    t = many(&sequential, k, 0, 50, times);
    expect_few("sequential and a budget", k, t.alarms, 0.05);
    t = many(&gated, k, 0.03, 0, times);
    expect_few("just at the gate", k, t.alarms, 0.05);
    expect_few("just at the gate, cleared", k, t.cleared, 0.05);
  }
  fixed.confidence = sequential.confidence = 0.99;
  expect_few("12 pairs, 99 %", EVEN, many(&fixed, EVEN, 0, 0, times).alarms,
             0.01);
  expect_few("sequential, 99 %", EVEN,
             many(&sequential, EVEN, 0, 0, times).alarms, 0.01);
}

/* Who sequential after each pair and stops at the first alarm: what the parts are for,
 * and that these made-up times would show it. */
static void test_peeking(void) {
  int alarms = 0;
  for (int i = 0; i < 1000; i++) {
    for (int n = 5; n <= MOST; n++) {
      trm__study_rule rule = rule_of(false, n, 0);
      int pairs;
      if (!one(&rule, EVEN, (uint64_t)(i + 1), 0, 0, &pairs).alarm) continue;
      alarms++;
      break;
    }
  }
  CHECK(alarms > 2 * most_alarms(1000, 0.05));
}

static void test_power(void) {
  trm__study_rule fixed = rule_of(false, 12, 0),
                  sequential = rule_of(true, MOST, 0);
  trm__study_rule gated = rule_of(false, 12, 0.03),
                  both = rule_of(true, MOST, 0.03);
  CHECK(many(&fixed, EVEN, 0.05, 0, 1000).alarms > 990);
  CHECK(many(&sequential, EVEN, 0.05, 0, 1000).alarms > 990);
  CHECK(many(&gated, EVEN, 0.05, 0, 1000).alarms > 950);
  CHECK(many(&both, EVEN, 0.05, 0, 1000).alarms > 990);
  CHECK(many(&sequential, OUTLIERS, 0.05, 0, 1000).alarms > 900);
  CHECK(many(&both, DRIFT, 0.05, 0, 1000).alarms > 900);
  CHECK(many(&both, EVEN, 0, 0, 1000).cleared > 990);
  /* what is clear is known after the first check */
  CHECK(many(&sequential, EVEN, 0.1, 0, 1000).pairs < 10 * 1000);
  CHECK(many(&both, EVEN, 0, 0, 1000).pairs < 11 * 1000);
}

/* The interval that is stated after whichever check was the last; trm__study_paired_ratio
 * is never narrower than this one of order statistics. */
static void test_intervals(void) {
  static const double truth[] = {0, 0.002, 0.005, 0.01, 0.05};
  for (int gated = 0; gated < 2; gated++)
    for (noise k = EVEN; k <= OUTLIERS; k++)
      for (int t = 0; t < (gated ? 5 : 1); t++) {
        trm__study_rule rule = rule_of(true, MOST, gated ? 0.005 : NAN);
        int hits = 0;
        rule.target = 0.005;
        for (int i = 0; i < 1000; i++) {
          double a[MOST], b[MOST], ratio[MOST];
          int n;
          trm__study_check check =
              one_of(&rule, k, (uint64_t)(i + 1), truth[t], 0, &n, a, b);
          for (int p = 0; p < n; p++) ratio[p] = b[p] / a[p];
          trm__study_interval stated = trm__study_rule_stated(
              &rule, &check,
              trm__study_median_interval(n, ratio,
                                         trm__study_rule_level(&rule, &check)));
          CHECK_NEAR(stated.level, 0.95, 1e-12);
          hits += stated.low <= 1 + truth[t] && 1 + truth[t] <= stated.high;
        }
        if (getenv("CHECK_SHOW"))
          printf("gate %d, noise %d, truth %g: %d of 1000\n", gated, (int)k,
                 truth[t], hits);
        CHECK(hits >= 950);
      }
}

/* Each of AB AB, AB BA, BA AB and BA BA as often as the others. */
static void test_order(void) {
  int seen[4] = {0};
  for (int pair = 0; pair < 8000; pair += 2)
    seen[2 * trm__study_rule_b_first(5, pair) +
         trm__study_rule_b_first(5, pair + 1)]++;
  for (int k = 0; k < 4; k++) CHECK(seen[k] > 900 && seen[k] < 1100);
}

static void test_limits(void) {
  CHECK_INT(trm__study_rule_least(0.95), 5);
  CHECK_INT(trm__study_rule_least(0.99), 7);
  double a[9], b[9];
  for (int i = 0; i < 9; i++) a[i] = 1, b[i] = 1.1 + 0.001 * i;
  trm__study_rule rule = rule_of(false, 8, 0.03);
  trm__study_check check = trm__study_rule_check(&rule, 4, a, b, false);
  CHECK(!check.stop && !check.alarm);
  check =
      trm__study_rule_check(&rule, 4, a, b, true); /* out of time: too few */
  CHECK(check.stop && !check.alarm);
  check = trm__study_rule_check(&rule, 5, a, b, true);
  CHECK(check.stop && check.alarm && !check.cleared);
  CHECK_NEAR(check.slower, 1. / 32, 1e-15);
  CHECK_NEAR(check.differs, 1. / 16, 1e-15);
  rule = rule_of(true, MOST, 0.03);
  CHECK(!trm__study_rule_check(&rule, 8, a, b, false).stop);
  check = trm__study_rule_check(&rule, 9, a, b, false);
  CHECK(check.stop && check.alarm);
  CHECK_NEAR(check.slower, 8. / 512, 1e-15);
  CHECK(check.differs < 0.05); /* who alarms shows a difference */
  CHECK(trm__study_rule_check(&rule, 9, b, a, false).cleared);
  rule.gate = NAN;
  check = trm__study_rule_check(&rule, 9, a, b, false);
  CHECK(!check.alarm && !check.cleared);
}

/* Of the level that is left to a check, and no more than that of the extremes. */
static void test_levels(void) {
  trm__study_rule rule = rule_of(true, MOST, NAN);
  trm__study_check early = {.part = 0.125}, whole = {.part = 1};
  CHECK_NEAR(trm__study_rule_level(&rule, &early), 1 - 0.05 / 8, 1e-15);
  CHECK_SAME(trm__study_rule_level(&rule, &whole), 0.95);
  trm__study_interval nine = {1, 0.9, 1.1, 1 - 1. / 256},
                      four = {1, 0.9, 1.1, 0.875};
  CHECK_SAME(trm__study_rule_stated(&rule, &early, nine).level, 0.95);
  CHECK_SAME(trm__study_rule_stated(&rule, &whole, four).level, 0.875);
  four.level = 1 - 1. / 128; /* eight pairs at an early check */
  CHECK_NEAR(trm__study_rule_stated(&rule, &early, four).level, 0.9375, 1e-12);
  four.level = 0;
  CHECK_SAME(trm__study_rule_stated(&rule, &early, four).level, 0);
  CHECK_SAME(trm__study_rule_stated(&rule, &early, four).low, 0.9);
}

/* -- words ------------------------------------------------------------------ */

static void expect_text(double mid, double low, double high, double level,
                        double differs, const char *want) {
  trm__study_interval ratio = {mid, low, high, level};
  char *text = trm__study_difference_text(&ratio, "12 pairs",
                                          "pairs like these", differs);
  CHECK_TEXT(text, want);
  free(text);
}

static void test_text(void) {
  expect_text(
      0.979, 0.97, 0.988, 0.95, 1. / 4096,
      "B is 2.1 % faster than A (95 %: 1.2 to 3.0 %), 12 pairs; if they were "
      "equal, pairs like these would occur in 1 of 4,096 cases.");
  expect_text(
      1.021, 1.012, 1.03, 0.95, 0.01,
      "B is 2.1 % slower than A (95 %: 1.2 to 3.0 %), 12 pairs; if they were "
      "equal, pairs like these would occur in 1 of 100 cases.");
  expect_text(1.003, 0.995, 1.011, 0.95, 0.4,
              "No difference is shown: B is 0.3 % slower than A (95 %: 0.5 % "
              "faster to 1.1 % slower), 12 pairs (p = 0.4).");
  expect_text(1.0002, 0.995, 1.006, 0.95, 0.9,
              "No difference is shown: B takes as long as A (95 %: 0.5 % "
              "faster to 0.6 % slower), 12 pairs (p = 0.9).");
  expect_text(1.3, 0.9, 16, 0.95, 0.2,
              "No difference is shown: B takes 1.3 times as long as A (95 %: "
              "0.9 to 16 times), 12 pairs (p = 0.2).");
  expect_text(2, 1.9, 2.1, 0.95, 1e-7,
              "B takes 2 times as long as A (95 %: 1.9 to 2.1 times), 12 "
              "pairs; if they were equal, pairs like these would occur in less "
              "than 1 of 1,000,000 cases.");
  expect_text(
      0.5, 0.4, 0.8, 0.9, 0.05,
      "A takes 2 times as long as B (90 %: 1.25 to 2.5 times), 12 pairs; if "
      "they were equal, pairs like these would occur in 1 of 20 cases.");
  expect_text(
      1.1, 1.1, 1.1, 0, 1,
      "No difference is shown: B is 10.0 % slower than A, 12 pairs (p = 1).");
}

/* -- studies ---------------------------------------------------------------- */

enum { POINTS = 5, LAUNCHES = 5 };

typedef struct made { /* a study's points */
  trm__study_points points;
  trm__study_point point[POINTS];
  trm__study_config config[POINTS];
  double seconds[POINTS][LAUNCHES];
} made;

static void make(made *m, uint64_t seed, double truth) {
  static char *no_words[] = {NULL};
  machine noisy = new_machine(EVEN, seed);
  *m = (made){.points = {.n = POINTS, .serial = -1}};
  m->points.point = m->point;
  for (int i = 0; i < POINTS; i++) {
    m->config[i] = (trm__study_config){
        .ranks = i + 1, .threads = 1, .words = no_words, .label = "n=64"};
    m->point[i] = (trm__study_point){.config = &m->config[i],
                                     .counted = LAUNCHES,
                                     .valid = true,
                                     .seconds = m->seconds[i]};
    for (int k = 0; k < LAUNCHES; k++)
      m->seconds[i][k] = (1 + truth) * exp(slower(&noisy)) / (i + 1);
  }
}

static int study_alarms(int times, double truth, double gate, int *covered) {
  made a, b;
  int alarms = 0;
  *covered = 0;
  for (int i = 0; i < times; i++) {
    make(&a, (uint64_t)(2 * i), 0);
    make(&b, (uint64_t)(2 * i + 1), truth);
    trm__study_comparison m =
        trm__study_compare(&a.points, &b.points, NULL, 0.95, gate, (uint64_t)i);
    alarms += m.slower <= 0.05;
    *covered += m.ratio.low <= 1 + truth && m.ratio.high >= 1 + truth;
    trm__study_comparison_clear(&m);
  }
  return alarms;
}

static void test_studies(void) {
  int covered;
  CHECK(study_alarms(400, 0, 0, &covered) <= most_alarms(400, 0.05));
  CHECK(covered >= 400 - 2 * most_alarms(400, 0.05));
  CHECK(study_alarms(100, 0.03, 0.03, &covered) <= most_alarms(100, 0.05));
  CHECK(study_alarms(100, 0.05, 0.03, &covered) >= 99);
}

static void test_matching(void) {
  made a, b;
  make(&a, 1, 0);
  make(&b, 2, 0);
  static char *words[] = {"--stores=plain", NULL};
  b.config[0].label = "n=65"; /* of another size: belongs to none of a's */
  b.config[3].words = words;  /* of another setting: compared all the same */
  b.config[3].n_words = 1;
  b.point[1].valid = false;
  b.point[2].origin = TRM__OVERSUBSCRIBED;
  for (int k = 0; k < LAUNCHES; k++) b.seconds[4][k] *= 1.5;
  cJSON *one = cJSON_Parse(
      "{\"kernel\":\"heat\",\"steps\":9,\"rtol\":0,\"fingerprint\":\"aa\"}");
  cJSON *two = cJSON_Parse(
      "{\"kernel\":\"heat\",\"steps\":9,\"rtol\":0,\"fingerprint\":\"ab\"}");
  a.point[3].result = b.point[3].result = a.point[4].result = one;
  trm__study_comparison m =
      trm__study_compare(&a.points, &b.points, NULL, 0.95, NAN, 1);
  CHECK_INT(m.n, 2);
  CHECK_INT(m.alone, 2);
  CHECK_INT(m.left_out, 2);
  CHECK(m.worst == 1 && m.match[1].a == &a.point[4]);
  CHECK_NEAR(m.match[1].ratio.mid, 1.5, 0.05);
  CHECK_NEAR(m.match[1].differs, 2. / 252, 1e-12);
  CHECK_NEAR(m.ratio.mid, sqrt(1.5), 0.03);
  CHECK(!m.unlike);
  trm__study_comparison_clear(&m);
  b.point[4].result = two;
  m = trm__study_compare(&a.points, &b.points, NULL, 0.95, NAN, 1);
  CHECK_TEXT(m.unlike ? m.unlike : "", "5 x 1, n=64: fingerprint aa and ab");
  trm__study_comparison_clear(&m);
  b.points.n = 0;
  m = trm__study_compare(&a.points, &b.points, NULL, 0.95, 0, 1);
  CHECK(m.n == 0 && m.alone == POINTS && m.worst == -1);
  trm__study_comparison_clear(&m);
  cJSON_Delete(one);
  cJSON_Delete(two);
}

int main(void) {
  test_order();
  test_limits();
  test_levels();
  test_intervals();
  test_text();
  test_matching();
  test_peeking();
  test_power();
  test_null();
  test_studies();
  return check_done();
}
