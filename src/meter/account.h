/* The account of a run: what all meters say together, once its steps are made.
 * Rank 0 has it. */
#ifndef TRM_METER_ACCOUNT_H
#define TRM_METER_ACCOUNT_H

#include "comm/run.h"
#include "meter/gather.h"
#include "meter/ledger.h"
#include "meter/trace.h"

enum { TRM__PARTNERS = 4096 };

typedef struct
    trm__meter_baseline { /* what is noted of a rank before the loop */
  trm__meter_clock clock;
  trm_call_total calls[TRM_CAUSE_COUNT][TRM_CALL_COUNT];
  int sites;
  trm_site_total *site; /* owned */
} trm__meter_baseline;

typedef struct trm__meter_site_account { /* of a site, over all ranks */
  char *name;
  int64_t entries;
  double flops, bytes;
  double min, mean, max; /* seconds: of the rank that took least, a thread on
                            average; of all threads; of the slowest thread */
  int loop_ranks;        /* that were in it in the loop, as all below */
  int64_t loop_entries;
  double loop_mean, loop_max;
} trm__meter_site_account;

typedef struct trm__meter_account {
  trm__meter_ledger ledger;
  trm__meter_called call[TRM_CAUSE_COUNT]
                        [TRM_CALL_COUNT];            /* in the loop, over ranks;
                                        waiting: as in the windows replayed */
  trm_tally sent[TRM_CAUSE_COUNT][TRM_SIZE_CLASSES]; /* of the whole run */
  trm_tally received[TRM_CAUSE_COUNT][TRM_SIZE_CLASSES];
  trm__meter_site_account *site; /* in the order in which they were met */
  int sites;
  trm__meter_partner *partner; /* those with most bytes, most first */
  int partners;
  int64_t partners_left; /* how many more there are */
  int windows;           /* replayed */
  int64_t steps;         /* made in them */
  double seconds;        /* of them, of the rank followed furthest */
  double wall, ideal;    /* the same, checkpoints apart; on a free network */
  int64_t unmatched;
  double clock_bound; /* clocks of the ranks agree within */
} trm__meter_account;

/** Note what the account starts from. Before trm__comm_meter_begin. Collective. */
trm__meter_baseline trm__meter_account_open(trm_run *);
void trm__meter_baseline_clear(trm__meter_baseline *);

/** Make the account. After trm__comm_meter_end. Collective.  \param trace NULL: none is
 * wanted  \param account filled on rank 0, empty elsewhere; free with _clear */
void trm__meter_account_make(trm_run *, const trm__meter_baseline *,
                             trm__meter_trace *trace,
                             trm__meter_account *account);
void trm__meter_account_clear(trm__meter_account *);

/** Calls, sites, tallies, partners and coverage as results carry them. */
cJSON *trm__meter_account_json(const trm__meter_account *);

#endif
