/* The verdict: what limits scaling, in words with figures, from the ledgers of the
 * points of a study. Pure. */
#ifndef TRM_STUDY_VERDICT_VERDICT_H
#define TRM_STUDY_VERDICT_VERDICT_H

#include "study/run/points.h"
#include "study/verdict/limiter.h"

typedef struct trm__study_verdict {
  trm__study_limiter limit;
  double lost; /* share of core time at the largest valid point, 0 to 1 */
  double won;  /* how many times faster without it there */
  int point;   /* that the figures are of; -1: none */
  char *text;  /* at most six sentences: what limits, where it shows, how much
                      would be won, the next experiment; owned */
} trm__study_verdict;

/** Judge one series. \return to be freed with trm__study_verdict_clear */
trm__study_verdict trm__study_judge(const trm__study *,
                                    const trm__study_points *, int series);
void trm__study_verdict_clear(trm__study_verdict *);

#endif
