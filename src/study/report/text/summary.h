/* A study in words, for people at a terminal. */
#ifndef TRM_STUDY_REPORT_TEXT_SUMMARY_H
#define TRM_STUDY_REPORT_TEXT_SUMMARY_H

#include <stdio.h>

#include "study/run/points.h"

/** Print the points of each series as a table, what is to be known of them, and
 * which missed the study's target. */
void trm__study_print(FILE *, const trm__study *, const trm__study_points *);

#endif
