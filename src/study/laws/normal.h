/* The normal form of Extra-P: its terms, fitted and weighted. Pure. */
#ifndef TRM_STUDY_LAWS_NORMAL_H
#define TRM_STUDY_LAWS_NORMAL_H

#include "study/laws/fit.h"

/** All terms of the normal form that can be fitted, best first, with their weights:
 * the odds of one over another are those of its residuals. \return how many */
int trm__study_normal_candidates(const trm__study_fit_data *, bool negative,
                                 double floor,
                                 trm__study_candidate list[TRM__LAW_TERMS]);

#endif
