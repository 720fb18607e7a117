/* Files of a report: each takes its name when it is complete. */
#ifndef TRM_STUDY_REPORT_DATA_FILE_H
#define TRM_STUDY_REPORT_DATA_FILE_H

#include <stdio.h>

#include "base/error.h"
#include "base/file.h"

typedef struct trm__study_file {
  FILE *file;
  trm__base_atomic_file atomic;
} trm__study_file;

bool trm__study_file_open(trm__study_file *, const char *path,
                          trm__base_error *);
/** Name the file, or remove it where an error is set. */
void trm__study_file_close(trm__study_file *, trm__base_error *);

#endif
