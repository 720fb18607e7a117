/* The roofline: how much of the machine a run reached.
 *
 * Each ceiling gives a minimum time for the work; the largest one binds.
 * Bandwidths count the bytes that a loop states, as STREAM does: the reads
 * caused by plain stores lower the bandwidth, but are not counted as bytes.
 * Pure. */
#ifndef TRM_METER_ROOFLINE_H
#define TRM_METER_ROOFLINE_H

#include <trireme/kernel.h>
#include <trireme/machine.h>

#define TRM__ROOFS(X)                                   \
  X(FMA_F64, "peak of double FMA")                      \
  X(FMA_F32, "peak of single FMA")                      \
  X(READ, "memory bandwidth of reading")                \
  X(PLAIN, "memory bandwidth with plain stores")        \
  X(STREAMED, "memory bandwidth with streaming stores") \
  X(CACHE, "cache bandwidth")                           \
  X(NETWORK, "network")

typedef enum trm__meter_roof {
#define TRM__ROOF(name, text) TRM__ROOF_##name,
  TRM__ROOFS(TRM__ROOF)
#undef TRM__ROOF
      TRM__ROOF_COUNT
} trm__meter_roof;

typedef struct trm__meter_work_done { /* work done by all ranks, and where */
  trm_work work;
  bool stated;    /* by the kernel's model; else sites counted: all bytes are in
                     read_bytes, and how they are stored is not known */
  double seconds; /* measured */
  int ranks, threads, hosts;
} trm__meter_work_done;

typedef struct trm__meter_over { /* one ceiling */
  trm__meter_roof roof;
  double rate;    /* flop/s or byte/s; network: bytes/s of its fastest */
  double seconds; /* the least time under it */
} trm__meter_over;

typedef struct trm__meter_roofline {
  double flops_per_s, bytes_per_s, intensity; /* flop/byte; 0: no bytes */
  int n; /* ceilings; 0: nothing is known of the machine */
  trm__meter_over over[TRM__ROOF_COUNT];
  int binds, other; /* indices; -1: none. other: the memory ceiling that
                             would bind had it stored the other way */
  double seconds;   /* attainable: the least time of all ceilings */
  double fraction;  /* reached: attainable / taken */
} trm__meter_roofline;

/** Compute the roofline.  \param machine NULL: not known */
trm__meter_roofline trm__meter_roofline_of(const trm__meter_work_done *,
                                           const trm_machine *machine);

const char *trm__meter_roof_name(trm__meter_roof);

/** Cores of a host that were measured together. Pure. */
int trm__meter_roof_measured(const trm_machine *);
/** Cores that these ranks x threads use on a host of the machine. Pure. */
int trm__meter_roof_cores(const trm_machine *, int ranks, int threads,
                          int hosts);

/** Memory bandwidth of `cores` cores of a host if stores are `share` of the
 * bytes; 0: not known.  \param roof READ, PLAIN or STREAMED  Pure. */
double trm__meter_roof_memory(const trm_machine *, int cores,
                              trm__meter_roof roof, double share);

/** Interpolate a ceiling between one core and all cores. Pure. */
double trm__meter_roof_at(const trm_machine *, const trm_ceiling *, int cores);

/** Bandwidth of one core at the smallest rung of the ladder that holds
 * `bytes_per_core`, if clearly above that of memory; 0: none. Pure. */
double trm__meter_roof_cache(const trm_machine *, double bytes_per_core);

/** As text: "0.77 of memory bandwidth with streaming stores (41.6 of 54 GB/s)";
 * free with free(). NULL: no ceiling is known. */
char *trm__meter_roofline_sentence(const trm__meter_roofline *,
                                   const trm__meter_work_done *);

#endif
