/* Classes of ranks with equal work, so that estimates need not ask each of a
 * million ranks. */
#ifndef TRM_ARRAY_LAYOUT_RANK_CLASSES_H
#define TRM_ARRAY_LAYOUT_RANK_CLASSES_H

#include <trireme/layout.h>

typedef struct trm__array_rank_class {
  int rank;  /* a representative */
  int count; /* their number */
} trm__array_rank_class;

/** Sort the ranks into classes. Ranks of a class own blocks of equal lengths,
 * as do their neighbours along each axis, and are equally far from the ends of
 * the grid (2 or more places count as equal). Ranks without a place form a
 * class. A grid has at most 8 classes per divided axis; slices of given lengths
 * have up to one per slice. Pure.
 * \param classes free with free(); their counts sum to `ranks`
 * \return their number; 0: trm_layout_view would fail */
int trm__array_rank_classes(const trm_plan *, int ranks,
                            trm__array_rank_class **classes);

#endif
