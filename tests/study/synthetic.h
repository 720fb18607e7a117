/* Results of runs that were never made: what each rank does is stated, the ledger is
 * worked out from it as a run would. Losses of known size, on any number of ranks. */
#ifndef TRM_TESTS_SYNTHETIC_H
#define TRM_TESTS_SYNTHETIC_H

#include "meter/balance.h"
#include "meter/ledger_rank.h"
#include "recorded.h"

enum { SYNTHETIC_RANKS = 64, SYNTHETIC_STEPS = 100 };

/* Seconds of the whole run, of one rank where nothing else is said. */
typedef struct synthetic {
  double work;      /* of all ranks together, on one core */
  double slow;      /* of the last rank, as a share of its work */
  double dearer;    /* of rank r, r times, as a share of its work */
  double alone;     /* of rank 0 in a site that others are not in */
  double repeated;  /* of every rank, whatever their number */
  double units;     /* that the work is divided in; 0: any share will do */
  double starving;  /* as much work takes so much longer, for each rank more */
  double uncounted; /* the same, and nothing says that it is memory */
  double checkpoint, transfer, chain,
      outside;                    /* of each rank but of a lone one */
  double messages, message_bytes; /* of a rank; transfer is theirs */
  double calls; /* collective ones of a rank; transfer is theirs */
  double thread_imbalance, serial; /* share of a region's time; seconds */
} synthetic;

static inline double synthetic_units(const synthetic *m, int ranks, int r) {
  double units = m->units > 0 ? m->units : ranks;
  double least = floor(units / ranks);
  return least + (r < units - least * ranks);
}

static inline double synthetic_work(const synthetic *m, int ranks, int r) {
  double units = m->units > 0 ? m->units : ranks;
  double mine = m->work * synthetic_units(m, ranks, r) / units;
  if (ranks > 1 && r == ranks - 1) mine *= 1 + m->slow;
  mine *= 1 + m->dearer * r;
  return mine * (1 + (m->starving + m->uncounted) * (ranks - 1)) + m->repeated;
}

typedef struct synthetic_run {
  int ranks, threads;
  trm__meter_ledger_rank rank[SYNTHETIC_RANKS];
  trm__meter_portion portion[SYNTHETIC_RANKS];
  double wall, waiting;
} synthetic_run;

static inline void synthetic_rank(const synthetic *m, synthetic_run *run,
                                  int r) {
  double t = run->threads, mine = synthetic_work(m, run->ranks, r) / t;
  double alone = r ? 0 : m->alone;
  trm__comm_spent *s = &run->rank[r].spent;
  run->rank[r].threads = run->threads;
  s->useful = mine * t + alone + m->serial;
  s->region = mine * (1 + m->thread_imbalance);
  s->region_useful = mine * t;
  s->region_longest = s->region;
  s->serial = alone + m->serial;
  s->wall = s->region + s->serial; /* busy, so far */
  double units = synthetic_units(m, run->ranks, r);
  run->portion[r] =
      (trm__meter_portion){s->useful / t, 1e6 * units, 1e7 * units};
  if (m->starving > 0) run->portion[r].counted = 1e6 * units;
}

/* All end together, when the busiest has made its calls. */
static inline synthetic_run synthetic_make(const synthetic *m, int ranks,
                                           int threads) {
  synthetic_run run = {.ranks = ranks, .threads = threads};
  double longest = 0, many = ranks > 1;
  for (int r = 0; r < ranks; r++) {
    synthetic_rank(m, &run, r);
    longest = fmax(longest, run.rank[r].spent.wall);
  }
  double calls = many * (m->transfer + m->chain);
  run.wall = longest + calls + m->checkpoint + many * m->outside;
  for (int r = 0; r < ranks; r++) {
    trm__meter_ledger_rank *rank = &run.rank[r];
    double late = longest - rank->spent.wall;
    rank->spent.checkpoint = m->checkpoint;
    rank->spent.calls = calls + late;
    rank->waiting = many * m->chain + late;
    rank->wall = rank->spent.wall = run.wall;
    run.waiting += rank->waiting;
  }
  return run;
}

static inline void synthetic_call(cJSON *list, const char *cause,
                                  const char *call, double calls,
                                  double waiting, double transfer) {
  cJSON *item = cJSON_CreateObject();
  cJSON_AddStringToObject(item, "cause", cause);
  cJSON_AddStringToObject(item, "call", call);
  cJSON_AddNumberToObject(item, "calls", calls);
  cJSON_AddNumberToObject(item, "waiting", waiting);
  cJSON_AddNumberToObject(item, "transfer", transfer);
  cJSON_AddItemToArray(list, item);
}

