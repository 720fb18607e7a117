/* Which launches of a study count, and why others do not. Pure. */
#ifndef TRM_STUDY_RUN_VALID_H
#define TRM_STUDY_RUN_VALID_H

#include "study/plan/study.h"

/** Judge all launches. Launches of one problem must give one answer: that of most
 * configurations, each with one vote; where several have as many, none counts.
 * \param wrong set to how many are wrong by themselves, or whose answer is not that
 * of their problem; NULL: not wanted
 * \return for each of them NULL, or why it does not count, in words; free with
 * trm__reasons_free */
char **trm__launches_judge(const trm__study *, int *wrong);
void trm__reasons_free(char **, int n);

/** Judge the last launch by itself.
 * \param like one of its configuration that counts; -1: there is none
 * \param reason as above; free with free()
 * \return false: only all of them together can tell, and `reason` is NULL */
bool trm__launch_judge(const trm__study *, int like, char **reason);

/** Seconds and updates of a step, of a launch that counts. */
double trm__launch_seconds(const trm__launch *);
double trm__launch_updates(const trm__launch *);
/** TRM__ORIGIN_COUNT: it says none that is known. */
trm__origin trm__launch_origin(const trm__launch *);

#endif
