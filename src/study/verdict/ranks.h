/* Losses between ranks, and in work. Pure. */
#ifndef TRM_STUDY_VERDICT_RANKS_H
#define TRM_STUDY_VERDICT_RANKS_H

#include "study/verdict/evidence.h"
#include "study/verdict/losses.h"

/** What waiting for other ranks, beyond chains, comes from. */
void trm__study_losses_imbalance(const trm__study_evidence *,
                                 trm__study_losses *);
/** What more seconds of work for as much work come from. */
void trm__study_losses_useful(const trm__study_evidence *base,
                              const trm__study_evidence *, trm__study_losses *);

#endif
