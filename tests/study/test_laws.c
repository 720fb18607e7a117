/* TEST timeout=300 slow once */
#include "study/laws/laws.h"

#include <trireme/random.h>

#include "check.h"

enum { MOST_SEEDS = 1000 };

static int seeds(void) {
  return check_seeds(80, 240, 1000);
}

enum { MOST = 16 };

/* Made-up measurements with known truth. */
typedef struct world {
  const char *name;
  trm__study_law_kind kind;
  bool negative;
  double truth[3];
  trm__study_term term;
  int points, repeats;
  double p[8];
  double noise;    /* of a repeat: sigma of its logarithm */
  double apart;    /* of a point's launches together */
  double drift;    /* over the study, which takes its points in turn */
  double outliers; /* share of repeats that are 1.5 to 3 times as slow */
} world;

static double truth(const world *w, double p) {
  const double *v = w->truth;
  switch (w->kind) {
    case TRM__AMDAHL:
      return v[0] * (v[1] + (1 - v[1]) / p);
    case TRM__GUSTAFSON:
      return v[0] * p / (p - v[1] * (p - 1)); /* S = p - f (p - 1) */
    case TRM__USL:
      return v[0] * (1 + v[1] * (p - 1) + v[2] * p * (p - 1)) / p;
    case TRM__NORMAL:
      break;
  }
  return v[0] + v[1] * pow(p, w->term.exponent) * pow(log2(p), w->term.log);
}

/* Repeats at p: what point number k of a study would give. */
static void measure(const world *w, double p, int k, uint64_t seed,
                    double v[]) {
  uint64_t at = (uint64_t)k * 100;
  double here = truth(w, p) * exp(w->apart * trm_random_normal(seed, 1, at));
  for (int i = 0; i < w->repeats; i++) {
    uint64_t r = at + (uint64_t)i;
    v[i] = here * exp(w->noise * trm_random_normal(seed, 2, r));
    v[i] *= 1 + w->drift * ((i + 0.5) / w->repeats - 0.5);
    if (trm_random_uniform(seed, 3, r) < w->outliers)
      v[i] *= 1.5 + 1.5 * trm_random_uniform(seed, 4, r);
  }
}

static trm__study_law fit(const world *w, uint64_t seed) {
  static double values[8][MOST];
  trm__study_sample s[8];
  for (int k = 0; k < w->points; k++) {
    measure(w, w->p[k], k, seed, values[k]);
    s[k] = (trm__study_sample){w->p[k], w->repeats, values[k]};
  }
  return trm__study_law_fit(w->kind, w->points, s, w->negative, 0.95, seed);
}

/* -- without noise --------------------------------------------------------- */

#define FIVE       \
  5, 3, {          \
    1, 2, 4, 8, 16 \
  }
#define SIX            \
  6, 5, {              \
    1, 2, 4, 8, 16, 32 \
  }
