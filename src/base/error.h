/* An error: a status and the line that explains it. */
#ifndef TRM_BASE_ERROR_H
#define TRM_BASE_ERROR_H

#include <trireme/status.h>

typedef struct trm__base_error {
  trm_status status; /* TRM_OK: none */
  char text[1024];   /* what, where, what is expected */
} trm__base_error;

/** Record a failure unless one is recorded already; returns `status`. */
trm_status trm__base_error_set(trm__base_error *, trm_status status,
                               const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Print one line on stderr, after the program's name: "trireme: ...". */
void trm__base_error_print(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

#endif
