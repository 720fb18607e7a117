/* The ledger: wall time x cores as a sum of parts, none of them negative. Sums
 * of each rank in, parts and efficiencies out. */
#ifndef TRM_METER_LEDGER_H
#define TRM_METER_LEDGER_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdio.h>

/* Parts, in core seconds. A rank with T threads that waits w seconds in a call
 * spends T w core seconds there, less what other threads do in sites meanwhile;
 * the same holds for checkpoints and for sections on one thread.
 *   useful            threads in work sites
 *   thread_imbalance  threads of a parallel region waiting for its busiest one;
 *                     includes forks and joins
 *   serial            the other threads while one works in a site
 *   rank_imbalance    waiting that equal work on all ranks would avoid: per rank
 *                     at most the extra work of the busiest rank
 *   waiting           other waiting for late partners: propagated delays, noise
 *   transfer          calls, without waiting
 *   checkpoint        all time in checkpoints
 *   outside           time in no site and no call */
#define TRM__PARTS(X)                     \
  X(useful, "useful")                     \
  X(thread_imbalance, "thread imbalance") \
  X(serial, "serial sections")            \
  X(rank_imbalance, "rank imbalance")     \
  X(waiting, "waiting")                   \
  X(transfer, "transfer")                 \
  X(checkpoint, "checkpoint")             \
  X(outside, "outside")

typedef struct trm__meter_parts {
#define TRM__PART(name, text) double name;
  TRM__PARTS(TRM__PART)
#undef TRM__PART
} trm__meter_parts;

struct trm__meter_ledger_rank; /* what one rank recorded: ledger_rank.h */

/* Efficiencies, 0 to 1 (POP). Checkpoints are left out of all of them. With W
 * the longest wall and b a rank's time outside calls:
 *   parallel = openmp x mpi;       mpi = load_balance x serialisation x transfer
 *   load_balance  mean b / max b;  serialisation  max b / ideal;
 *   transfer  ideal / W
 *   openmp = openmp_serial x openmp_balance x openmp_fork x openmp_outside: of the
 *   core seconds outside calls those not lost to serial sections, to threads that
 *   waited for the busiest, to forks and joins, to what no site explains */
#define TRM__EFFICIENCIES(X) \
  X(parallel)                \
  X(mpi)                     \
  X(load_balance)            \
  X(serialisation)           \
  X(transfer)                \
  X(openmp)                  \
  X(openmp_serial)           \
  X(openmp_balance)          \
  X(openmp_fork)             \
  X(openmp_outside)

typedef struct trm__meter_efficiencies {
#define TRM__EFFICIENCY(name) double name;
  TRM__EFFICIENCIES(TRM__EFFICIENCY)
#undef TRM__EFFICIENCY
} trm__meter_efficiencies;

typedef struct trm__meter_ledger {
  int ranks;
  double cores; /* sum of threads */
  double wall;  /* longest */
  double total; /* wall x cores: the sum of the parts */
  trm__meter_parts parts;
  trm__meter_efficiencies efficiency;
} trm__meter_ledger;

/** Make the ledger. Pure.  \param ideal_share time on a network that costs
 * nothing / time, of what was replayed; 0 < ideal_share <= 1 */
trm__meter_ledger trm__meter_ledger_of(int ranks,
                                       const struct trm__meter_ledger_rank *,
                                       double ideal_share);

/** Print a bar of the whole and one line per part, `width` characters wide. */
void trm__meter_ledger_print(const trm__meter_ledger *, FILE *, int indent,
                             int width);

/** The sentence where threads share cores: no loss is the kernel's. */
char *trm__meter_ledger_shared(const trm__meter_ledger *);

/** One or two sentences: the largest loss, what it means, the possible gain. */
char *trm__meter_ledger_sentence(const trm__meter_ledger *);

/** As stored in results: {total, wall, cores, parts {}, efficiency {}}. */
cJSON *trm__meter_ledger_json(const trm__meter_ledger *);
/** Read it back; false: not a ledger. */
bool trm__meter_ledger_read(const cJSON *, trm__meter_ledger *);

#endif
