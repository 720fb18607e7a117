/* Two studies compared: their common configurations, each and together. */
#include "study/run/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "study/run/answer.h"
#include "study/statistics/ranks.h"
#include "study/statistics/resample.h"

enum { RESAMPLES = 9999, STREAM_RATIO = 101, STREAM_TEST };

/* -- which belong together -------------------------------------------------- */

static bool same_words(const trm__study_config *a, const trm__study_config *b) {
  if (a->n_words != b->n_words) return false;
  for (int i = 0; i < a->n_words; i++)
    if (strcmp(a->words[i], b->words[i])) return false;
  return true;
}

static bool same_place(const trm__study_config *a, const trm__study_config *b) {
  return a->mode == b->mode && a->ranks == b->ranks &&
         a->threads == b->threads && !strcmp(a->label, b->label);
}

const trm__study_point *trm__study_point_find(const trm__study_points *points,
                                              const trm__study_config *config) {
  const trm__study_point *found = NULL;
  for (int i = points->n; i-- > 0;) {
    const trm__study_point *p = &points->point[i];
    if (!same_place(p->config, config)) continue;
    if (same_words(p->config, config)) return p;
    found = p;
  }
  return found;
}

bool trm__study_point_counts(const trm__study_point *p) {
  return p->valid && p->origin == TRM__MEASURED;
}

char *trm__study_point_differs(const trm__study_point *a,
                               const trm__study_point *b,
                               const trm_option *table) {
  if (!a->result || !b->result) return NULL;
  return trm__study_answer_differs(a->result, b->result, table);
}

trm__study_interval trm__study_point_ratio(const trm__study_point *a,
                                           const trm__study_point *b,
                                           double level, uint64_t seed) {
  trm__study_interval ratio =
      trm__study_ratio(a->counted, a->seconds, b->counted, b->seconds,
                       fmax(level, fmax(a->inside, b->inside)), seed);
  ratio.level = fmin(ratio.level, level);
  return ratio;
}

static void check_answer(trm__study_comparison *all, const trm__study_point *a,
                         const trm__study_point *b, const trm_option *table) {
  char *differs = all->unlike ? NULL : trm__study_point_differs(a, b, table);
  if (differs)
    all->unlike = trm__base_format(
        "%d x %d%s%s: %s", a->config->ranks, a->config->threads,
        *a->config->label ? ", " : "", a->config->label, differs);
  free(differs);
}

static void add_match(trm__study_comparison *all, const trm__study_point *a,
                      const trm__study_point *b, double level, uint64_t seed) {
  double larger;
  trm__study_common_point match = {.a = a, .b = b};
  size_t n = (size_t)all->n;
  match.ratio = trm__study_point_ratio(a, b, level, seed + n);
  match.differs = trm__study_rank_sum(a->counted, a->seconds, b->counted,
                                      b->seconds, &larger);
  all->match = trm__base_grow(all->match, n + 1, sizeof match);
  all->match[n] = match;
  if (all->worst < 0 || match.ratio.mid > all->match[all->worst].ratio.mid)
    all->worst = all->n;
  all->n++;
}

static void match_points(trm__study_comparison *all, const trm__study_points *a,
                         const trm__study_points *b, const trm_option *table,
                         double level, uint64_t seed) {
  for (int i = 0; i < a->n; i++) {
    const trm__study_point *p = &a->point[i],
                           *q = trm__study_point_find(b, p->config);
    if (!q) {
      all->alone++;
    } else if (!trm__study_point_counts(p) || !trm__study_point_counts(q)) {
      all->left_out++;
    } else {
      check_answer(all, p, q, table);
      add_match(all, p, q, level, seed);
    }
  }
  for (int i = 0; i < b->n; i++)
    if (!trm__study_point_find(a, b->point[i].config)) all->alone++;
}

/* -- the interval over all -------------------------------------------------- */

