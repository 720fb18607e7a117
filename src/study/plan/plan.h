/* The plan of a study: from what is asked for to configurations. */
#ifndef TRM_STUDY_PLAN_PLAN_H
#define TRM_STUDY_PLAN_PLAN_H

#include "study/plan/problem.h"
#include "study/plan/study.h"

enum { TRM__STUDY_RANKS_MAX = 1 << 18, TRM__STUDY_THREADS_MAX = 1 << 12 };

typedef struct trm__study_counts { /* rising, each once */
  int n, *count;                   /* owned */
} trm__study_counts;

typedef struct trm__study_request {
  trm__study_problem problem;       /* the kernel and its options; owned */
  unsigned modes;                   /* bits 1 << trm__study_mode */
  trm__study_counts ranks, threads; /* n 0: from 1 to all cores */
  const char *size;                 /* "n=128,256"; NULL: that of the options */
  int cores, hosts;                 /* that launches may use; hosts 0: one */
  double memory; /* of a host that may be used, bytes; -1: not
                                 known */
  double cache;  /* of a core, second level, bytes */
} trm__study_request;

/** Read "strong,weak". Fails with TRM_EOPTION, as what follows does. */
trm_status trm__study_plan_modes(const char *text, unsigned *modes,
                                 trm__base_error *);
/** Read "1,2,4", each 1 to `most`. \param option for messages: "--ranks" */
trm_status trm__study_plan_counts(const char *option, const char *text,
                                  int most, trm__study_counts *,
                                  trm__base_error *);

/** Make the configurations of a study. */
trm_status trm__study_plan(const trm__study_request *, trm__study *,
                           trm__base_error *);
void trm__study_request_clear(trm__study_request *);

/** How a plan differs from another, in words: "--steps 5 there, 6 here", "2 points
 * there, 3 here". NULL: not at all; free with free(). */
char *trm__study_plan_difference(const trm__study *old, const trm__study *new);

#endif