static const world exact[] = {
    {"amdahl", TRM__AMDAHL, false, {2, 0.03}, {0, 0}, FIVE, 0, 0, 0, 0},
    {"all serial", TRM__AMDAHL, false, {2, 1}, {0, 0}, FIVE, 0, 0, 0, 0},
    {"none serial", TRM__AMDAHL, false, {2, 0}, {0, 0}, FIVE, 0, 0, 0, 0},
    {"gustafson", TRM__GUSTAFSON, false, {3, 0.1}, {0, 0}, FIVE, 0, 0, 0, 0},
    {"all of it", TRM__GUSTAFSON, false, {3, 1}, {0, 0}, FIVE, 0, 0, 0, 0},
    {"none of it", TRM__GUSTAFSON, false, {3, 0}, {0, 0}, FIVE, 0, 0, 0, 0},
    {"usl", TRM__USL, false, {2, 0.03, 0.002}, {0, 0}, FIVE, 0, 0, 0, 0},
    {"contention", TRM__USL, false, {2, 0.1, 0}, {0, 0}, FIVE, 0, 0, 0, 0},
    {"coherency", TRM__USL, false, {2, 0, 0.01}, {0, 0}, FIVE, 0, 0, 0, 0},
    {"constant", TRM__NORMAL, false, {2, 0}, {0, 0}, SIX, 0, 0, 0, 0},
    {"log", TRM__NORMAL, false, {2, 0.1}, {0, 1}, SIX, 0, 0, 0, 0},
    {"log2", TRM__NORMAL, false, {2, 0.1}, {0, 2}, SIX, 0, 0, 0, 0},
    {"p^(2/3)", TRM__NORMAL, false, {1, 3}, {2. / 3, 0}, SIX, 0, 0, 0, 0},
    {"p log p", TRM__NORMAL, true, {1, 0.1}, {1, 1}, SIX, 0, 0, 0, 0},
    {"p^3", TRM__NORMAL, false, {1, 1e-5}, {3, 0}, SIX, 0, 0, 0, 0},
    {"1/p", TRM__NORMAL, true, {0.1, 5}, {-1, 0}, SIX, 0, 0, 0, 0},
    {"p^-1.5", TRM__NORMAL, true, {0, 5}, {-1.5, 0}, SIX, 0, 0, 0, 0},
};

static void recovery(void) {
  for (size_t i = 0; i < sizeof exact / sizeof *exact; i++) {
    const world *w = &exact[i];
    trm__study_law law = fit(w, 1);
    trm__study_interval at;
    CHECK(law.fitted && !law.why);
    CHECK(law.error < 1e-6);
    for (int j = 0; j < 3; j++) CHECK_NEAR(law.parameter[j], w->truth[j], 1e-7);
    if (w->kind == TRM__NORMAL) {
      CHECK_NEAR(law.term.exponent, w->term.exponent, 1e-12);
      CHECK_INT(law.term.log, w->term.log);
      CHECK(law.terms == 1 || w->truth[1] <= 0);
      CHECK(!trm__study_law_disagrees(&law, w->term.exponent));
      CHECK(!trm__study_law_disagrees(&law, w->term.exponent + 0.25));
      CHECK(trm__study_law_disagrees(&law, w->term.exponent - 1) ||
            w->truth[1] <= 0);
      CHECK(!trm__study_law_disagrees(&law, NAN));
    }
    CHECK(trm__study_law_at(&law, 40, &at));
    CHECK_NEAR(at.mid, truth(w, 40), 1e-6 * truth(w, 40));
    CHECK_NEAR(at.high / at.low, 1, 1e-4);
    CHECK_INT(law.points, w->points);
    CHECK_SAME(law.from, 1);
    CHECK_SAME(law.to, w->p[w->points - 1]);
    trm__study_law_clear(&law);
    CHECK(!law.resamples && !law.why);
  }
}

/* Bytes instead of ranks: huge p. The order of points, the unit of time, and
 * repeats of the same value decide nothing. */
static void invariances(void) {
  double near[3] = {1, 1.1, 1.05}, far[3] = {4, 4.1, 4.2}, one[1] = {9};
  double mid[2] = {2.1, 2.1}, last[1] = {70};
  double huge[1] = {200};
  trm__study_sample s[6] = {{1e3, 3, near}, {1e4, 2, mid},  {1e5, 3, far},
                            {1e6, 1, one},  {1e9, 1, last}, {1e10, 1, huge}};
  trm__study_law law = trm__study_law_fit(TRM__NORMAL, 6, s, false, 0.95, 7);
  CHECK(law.fitted);
  trm__study_sample turned[6];
  for (int k = 0; k < 6; k++) turned[k] = s[5 - k];
  trm__study_law other =
      trm__study_law_fit(TRM__NORMAL, 6, turned, false, 0.95, 7);
  CHECK_NEAR(other.term.exponent, law.term.exponent, 1e-12);
  CHECK_NEAR(other.parameter[0] / law.parameter[0], 1, 1e-6);
  CHECK_NEAR(other.error, law.error, 1e-6);
  double minutes[6][3];
  for (int k = 0; k < 6; k++) {
    for (int i = 0; i < s[k].n; i++) minutes[k][i] = s[k].value[i] / 60;
    turned[k] = (trm__study_sample){s[k].p, s[k].n, minutes[k]};
  }
  trm__study_law scaled =
      trm__study_law_fit(TRM__NORMAL, 6, turned, false, 0.95, 7);
  trm__study_interval a, b;
  CHECK(trm__study_law_at(&law, 1e10, &a) &&
        trm__study_law_at(&scaled, 1e10, &b));
  CHECK_NEAR(b.low * 60 / a.low, 1, 1e-6);
  CHECK_NEAR(b.high * 60 / a.high, 1, 1e-6);
  CHECK(a.low < a.mid && a.mid < a.high);
  trm__study_law_clear(&law);
  trm__study_law_clear(&other);
  trm__study_law_clear(&scaled);
}

