/* What the sites of a rank did, for the floors above. */
#ifndef TRM_METER_WORK_H
#define TRM_METER_WORK_H

#include <trireme/work.h>

/** Totals of all sites, in order of first entry, which never changes; free with
 * free(). Local. */
trm_site_total *trm__meter_sites_list(const trm_run *, int *n);

/** Flops and bytes of all sites together. Local. */
void trm__meter_sites_sum(const trm_run *, double *flops, double *bytes);

/** Debug builds: end the process, with one line that names both, if this thread
 * is still in a site when `what` is over. */
void trm__meter_sites_left(const trm_run *, const char *what);

#endif
