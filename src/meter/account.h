/* The account of a run: the meters of all ranks summed up after its steps, on
 * rank 0. */
#ifndef TRM_METER_ACCOUNT_H
#define TRM_METER_ACCOUNT_H

#include "comm/run.h"
#include "meter/gather.h"
#include "meter/ledger.h"
#include "meter/trace.h"

enum { TRM__PARTNERS = 4096 };

typedef struct trm__meter_baseline { /* counts of a rank before the loop */
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
  trm__meter_site_account *site; /* in order of first entry */
  int sites;
  trm__meter_partner *partner; /* those with the most bytes, most first */
  int partners;
  int64_t partners_left; /* number of others */
  int windows;           /* replayed */
  int64_t steps;         /* made in them */
  double seconds;        /* replayed, of the rank followed furthest */
  double wall, ideal; /* without checkpoints; on a network that costs nothing */
  int64_t unmatched;
  double clock_bound; /* the ranks' clocks agree within this */
} trm__meter_account;

/** Record where the account starts, before trm__comm_meter_begin.
 * Collective. */
trm__meter_baseline trm__meter_account_open(trm_run *);
void trm__meter_baseline_clear(trm__meter_baseline *);

/** Make the account, after trm__comm_meter_end. Collective.  \param trace NULL:
 * no timeline  \param account filled on rank 0, empty elsewhere; free with
 * _clear */
void trm__meter_account_make(trm_run *, const trm__meter_baseline *,
                             trm__meter_trace *trace,
                             trm__meter_account *account);
void trm__meter_account_clear(trm__meter_account *);

/** Calls, sites, tallies, partners and coverage as stored in results. */
cJSON *trm__meter_account_json(const trm__meter_account *);

#endif
