/* What was found of a series, to be put in words. */
#ifndef TRM_STUDY_VERDICT_CASE_H
#define TRM_STUDY_VERDICT_CASE_H

#include "study/verdict/evidence.h"
#include "study/verdict/losses.h"

typedef struct trm__study_missing { /* points that do not count */
  int failed, starved;  /* starved: the budget left no time for them */
  trm__base_text where; /* of the first that failed, and why */
  const char *why;      /* borrowed */
} trm__study_missing;

typedef struct trm__study_case { /* what was found, to be put in words */
  const char *kernel;
  int n; /* points judged, in rising order */
  const trm__study_evidence
      *evidence; /* n; the first is what others are held against */
  const trm__study_losses *losses; /* n */
  trm__study_limiter limit;
  double lost, won; /* as in trm__study_verdict; lost 0: not known */
  double speedup;   /* of the last over the first; NAN: not known */
  double speedup_low, speedup_high; /* its interval; both 0: not known */
  int left_out;                     /* points on more cores than there are */
  trm__study_missing missing;
  const char *dir;      /* of the study; NULL: not known */
  double budget;        /* of the study; 0: none */
  const char *launcher; /* of the study; NULL: the default */
} trm__study_case;

#endif