/* -- what cannot be known -------------------------------------------------- */

static void says(trm__study_law_kind kind, int points, bool fitted,
                 const char *why) {
  world w = {"few", kind, false, {2, 0.03}, {1, 0}, SIX, 0.02, 0, 0, 0};
  w.points = points;
  trm__study_law law = fit(&w, 3);
  trm__study_interval at;
  CHECK(law.fitted == fitted);
  CHECK_TEXT(law.why ? law.why : "", why);
  CHECK(trm__study_law_at(&law, 2, &at) == fitted);
  char *text = trm__study_law_text(&law);
  if (!fitted) CHECK_TEXT(text, why);
  if (!fitted) CHECK(!trm__study_law_disagrees(&law, 9));
  free(text);
  trm__study_law_clear(&law);
}

static void too_few(void) {
  says(TRM__AMDAHL, 0, false,
       "no points say nothing about scaling: at least 3 different counts are "
       "needed");
  says(TRM__GUSTAFSON, 1, false,
       "one point shows nothing about scaling: at least 3 different counts are "
       "needed");
  says(TRM__AMDAHL, 2, false,
       "2 points for 2 parameters leave nothing to check the law with: at "
       "least 3 different counts are needed");
  says(TRM__AMDAHL, 3, true,
       "3 points leave one to check 2 parameters: whether this law holds is "
       "unknown, and the band is accordingly wide");
  says(TRM__AMDAHL, 4, true, "");
  says(TRM__USL, 3, false,
       "3 points for 3 parameters leave nothing to check the law with: at "
       "least 4 different counts are needed");
  says(TRM__USL, 5, true, "");
  says(TRM__NORMAL, 4, false,
       "4 points cannot tell one term from another: at least 5 different "
       "counts are needed");
  says(TRM__NORMAL, 5, true, "");
  /* five points at two counts are two */
  double v[3] = {1, 1.1, 1.2};
  trm__study_sample s[5] = {
      {1, 3, v}, {2, 3, v}, {1, 3, v}, {2, 3, v}, {2, 3, v}};
  trm__study_law law = trm__study_law_fit(TRM__AMDAHL, 5, s, false, 0.95, 1);
  CHECK(!law.fitted);
  trm__study_law_clear(&law);
  v[1] = 0;
  v[0] = 0;
  trm__study_sample bad[3] = {{1, 3, v}, {2, 3, v}, {4, 3, v}};
  law = trm__study_law_fit(TRM__AMDAHL, 3, bad, false, 0.95, 1);
  CHECK(!law.fitted);
  CHECK_TEXT(law.why, "a time is not a positive number");
  trm__study_law_clear(&law);
}

