/* A measured difference between A and B in one sentence. */
#ifndef TRM_STUDY_STATISTICS_DIFFERENCE_H
#define TRM_STUDY_STATISTICS_DIFFERENCE_H

#include "study/statistics/stat.h"

/** "B is 2.1 % faster than A (95 %: 1.2 to 3.0 %), 12 pairs; were they equal,
 * pairs like these would come up in 1 of 4,000." Where they would in more than 1 of
 * 20, no difference is shown, and it has the p value instead. Free with free().
 * \param count "12 pairs"  \param like "pairs like these" */
char *trm__study_difference_text(const trm__study_interval *ratio,
                                 const char *count, const char *like,
                                 double differs);

#endif
