/* Two ranks that exchange messages: one leads, the other follows. */
#ifndef TRM_HOST_MACHINE_PAIR_H
#define TRM_HOST_MACHINE_PAIR_H

#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct trm__host_pair {
  MPI_Comm comm;
  int other;
  char *buffer; /* owned */
  bool quick;
  double clock; /* seconds per reading of the clock */
} trm__host_pair;

/** Begin to lead, and end: `other` then leaves trm__host_pair_follow. */
void trm__host_pair_open(trm__host_pair *, MPI_Comm, int other, int64_t largest,
                         bool quick);
void trm__host_pair_close(trm__host_pair *);
/** Follow `leader` until it closes. */
void trm__host_pair_follow(MPI_Comm, int leader, int64_t largest);

/* All times are seconds, as the leader sees them. */

/** Half a round trip: the mean over about half a millisecond. */
double trm__host_pair_ping(trm__host_pair *, int64_t bytes);
/** PRTT(n, 0, s): n consecutive messages, until one comes back. */
double trm__host_pair_stream(trm__host_pair *, int64_t bytes, int n);
/** Mean time in a send call. The receiver waits already, since each of n
 * messages is sent `delay` after the previous one. */
double trm__host_pair_send(trm__host_pair *, int64_t bytes, int n,
                           double delay);
/** Time in a receive call that begins `delay` after the message was
 * requested. */
double trm__host_pair_receive(trm__host_pair *, int64_t bytes, double delay);
/** Messages per second, with many in flight. */
double trm__host_pair_rate(trm__host_pair *, int64_t bytes);
/** Does a send return before its receive is posted? True if it does in two of
 * three trials.
 * \param inside the receiver waits inside MPI, which can progress; else it
 * sleeps */
bool trm__host_pair_returns(trm__host_pair *, int64_t bytes, bool inside);

#endif
