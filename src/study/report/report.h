/* The report of studies: a page, pictures, tables. */
#ifndef TRM_STUDY_REPORT_REPORT_H
#define TRM_STUDY_REPORT_REPORT_H

#include "study/plan/study.h"

/** Write report.html (one self-contained page), its pictures as .svg and .png,
 * points.csv, points.jsonl, laws.jsonl and verdict.jsonl into `dir`; one study, or
 * several to be compared. Says on stderr which picture is left out where gnuplot is
 * absent.  \param table options of the first study's kernel, by which answers are
 * compared; NULL: not known
 * \return false and an error: a file cannot be written */
bool trm__report(int n, const trm__study[], const trm_option *table,
                 const char *dir, trm__base_error *);

/** Extra-P's text format of one study: PARAMETER, POINTS, REGION, METRIC, DATA. */
bool trm__report_extrap(const trm__study *, const char *path,
                        trm__base_error *);

#endif
