/* Balance: how much work the ranks had, and how long it took. It tells a slow
 * rank from an uneven division on any number of ranks. */
#ifndef TRM_METER_BALANCE_H
#define TRM_METER_BALANCE_H

#include <cjson/cJSON.h>
#include <stdbool.h>

typedef struct trm__meter_portion { /* of one rank, inside the loop */
  double useful;                    /* seconds in sites, mean per thread */
  double updates; /* as the kernel states; 0: none or not known */
  double counted; /* flops of its sites, bytes where they state none */
} trm__meter_portion;

typedef struct
    trm__meter_spread { /* of one number per rank, over ranks that have it */
  double min, median;
  double second, max; /* second: second largest; on one rank, max */
  int rank;           /* with max; -1: no rank has it */
} trm__meter_spread;

typedef struct trm__meter_balance {
  int ranks; /* 0: not known */
  trm__meter_spread useful, updates, counted;
  trm__meter_spread per_update, per_counted; /* useful over these */
} trm__meter_balance;

/** Summarise. Pure. */
trm__meter_balance trm__meter_balance_of(int ranks, const trm__meter_portion[]);

/** As stored in results: {useful {min, median, second, max, rank}, ...}; what
 * no rank has is null. */
cJSON *trm__meter_balance_json(const trm__meter_balance *);
/** Read it back; false: there is none. */
bool trm__meter_balance_read(const cJSON *, int ranks, trm__meter_balance *);

#endif
