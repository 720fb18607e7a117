/* TEST timeout=300 */
/* The verdict names what was planted: in results recorded from live runs (by
 * benchmarks/verdict.sh), and in made-up ones of known truth, on 2 to 64 ranks and at
 * many magnitudes, where what would be won is known too. */
#include "check.h"

#include "study/verdict.h"
#include "synthetic.h"

typedef struct verdict { /* of a study's only series */
  trm__study study;
  trm__points points;
  trm__judged judged;
} verdict;

static verdict judge(trm__study study) {
  verdict v = {.study = study};
  v.points = trm__points_of(&v.study);
  v.judged = trm__judge(&v.study, &v.points, 0);
  return v;
}

static void forget(verdict *v) {
  trm__judged_clear(&v->judged);
  trm__points_clear(&v->points);
  trm__study_clear(&v->study);
}

static int sentences(const char *text) {
  int n = 0;
  for (const char *c = text; *c; c++) n += *c == '.' && (c[1] == ' ' || !c[1]);
  return n;
}

/* Sentences, with figures, that say what to do next. */
static void well_said(const verdict *v) {
  const char *text = v->judged.text;
  CHECK(text && *text);
  if (!text) return;
  CHECK__REPORT(sentences(text) >= 2 && sentences(text) <= 5,
                "%d sentences: %s", sentences(text), text);
  CHECK__REPORT(strstr(text, "Next: ") != NULL, "nothing next: %s", text);
  CHECK__REPORT(
      !strstr(text, "nan") && !strstr(text, "inf ") && !strstr(text, "(null)"),
      "no figure: %s", text);
}

static void named(const verdict *v, trm__limiter want, const char *where) {
  CHECK__REPORT(v->judged.limit == want, "%s: %s, want %s: %s", where,
                trm__limit_name[v->judged.limit], trm__limit_name[want],
                v->judged.text);
}

/* -- recorded ---------------------------------------------------------------- */

static const struct {
  const char *name;
  trm__limiter limit;
} recorded[] = {{"good", TRM__LIMIT_NONE},
                {"slow_rank", TRM__LIMIT_SLOW_RANK},
                {"serial", TRM__LIMIT_SERIAL},
                {"small_messages", TRM__LIMIT_SMALL_MESSAGES},
                {"shared_core", TRM__LIMIT_SHARED_CORE},
                {"memory", TRM__LIMIT_MEMORY},
                {"imbalance", TRM__LIMIT_IMBALANCE},
                {"checkpoints", TRM__LIMIT_CHECKPOINTS},
                {"straddle", TRM__LIMIT_STRADDLE},
                {"latency", TRM__LIMIT_LATENCY},
                {"division", TRM__LIMIT_DIVISION}};

static trm__study read_recorded(const char *name) {
  const char *source = getenv("TRIREME_SOURCE");
  char *path = trm__format("%s/tests/study/verdict/%s.jsonl",
                           source ? source : ".", name);
  trm__study study = recorded_study(path, TRM__MODE_STRONG);
  CHECK__REPORT(study.launches >= 2, "%s: %d results", path, study.launches);
  free(path);
  return study;
}

static void check_recorded(void) {
  for (size_t i = 0; i < sizeof recorded / sizeof *recorded; i++) {
    verdict v = judge(read_recorded(recorded[i].name));
    named(&v, recorded[i].limit, recorded[i].name);
    well_said(&v);
    bool lost = recorded[i].limit != TRM__LIMIT_NONE;
    CHECK((v.judged.lost > 0.05) == lost);
    CHECK_NEAR(v.judged.won, 1 / (1 - v.judged.lost), 1e-12);
    CHECK(v.judged.point == v.points.n - 1);
    forget(&v);
  }
}

/* Without what the meter says of single ranks and calls there are ledgers still. */
static void check_poor(void) {
  for (size_t i = 0; i < sizeof recorded / sizeof *recorded; i++) {
    trm__study study = read_recorded(recorded[i].name);
    for (int k = 0; k < study.launches; k++)
      cJSON_DeleteItemFromObject(study.launch[k].result, "meter");
    verdict v = judge(study);
    well_said(&v);
    if (recorded[i].limit == TRM__LIMIT_CHECKPOINTS ||
        recorded[i].limit == TRM__LIMIT_SHARED_CORE)
      named(&v, recorded[i].limit, "without a meter");
    forget(&v);
    study = read_recorded(recorded[i].name);
    for (int k = 0; k < study.launches; k++) {
      cJSON_DeleteItemFromObject(study.launch[k].result, "meter");
      cJSON_DeleteItemFromObject(study.launch[k].result, "ledger");
    }
    v = judge(study);
    well_said(&v);
    forget(&v);
  }
}

/* -- made up ------------------------------------------------------------------ */

