/* Machine ceilings: the performance limits that `trireme machine` measured.
 *
 * Each figure is the best of several repetitions, with median and spread.
 * Bandwidths are bytes/s, counting the bytes that the loop states (as STREAM
 * does: no write-allocate); rates are flop/s, times are seconds. `one`: one
 * core of one rank. `all`: all ranks x threads of one host together (the
 * slowest host, if hosts differ). */
#ifndef TRIREME_MACHINE_H
#define TRIREME_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct trm_figure {
  double best;   /* 0: unknown */
  double median; /* of the repetitions */
  double spread; /* (upper quartile - lower quartile) / median */
} trm_figure;

typedef struct trm_ceiling {
  trm_figure one, all;
} trm_ceiling;

typedef struct trm_loggp {                     /* Alexandrov et al., 1995 */
  double latency, overhead, gap, gap_per_byte; /* L, o, g, G */
  double fit;                                  /* R^2 of the line; 0: no fit */
  int64_t from, to; /* fitted range of message sizes, bytes */
  /* o is their mean, at most half the time of a one-byte message, so that L + 2
   * o is that time */
  double overhead_send, overhead_receive;
  /* slope of a single message's time over its size; exceeds G where copies of a
   * stream overlap */
  double message_per_byte;
  double message_fit; /* R^2 of that line */
} trm_loggp;

typedef struct trm_noise { /* of a fixed amount of work, repeated */
  double quantum, mean;    /* its shortest and mean time */
  /* fraction of time taken by other work, on the core that lost most; relative
   * to the shortest time on all cores */
  double lost;
  double p50, p99, longest; /* percentiles of time / quantum - 1 */
} trm_noise;

enum { TRM_LADDER = 40, TRM_SIZES = 32, TRM_COLLECTIVES = 12 };

typedef struct trm_machine {
  char node_class[128]; /* one word for processor, cores, memory and MPI */
  char processor[96], mpi[96], written[32], file[512];
  int cores;                 /* usable cores of a host */
  int ranks, threads, hosts; /* of the measuring launch */
  double memory_bytes;       /* of a host */
  trm_ceiling read, copy, copy_stream, triad, triad_stream;
  trm_ceiling fma_f64, fma_f32, dgemm;
  int rungs; /* entries of the ladder, by increasing working set */
  struct {
    double bytes;         /* working set of one core */
    trm_figure bandwidth; /* read, one core */
    trm_figure latency;   /* of one dependent load */
  } ladder[TRM_LADDER];
  /* largest message sent without a handshake; -1: not found */
  int64_t eager_limit;
  /* largest message whose send completes while the receiver is outside MPI;
   * at most eager_limit; -1: not found */
  int64_t buffered_limit;
  /* between two ranks of one host, or of two hosts if there are several */
  trm_loggp eager, rendezvous;
  trm_figure disk_write, disk_read;
  double clock_resolution;
  double clock_cost;      /* of one clock reading */
  trm_figure latency;     /* of one dependent load from memory */
  trm_figure undisturbed; /* fraction of time left for work: 1 - noise */
  trm_noise noise;
  int sizes; /* number of message sizes, increasing */
  struct {
    int64_t bytes;
    trm_figure time; /* half a round trip */
  } message[TRM_SIZES];
  /* size where that curve bends most, which may differ from the probed
   * eager_limit; -1: nowhere */
  int64_t curve_switch;
  trm_figure message_rate; /* small messages/s from one rank to another */
  int collectives;
  struct {
    char name[16];
    int64_t bytes; /* per rank; all-to-all: per pair of ranks */
    trm_figure time;
  } collective[TRM_COLLECTIVES];
  /* of a host to its better neighbour, if there are several hosts */
  trm_figure link_latency, link_bandwidth;
} trm_machine;

/** Read the newest machine file of this host's class; files measured on all of
 * its cores come first. Searches where `trireme machine` writes:
 * $TRIREME_MACHINES, else $XDG_DATA_HOME/trireme/machines, else
 * ~/.local/share/trireme/machines. Local; no MPI.
 * \return false: no readable file; *machine then holds the node class and, in
 * `file`, the place searched */
bool trm_machine_find(trm_machine *machine);

/** Return the bandwidth of `cores` cores of a host: that of one core times
 * `cores`, limited by that of all cores; 0 if cores > all_cores, the number
 * measured together. Pure. */
double trm_ceiling_at(const trm_ceiling *, int cores, int all_cores);

#ifdef __cplusplus
}
#endif

#endif
