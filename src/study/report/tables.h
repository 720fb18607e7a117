/* The tables of the page. */
#ifndef TRM_STUDY_REPORT_TABLES_H
#define TRM_STUDY_REPORT_TABLES_H

#include <stdio.h>

#include "study/report/curves.h"

void trm__study_report_points(const trm__study_report *, trm__study_mode,
                              FILE *);
void trm__study_report_laws(const trm__study_report *, trm__study_mode, FILE *);
void trm__study_report_compared(const trm__study_report *, FILE *);
/** Has another study a configuration of the first? Else there is nothing to compare. */
bool trm__study_report_comparable(const trm__study_report *);

#endif
