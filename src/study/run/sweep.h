/* The sweep: launches of a study in random order until enough is known. */
#ifndef TRM_STUDY_RUN_SWEEP_H
#define TRM_STUDY_RUN_SWEEP_H

#include "study/run/points.h"

/** Launch until at a check (trm__study_next_check) each median is known to the study's target,
 * or until it has the requested repeats, or the budget is spent. Each launch is written
 * down as it ends, so the same call resumes a study that was stopped. Rounds go
 * through all configurations that want more, in a random order.
 * \param program path of the driver  \param quiet no progress on stderr
 * \return TRM_OK, though points may have failed; TRM_STOPPED: by a signal;
 * TRM_EFILE, TRM_EOPTION and an error */
trm_status trm__study_sweep(trm__study *, const char *program, bool quiet,
                            trm__base_error *);

/** Did this point reach what was asked of the study? */
bool trm__study_sweep_reached(const trm__study *, const trm__study_point *);

/** Seconds that its launches took so far, and the waits before them. */
double trm__study_sweep_spent(const trm__study *);

#endif
