/* Fitting laws, and what they say of counts that were not measured. */
#include "study/laws/laws.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "study/laws/normal.h"
#include "study/statistics/resample.h"

enum { RESAMPLES = 999, PARAMETERS = TRM__LAW_PARAMETERS };

/* Streams of random numbers. */
enum { OF_REPEATS = 16, OF_POINTS };

typedef struct resample { /* what could have come out as well */
  trm__study_form form;
  double a[PARAMETERS];
  double noise; /* of one more median: logarithm of its factor */
} resample;

typedef struct band {
  double level;
  resample of[RESAMPLES];
} band;

/* -- points ---------------------------------------------------------------- */

/* A point's weight: half of what it is off by is taken to be of the launch, half
 * of its repeats, so that many repeats of one do not outvote the others. */
static trm__study_fit_data gather(int n, const trm__study_sample sample[],
                                  double p[]) {
  trm__study_fit_data d = {.n = n, .p = p};
  d.y = trm__base_calloc((size_t)n + 1, sizeof *d.y);
  d.w = trm__base_calloc((size_t)n + 1, sizeof *d.w);
  double mean = 0, sum = 0;
  for (int k = 0; k < n; k++) mean += (double)sample[k].n / n;
  for (int k = 0; k < n; k++) {
    p[k] = sample[k].p;
    d.y[k] = log(trm__base_median(sample[k].n, sample[k].value));
    d.w[k] = sample[k].n / (sample[k].n + mean);
    sum += d.w[k] / n;
  }
  for (int k = 0; k < n; k++) d.w[k] /= sum;
  return d;
}

static int distinct(int n, const trm__study_sample sample[]) {
  int found = 0;
  for (int k = 0; k < n; k++) {
    bool seen = false;
    for (int i = 0; i < k; i++)
      if (sample[i].p >= sample[k].p && sample[i].p <= sample[k].p) seen = true;
    found += !seen;
  }
  return found;
}

/* Logarithms of medians of resampled repeats, without that of the repeats
 * themselves: RESAMPLES rows of n. */
static double *resample_repeats(int n, const trm__study_sample sample[],
                                const trm__study_fit_data *d, uint64_t seed) {
  double *off = trm__base_calloc((size_t)n * RESAMPLES, sizeof *off);
  for (int k = 0; k < n; k++) {
    size_t many = (size_t)sample[k].n;
    double *sorted = trm__base_calloc(many, sizeof *sorted);
    int *count = trm__base_calloc(many, sizeof *count);
    for (int i = 0; i < sample[k].n; i++) sorted[i] = sample[k].value[i];
    trm__base_sort(sample[k].n, sorted);
    for (int r = 0; r < RESAMPLES; r++) {
      trm__study_draws draws = trm__study_draws_begin(
          seed, OF_REPEATS, (uint32_t)k * RESAMPLES + (uint32_t)r);
      double median =
          trm__study_resampled_median(sample[k].n, sorted, &draws, count);
      off[r * n + k] = log(median) - d->y[k];
    }
    free(sorted);
    free(count);
  }
  return off;
}

/* Scale of what was resampled: two thirds are below it. The rest is cut off at
 * three times that, as one slow repeat of five is the median of every 17th
 * resample, but hardly ever that of a new measurement.
 * \return the variance */
static double tame(int n, double off[]) {
  double *size = trm__base_calloc((size_t)n + 1, sizeof *size);
  for (int i = 0; i < n; i++) size[i] = fabs(off[i]);
  double scale = trm__base_quantile(n, size, 0.6827), square = 0;
  for (int i = 0; i < n; i++) {
    off[i] = fmax(fmin(off[i], 3 * scale), -3 * scale);
    square += off[i] * off[i] / n;
  }
  free(size);
  return square;
}

/* -- the band -------------------------------------------------------------- */

static const trm__study_candidate *pick(int n,
                                        const trm__study_candidate list[],
                                        double at) {
  int i = 0;
  while (i < n - 1 && at >= list[i].weight) at -= list[i++].weight;
  return &list[i];
}

