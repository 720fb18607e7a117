/* Which ranks a work model is asked for, and how many each of them stands for: the
 * models of a million ranks take too long. Pure. */
#ifndef TRM_RUN_SETUP_ASKED_H
#define TRM_RUN_SETUP_ASKED_H

#include <trireme/kernel.h>

#include "array/rank_classes.h"

enum { TRM__ASKED_ALL = 4096 };

/** Up to TRM__ASKED_ALL ranks: all of them, each for itself. Of more, one of each class
 * of the layout that the kernel's `plan` gives, which is exact; where it has no plan,
 * a sample, as below.
 * \param classes free with free(); their counts add up to `ranks`
 * \return their number */
int trm__run_asked_ranks(const trm_kernel *, const void *options, int ranks,
                         int most, trm__array_rank_class **classes);

/** A sample of at most `most` ranks, at least 4: the first ones, each for itself, which
 * have the longest blocks of a layout, as many that are drawn from equal stretches of
 * the others, each for its stretch, and the last. */
int trm__run_asked_sample(int ranks, int most, trm__array_rank_class **classes);

#endif
