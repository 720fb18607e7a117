/* Classes of ranks that a layout gives equal shares, for estimates that would take too
 * long if each of a million ranks were asked. */
#ifndef TRM_ARRAY_RANK_CLASSES_H
#define TRM_ARRAY_RANK_CLASSES_H

#include <trireme/layout.h>

typedef struct trm__array_rank_class {
  int rank;  /* one of them, which stands for all */
  int count; /* their number */
} trm__array_rank_class;

/** Sort the ranks into classes. Ranks of a class own blocks of equal lengths, as do
 * their neighbours along each axis, and are equally far from the ends of the grid, if
 * that is less than two places. Ranks without a place are a class. For a grid there
 * are at most 8 classes per axis that is cut, for slices of given lengths up to one
 * per slice. Pure.
 * \param classes free with free(); their counts add up to `ranks`
 * \return their number; 0: trm_layout_view would fail */
int trm__array_rank_classes(const trm_plan *, int ranks,
                            trm__array_rank_class **classes);

#endif