typedef struct scatter { /* of the points around a law */
  const double *off;     /* of resampled repeats */
  double variance;       /* of these: the residuals' is no less */
} scatter;

/* A residual variance could have been larger: with few points much larger. It is
 * drawn from what the residuals leave open, so that the band is as wide as
 * Student's t would have it. What repeats do not explain of it is drawn as normal;
 * past a factor of e^5 it makes no difference. */
static double between(const trm__study_candidate *c,
                      const trm__study_fit_data *d, const scatter *s,
                      trm__study_draws *draws) {
  int freedom = d->n - trm__study_form_size(&c->form);
  double square = c->square / trm__study_random_chi_square(draws, freedom);
  return fmin(sqrt(fmax(square - s->variance, 0)), 5);
}

static void draw_band(band *b, int n, const trm__study_candidate list[],
                      const trm__study_fit_data *d, const scatter *s,
                      uint64_t seed) {
  double *y = trm__base_calloc((size_t)d->n, sizeof *y);
  for (int r = 0; r < RESAMPLES; r++) {
    trm__study_draws draws =
        trm__study_draws_begin(seed, OF_POINTS, (uint32_t)r);
    const trm__study_candidate *c =
        pick(n, list, trm__study_random_uniform(&draws));
    double apart = between(c, d, s, &draws);
    for (int k = 0; k < d->n; k++)
      y[k] = log(trm__study_form_at(&c->form, c->a, d->p[k])) +
             s->off[r * d->n + k] + apart * trm__study_random_normal(&draws);
    resample *got = &b->of[r];
    got->form = c->form;
    if (!isfinite(trm__study_form_fit(&c->form, d, y, -1, got->a)))
      for (int j = 0; j < PARAMETERS; j++) got->a[j] = c->a[j];
    int other = trm__study_random_below(&draws, d->n * RESAMPLES);
    got->noise = s->off[other] + apart * trm__study_random_normal(&draws);
  }
  free(y);
}

/* -- parameters ------------------------------------------------------------ */

static void parameters(const trm__study_form *f, const double a[],
                       double value[]) {
  double first = a[0] + a[1];
  for (int j = 0; j < PARAMETERS; j++) value[j] = 0;
  for (int j = 1; j < trm__study_form_size(f); j++) value[j] = a[j] / first;
  value[0] = f->kind == TRM__GUSTAFSON ? 1 / first : first;
  if (f->kind != TRM__NORMAL) return;
  value[0] = a[0];
  value[1] = a[1];
}

static bool same_term(trm__study_term a, trm__study_term b) {
  return fabs(a.exponent - b.exponent) < 1e-9 && a.log == b.log;
}

static void know(trm__study_law *law, const band *b) {
  double value[PARAMETERS], drawn[PARAMETERS][RESAMPLES];
  int n = 0;
  for (int r = 0; r < RESAMPLES; r++) {
    if (!same_term(b->of[r].form.term, law->term)) continue;
    parameters(&b->of[r].form, b->of[r].a, value);
    for (int j = 0; j < PARAMETERS; j++) drawn[j][n] = value[j];
    n++;
  }
  for (int j = 0; j < PARAMETERS; j++) {
    trm__study_interval *i = &law->known[j];
    i->mid = i->low = i->high = law->parameter[j];
    if (n < RESAMPLES / 20) continue;
    trm__base_sort(n, drawn[j]);
    i->low =
        fmin(i->mid, trm__base_quantile(n, drawn[j], 0.5 * (1 - b->level)));
    i->high =
        fmax(i->mid, trm__base_quantile(n, drawn[j], 0.5 * (1 + b->level)));
    i->level = b->level;
  }
}

/* Which terms leave-one-out cross-validation cannot tell from the best: those
 * whose error, less its standard error, is no more than the best one's error plus
 * the standard error of that. */