/* Beyond four times the largest count only what is known within a factor of 2. */
static void far_away(void) {
  world w = {"far", TRM__AMDAHL, false, {2, 0.03}, {0, 0}, FIVE, 0.02, 0, 0, 0};
  trm__study_interval at;
  trm__study_law law = fit(&w, 3);
  CHECK(trm__study_law_at(&law, 64, &at));
  CHECK(trm__study_law_at(&law, 1000, &at)); /* f is known well enough */
  CHECK(at.low >= at.mid / 2 && at.high <= 2 * at.mid);
  CHECK(!trm__study_law_at(&law, 0, &at));
  trm__study_law_clear(&law);
  w = (world){"far", TRM__AMDAHL, false, {2, 0.001}, {0, 0},
              FIVE,  0.05,        0.05,  0,          0};
  law = fit(&w, 3);
  CHECK(trm__study_law_at(&law, 64, &at)); /* however wide: it is printed */
  CHECK(!trm__study_law_at(&law, 4000, &at));
  trm__study_law_clear(&law);
}

/* -- words ----------------------------------------------------------------- */

static void text_of(trm__study_law_kind kind, double a, double b, double c,
                    trm__study_term term, const char *want) {
  trm__study_law law = {
      .kind = kind, .fitted = true, .parameter = {a, b, c}, .term = term};
  char *text = trm__study_law_text(&law);
  CHECK_TEXT(text, want);
  free(text);
}

static void words(void) {
  text_of(TRM__AMDAHL, 2.31, 0.02, 0, (trm__study_term){0, 0},
          "2.31 s x (0.02 + 0.98 / p)");
  text_of(TRM__GUSTAFSON, 0.0152, 0.02, 0, (trm__study_term){0, 0},
          "15.2 ms x p / (p - 0.02 (p - 1))");
  text_of(TRM__USL, 2.31, 0.02, 0.001, (trm__study_term){0, 0},
          "2.31 s x (1 + 0.02 (p - 1) + 0.001 p (p - 1)) / p");
  text_of(TRM__NORMAL, 2.31, 0, 0, (trm__study_term){0, 0}, "2.31 s");
  text_of(TRM__NORMAL, 2.31, 0.5, 0, (trm__study_term){1, 0},
          "2.31 s + 0.5 s x p");
  text_of(TRM__NORMAL, 0, 0.5, 0, (trm__study_term){-2. / 3, 1},
          "0.5 s x p^-0.667 log2(p)");
  text_of(TRM__NORMAL, 0, 0.5, 0, (trm__study_term){0, 2}, "0.5 s x log2(p)^2");
  /* Karp and Flatt: a serial fraction of 0.1 on 8 has S = 1 / (0.1 + 0.9 / 8) */
  trm__study_interval s = {1 / (0.1 + 0.9 / 8), 1, 8, 0.95};
  trm__study_interval f = trm__study_karp_flatt(&s, 8);
  CHECK_NEAR(f.mid, 0.1, 1e-15);
  CHECK_NEAR(f.low, 0, 1e-15);
  CHECK_NEAR(f.high, 1, 1e-15);
  CHECK_SAME(f.level, 0.95);
  /* the peak: Gunther's sqrt((1 - s) / k) */
  trm__study_law usl = {.kind = TRM__USL, .parameter = {1, 0.19, 0.0001}};
  CHECK_NEAR(trm__study_usl_peak(&usl), 90, 1e-10);
  usl.parameter[2] = 0;
  CHECK(isinf(trm__study_usl_peak(&usl)));
  usl.parameter[2] = 4;
  CHECK_SAME(trm__study_usl_peak(&usl), 1);
}

/* -- with noise: how often the truth is in the band ------------------------ */

static const double reach[] = {0.7, 1, 2, 4}; /* times the largest count */
enum { REACHES = 4 };

typedef struct tally {
  int hit[REACHES], known[3], named, alarms, wrong;
  double width[REACHES][MOST_SEEDS], value[3][MOST_SEEDS];
} tally;

/* Each seed has its noise, 1 to 5 %, its repeats, and its own mischief: none,
 * points that are apart, outliers, all of it with drift. */
static world spoil(const world *clean, uint64_t seed) {
  world w = *clean;
  w.noise = 0.01 + 0.04 * trm_random_uniform(seed, 8, 0);
  w.repeats = 5 + (int)(seed / 4 % 5);
  if (seed % 4 == 1) w.apart = 0.02;
  if (seed % 4 >= 2) w.outliers = 0.1;
  if (seed % 4 == 3) w.drift = 0.05;
  if (seed % 4 == 3) w.apart = 0.01;
  return w;
}

