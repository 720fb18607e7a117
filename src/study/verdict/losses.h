/* Core time that a point lost, by what limits it. */
#ifndef TRM_STUDY_VERDICT_LOSSES_H
#define TRM_STUDY_VERDICT_LOSSES_H

#include <stdbool.h>

#include "study/verdict/limiter.h"

typedef struct trm__study_losses { /* at one point, against the base */
  double lost[TRM__LIMIT_COUNT];   /* core seconds */
  const char *site;                /* SERIAL: the largest; NULL: none known */
  bool one_rank;                   /* SERIAL: a site of one rank alone */
} trm__study_losses;

#endif