static inline void synthetic_site(cJSON *list, const char *name, int ranks,
                                  double mean, double max, double flops,
                                  double bytes) {
  cJSON *item = cJSON_CreateObject(), *seconds = cJSON_CreateObject();
  cJSON_AddStringToObject(item, "name", name);
  cJSON_AddItemToObject(item, "in_loop", seconds);
  cJSON_AddNumberToObject(seconds, "ranks", ranks);
  cJSON_AddNumberToObject(seconds, "mean", mean);
  cJSON_AddNumberToObject(seconds, "max", max);
  cJSON_AddNumberToObject(item, "flops", flops);
  cJSON_AddNumberToObject(item, "bytes", bytes);
  cJSON_AddItemToArray(list, item);
}

static inline cJSON *synthetic_meter(const synthetic *m,
                                     const synthetic_run *run) {
  cJSON *meter = cJSON_CreateObject();
  cJSON *calls = cJSON_AddArrayToObject(meter, "calls");
  cJSON *sites = cJSON_AddArrayToObject(meter, "sites");
  cJSON *tally = cJSON_CreateObject(),
        *sent = cJSON_AddObjectToObject(tally, "sent");
  double n = run->ranks > 1 ? run->ranks : 0;
  bool messages = m->messages > 0;
  synthetic_call(
      calls, messages ? "halo" : "reduce", messages ? "wait" : "allreduce",
      messages ? n * m->messages : n * fmax(m->calls, SYNTHETIC_STEPS),
      run->waiting, n * m->transfer);
  cJSON_AddStringToObject(tally, "cause", "halo");
  cJSON_AddNumberToObject(sent, "messages", n * m->messages);
  cJSON_AddNumberToObject(sent, "bytes", n * m->messages * m->message_bytes);
  cJSON_AddItemToArray(cJSON_AddArrayToObject(meter, "tallies"), tally);
  double sum = 0, most = 0;
  for (int r = 0; r < run->ranks; r++) {
    double mine =
        (synthetic_work(m, run->ranks, r) - m->repeated) / run->threads;
    sum += mine;
    most = fmax(most, mine * (1 + m->thread_imbalance));
  }
  synthetic_site(sites, "sweep", run->ranks, sum / run->ranks, most, 1e9, 1e9);
  if (m->alone > 0)
    synthetic_site(sites, "sum", 1, m->alone / run->ranks, m->alone, 0, 0);
  if (m->repeated > 0)
    synthetic_site(sites, "table", run->ranks, m->repeated / run->threads,
                   m->repeated / run->threads, 1e6 * run->ranks, 0);
  trm__meter_balance b = trm__meter_balance_of(run->ranks, run->portion);
  cJSON_AddItemToObject(meter, "balance", trm__meter_balance_json(&b));
  return meter;
}

static inline cJSON *synthetic_written(const synthetic *m, int ranks,
                                       int threads) {
  synthetic_run run = synthetic_make(m, ranks, threads);
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "kernel", "planted");
  cJSON_AddNumberToObject(json, "ranks", ranks);
  cJSON_AddNumberToObject(json, "threads", threads);
  cJSON_AddStringToObject(json, "origin", "measured");
  cJSON_AddItemToObject(json, "doctor", cJSON_CreateArray());
  cJSON_AddNumberToObject(json, "rtol", 0);
  cJSON_AddNumberToObject(json, "steps", SYNTHETIC_STEPS);
  cJSON_AddStringToObject(json, "fingerprint", "00000000000000ff");
  cJSON_AddTrueToObject(json, "verified");
  cJSON *seconds = cJSON_AddObjectToObject(json, "seconds");
  cJSON_AddNumberToObject(seconds, "advance", run.wall - m->checkpoint);
  cJSON *work = cJSON_AddObjectToObject(json, "work");
  cJSON_AddNumberToObject(work, "updates", 1e9);
  trm__meter_ledger ledger = trm__meter_ledger_of(ranks, run.rank, 1);
  cJSON_AddItemToObject(json, "ledger", trm__meter_ledger_json(&ledger));
  cJSON_AddItemToObject(json, "meter", synthetic_meter(m, &run));
  cJSON *roofline = cJSON_AddObjectToObject(json, "roofline");
  double bytes = m->starving > 0 ? 1e10 : 1e8;
  cJSON_AddNumberToObject(roofline, "bytes_per_s", bytes / run.wall);
  cJSON_AddNumberToObject(roofline, "flops_per_s", 1e9 / run.wall);
  return json;
}

/* Through text, as results are read. */
static inline cJSON *synthetic_result(const synthetic *m, int ranks,
                                      int threads) {
  cJSON *written = synthetic_written(m, ranks, threads);
  char *line = trm__base_json_line(written);
  cJSON *result = cJSON_Parse(line);
  cJSON_Delete(written);
  free(line);
  return result;
}

static inline trm__study synthetic_study(const synthetic *m, int n,
                                         const int ranks[], int threads) {
  trm__study s = {.seed = 1, .kernel = trm__base_strdup("planted")};
  for (int i = 0; i < n; i++)
    recorded_add(&s, TRM__MODE_STRONG, synthetic_result(m, ranks[i], threads));
  return s;
}

#endif
