/* What the preloaded wrappers have seen on this rank. */
#ifndef TRM_TESTS_PRELOAD_H
#define TRM_TESTS_PRELOAD_H

#include <stdint.h>

typedef struct preload_totals {
  int64_t messages, bytes;   /* point-to-point, sent */
  int64_t calls, call_bytes; /* collectives: calls, bytes contributed */
} preload_totals;

void preload_read(preload_totals *);

#endif
