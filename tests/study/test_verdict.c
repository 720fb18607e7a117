/* TEST timeout=300 slow once */
/* The verdict names what was planted: in results recorded from live runs (by
 * benchmarks/verdict.sh), and in made-up ones of known truth, on 2 to 64 ranks and at
 * many magnitudes, where what would be won is known too. */
#include "judged.h"

#include "study/verdict/evidence.h"

/* -- recorded ---------------------------------------------------------------- */

static const struct {
  const char *name;
  trm__study_limiter limit;
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

/* Calls of messages in the result that a verdict rests on. */
static trm__study_call_times message_calls(trm__study study, const char *name) {
  for (int k = 0; name && k < study.launches; k++) {
    const cJSON *meter = trm__base_json_at(study.launch[k].result, "meter");
    cJSON *call;
    cJSON_ArrayForEach(call, trm__base_json_at(meter, "calls")) {
      if (!strcmp(trm__base_json_text_at(call, "call"), "wait"))
        cJSON_ReplaceItemInObject(call, "call", cJSON_CreateString(name));
    }
  }
  verdict v = judge(study);
  trm__study_call_times times =
      trm__study_evidence_of(&v.study, &v.points, v.judged.point).messages;
  forget(&v);
  return times;
}

/* MPI that a kernel calls itself counts as messages, also under the name that
 * version 0.1.0 gave it. */
static void check_untracked(void) {
  static const char *const names[] = {"untracked", "beside"};
  trm__study_call_times as_recorded =
      message_calls(read_recorded("small_messages"), NULL);
  CHECK(as_recorded.calls > 0 && as_recorded.transfer > 0);
  for (int i = 0; i < 2; i++) {
    trm__study_call_times times =
        message_calls(read_recorded("small_messages"), names[i]);
    CHECK_SAME(times.calls, as_recorded.calls);
    CHECK_SAME(times.waiting, as_recorded.waiting);
    CHECK_SAME(times.transfer, as_recorded.transfer);
  }
}

/* -- made up ------------------------------------------------------------------ */

/* The wall time without what was planted is that of `ideal`. */
typedef struct plant {
  const char *name;
  trm__study_limiter limit;
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
  char *where = trm__base_format("%s x %g on %d", p->name, share, ranks[n - 1]);
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

/* -- other modes --------------------------------------------------------------- */

/* With weak scaling as much work a rank is as fast on many. */
static void check_weak(void) {
  verdict v = {.study = {.seed = 1, .kernel = trm__base_strdup("planted")}};
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
  CHECK(strstr(v.judged.text, "does 3.08 times as much work per second") !=
        NULL);
  forget(&v);
}

/* Sizes on the same cores: bytes that come from memory are dearer. */
static void check_memory(void) {
  static const char *const label[] = {"n=64", "n=256", "n=1024"};
  trm__study s = {.seed = 1, .kernel = trm__base_strdup("planted")};
  for (int i = 0; i < 3; i++) {
    synthetic m = {.work = 1, .starving = 0.3 * i};
    recorded_add(&s, TRM__MODE_MEMORY, synthetic_result(&m, 2, 1));
    s.config[i].ranks = 0; /* or the next would be of this one */
    s.config[i].problem = i;
    free(s.config[i].label);
    s.config[i].label = trm__base_strdup(label[i]);
    cJSON *roofline = cJSON_GetObjectItem(s.launch[i].result, "roofline");
    double bytes = 1e10 / (1 + 0.3 * i);
    cJSON_ReplaceItemInObject(roofline, "bytes_per_s",
                              cJSON_CreateNumber(bytes));
  }
  for (int i = 0; i < 3; i++) s.config[i].ranks = 2;
  says(s, TRM__LIMIT_MEMORY, "measure sizes between n=64 and n=1024");
}

int main(void) {
  check_recorded();
  check_poor();
  check_untracked();
  check_plants();
  check_alone();
  check_division();
  check_weak();
  check_memory();
  return check_done();
}
