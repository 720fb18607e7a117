/* The ranks for which a work model is evaluated, and how many ranks each one stands for:
 * evaluating a million ranks takes too long. Pure. */
#ifndef TRM_RUN_SETUP_ASKED_H
#define TRM_RUN_SETUP_ASKED_H

#include <trireme/kernel.h>

#include "array/layout/rank_classes.h"

enum { TRM__ASKED_ALL = 4096 };

/** Choose ranks: up to TRM__ASKED_ALL all of them. Of more, one of each class of the
 * layout that the kernel's `plan` gives, which is exact; without a plan a sample.
 * \param classes free with free(); their counts add up to `ranks`
 * \return their number */
int trm__run_asked_ranks(const trm_kernel *, const void *options, int ranks,
                         int most, trm__array_rank_class **classes);

/** Sample at most `most` ranks, at least 4: the first ones, which have the longest blocks
 * of a layout; as many drawn from equal ranges of the others, each standing for its
 * range; and the last. */
int trm__run_asked_sample(int ranks, int most, trm__array_rank_class **classes);

#endif
