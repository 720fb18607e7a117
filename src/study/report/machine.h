/* Machine, build and launch on the page. */
#ifndef TRM_STUDY_REPORT_MACHINE_H
#define TRM_STUDY_REPORT_MACHINE_H

#include <stdio.h>

#include "study/report/curves.h"

void trm__study_report_machine(const trm__study_report *, FILE *);

#endif
