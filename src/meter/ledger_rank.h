/* What the ledger is made of: the record of each rank. */
#ifndef TRM_METER_LEDGER_RANK_H
#define TRM_METER_LEDGER_RANK_H

#include "comm/meter.h"

typedef struct trm__meter_ledger_rank { /* what one rank recorded, seconds */
  int threads;
  double wall; /* from begin to end of the ledger */
  trm__comm_spent spent;
  double waiting; /* of spent.calls; 0 <= waiting <= calls */
} trm__meter_ledger_rank;

#endif
