/* Least squares of logarithms. Laws are sums of basis functions with coefficients
 * >= 0, at most three: which of them are zero is found by trying. Gustafson's is one
 * over such a sum, whose logarithm is as far from that of what was measured. */
#include "study/laws/fit.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

enum { MOST = TRM__LAW_PARAMETERS, STEPS = 12 };

/* Solve a x = b, symmetric and positive definite, after scaling its diagonal to
 * one; false where it is singular. */
static bool solve(int m, double a[MOST][MOST], const double b[], double x[]) {
  double scale[MOST], l[MOST][MOST] = {{0}};
  for (int i = 0; i < m; i++) {
    if (!(a[i][i] > 0)) return false;
    scale[i] = 1 / sqrt(a[i][i]);
  }
  for (int i = 0; i < m; i++)
    for (int j = 0; j <= i; j++) {
      double sum = a[i][j] * scale[i] * scale[j];
      for (int k = 0; k < j; k++) sum -= l[i][k] * l[j][k];
      if (i == j && !(sum > 1e-12)) return false;
      l[i][j] = i == j ? sqrt(sum) : sum / l[j][j];
    }
  for (int i = 0; i < m; i++) {
    x[i] = b[i] * scale[i];
    for (int k = 0; k < i; k++) x[i] -= l[i][k] * x[k];
    x[i] /= l[i][i];
  }
  for (int i = m; i-- > 0;) {
    for (int k = i + 1; k < m; k++) x[i] -= l[k][i] * x[k];
    x[i] /= l[i][i];
  }
  for (int i = 0; i < m; i++) x[i] *= scale[i];
  return true;
}

typedef struct least_squares {
  int n, m;
  const double *g, *w, *y;
  int free[MOST], used; /* columns that are not zero */
} least_squares;

static double model(const least_squares *q, int k, const double x[]) {
  double sum = 0;
  for (int j = 0; j < q->used; j++) sum += x[j] * q->g[k * q->m + q->free[j]];
  return sum;
}

/* One step of Gauss and Newton: minimise the sum of w (r - dx . g / at)^2. With
 * `first` it is the linear fit of relative errors that the others begin at. */
static bool step(const least_squares *q, bool first, double x[]) {
  double a[MOST][MOST] = {{0}}, b[MOST] = {0}, dx[MOST];
  for (int k = 0; k < q->n; k++) {
    double at = first ? exp(q->y[k]) : model(q, k, x);
    double r = first ? 1 : q->y[k] - log(at);
    for (int i = 0; i < q->used; i++) {
      double gi = q->g[k * q->m + q->free[i]] / at;
      b[i] += q->w[k] * gi * r;
      for (int j = 0; j <= i; j++)
        a[i][j] += q->w[k] * gi * q->g[k * q->m + q->free[j]] / at;
    }
  }
  if (!solve(q->used, a, b, dx)) return false;
  double moved = 0;
  for (int i = 0; i < q->used; i++) {
    if (first) x[i] = 0;
    x[i] += dx[i];
    moved = fmax(moved, fabs(dx[i]) * sqrt(a[i][i]));
    if (!(x[i] > 0)) return false;
  }
  return first || moved > 1e-6;
}

/* Fit with these columns alone; infinite when one of them would be negative. */
static double fit_some(const least_squares *q, double x[]) {
  if (!step(q, true, x)) return INFINITY;
  for (int i = 0; i < STEPS && step(q, false, x);) i++;
  double sum = 0;
  for (int k = 0; k < q->n; k++) {
    double at = model(q, k, x);
    if (!(at > 0) || !isfinite(at)) return INFINITY;
    double r = q->y[k] - log(at);
    sum += q->w[k] * r * r;
  }
  for (int i = 0; i < q->used; i++)
    if (!(x[i] > 0)) return INFINITY;
  return sum;
}

