/* Two ranks that exchange messages: one leads, the other does what it is told. */
#ifndef TRM_MEASURE_MACHINE_PAIR_H
#define TRM_MEASURE_MACHINE_PAIR_H

#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct trm__pair {
  MPI_Comm comm;
  int other;
  char *buffer; /* owned */
  bool quick;
  double clock; /* seconds that a look at the clock takes */
} trm__pair;

/** Begin to lead, and end: `other` then leaves trm__pair_follow. */
void trm__pair_open(trm__pair *, MPI_Comm, int other, int64_t largest,
                    bool quick);
void trm__pair_close(trm__pair *);
/** Do what `leader` says until it closes. */
void trm__pair_follow(MPI_Comm, int leader, int64_t largest);

/* All times are seconds, as the leader sees them. */

/** Half a round trip: the mean over about half a millisecond. */
double trm__pair_ping(trm__pair *, int64_t bytes);
/** PRTT(n, 0, s): n messages one behind the other, until one comes back. */
double trm__pair_stream(trm__pair *, int64_t bytes, int n);
/** In a send call, of n messages that find the receiver waiting, since each is
 * sent `delay` after the one before: the mean. */
double trm__pair_send(trm__pair *, int64_t bytes, int n, double delay);
/** In a receive call that begins `delay` after the message was asked for. */
double trm__pair_receive(trm__pair *, int64_t bytes, double delay);
/** Messages a second, many under way at once. */
double trm__pair_rate(trm__pair *, int64_t bytes);
/** Does a send return before its receive is posted? It does in two of three.
 * \param inside the receiver waits inside MPI, which can progress; else it sleeps */
bool trm__pair_returns(trm__pair *, int64_t bytes, bool inside);

#endif