static void choose(trm__study_law *law, int n,
                   const trm__study_candidate list[]) {
  law->term = list[0].form.term;
  law->error = list[0].error;
  parameters(&list[0].form, list[0].a, law->parameter);
  if (law->kind != TRM__NORMAL) return;
  for (int i = 0; i < n; i++)
    if (list[i].error - list[i].spread <= list[0].error + list[0].spread)
      law->also[law->terms++] = list[i].form.term;
}

/* -- the fit --------------------------------------------------------------- */

static int least_points(trm__study_law_kind kind) {
  return kind == TRM__NORMAL ? 5 : kind == TRM__USL ? 4 : 3;
}

/* What cannot be known from so few points; NULL: nothing of that kind. */
static char *unknown(trm__study_law_kind kind, int n) {
  int least = least_points(kind);
  if (n < 2)
    return trm__base_format(
        "%s nothing about scaling: at least %d different counts are needed",
        n ? "one point shows" : "no points say", least);
  if (n < least && kind == TRM__NORMAL)
    return trm__base_format(
        "%d points cannot tell one term from another: at least %d different "
        "counts are needed",
        n, least);
  if (n < least)
    return trm__base_format(
        "%d points for %d parameters leave nothing to check the law with: at "
        "least %d different counts are needed",
        n, least - 1, least);
  if (n == least && kind != TRM__NORMAL)
    return trm__base_format(
        "%d points leave one to check %d parameters: whether this law holds is "
        "unknown, and the band is accordingly wide",
        n, least - 1);
  return NULL;
}

trm__study_law trm__study_law_fit(trm__study_law_kind kind, int n,
                                  const trm__study_sample sample[],
                                  bool negative, double level, uint64_t seed) {
  trm__study_law law = {.kind = kind, .points = n};
  int counts = distinct(n, sample);
  law.why = unknown(kind, counts);
  for (int k = 0; k < n; k++) {
    law.from = k ? fmin(law.from, sample[k].p) : sample[k].p;
    law.to = fmax(law.to, sample[k].p);
  }
  if (counts < least_points(kind)) return law;
  double *p = trm__base_calloc((size_t)n, sizeof *p);
  trm__study_fit_data d = gather(n, sample, p);
  double *off = resample_repeats(n, sample, &d, seed);
  scatter s = {off, tame(n * RESAMPLES, off)};
  trm__study_candidate list[TRM__LAW_TERMS] = {{.weight = 0}};
  int fits = 1;
  if (kind == TRM__NORMAL) {
    fits = trm__study_normal_candidates(&d, negative, n * s.variance + 1e-12,
                                        list);
  } else {
    fits = trm__study_candidate_fit(&(trm__study_form){.kind = kind}, &d, list);
    list[0].weight = 1;
  }
  if (fits) {
    band *b = trm__base_calloc(1, sizeof *b);
    b->level = level;
    choose(&law, fits, list);
    draw_band(b, fits, list, &d, &s, seed);
    know(&law, b);
    law.resamples = b;
    law.fitted = true;
  } else {
    free(law.why);
    law.why = trm__base_strdup("a time is not a positive number");
  }
  free(p);
  free(d.y);
  free(d.w);
  free(off);
  return law;
}

void trm__study_law_clear(trm__study_law *law) {
  free(law->why);
  free(law->resamples);
  *law = (trm__study_law){.kind = law->kind};
}

/* -- what a law says ------------------------------------------------------- */

static double value_at(const trm__study_law *law, double p) {
  const double *v = law->parameter;
  switch (law->kind) {
    case TRM__AMDAHL:
      return v[0] * (v[1] + (1 - v[1]) / p);
    case TRM__GUSTAFSON:
      return v[0] * p / (p - v[1] * (p - 1));
    case TRM__USL:
      return v[0] * ((1 - v[1]) / p + v[1] + v[2] * (p - 1));
    case TRM__NORMAL:
      break;
  }
  return trm__study_form_at(&(trm__study_form){law->kind, law->term}, v, p);
}

