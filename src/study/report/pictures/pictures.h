/* The pictures of a report. */
#ifndef TRM_STUDY_REPORT_PICTURES_PICTURES_H
#define TRM_STUDY_REPORT_PICTURES_PICTURES_H

#include "study/report/pictures/picture.h"

/** All pictures that there is something to draw in; free with
 * trm__study_pictures_free. */
trm__study_picture *trm__study_pictures_of(const trm__study_report *, int *n);
void trm__study_pictures_free(trm__study_picture *, int n);

#endif
