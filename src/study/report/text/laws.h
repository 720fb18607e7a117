/* The laws of a series for people at a terminal. */
#ifndef TRM_STUDY_REPORT_TEXT_LAWS_H
#define TRM_STUDY_REPORT_TEXT_LAWS_H

#include <stdio.h>

#include "study/run/points.h"

/** Print the laws of one series in one to three lines, or what cannot be known. */
void trm__study_print_laws(FILE *, const trm__study *,
                           const trm__study_points *, int series);

#endif
