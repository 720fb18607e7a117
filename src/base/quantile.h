/* Sorting and quantiles. */
#ifndef TRM_BASE_QUANTILE_H
#define TRM_BASE_QUANTILE_H

/** Sort in increasing order. */
void trm__base_sort(int n, double[]);
/** Return the quantile 0 <= q <= 1, linear between order statistics (R's type
 * 7); 0 if there are no values. Fastest on sorted values. Pure. */
double trm__base_quantile(int n, const double[], double q);
double trm__base_median(int n, const double[]);

#endif
