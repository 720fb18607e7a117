/* The cause that limits a series, and the next experiment, in words. Pure. */
#ifndef TRM_STUDY_VERDICT_CAUSES_H
#define TRM_STUDY_VERDICT_CAUSES_H

#include "study/verdict/case.h"

/** The sentence that names the cause, with its figures; free with free(). */
char *trm__study_case_cause(const trm__study_case *);
/** The experiment to do next, told to do it, without "Next: "; free with free(). */
char *trm__study_case_next(const trm__study_case *);

#endif
