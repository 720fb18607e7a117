/* Measuring pairs: launches of A and B in turns. */
#ifndef TRM_STUDY_RUN_PAIRS_H
#define TRM_STUDY_RUN_PAIRS_H

#include <cjson/cJSON.h>

#include "base/error.h"
#include "study/statistics/sequential.h"

struct trm_listed;

typedef struct trm__study_pairing { /* what is asked for */
  char **words[2];    /* launches of A and B, each ends with NULL */
  const char *result; /* both append their result to this file: seconds of
                                 a step are compared; NULL: of the whole launch */
  const char *log;    /* what the launches say; overwritten by each */
  int threads;        /* OMP_NUM_THREADS; 0: as it is */
  double budget;      /* seconds for all launches; 0: no limit */
  uint64_t seed;
  trm__study_rule rule;
  const struct trm_listed
      *kernels; /* for what their options promise; ends with no name */
  bool quiet;   /* no progress on stderr */
} trm__study_pairing;

typedef struct trm__study_pairs {
  int n;
  double *seconds[2];     /* n each */
  bool *b_first;          /* n */
  double load, steal;     /* medians over the pairs; over the launches; -1: not
                         known */
  cJSON *first[2];        /* result of the first launch of each; NULL: none */
  trm__study_check check; /* the last one */
} trm__study_pairs;

/** Launch one of each that is excluded, then pairs until the rule is content or
 * the budget is spent. Fails with TRM_EFILE (a launch failed: its last line),
 * TRM_EVERIFY (a wrong result, or answers that differ), TRM_STOPPED (a signal).
 * \param pairs to be freed with trm__study_pairs_clear, also after a failure */
trm_status trm__study_pairs_measure(const trm__study_pairing *,
                                    trm__study_pairs *, trm__base_error *);
void trm__study_pairs_clear(trm__study_pairs *);

#endif
