/* Untracked MPI: calls that a kernel makes itself. They are known only while
 * the wrappers of libtrireme_preload.so are loaded. */
#ifndef TRM_COMM_UNTRACKED_H
#define TRM_COMM_UNTRACKED_H

#include <stdbool.h>
#include <stdint.h>

typedef struct trm__comm_untracked { /* of this rank, since the process began */
  int64_t messages, bytes;           /* sent, put or got; payload */
  int64_t calls, call_bytes;         /* collectives: calls, bytes contributed */
  double seconds;                    /* in all these calls */
} trm__comm_untracked;

/** Read the counts; false and zeros if no wrappers are loaded. Local. */
bool trm__comm_untracked_read(trm__comm_untracked *);

/** Begin and end calls of the library itself on this thread: they are not
 * counted as untracked. Pairs nest. Local. */
void trm__comm_untracked_begin(void);
void trm__comm_untracked_end(void);

#endif