bool trm__study_law_at(const trm__study_law *law, double p,
                       trm__study_interval *at) {
  const band *b = law->resamples;
  if (!law->fitted || !(p > 0)) return false;
  double *drawn = trm__base_calloc(RESAMPLES, sizeof *drawn);
  for (int r = 0; r < RESAMPLES; r++)
    drawn[r] =
        trm__study_form_at(&b->of[r].form, b->of[r].a, p) * exp(b->of[r].noise);
  trm__base_sort(RESAMPLES, drawn);
  at->mid = value_at(law, p);
  at->low =
      fmin(at->mid, trm__base_quantile(RESAMPLES, drawn, 0.5 * (1 - b->level)));
  at->high =
      fmax(at->mid, trm__base_quantile(RESAMPLES, drawn, 0.5 * (1 + b->level)));
  at->level = b->level;
  free(drawn);
  bool far = p > 4 * law->to || p < law->from / 4;
  if (!(at->low > 0)) return false; /* below one a logarithm is negative */
  return !far || (at->high <= 2 * at->mid && at->low >= 0.5 * at->mid);
}

static double serial_fraction(double speedup, double p) {
  return (1 / speedup - 1 / p) / (1 - 1 / p);
}

trm__study_interval trm__study_karp_flatt(const trm__study_interval *s,
                                          double p) {
  return (trm__study_interval){serial_fraction(s->mid, p),
                               serial_fraction(s->high, p),
                               serial_fraction(s->low, p), s->level};
}

double trm__study_usl_peak(const trm__study_law *law) {
  double s = law->parameter[1], k = law->parameter[2];
  return k > 0 ? fmax(sqrt((1 - s) / k), 1) : INFINITY;
}

static char *term_text(trm__study_term t) {
  char *log = t.log == 0   ? trm__base_strdup("")
              : t.log == 1 ? trm__base_strdup("log2(p)")
                           : trm__base_format("log2(p)^%d", t.log);
  const char *space = t.log ? " " : "";
  char *text = fabs(t.exponent) < 1e-9 ? trm__base_strdup(log)
               : fabs(t.exponent - 1) < 1e-9
                   ? trm__base_format("p%s%s", space, log)
                   : trm__base_format("p^%.3g%s%s", t.exponent, space, log);
  free(log);
  return text;
}

static char *normal_text(const trm__study_law *law) {
  const double *v = law->parameter;
  trm__base_text constant = trm__base_text_duration(v[0]);
  if (!(v[1] > 0)) return trm__base_strdup(constant.s);
  char *term = term_text(law->term);
  char *text =
      v[0] > 0 ? trm__base_format("%s + %.3g s x %s", constant.s, v[1], term)
               : trm__base_format("%.3g s x %s", v[1], term);
  free(term);
  return text;
}

char *trm__study_law_text(const trm__study_law *law) {
  const double *v = law->parameter;
  if (!law->fitted) return trm__base_strdup(law->why ? law->why : "not fitted");
  trm__base_text first = trm__base_text_duration(v[0]);
  switch (law->kind) {
    case TRM__AMDAHL:
      return trm__base_format("%s x (%.3g + %.3g / p)", first.s, v[1],
                              1 - v[1]);
    case TRM__GUSTAFSON:
      return trm__base_format("%s x p / (p - %.3g (p - 1))", first.s, v[1]);
    case TRM__USL:
      return trm__base_format("%s x (1 + %.3g (p - 1) + %.3g p (p - 1)) / p",
                              first.s, v[1], v[2]);
    case TRM__NORMAL:
      break;
  }
  return normal_text(law);
}

bool trm__study_law_disagrees(const trm__study_law *law, double expected) {
  if (!law->fitted || law->kind != TRM__NORMAL || isnan(expected)) return false;
  for (int i = 0; i < law->terms; i++)
    if (fabs(law->also[i].exponent - expected) <= 0.25 + 1e-9) return false;
  return true;
}
