/* The account of a run: what all meters say together, once its steps are made.
 * Rank 0 has it. */
#ifndef TRM_MEASURE_ACCOUNT_H
#define TRM_MEASURE_ACCOUNT_H

#include "comm/own.h"
#include "measure/gather.h"
#include "measure/ledger.h"
#include "measure/trace.h"

enum { TRM__PARTNERS = 4096 };

typedef struct trm__opening { /* what is noted of a rank before the loop */
  trm__clock clock;
  trm_call_total calls[TRM_CAUSE_COUNT][TRM_CALL_COUNT];
  int sites;
  trm_site_total site[TRM__SITES];
} trm__opening;

typedef struct trm__site_account { /* of a site, over all ranks */
  char *name;
  int64_t entries;
  double flops, bytes;
  double min, mean, max; /* seconds: of the rank that took least, a thread on
                            average; of all threads; of the slowest thread */
  int loop_ranks;        /* that were in it in the loop, as all below */
  int64_t loop_entries;
  double loop_mean, loop_max;
} trm__site_account;

typedef struct trm__account {
  trm__ledger ledger;
  trm__called call[TRM_CAUSE_COUNT][TRM_CALL_COUNT]; /* in the loop, over ranks;
                                        waiting: as in the windows replayed */
  trm_tally sent[TRM_CAUSE_COUNT][TRM_SIZE_CLASSES]; /* of the whole run */
  trm_tally received[TRM_CAUSE_COUNT][TRM_SIZE_CLASSES];
  trm__site_account *site; /* in the order in which they were met */
  int sites;
  trm__partner *partner; /* those with most bytes, most first */
  int partners;
  int64_t partners_left; /* how many more there are */
  int windows;           /* replayed */
  int64_t steps;         /* made in them */
  double seconds;        /* of them, of the rank followed furthest */
  double wall, ideal;    /* the same, checkpoints apart; on a free network */
  int64_t unmatched;
  double clock_bound; /* clocks of the ranks agree within */
} trm__account;

/** Note what the account starts from. Before trm__meter_begin. Collective. */
trm__opening trm__account_open(trm_run *);

/** Make the account. After trm__meter_end. Collective.  \param trace NULL: none is
 * wanted  \param account filled on rank 0, empty elsewhere; free with _clear */
void trm__account_make(trm_run *, const trm__opening *, trm__trace *trace,
                       trm__account *account);
void trm__account_clear(trm__account *);

/** Calls, sites, tallies, partners and coverage as results carry them. */
cJSON *trm__account_json(const trm__account *);

#endif
