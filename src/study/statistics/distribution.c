#include "study/statistics/distribution.h"

#include <math.h>

double trm__study_normal_cdf(double z) {
  return 0.5 * erfc(-z / sqrt(2));
}

/* Finite series for whole degrees of freedom: Abramowitz and Stegun 26.7.3, 4. */
double trm__study_t_cdf(double t, int freedom) {
  double angle = atan(t / sqrt(freedom)), c = cos(angle), s = sin(angle);
  double term = freedom % 2 ? c : 1, sum = freedom > 1 ? term : 0;
  for (int k = freedom % 2 ? 3 : 2; k < freedom; k += 2) {
    term *= c * c * (k - 1) / k;
    sum += term;
  }
  double inside = freedom % 2 ? (angle + s * sum) * M_2_PI : s * sum;
  return 0.5 + 0.5 * inside;
}

static double t_or_normal(double x, int freedom) {
  return freedom ? trm__study_t_cdf(x, freedom) : trm__study_normal_cdf(x);
}

/* By halving: slow, short, and sure. Odd in p - 1/2. */
static double inverse(double p, int freedom) {
  if (p > 0.5) return -inverse(1 - p, freedom);
  double low = -1, high = 0;
  while (t_or_normal(low, freedom) > p && low > -1e12) low *= 2;
  for (int i = 0; i < 80; i++) {
    double mid = 0.5 * (low + high);
    *(t_or_normal(mid, freedom) < p ? &low : &high) = mid;
  }
  return 0.5 * (low + high);
}

double trm__study_normal_quantile(double p) {
  return inverse(p, 0);
}

double trm__study_t_quantile(double p, int freedom) {
  return inverse(p, freedom);
}

/* From the largest term of the smaller tail outwards. */
double trm__study_binomial_cdf(int k, int n) {
  int sign;
  if (k < 0) return 0;
  if (2 * k >= n) return 1 - trm__study_binomial_cdf(n - k - 1, n);
  double sum = 0, term = exp(lgamma_r(n + 1, &sign) - lgamma_r(k + 1, &sign) -
                             lgamma_r(n - k + 1, &sign) - n * M_LN2);
  for (int i = k; i >= 0 && term > 0; i--) {
    sum += term;
    term *= i / (n - i + 1.);
  }
  return sum;
}
