/* One picture of a report. */
#ifndef TRM_STUDY_REPORT_PICTURES_PICTURE_H
#define TRM_STUDY_REPORT_PICTURES_PICTURE_H

#include <stdbool.h>
#include <stdio.h>

#include "study/report/curves.h"

typedef struct trm__study_picture {
  char *name;        /* of its files; owned */
  const char *title; /* static */
  char *caption;     /* owned */
  trm__study_mode mode;
  const trm__study_curve *curve; /* of one curve alone; NULL: all of the mode */
  int width, height;
  void (*draw)(const trm__study_report *, const struct trm__study_picture *,
               FILE *script, bool png);
} trm__study_picture;

#endif