/* The wall time without what was planted is that of `ideal`. */
typedef struct plant {
  const char *name;
  trm__limiter limit;
  synthetic ideal, real;
  int threads, least; /* least: ranks that it takes to be told */
} plant;

static const plant plants[] = {
    {"slow rank",
     TRM__LIMIT_SLOW_RANK,
     {.work = 1},
     {.work = 1, .slow = 1},
     1,
     2},
    {"slow rank of threads",
     TRM__LIMIT_SLOW_RANK,
     {.work = 1},
     {.work = 1, .slow = 1},
     4,
     2},
    {"repeated",
     TRM__LIMIT_SERIAL,
     {.work = 1},
     {.work = 1, .repeated = 0.3},
     1,
     2},
    {"threads idle",
     TRM__LIMIT_SERIAL,
     {.work = 1},
     {.work = 1, .serial = 0.2},
     4,
     1},
    {"small messages",
     TRM__LIMIT_SMALL_MESSAGES,
     {.work = 1},
     {.work = 1, .messages = 1e6, .message_bytes = 16, .transfer = 0.5},
     1,
     2},
    {"transfer",
     TRM__LIMIT_TRANSFER,
     {.work = 1},
     {.work = 1, .messages = 100, .message_bytes = 1e7, .transfer = 0.5},
     1,
     2},
    {"chains",
     TRM__LIMIT_WAITING,
     {.work = 1},
     {.work = 1, .messages = 100, .message_bytes = 1e3, .chain = 0.5},
     1,
     2},
    {"latency",
     TRM__LIMIT_LATENCY,
     {.work = 1},
     {.work = 1, .calls = 1e5, .transfer = 0.5},
     1,
     2},
    {"memory",
     TRM__LIMIT_MEMORY,
     {.work = 1},
     {.work = 1, .starving = 0.5},
     1,
     2},
    {"cores",
     TRM__LIMIT_SLOWER_CORES,
     {.work = 1},
     {.work = 1, .uncounted = 0.5},
     1,
     2},
    {"imbalance",
     TRM__LIMIT_IMBALANCE,
     {.work = 1},
     {.work = 1, .dearer = 0.5},
     1,
     3},
    {"checkpoints",
     TRM__LIMIT_CHECKPOINTS,
     {.work = 1},
     {.work = 1, .checkpoint = 0.5},
     1,
     2},
    {"threads",
     TRM__LIMIT_THREAD_IMBALANCE,
     {.work = 1},
     {.work = 1, .thread_imbalance = 0.6},
     4,
     2},
    {"outside",
     TRM__LIMIT_OUTSIDE,
     {.work = 1},
     {.work = 1, .outside = 0.5},
     1,
     2}};

static double between(double a, double b, double share) {
  return a + (b - a) * share;
}

/* As much of the planted loss. */
static synthetic part_of(const plant *p, double share) {
  synthetic m = p->real;
  const double *from = (const double *)&p->ideal,
               *to = (const double *)&p->real;
  double *at = (double *)&m;
  for (size_t i = 0; i < sizeof m / sizeof *at; i++)
    at[i] = between(from[i], to[i], share);
  if (m.messages > 0) m.message_bytes = p->real.message_bytes;
  return m;
}

static double share_lost(const synthetic *m, const plant *p, int ranks) {
  synthetic_run real = synthetic_make(m, ranks, p->threads);
  synthetic_run ideal = synthetic_make(&p->ideal, ranks, p->threads);
  return 1 - ideal.wall / real.wall;
}

static void check_plant(const plant *p, const int ranks[], int n,
                        double share) {
  synthetic m = part_of(p, share);
  char *where = trm__format("%s x %g on %d", p->name, share, ranks[n - 1]);
  double lost = share_lost(&m, p, ranks[n - 1]);
  verdict v = judge(synthetic_study(&m, n, ranks, p->threads));
  well_said(&v);
  if (lost > 0.07) {
    named(&v, p->limit, where);
    bool exact =
        p->limit != TRM__LIMIT_SERIAL; /* some of which is on one too */
    CHECK__REPORT(!exact || fabs(v.judged.lost - lost) < 0.02 * lost + 0.005,
                  "%s: lost %g, want %g: %s", where, v.judged.lost, lost,
                  v.judged.text);
  } else if (lost < 0.03) {
    named(&v, TRM__LIMIT_NONE, where);
  }
  forget(&v);
  free(where);
}

static void check_plants(void) {
  static const int ranks[] = {1, 2, 3, 4, 7, 8, 16, 64};
  static const double shares[] = {0, 1e-3, 0.1, 0.3, 1, 5};
  for (size_t i = 0; i < sizeof plants / sizeof *plants; i++)
    for (int n = 2; n <= 8; n += n < 4 ? 1 : 2)
      for (int k = 0; k < 6; k++)
        if (ranks[n - 1] >= plants[i].least)
          check_plant(&plants[i], ranks, n, shares[k]);
}

