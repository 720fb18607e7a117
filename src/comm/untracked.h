/* MPI beside the library: what a kernel calls itself, as far as the wrappers of
 * libtrireme_preload.so are loaded. */
#ifndef TRM_COMM_UNTRACKED_H
#define TRM_COMM_UNTRACKED_H

#include <stdbool.h>
#include <stdint.h>

typedef struct trm__comm_untracked { /* of this rank, since the process began */
  int64_t messages, bytes;           /* sent, put or got; payload */
  int64_t calls, call_bytes;         /* collectives: calls, bytes contributed */
  double seconds;                    /* in any of these calls */
} trm__comm_untracked;

/** Read them; false, and zeros: no wrappers are loaded. Local. */
bool trm__comm_untracked_read(trm__comm_untracked *);

/** What this thread calls from here on, until trm__comm_untracked_end, is the library's own
 * and is not beside it. They nest. Local. */
void trm__comm_untracked_begin(void);
void trm__comm_untracked_end(void);

#endif
