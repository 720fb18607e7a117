/* Order: sorted values and their quantiles. */
#ifndef TRM_BASE_QUANTILE_H
#define TRM_BASE_QUANTILE_H

/** Sort, rising. */
void trm__base_sort(int n, double[]);
/** Quantile 0 <= q <= 1, linear between order statistics (R's type 7); quickest when
 * the values are sorted already; 0 when there are none. Pure. */
double trm__base_quantile(int n, const double[], double q);
double trm__base_median(int n, const double[]);

#endif
