/* The points of studies for programs: CSV, JSON lines, Extra-P. */
#ifndef TRM_STUDY_REPORT_DATA_POINTS_H
#define TRM_STUDY_REPORT_DATA_POINTS_H

#include <stdio.h>

#include "base/error.h"
#include "study/report/curves.h"

/** One row per point, with a head of names; one JSON object per point. */
void trm__study_report_csv(const trm__study_report *, FILE *);
void trm__study_report_jsonl(const trm__study_report *, FILE *);

/** Extra-P's text format of one study: PARAMETER, POINTS, REGION, METRIC, DATA. */
bool trm__study_report_extrap(const trm__study *, const char *path,
                              trm__base_error *);

#endif