static void count(const world *w, const trm__study_law *law, uint64_t s,
                  tally *t) {
  double one[MOST];
  bool named = false;
  for (int j = 0; j < 3; j++) {
    t->known[j] +=
        law->known[j].low <= w->truth[j] && w->truth[j] <= law->known[j].high;
    t->value[j][s] = law->parameter[j];
  }
  for (int i = 0; i < law->terms; i++)
    named = named || (law->also[i].log == w->term.log &&
                      fabs(law->also[i].exponent - w->term.exponent) < 1e-9);
  t->named += named;
  t->alarms += trm__study_law_disagrees(law, w->term.exponent);
  t->wrong += trm__study_law_disagrees(law, w->term.exponent - 1.25);
  for (int f = 0; f < REACHES; f++) {
    trm__study_interval at = {0, 0, 0, 0};
    CHECK(trm__study_law_at(law, reach[f] * law->to, &at));
    CHECK_SAME(at.level, 0.95);
    measure(w, reach[f] * law->to, 50 + f, s, one);
    double median = trm__base_median(w->repeats, one);
    t->hit[f] += at.low <= median && median <= at.high;
    t->width[f][s] = at.high / at.low;
  }
}

static void at_least(const char *name, const char *what, int hits,
                     double level) {
  double share = hits / (double)seeds();
  double least = level - 2.6 * sqrt(level * (1 - level) / seeds());
  printf("%-10s %-24s %.3f of %d seeds\n", name, what, share, seeds());
  CHECK__REPORT(share >= least, "%s, %s: %.3f of %d seeds, want %.3f or more",
                name, what, share, seeds(), least);
}

static void run(const char *name, int n, const world clean[], tally *t) {
  *t = (tally){.hit = {0}};
  for (uint64_t s = 0; s < (uint64_t)seeds(); s++) {
    world w = spoil(&clean[s / 20 % (uint64_t)n], s);
    trm__study_law law = fit(&w, s);
    CHECK(law.fitted);
    count(&w, &law, s, t);
    trm__study_law_clear(&law);
  }
  static const char *const what[] = {"band within", "band at the largest",
                                     "band at 2 times", "band at 4 times"};
  for (int f = 0; f < REACHES; f++) at_least(name, what[f], t->hit[f], 0.95);
  for (int f = 0; f < REACHES; f++)
    printf("%-10s %-24s %.2f high / low, median\n", name, what[f],
           trm__base_median(seeds(), t->width[f]));
}

/* One law with these parameters, of which the medians come back. */
static void coverage_of(const world *w, const double tolerance[3],
                        const double widest[REACHES], tally *t) {
  run(w->name, 1, w, t);
  static const char *const what[] = {"T1", "second parameter",
                                     "third parameter"};
  for (int j = 0; j < (w->kind == TRM__USL ? 3 : 2); j++) {
    at_least(w->name, what[j], t->known[j], 0.95);
    double mid = trm__base_median(seeds(), t->value[j]);
    CHECK_NEAR(mid, w->truth[j], tolerance[j]);
  }
  for (int f = 0; f < REACHES; f++)
    CHECK(trm__base_median(seeds(), t->width[f]) < widest[f]);
}

/* Karp and Flatt's fraction knows what the repeats of its two points know: not that
 * all launches of a point are off together, nor a drift. */
