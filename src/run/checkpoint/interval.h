/* The checkpoint interval. Pure. */
#ifndef TRM_RUN_CHECKPOINT_INTERVAL_H
#define TRM_RUN_CHECKPOINT_INTERVAL_H

/** Return the seconds of work between checkpoints that lose the least time, if one takes
 * `cost` seconds and failures are `mtbf` seconds apart on average: Daly, Future
 * Generation Computer Systems 22 (2006), eq. 37; for small costs Young's
 * sqrt(2 cost mtbf). At least so long that checkpoints take at most 1 % of the time. */
double trm__run_interval_daly(double cost, double mtbf);

/** Return the seconds until the next checkpoint: as above, and so long that all
 * checkpoints together, with the next one, take at most 1 % of the time. A checkpoint
 * that took longer than `cost` thus delays the next.
 * \param spent seconds on checkpoints so far  \param elapsed seconds in all */
double trm__run_interval_next(double cost, double mtbf, double spent,
                              double elapsed);

/** Return the default mean time between failures of a job, seconds: 24 hours divided
 * by the hosts. */
double trm__run_interval_mtbf(int hosts);

#endif
