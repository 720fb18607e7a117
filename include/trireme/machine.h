/* What a machine gives: the ceilings that `trireme machine` measured.
 *
 * Each figure is the best of enough repeats, with its median and its spread.
 * Bandwidths are bytes/s at the bytes that the loop states (STREAM's way: no
 * write-allocate), rates flop/s, times seconds. One: one core of one rank. All:
 * all ranks x threads of one host together (of the slowest, where hosts
 * differ). */
#ifndef TRIREME_MACHINE_H
#define TRIREME_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct trm_figure {
  double best, median, spread;
} trm_figure;
/* spread: (upper quartile - lower quartile) / median; best 0: not
         known */
typedef struct trm_ceiling {
  trm_figure one, all;
} trm_ceiling;

typedef struct trm_loggp {                     /* Alexandrov et al., 1995 */
  double latency, overhead, gap, gap_per_byte; /* L, o, g, G */
  double fit;                                  /* R^2 of the line; 0: no fit */
  int64_t from, to; /* message sizes that it was fitted on, bytes */
  double overhead_send, overhead_receive; /* o is their mean, at most half a
                               message of one byte, so that L + 2 o is its
                               time */
  double message_per_byte; /* slope of one message's time over its size: larger
                               than G where copies of a stream overlap */
  double message_fit;      /* R^2 of that line */
} trm_loggp;

typedef struct trm_noise {  /* of a fixed amount of work, again and again */
  double quantum, mean;     /* its shortest time, and the mean */
  double lost;              /* share of the time that others took: of the core
                               that lost most, where the shortest time is that
                               of all cores */
  double p50, p99, longest; /* percentiles of time / quantum - 1 */
} trm_noise;

enum { TRM_LADDER = 40, TRM_SIZES = 32, TRM_COLLECTIVES = 12 };

typedef struct trm_machine {
  char node_class[128]; /* processor, cores, memory, MPI: one word */
  char processor[96], mpi[96], written[32], file[512];
  int cores;                 /* of a host that may be used */
  int ranks, threads, hosts; /* of the launch that measured */
  double memory_bytes;       /* of a host */
  trm_ceiling read, copy, copy_stream, triad, triad_stream;
  trm_ceiling fma_f64, fma_f32, dgemm;
  int rungs; /* of the ladder, rising */
  struct {
    double bytes;         /* working set of one core */
    trm_figure bandwidth; /* read, one core */
    trm_figure latency;   /* of one dependent load */
  } ladder[TRM_LADDER];
  int64_t eager_limit;         /* largest message sent without a handshake; -1:
                               none was found */
  int64_t buffered_limit;      /* largest that a send leaves behind while the
                               receiver is outside MPI; <= eager_limit; -1
                               likewise */
  trm_loggp eager, rendezvous; /* between two ranks of a host; of two hosts
                                   where there are several */
  trm_figure disk_write, disk_read;
  double clock_resolution;
  double clock_cost;      /* of one look at the clock */
  trm_figure latency;     /* of one dependent load from memory */
  trm_figure undisturbed; /* share of the time that work gets: 1 - noise */
  trm_noise noise;
  int sizes; /* of messages, rising */
  struct {
    int64_t bytes;
    trm_figure time; /* half a round trip */
  } message[TRM_SIZES];
  int64_t curve_switch;    /* where that curve bends most: beside eager_limit,
                               which was probed; -1: nowhere */
  trm_figure message_rate; /* small messages/s, one rank to one other */
  int collectives;
  struct {
    char name[16];
    int64_t bytes; /* of each rank; all-to-all: to each rank */
    trm_figure time;
  } collective[TRM_COLLECTIVES];
  trm_figure link_latency, link_bandwidth; /* of a host to its better
                               neighbour, where there are several */
} trm_machine;

/** Read the newest file of this host's class, those first that were measured on
 * all of its cores. Files are looked for
 * as `trireme machine` writes them: in $TRIREME_MACHINES, else in
 * $XDG_DATA_HOME/trireme/machines, else in ~/.local/share/trireme/machines.
 * Local; no MPI. \return false: there is none that can be read; *machine then
 * holds the node class and where was looked (file) */
bool trm_machine_find(trm_machine *machine);

/** Bandwidth of so many cores of a host: the one core's, as far as all of them
 * have it; 0 of more than all_cores, which were measured together. Pure. */
double trm_ceiling_at(const trm_ceiling *, int cores, int all_cores);

#endif
