/* Fits of message times. Pure. */
#include "host/machine/machine.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

/* -- a line ---------------------------------------------------------------- */

static double relative(const trm__host_fitted_line *line, double x, double y) {
  return fabs(line->at_zero + line->slope * x - y) / y;
}

static double residuals(const trm__host_fitted_line *line, int n,
                        const double x[], const double y[]) {
  double sum = 0;
  for (int i = 0; i < n; i++) sum += relative(line, x[i], y[i]);
  return sum;
}

/* The line of least absolute residuals goes through two of the points. */
static trm__host_fitted_line least_absolute(int n, const double x[],
                                            const double y[]) {
  trm__host_fitted_line best = {0};
  double least = INFINITY;
  for (int i = 0; i < n; i++)
    for (int j = i + 1; j < n; j++) {
      if (x[i] == x[j]) continue;
      trm__host_fitted_line line = {.slope = (y[j] - y[i]) / (x[j] - x[i])};
      line.at_zero = y[i] - line.slope * x[i];
      double sum = residuals(&line, n, x, y);
      if (sum < least) best = line, least = sum;
    }
  return best;
}

/* Largest deviation of a point: four robust standard deviations, at
 * least 1 %. */
static double allowed(const trm__host_fitted_line *line, int n,
                      const double x[], const double y[]) {
  double *off = trm__base_calloc((size_t)n, sizeof *off);
  for (int i = 0; i < n; i++) off[i] = relative(line, x[i], y[i]);
  trm__base_sort(n, off);
  double limit = 4 * 1.4826 * trm__base_quantile(n, off, 0.5);
  free(off);
  return limit > 0.01 ? limit : 0.01;
}

typedef struct fit_sums {
  double w, x, y, xx, xy, yy;
} fit_sums;

/* Least squares of relative residuals, over points within the limit. */
static trm__host_fitted_line least_squares(const trm__host_fitted_line *near,
                                           double limit, int n,
                                           const double x[], const double y[]) {
  fit_sums s = {0};
  trm__host_fitted_line line = *near;
  line.used = 0;
  for (int i = 0; i < n; i++) {
    if (relative(near, x[i], y[i]) > limit) continue;
    double w = 1 / (y[i] * y[i]);
    s.w += w, s.x += w * x[i], s.y += w * y[i];
    s.xx += w * x[i] * x[i], s.xy += w * x[i] * y[i], s.yy += w * y[i] * y[i];
    line.used++;
  }
  double spread = s.w * s.xx - s.x * s.x;
  if (line.used < 2 || !(spread > 0)) return line;
  line.slope = (s.w * s.xy - s.x * s.y) / spread;
  line.at_zero = (s.y - line.slope * s.x) / s.w;
  double total = s.yy - s.y * s.y / s.w, rest = 0;
  for (int i = 0; i < n; i++)
    if (relative(near, x[i], y[i]) <= limit)
      rest += pow(relative(&line, x[i], y[i]), 2);
  line.fit = total > 0 ? 1 - rest / total : 0;
  return line;
}

trm__host_fitted_line trm__host_line_fit(int n, const double x[],
                                         const double y[]) {
  trm__host_fitted_line near = least_absolute(n, x, y);
  return least_squares(&near, allowed(&near, n, x, y), n, x, y);
}

/* -- LogGP ----------------------------------------------------------------- */

static double positive(double value) {
  return value > 0 ? value : 0;
}

/* x = s - 1; y = one of the times of each size. */
static trm__host_fitted_line line_of(int n, const trm__host_prtt t[],
                                     size_t offset, double times) {
  double *x = trm__base_calloc((size_t)n, sizeof *x),
         *y = trm__base_calloc((size_t)n, sizeof *y);
  int used = 0;
  for (int i = 0; i < n; i++) {
    double value = *(const double *)((const char *)&t[i] + offset) * times;
    if (!(value > 0)) continue;
    x[used] = (double)(t[i].bytes - 1);
    y[used++] = value;
  }
  trm__host_fitted_line line =
      used >= 3 ? trm__host_line_fit(used, x, y) : (trm__host_fitted_line){0};
  free(x);
  free(y);
  return line;
}

trm_loggp trm__host_loggp_fit(int n, const trm__host_prtt t[]) {
  trm_loggp p = {0};
  if (n < 3) return p;
  p.from = t[0].bytes;
  p.to = t[n - 1].bytes;
  trm__host_fitted_line message =
      line_of(n, t, offsetof(trm__host_prtt, round_trip), 0.5);
  trm__host_fitted_line stream =
      line_of(n, t, offsetof(trm__host_prtt, stream), 1);
  trm__host_fitted_line send = line_of(n, t, offsetof(trm__host_prtt, send), 1);
  trm__host_fitted_line receive =
      line_of(n, t, offsetof(trm__host_prtt, receive), 1);
  p.message_per_byte = positive(message.slope);
  p.message_fit = positive(message.fit);
  p.gap = positive(stream.at_zero);
  p.gap_per_byte = positive(stream.slope);
  p.fit = positive(stream.fit);
  p.overhead_send = positive(send.at_zero);
  p.overhead_receive = positive(receive.at_zero);
  p.overhead = (p.overhead_send + p.overhead_receive) / 2;
  /* a send that waits for its receive contains the latency */
  if (2 * p.overhead > message.at_zero)
    p.overhead = positive(message.at_zero) / 2;
  p.latency = positive(message.at_zero - 2 * p.overhead);
  return p;
}

/* -- the eager switch ------------------------------------------------------ */

int64_t trm__host_eager_search(int64_t from, int64_t to,
                               bool (*eager)(int64_t, void *), void *what) {
  if (!eager(from, what)) return 0;
  if (eager(to, what)) return -1;
  while (to - from > 1) {
    int64_t middle = from + (to - from) / 2;
    if (to > 4 * from) /* it is somewhere in many decades */
      middle = (int64_t)sqrt((double)from * (double)to);
    if (eager(middle, what))
      from = middle;
    else
      to = middle;
  }
  return from;
}

/* Sum of absolute relative residuals of one line through some of the points. */
static double misfit(int n, const double x[], const double y[]) {
  trm__host_fitted_line line = least_absolute(n, x, y);
  return residuals(&line, n, x, y);
}

int64_t trm__host_curve_switch(int n, const int64_t bytes[],
                               const double seconds[]) {
  enum { FEWEST = 3 }; /* points that a line needs to be testable */
  double *x = trm__base_calloc((size_t)n, sizeof *x);
  int64_t where = -1;
  for (int i = 0; i < n; i++) x[i] = (double)bytes[i];
  double least = n >= 2 * FEWEST ? 0.5 * misfit(n, x, seconds) : 0;
  if (least < 0.01 * n) least = 0; /* one line will do */
  for (int cut = FEWEST; cut <= n - FEWEST; cut++) {
    double sum =
        misfit(cut, x, seconds) + misfit(n - cut, x + cut, seconds + cut);
    if (sum < least) least = sum, where = bytes[cut - 1];
  }
  free(x);
  return where;
}
