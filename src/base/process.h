/* State of the process that cannot belong to a run: signal flags and fault
 * counters. These are the only mutable statics of the library. */
#ifndef TRM_BASE_PROCESS_H
#define TRM_BASE_PROCESS_H

#include <stdbool.h>

enum {
  TRM__SIGNAL_STOP = 1, /* SIGUSR1: finish the chunk, checkpoint, exit 75 */
  TRM__SIGNAL_CHECKPOINT = 2, /* SIGUSR2: checkpoint and continue */
  TRM__SIGNAL_QUIT = 4 /* SIGTERM, SIGINT, SIGHUP, SIGXCPU: stop, checkpoint if
                          time allows */
};

/** Block signals until the handlers are installed. Pending signals survive
 * exec(), which removes handlers. */
void trm__base_signals_hold(void);
/** Install the handlers; SIGXFSZ and SIGPIPE are ignored, and SIGHUP if it was
 * (nohup). */
void trm__base_signals_install(void);
/** Limit the time that a blocking call may take after a signal to quit: the
 * process then ends with one line and the exit status of an interruption. 0: no
 * limit. */
void trm__base_signals_patience(int seconds);
/** Return the signals received since the last call, as bits, and clear them. */
int trm__base_signals_take(void);
/** Return the signals received, without clearing them. */
int trm__base_signals_seen(void);

/** Should this operation fail now? For tests: TRM_FAULT=OP:N[:WHAT[:RANK]] in
 * the environment, several separated by commas, makes the N-th operation named
 * OP fail (1 = first; "N+": that one and all later ones). WHAT: an errno name
 * (ENOSPC, EIO, EINTR, ...; default EIO), "short" (half the bytes), "flip" (one
 * bit of the data is wrong), "kill" (SIGKILL to itself), "stop" (SIGUSR1 to itself)
 * or "sleepMS". RANK: only on this rank; default: on every rank.
 * \return one of the values below; errno is set for TRM__FAULT_ERROR */
enum { TRM__FAULT_NONE, TRM__FAULT_ERROR, TRM__FAULT_SHORT, TRM__FAULT_FLIP };
int trm__base_fault(const char *op);
/** Set this process's rank for TRM_FAULT. */
void trm__base_fault_rank(int rank);

#endif
