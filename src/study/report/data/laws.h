/* Laws and verdicts of studies as JSON lines. */
#ifndef TRM_STUDY_REPORT_DATA_LAWS_H
#define TRM_STUDY_REPORT_DATA_LAWS_H

#include <stdio.h>

#include "study/report/curves.h"

void trm__study_report_law_lines(const trm__study_report *, FILE *);
void trm__study_report_verdict_lines(const trm__study_report *, FILE *);

#endif