static int rising(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double *sorted(const trm__study_point *p) {
  size_t n = (size_t)p->counted;
  double *value = trm__base_calloc(n, sizeof *value);
  memcpy(value, p->seconds, n * sizeof *value);
  qsort(value, n, sizeof *value, rising);
  return value;
}

/* Add what the logarithms of resampled ratios of one configuration are. */
static void add_resamples(const trm__study_common_point *m, uint64_t seed,
                          double sum[]) {
  int na = m->a->counted, nb = m->b->counted;
  double *a = sorted(m->a), *b = sorted(m->b);
  int *count = trm__base_calloc((size_t)(na > nb ? na : nb), sizeof *count);
  for (int k = 0; k < RESAMPLES; k++) {
    trm__study_draws d =
        trm__study_draws_begin(seed, STREAM_RATIO, (uint32_t)k);
    double below = trm__study_resampled_median(na, a, &d, count);
    sum[k] += log(trm__study_resampled_median(nb, b, &d, count) / below);
  }
  free(count);
  free(a);
  free(b);
}

static bool repeated(const trm__study_comparison *all) {
  for (int i = 0; i < all->n; i++)
    if (all->match[i].a->counted < 2 || all->match[i].b->counted < 2)
      return false;
  return true;
}

/* Where a configuration was launched once there is nothing to resample. */
static void find_ratio(trm__study_comparison *all, double level,
                       uint64_t seed) {
  double sum = 0;
  for (int i = 0; i < all->n; i++) sum += log(all->match[i].ratio.mid);
  double mid = exp(sum / all->n);
  all->ratio = (trm__study_interval){mid, mid, mid, 0};
  if (!repeated(all)) return;
  double *sums = trm__base_calloc(RESAMPLES, sizeof *sums);
  for (int i = 0; i < all->n; i++)
    add_resamples(&all->match[i], seed + (uint64_t)i, sums);
  double low = trm__base_quantile(RESAMPLES, sums, (1 - level) / 2),
         high = trm__base_quantile(RESAMPLES, sums, (1 + level) / 2);
  free(sums);
  all->ratio =
      (trm__study_interval){mid, exp(low / all->n), exp(high / all->n), level};
}

/* -- the test over all ------------------------------------------------------ */

/* The difference of the means of log seconds, summed over the points, among all
 * permutations of the launches of each point: exact, were B slower by the shift at
 * each of them; where points differ in it, permuting widens the distribution: fewer
 * alarms, not more. Means, as medians of a few hardly change when two launches are
 * exchanged; outliers are cut off at the outer tenths of both together, which no
 * permutation changes. */
typedef struct stratum {
  int na, n;   /* launches of A; of both */
  double *log; /* n: first A's, then B's less the shift */
} stratum;

static stratum stratum_of(const trm__study_common_point *m, double shift) {
  stratum s = {m->a->counted, m->a->counted + m->b->counted, NULL};
  s.log = trm__base_calloc((size_t)s.n, sizeof *s.log);
  for (int i = 0; i < s.n; i++)
    s.log[i] = i < s.na ? log(m->a->seconds[i])
                        : log(m->b->seconds[i - s.na] / (1 + shift));
  double low = trm__base_quantile(s.n, s.log, 0.1),
         high = trm__base_quantile(s.n, s.log, 0.9);
  for (int i = 0; i < s.n; i++) s.log[i] = fmin(fmax(s.log[i], low), high);
  return s;
}

static double statistic(const stratum *s) {
  double a = 0, b = 0;
  for (int i = 0; i < s->na; i++) a += s->log[i];
  for (int i = s->na; i < s->n; i++) b += s->log[i];
  return b / (s->n - s->na) - a / s->na;
}

static void shuffle(stratum *s, trm__study_draws *d) {
  for (int i = s->n - 1; i > 0; i--) {
    int k = trm__study_random_below(d, i + 1);
    double kept = s->log[i];
    s->log[i] = s->log[k];
    s->log[k] = kept;
  }
}

/* Probabilities of sums at least so large, and at least so small. */
static void permute(int n, stratum *s, uint64_t seed, double *above,
                    double *below) {
  const double slack = 1e-9; /* of sums that are equal but for rounding */
  double seen = 0;
  int larger = 1, smaller = 1;
  for (int i = 0; i < n; i++) seen += statistic(&s[i]);
  for (int k = 0; k < RESAMPLES; k++) {
    trm__study_draws d = trm__study_draws_begin(seed, STREAM_TEST, (uint32_t)k);
    double sum = 0;
    for (int i = 0; i < n; i++) {
      shuffle(&s[i], &d);
      sum += statistic(&s[i]);
    }
    larger += sum >= seen - slack;
    smaller += sum <= seen + slack;
  }
  *above = (double)larger / (RESAMPLES + 1);
  *below = (double)smaller / (RESAMPLES + 1);
}

/* Were B slower by the shift: probabilities of launches so slow, and so fast. */
static void test(const trm__study_comparison *all, double shift, uint64_t seed,
                 double *slower, double *faster) {
  stratum *s = trm__base_calloc((size_t)all->n, sizeof *s);
  for (int i = 0; i < all->n; i++) s[i] = stratum_of(&all->match[i], shift);
  permute(all->n, s, seed, slower, faster);
  for (int i = 0; i < all->n; i++) free(s[i].log);
  free(s);
}

/* -- the whole -------------------------------------------------------------- */

trm__study_comparison trm__study_compare(const trm__study_points *a,
                                         const trm__study_points *b,
                                         const trm_option *table, double level,
                                         double gate, uint64_t seed) {
  trm__study_comparison all = {
      .worst = -1, .differs = 1, .slower = 1, .faster = 1};
  match_points(&all, a, b, table, level, seed);
  if (!all.n) return all;
  find_ratio(&all, level, seed);
  test(&all, 0, seed, &all.slower, &all.faster);
  all.differs = fmin(1, 2 * fmin(all.slower, all.faster));
  if (!isnan(gate)) test(&all, gate, seed, &all.slower, &all.faster);
  return all;
}

bool trm__study_comparison_can_tell(const trm__study_comparison *all,
                                    double confidence) {
  double ways = 0; /* logarithm of how many there are */
  for (int i = 0; i < all->n; i++) {
    double a = all->match[i].a->counted, b = all->match[i].b->counted;
    ways += lgamma(a + b + 1) - lgamma(a + 1) - lgamma(b + 1);
  }
  return exp(-ways) <= (1 - confidence) * (1 + 1e-9);
}

void trm__study_comparison_clear(trm__study_comparison *all) {
  free(all->match);
  free(all->unlike);
  *all = (trm__study_comparison){.worst = -1};
}
