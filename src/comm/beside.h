/* MPI beside the library: what a kernel calls itself, as far as the wrappers of
 * libtrireme_preload.so are loaded. */
#ifndef TRM_COMM_BESIDE_H
#define TRM_COMM_BESIDE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct trm__beside_totals { /* of this rank, since the process began */
  int64_t messages, bytes;          /* sent, put or got; payload */
  int64_t calls, call_bytes;        /* collectives: calls, bytes contributed */
  double seconds;                   /* in any of these calls */
} trm__beside_totals;

/** Read them; false, and zeros: no wrappers are loaded. Local. */
bool trm__beside(trm__beside_totals *);

/** What this thread calls from here on, until trm__beside_end, is the library's own
 * and is not beside it. They nest. Local. */
void trm__beside_begin(void);
void trm__beside_end(void);

#endif
