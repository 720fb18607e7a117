/* The page of a report. */
#ifndef TRM_STUDY_REPORT_PAGE_H
#define TRM_STUDY_REPORT_PAGE_H

#include "study/report/pictures/picture.h"

void trm__study_report_page(const trm__study_report *, int n,
                            const trm__study_picture[], char *const svg[],
                            FILE *);

#endif
