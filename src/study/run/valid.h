/* Which launches of a study count, and why others do not. Pure. */
#ifndef TRM_STUDY_RUN_VALID_H
#define TRM_STUDY_RUN_VALID_H

#include "study/plan/study.h"

/* Kinds of points: never joined by a line; only measured ones are fitted. */
typedef enum trm__study_origin {
  TRM__MEASURED,
  TRM__OVERSUBSCRIBED, /* more ranks x threads than cores */
  TRM__SIMULATED,
  TRM__MODELLED,
  TRM__ORIGIN_COUNT
} trm__study_origin;
extern const char *const trm__study_origin_name[];

/** Judge all launches. Launches of one problem must give one answer: that of most
 * configurations, each with one vote; where several have as many, none counts.
 * \param wrong set to how many are wrong by themselves, or whose answer is not that
 * of their problem; NULL: not wanted
 * \return for each of them NULL, or why it is excluded, in words; free with
 * trm__study_reasons_free */
char **trm__study_launches_validate(const trm__study *, int *wrong);
void trm__study_reasons_free(char **, int n);

/** Judge the last launch by itself.
 * \param like one of its configuration that counts; -1: there is none
 * \param reason as above; free with free()
 * \return false: only all of them together can tell, and `reason` is NULL */
bool trm__study_launch_validate(const trm__study *, int like, char **reason);

/** Seconds and updates of a step, of a valid launch. */
double trm__study_launch_seconds(const trm__study_launch *);
double trm__study_launch_updates(const trm__study_launch *);
/** TRM__ORIGIN_COUNT: it says none that is known. */
trm__study_origin trm__study_launch_origin(const trm__study_launch *);

#endif
