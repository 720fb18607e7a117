/* The plan of a study: from what is asked for to configurations. */
#ifndef TRM_STUDY_PLAN_PLAN_H
#define TRM_STUDY_PLAN_PLAN_H

#include "study/plan/problem.h"
#include "study/plan/study.h"

enum { TRM__RANKS_MOST = 1 << 18, TRM__THREADS_MOST = 1 << 12 };

typedef struct trm__array_first_owner { /* rising, each once */
  int n, *count;                        /* owned */
} trm__array_first_owner;

typedef struct trm__asked {
  trm__problem problem;                  /* the kernel and its options; owned */
  unsigned modes;                        /* bits 1 << trm__mode */
  trm__array_first_owner ranks, threads; /* n 0: from 1 to all cores */
  const char *size; /* "n=128,256"; NULL: that of the options */
  int cores, hosts; /* that launches may use; hosts 0: one */
  double memory;    /* of a host that may be used, bytes; -1: not
                                 known */
  double cache;     /* of a core, second level, bytes */
} trm__asked;

/** Read "strong,weak". Fails with TRM_EOPTION, as what follows does. */
trm_status trm__plan_modes(const char *text, unsigned *modes,
                           trm__base_error *);
/** Read "1,2,4", each 1 to `most`. \param option for messages: "--ranks" */
trm_status trm__plan_counts(const char *option, const char *text, int most,
                            trm__array_first_owner *, trm__base_error *);

/** Make the configurations of a study. */
trm_status trm__plan_study(const trm__asked *, trm__study *, trm__base_error *);
void trm__asked_clear(trm__asked *);

/** How a plan differs from another, in words: "--steps 5 there, 6 here", "2 points
 * there, 3 here". NULL: not at all; free with free(). */
char *trm__plan_difference(const trm__study *old, const trm__study *new);

/** "strong 2 ranks x 1 thread n=64": a configuration in words; free with free(). */
char *trm__config_text(const trm__config *);

#endif
