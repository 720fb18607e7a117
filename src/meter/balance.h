/* Balance: what the ranks were given, and what time they took for it. By this a
 * slow rank can be told from an uneven division, whatever the number of ranks. */
#ifndef TRM_METER_BALANCE_H
#define TRM_METER_BALANCE_H

#include <cjson/cJSON.h>
#include <stdbool.h>

typedef struct trm__meter_portion { /* of one rank, inside the loop */
  double useful;                    /* seconds in sites, a thread on average */
  double updates; /* as the kernel states; 0: none, or not known */
  double counted; /* flops of its sites, bytes where they state none */
} trm__meter_portion;

typedef struct
    trm__meter_spread { /* of one number a rank, over those that have it */
  double min, median;
  double second, max; /* second: largest but one; of one rank: that one's */
  int rank;           /* that has max; -1: nobody has any */
} trm__meter_spread;

typedef struct trm__meter_balance {
  int ranks; /* 0: not known */
  trm__meter_spread useful, updates, counted;
  trm__meter_spread per_update, per_counted; /* useful over these */
} trm__meter_balance;

/** Summarise. Pure. */
trm__meter_balance trm__meter_balance_of(int ranks, const trm__meter_portion[]);

/** As results carry it: {useful {min, median, second, max, rank}, ...}; what
 * nobody has is null. */
cJSON *trm__meter_balance_json(const trm__meter_balance *);
/** Read it back; false: there is none. */
bool trm__meter_balance_read(const cJSON *, int ranks, trm__meter_balance *);

#endif
