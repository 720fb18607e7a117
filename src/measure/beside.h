/* MPI beside the library: what a kernel calls itself, as far as the wrappers of
 * libtrireme_preload.so are loaded. */
#ifndef TRM_MEASURE_BESIDE_H
#define TRM_MEASURE_BESIDE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct trm__beside_totals { /* of this rank, since the process began */
  int64_t messages, bytes;          /* sent, put or got; payload */
  int64_t calls, call_bytes;        /* collectives: calls, bytes contributed */
  double seconds;                   /* in any call of MPI */
} trm__beside_totals;

/** Read them; false, and zeros: no wrappers are loaded. Local. */
bool trm__beside(trm__beside_totals *);

/** The flag of this thread that is not 0 while the library calls MPI for itself;
 * NULL: no wrappers are loaded. Its address stays: look it up once. Local. */
int *trm__beside_flag(void);

#endif