/* One rank works while the others wait: what is won is what sharing it out wins. */
static void check_alone(void) {
  static const int ranks[] = {1, 2, 4, 16};
  for (int n = 2; n <= 4; n++)
    for (double alone = 0.02; alone < 3; alone *= 2) {
      synthetic m = {.work = 1, .alone = alone};
      int p = ranks[n - 1];
      double won = (1. / p + alone) / (1. / p + alone / p);
      verdict v = judge(synthetic_study(&m, n, ranks, 1));
      if (won > 1.08) {
        named(&v, TRM__LIMIT_SERIAL, "alone");
        CHECK_NEAR(v.judged.won, won, 0.01 * won);
        CHECK(strstr(v.judged.text, "\"sum\"") != NULL);
      }
      well_said(&v);
      forget(&v);
    }
}

/* Units that do not divide, and ranks that leave some over. */
static void check_division(void) {
  static const int ranks[] = {1, 2, 3, 4, 6, 7, 8, 16};
  for (int n = 2; n <= 8; n++)
    for (int units = 5; units < 40; units += 3) {
      synthetic m = {.work = 1, .units = units};
      int p = ranks[n - 1];
      double won = ceil((double)units / p) * p / units;
      if (units < p) continue;
      verdict v = judge(synthetic_study(&m, n, ranks, 1));
      if (won > 1.08) {
        named(&v, TRM__LIMIT_DIVISION, "units");
        CHECK_NEAR(v.judged.won, won, 0.01 * won);
      } else if (won < 1.03) {
        named(&v, TRM__LIMIT_NONE, "units");
      }
      forget(&v);
    }
}

/* -- what cannot be known ------------------------------------------------------ */

static void says(trm__study study, trm__limiter limit, const char *text) {
  verdict v = judge(study);
  named(&v, limit, text);
  CHECK__REPORT(v.judged.text && strstr(v.judged.text, text), "want \"%s\": %s",
                text, v.judged.text);
  forget(&v);
}

static void set(trm__study *s, int launch, const char *name, cJSON *value) {
  cJSON_ReplaceItemInObjectCaseSensitive(s->launch[launch].result, name, value);
}

static void check_unknown(void) {
  const int ranks[] = {1, 2, 4};
  synthetic good = {.work = 1}, bad = {.work = 1, .slow = 1};
  says(synthetic_study(&good, 3, ranks, 1), TRM__LIMIT_NONE,
       "On 4 ranks planted is 4.00 times as fast as on 1 rank: an efficiency "
       "of 100 %.");
  says(synthetic_study(&good, 1, ranks, 1), TRM__LIMIT_NONE,
       "how planted scales cannot be known");
  says(synthetic_study(&bad, 1, ranks + 2, 1), TRM__LIMIT_NONE,
       "how planted scales cannot be known");
  says(synthetic_study(&bad, 2, ranks, 1), TRM__LIMIT_SLOW_RANK,
       "Two points show a loss, not how it grows.");

  /* another process may be the reason, where it was seen */
  trm__study s = synthetic_study(&bad, 3, ranks, 1);
  s.launch[2].load = 0.4;
  says(s, TRM__LIMIT_SLOW_RANK, "Others had up to 40 % of the cores");

  /* threads that wait in turns, none the slower on the whole */
  synthetic forks = {.work = 1, .thread_imbalance = 1};
  says(synthetic_study(&forks, 2, ranks, 4), TRM__LIMIT_THREAD_IMBALANCE,
       "in the site \"sweep\" the slowest thread works 250 ms, the mean is 125 "
       "ms");
  s = synthetic_study(&forks, 2, ranks, 4);
  cJSON *meter = cJSON_GetObjectItem(s.launch[1].result, "meter");
  cJSON_ReplaceItemInObject(meter, "sites", cJSON_CreateArray());
  says(s, TRM__LIMIT_THREAD_IMBALANCE, "now for one, now for another");

  /* more ranks than cores: such points are left out */
  s = synthetic_study(&bad, 3, ranks, 1);
  set(&s, 2, "origin", cJSON_CreateString("oversubscribed"));
  verdict v = judge(s);
  CHECK_INT(v.judged.point, 1);
  CHECK(strstr(v.judged.text, "left out") != NULL);
  forget(&v);
  s = synthetic_study(&bad, 3, ranks, 1);
  for (int i = 0; i < 3; i++)
    set(&s, i, "origin", cJSON_CreateString("oversubscribed"));
  says(s, TRM__LIMIT_NONE, "No point of this series counts");

  /* a point that failed is none */
  s = synthetic_study(&bad, 3, ranks, 1);
  s.launch[2].status = 1;
  v = judge(s);
  CHECK_INT(v.judged.point, 1);
  well_said(&v);
  CHECK(strstr(v.judged.text,
               " 4 ranks did not count (exit status 1). Next: "
               "that mended") != NULL);
  forget(&v);
  s = synthetic_study(&bad, 1, ranks, 1);
  s.launch[0].status = 1;
  v = judge(s);
  CHECK_INT(v.judged.point, -1);
  CHECK(strstr(v.judged.text, "counts (exit status 1)") != NULL);
  well_said(&v);
  forget(&v);
}

