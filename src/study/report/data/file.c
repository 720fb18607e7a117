#include "study/report/data/file.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

bool trm__study_file_open(trm__study_file *s, const char *path,
                          trm__base_error *error) {
  int failure = trm__base_atomic_file_open(&s->atomic, path);
  s->file = s->atomic.to;
  if (!failure) return true;
  trm__base_error_set(error, TRM_EFILE, "%s: %s", path, strerror(failure));
  trm__base_atomic_file_close(&s->atomic, false);
  return false;
}

void trm__study_file_close(trm__study_file *s, trm__base_error *error) {
  char *path = trm__base_strdup(s->atomic.path);
  int failure = trm__base_atomic_file_close(&s->atomic, !error->status);
  if (failure)
    trm__base_error_set(error, TRM_EFILE, "%s: %s", path, strerror(failure));
  free(path);
}