static void fraction(void) {
  static double one[MOST], many[MOST], value[MOST_SEEDS];
  world clean = {"karp-flatt", TRM__AMDAHL, false, {2, 0.05}, {0, 0},
                 FIVE,         0,           0,     0,         0};
  int hits = 0;
  for (uint64_t seed = 0; seed < (uint64_t)seeds(); seed++) {
    world w = spoil(&clean, seed);
    w.apart = w.drift = 0;
    w.repeats += 2; /* 7 to 11: at least six have 95 % */
    measure(&w, 1, 0, seed, one);
    measure(&w, 8, 1, seed, many);
    trm__study_interval s =
        trm__study_ratio(w.repeats, many, w.repeats, one, 0.95, seed);
    trm__study_interval f = trm__study_karp_flatt(&s, 8);
    CHECK_SAME(f.level, 0.95);
    hits += f.low <= 0.05 && 0.05 <= f.high;
    value[seed] = f.mid;
  }
  at_least(clean.name, "fraction", hits, 0.95);
  CHECK_NEAR(trm__base_median(seeds(), value), 0.05, 0.002);
}

static void coverage(void) {
  static tally t;
  static const world amdahl = {"amdahl", TRM__AMDAHL, false, {2, 0.03}, {0, 0},
                               FIVE,     0,           0,     0,         0};
  static const world gustafson = {
      "gustafson", TRM__GUSTAFSON,         false, {3, 0.2}, {0, 0}, 7,
      5,           {1, 2, 3, 4, 6, 8, 12}, 0,     0,        0,      0};
  static const world usl = {
      "usl", TRM__USL, false, {2, 0.03, 0.001}, {0, 0}, SIX, 0, 0, 0, 0};
  static const world three = {"3 points", TRM__AMDAHL, false, {2, 0.03},
                              {0, 0},     3,           5,     {1, 2, 4},
                              0,          0,           0,     0};
  static const world weak[] = {
      {"log", TRM__NORMAL, false, {2, 0.1}, {0, 1}, SIX, 0, 0, 0, 0},
      {"sqrt", TRM__NORMAL, false, {2, 0.5}, {0.5, 0}, SIX, 0, 0, 0, 0},
      {"p", TRM__NORMAL, false, {2, 0.1}, {1, 0}, SIX, 0, 0, 0, 0},
      {"p log p", TRM__NORMAL, false, {2, 0.1}, {1, 1}, SIX, 0, 0, 0, 0},
      {"p^1.5", TRM__NORMAL, false, {0, 0.01}, {1.5, 0}, SIX, 0, 0, 0, 0},
      {"p^2", TRM__NORMAL, false, {2, 0.01}, {2, 0}, SIX, 0, 0, 0, 0}};
  static const world strong[] = {
      {"1/p", TRM__NORMAL, true, {0, 4}, {-1, 0}, SIX, 0, 0, 0, 0},
      {"1/p + c", TRM__NORMAL, true, {0.1, 4}, {-1, 0}, SIX, 0, 0, 0, 0},
      {"p^-2/3", TRM__NORMAL, true, {0.1, 4}, {-2. / 3, 0}, SIX, 0, 0, 0, 0}};
  coverage_of(&amdahl, (double[]){0.02, 0.003, 0},
              (double[]){1.3, 1.3, 1.4, 1.5}, &t);
  coverage_of(&gustafson, (double[]){0.03, 0.01, 0},
              (double[]){1.3, 1.3, 1.4, 1.5}, &t);
  coverage_of(&usl, (double[]){0.02, 0.004, 2e-4},
              (double[]){1.3, 1.3, 1.6, 2.2}, &t);
  run("3 points", 1, &three, &t);
  run("weak", 6, weak, &t);
  at_least("weak", "has the term", t.named, 0.9);
  at_least("weak", "no false alarm", seeds() - t.alarms, 0.95);
  at_least("weak", "alarm at 1.25 less", t.wrong, 0.95);
  CHECK(trm__base_median(seeds(), t.width[2]) < 1.6);
  run("strong", 3, strong, &t);
  at_least("strong", "has the term", t.named, 0.9);
  at_least("strong", "no false alarm", seeds() - t.alarms, 0.95);
  at_least("strong", "alarm at 1.25 less", t.wrong, 0.95);
  CHECK(trm__base_median(seeds(), t.width[2]) < 1.3);
}

int main(void) {
  recovery();
  invariances();
  too_few();
  far_away();
  words();
  fraction();
  coverage();
  return check_done();
}