double trm__study_fit_positive(int n, int m, const double g[], const double w[],
                               const double y[], double a[]) {
  double best = INFINITY;
  for (int j = 0; j < m; j++) a[j] = 0;
  for (int mask = (1 << m) - 1; mask > 0; mask--) {
    least_squares q = {.n = n, .m = m, .g = g, .w = w, .y = y};
    for (int j = 0; j < m; j++)
      if (mask & 1 << j) q.free[q.used++] = j;
    double x[MOST], sum = fit_some(&q, x);
    if (!(sum < best)) continue;
    best = sum;
    for (int j = 0; j < m; j++) a[j] = 0;
    for (int j = 0; j < q.used; j++) a[q.free[j]] = x[j];
    if (q.used == m) break; /* nothing is at its bound */
  }
  return best;
}

/* -- forms ----------------------------------------------------------------- */

int trm__study_form_size(const trm__study_form *f) {
  if (f->kind == TRM__NORMAL) return f->term.exponent || f->term.log ? 2 : 1;
  return f->kind == TRM__USL ? 3 : 2;
}

static void basis(const trm__study_form *f, double p, double g[]) {
  switch (f->kind) {
    case TRM__AMDAHL:
    case TRM__USL: /* T1 ((1 - s) / p + s + k (p - 1)): s = f without k */
      g[0] = 1 / p;
      g[1] = 1;
      g[2] = p - 1;
      break;
    case TRM__GUSTAFSON: /* 1 / T1 ((1 - f) + f / p) */
      g[0] = 1;
      g[1] = 1 / p;
      break;
    case TRM__NORMAL:
      g[0] = 1;
      g[1] = pow(p, f->term.exponent);
      for (int j = 0; j < f->term.log; j++) g[1] *= log2(p);
  }
}

double trm__study_form_at(const trm__study_form *f, const double a[],
                          double p) {
  double g[MOST] = {0}, sum = 0;
  basis(f, p, g);
  for (int j = 0; j < trm__study_form_size(f); j++) sum += a[j] * g[j];
  return f->kind == TRM__GUSTAFSON ? 1 / sum : sum;
}

double trm__study_form_fit(const trm__study_form *f,
                           const trm__study_fit_data *d, const double y[],
                           int skip, double a[]) {
  enum { FEW = 32 };
  double few[FEW * (MOST + 2)], g[MOST];
  size_t n = (size_t)d->n;
  double *all =
      d->n <= FEW ? few : trm__base_calloc(n * (MOST + 2), sizeof *all);
  double *w = all + n * MOST, *z = w + n;
  int m = trm__study_form_size(f), used = 0;
  for (int k = 0; k < d->n; k++) {
    if (k == skip) continue;
    basis(f, d->p[k], g);
    for (int j = 0; j < m; j++) all[used * m + j] = g[j];
    w[used] = d->w[k];
    z[used++] = f->kind == TRM__GUSTAFSON ? -y[k] : y[k];
  }
  double square = trm__study_fit_positive(used, m, all, w, z, a);
  if (all != few) free(all);
  return square;
}

bool trm__study_candidate_fit(const trm__study_form *f,
                              const trm__study_fit_data *d,
                              trm__study_candidate *c) {
  *c = (trm__study_candidate){.form = *f};
  c->square = trm__study_form_fit(f, d, d->y, -1, c->a);
  if (!isfinite(c->square)) return false;
  double sum = 0, squares = 0, a[MOST];
  for (int k = 0; k < d->n; k++) {
    double left = trm__study_form_fit(f, d, d->y, k, a);
    double was = exp(d->y[k]), got = trm__study_form_at(f, a, d->p[k]);
    double off = isfinite(left) ? 2 * fabs(was - got) / (was + got) : 2;
    sum += off;
    squares += off * off;
  }
  c->error = sum / d->n;
  double variance = (squares - sum * c->error) / (d->n - 1);
  c->spread = sqrt(fmax(variance, 0) / d->n);
  return true;
}
