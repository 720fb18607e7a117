/* The verdict as people read it. Pure. */
#ifndef TRM_STUDY_VERDICT_WORDS_H
#define TRM_STUDY_VERDICT_WORDS_H

#include "study/verdict/case.h"

/** At most six sentences; free with free(). */
char *trm__study_case_text(const trm__study_case *);

#endif