/* A budget that was too short is no defect: what to do is one command. */
static void check_starved(void) {
  const int ranks[] = {1, 2, 4};
  synthetic bad = {.work = 1, .slow = 1};
  for (int left = 0; left < 3; left++) {
    trm__study s = synthetic_study(&bad, 3, ranks, 1);
    while (s.launches > left) cJSON_Delete(s.launch[--s.launches].result);
    s.dir = trm__strdup("there");
    s.budget = 600;
    verdict v = judge(s);
    well_said(&v);
    CHECK__REPORT(strstr(v.judged.text, "mended") == NULL, "%s", v.judged.text);
    CHECK__REPORT(strstr(v.judged.text,
                         "Next: `trireme study -o there "
                         "--budget 20min`.") != NULL,
                  "%s", v.judged.text);
    if (left)
      CHECK(strstr(v.judged.text, left == 1 ? "2 points had no time left"
                                            : "1 point had no time left"));
    forget(&v);
  }
}

/* What is to be tried is a command that a shell takes as it stands. */
static void check_commands(void) {
  const int ranks[] = {1, 2};
  synthetic chains = {.work = 1,
                      .messages = 100,
                      .message_bytes = 1e3,
                      .chain = 0.5},
            small = {.work = 1,
                     .messages = 1e6,
                     .message_bytes = 16,
                     .transfer = 0.5};
  trm__study s = synthetic_study(&chains, 2, ranks, 4);
  s.config[1].words = trm__grow(s.config[1].words, 3, sizeof(char *));
  s.config[1].words[0] = trm__strdup("--n=64");
  s.config[1].words[1] = trm__strdup("--input=a file");
  s.config[1].words[2] = NULL;
  s.config[1].n_words = 2;
  says(s, TRM__LIMIT_WAITING,
       "Next: `mpirun -n 2 trireme run planted --n=64 '--input=a file' "
       "--threads 4 --trace t.json` shows who waits for whom.");
  says(synthetic_study(&small, 2, ranks, 1), TRM__LIMIT_SMALL_MESSAGES,
       " a step in all, of 16 B");
}

/* With weak scaling as much work a rank is as fast on many. */
static void check_weak(void) {
  verdict v = {.study = {.seed = 1, .kernel = trm__strdup("planted")}};
  for (int ranks = 1; ranks <= 4; ranks *= 2) {
    synthetic m = {.work = ranks, .calls = 1e4, .transfer = 0.3};
    cJSON *result = synthetic_result(&m, ranks, 1);
    cJSON *work = cJSON_GetObjectItem(result, "work");
    cJSON_ReplaceItemInObject(work, "updates", cJSON_CreateNumber(1e9 * ranks));
    recorded_add(&v.study, TRM__MODE_WEAK, result);
  }
  v = judge(v.study);
  named(&v, TRM__LIMIT_LATENCY, "weak");
  CHECK_NEAR(v.judged.lost, 0.3 / 1.3, 0.005);
  CHECK(strstr(v.judged.text, "does 3.08 times as much work a second") != NULL);
  forget(&v);
}

/* Sizes on the same cores: bytes that come from memory are dearer. */
static void check_memory(void) {
  static const char *const label[] = {"n=64", "n=256", "n=1024"};
  trm__study s = {.seed = 1, .kernel = trm__strdup("planted")};
  for (int i = 0; i < 3; i++) {
    synthetic m = {.work = 1, .starving = 0.3 * i};
    recorded_add(&s, TRM__MODE_MEMORY, synthetic_result(&m, 2, 1));
    s.config[i].ranks = 0; /* or the next would be of this one */
    s.config[i].problem = i;
    free(s.config[i].label);
    s.config[i].label = trm__strdup(label[i]);
    cJSON *roofline = cJSON_GetObjectItem(s.launch[i].result, "roofline");
    double bytes = 1e10 / (1 + 0.3 * i);
    cJSON_ReplaceItemInObject(roofline, "bytes_per_s",
                              cJSON_CreateNumber(bytes));
  }
  for (int i = 0; i < 3; i++) s.config[i].ranks = 2;
  says(s, TRM__LIMIT_MEMORY, "sizes between n=64 and n=1024");
}

int main(void) {
  check_recorded();
  check_poor();
  check_plants();
  check_alone();
  check_division();
  check_unknown();
  check_starved();
  check_commands();
  check_weak();
  check_memory();
  return check_done();
}
