/* How often to write checkpoints. Pure. */
#ifndef TRM_RUN_CHECKPOINT_INTERVAL_H
#define TRM_RUN_CHECKPOINT_INTERVAL_H

/** Seconds of work between two checkpoints that lose least, when one takes `cost`
 * seconds and failures come `mtbf` seconds apart on average: Daly, Future Generation
 * Computer Systems 22 (2006), eq. 37, which is Young's sqrt(2 cost mtbf) where cost is
 * small; but never so short that checkpoints take more than 1 % of the time. */
double trm__run_interval_daly(double cost, double mtbf);

/** The same with an account of what was spent: seconds until the next checkpoint, such
 * that after it all of them are within 1 % of the time, should it take `cost`. What one
 * took beyond its cost is made up for before the next.
 * \param spent seconds, on checkpoints so far  \param elapsed in all */
double trm__run_interval_next(double cost, double mtbf, double spent,
                              double elapsed);

/** Mean time between failures of a job on so many hosts where none is known:
 * 24 hours divided by the hosts. */
double trm__run_interval_mtbf(int hosts);

#endif
