/* Two studies compared: the configurations that both have, each and together.
 * Ratios are of times: 1.02: B takes 2 % more. Pure. */
#ifndef TRM_STUDY_RUN_COMPARE_H
#define TRM_STUDY_RUN_COMPARE_H

#include <trireme/option.h>

#include "study/run/points.h"

/** The point of a study that belongs to a configuration of another: of the same
 * options, else of the same mode, ranks, threads and sizes, so that two settings are
 * compared too, where their answers are the same. NULL: there is none */
const trm__study_point *trm__study_point_find(const trm__study_points *,
                                              const trm__study_config *);
/** Only what is valid and was measured is compared. */
bool trm__study_point_counts(const trm__study_point *);
/** In what the answers of two points differ; NULL: they are the same, or not known.
 * Free with free().  \param table options of the kernel; NULL: not known */
char *trm__study_point_differs(const trm__study_point *,
                               const trm__study_point *,
                               const trm_option *table);

/** Ratio of the medians of two points, b over a, with an interval that looks at their
 * launches do not make too narrow. */
trm__study_interval trm__study_point_ratio(const trm__study_point *a,
                                           const trm__study_point *b,
                                           double level, uint64_t seed);

typedef struct trm__study_common_point { /* a configuration that both have */
  const trm__study_point *a, *b;         /* borrowed */
  trm__study_interval ratio;             /* of medians, B over A */
  double differs;                        /* Mann-Whitney, two-sided */
} trm__study_common_point;

typedef struct trm__study_comparison {
  int n, worst; /* worst: of the largest ratio; -1: none */
  trm__study_common_point *match;
  int alone, left_out; /* configurations of one study only; of both, but not
                          valid and measured in both */
  char *unlike;        /* not the same answer somewhere: where and what; NULL */
  trm__study_interval ratio; /* geometric mean over the matches; bootstrap */
  double differs, slower,
      faster; /* as in a look, and of launches so fast, were B
                             slower by the gate alone; permutations within the
                             matches */
} trm__study_comparison;

/** Compare what two studies both have. Their launches were not made in turns: a
 * drift of the machine between them is in the ratios, and no test can tell.
 * \param table options of the kernel; NULL: not known
 * \param gate NAN: none  \return to be freed with trm__study_comparison_clear */
trm__study_comparison trm__study_compare(const trm__study_points *a,
                                         const trm__study_points *b,
                                         const trm_option *table, double level,
                                         double gate, uint64_t seed);
/** Had they launches enough that an alarm is possible at all: the fewest of all
 * permutations within the matches is rare enough? */
bool trm__study_comparison_can_tell(const trm__study_comparison *,
                                    double confidence);
void trm__study_comparison_clear(trm__study_comparison *);

#endif
