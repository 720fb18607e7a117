#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

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
