/* Losses in calls. Pure. */
#ifndef TRM_STUDY_VERDICT_CALLS_H
#define TRM_STUDY_VERDICT_CALLS_H

#include "study/verdict/evidence.h"
#include "study/verdict/losses.h"

/** What calls come from. */
void trm__study_losses_calls(const trm__study_evidence *, trm__study_losses *);
/** Is it the fixed cost of messages that counts, rather than their bytes, where
 * fewer would do? */
bool trm__study_small_messages(const trm__study_evidence *);

#endif
