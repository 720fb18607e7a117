/* The sizes of memory mode. Pure. */
#ifndef TRM_STUDY_PLAN_SIZES_H
#define TRM_STUDY_PLAN_SIZES_H

#include "study/plan/problem.h"

typedef struct trm__study_memory { /* that a point has */
  int ranks, threads;
  double memory; /* for each rank, bytes */
  double cache;  /* of each core, bytes */
} trm__study_memory;

/** Sizes from half of the cache to the memory, about evenly on a logarithmic scale,
 * with steps such that runs do about the same work, but three at least; steps that
 * were given stay. They begin above what a rank holds whatever the size. Where work
 * grows faster than memory they end at 20 times the work of the run as given, and
 * `note` says so.
 * \param note free with free(); NULL: nothing to say */
bool trm__study_sizes_find(const trm__study_problem *,
                           const trm__study_memory *, trm__study_problems *,
                           char **note, trm__base_error *);

#endif
