/* The report of studies: a page, pictures, tables. */
#ifndef TRM_STUDY_REPORT_REPORT_H
#define TRM_STUDY_REPORT_REPORT_H

#include <trireme/option.h>

#include "study/plan/study.h"

/** Write report.html (one self-contained page), its pictures as .svg and .png,
 * points.csv, points.jsonl, laws.jsonl and verdict.jsonl into `dir`; one study, or
 * several to be compared. Says on stderr which picture is left out where gnuplot is
 * absent.  \param table options of the first study's kernel, by which answers are
 * compared; NULL: not known
 * \return false and an error: a file cannot be written */
bool trm__study_report_write(int n, const trm__study[], const trm_option *table,
                             const char *dir, trm__base_error *);

#endif
