#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/program.h"

trm_status trm__base_error_set(trm__base_error *error, trm_status status,
                               const char *format, ...) {
  if (error->status != TRM_OK) return status;
  error->status = status;
  va_list args;
  va_start(args, format);
  vsnprintf(error->text, sizeof error->text, format, args);
  va_end(args);
  return status;
}

/* Print in a single write, because other ranks write to the same stream. */
void trm__base_error_print(const char *format, ...) {
  va_list args;
  va_start(args, format);
  char *text = NULL;
  int n = vasprintf(&text, format, args);
  va_end(args);
  if (n < 0) return;
  fprintf(stderr, "%s: %s\n", trm__base_program_name(), text);
  free(text);
}
