/* What is the process's own and cannot belong to a run: the signal flag and the
 * fault counters. The only mutable statics of the library. */
#ifndef TRM_BASE_PROCESS_H
#define TRM_BASE_PROCESS_H

#include <stdbool.h>

enum {
  TRM__SIGNAL_STOP = 1, /* SIGUSR1: finish the chunk, checkpoint, exit 75 */
  TRM__SIGNAL_CHECKPOINT = 2, /* SIGUSR2: checkpoint and go on */
  TRM__SIGNAL_QUIT = 4        /* SIGTERM, SIGINT: stop, checkpoint if it fits */
};

/** Keep signals waiting until the handlers are installed, also through exec(),
 * which forgets handlers but not what waits. */
void trm__base_signals_hold(void);
/** Install the handlers; SIGXFSZ and SIGPIPE are ignored. */
void trm__base_signals_install(void);
/** Once SIGTERM or SIGINT has come, end the process with one line and the status of
 * an interruption if what blocks it does not return in so many seconds; 0: it has. */
void trm__base_signals_patience(int seconds);
/** What has arrived since the last call, as bits. */
int trm__base_signals_take(void);
/** The same without taking it. */
int trm__base_signals_seen(void);

/** Should this operation fail now? TRM_FAULT=OP:N[:WHAT[:RANK]] in the
 * environment, several divided by commas: the N-th (1 = first; "N+" that and all
 * later) operation named OP fails. WHAT: an errno name (ENOSPC, EIO, EINTR, ...;
 * default EIO), "short" (half the bytes), "flip" (one bit of the data is wrong),
 * "kill" (SIGKILL to oneself), "sleepMS". RANK: only there; default every rank.
 * \return 0: no; else one of the values below, errno set for TRM__FAULT_ERROR */
enum { TRM__FAULT_NONE, TRM__FAULT_ERROR, TRM__FAULT_SHORT, TRM__FAULT_FLIP };
int trm__base_fault(const char *op);
/** The rank that TRM_FAULT speaks of. */
void trm__base_fault_rank(int rank);

#endif
