#include "meter/account.h"

#include <trireme/machine.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "meter/ledger_rank.h"
#include "meter/work.h"

enum {
  EAGER = 4096
}; /* of Open MPI's shared memory, where none was measured */

trm__meter_baseline trm__meter_account_open(trm_run *run) {
  trm__meter_baseline opening = {.clock = trm__meter_clock_ask(run)};
  memcpy(opening.calls, run->own->meter->shown.calls, sizeof opening.calls);
  opening.site = trm__meter_sites_list(run, &opening.sites);
  return opening;
}

void trm__meter_baseline_clear(trm__meter_baseline *opening) {
  free(opening->site);
  *opening = (trm__meter_baseline){.sites = 0};
}

/* -- this rank's record ---------------------------------------------------- */

static int list_partners(const trm_run *run, trm__meter_partner *list) {
  const trm_tally *to = run->own->meter->to;
  int n = 0;
  for (int r = 0; r < run->ranks; r++)
    if (to[r].messages)
      list[n++] =
          (trm__meter_partner){run->rank, r, to[r].messages, to[r].bytes};
  return n;
}

/* What a site did in the loop: now, less what it had done before. */
static trm__meter_site_loop loop_of(const trm__meter_baseline *opening,
                                    const trm_site_total *s) {
  trm__meter_site_loop loop = {s->entries, s->seconds_max, s->seconds_sum};
  for (int i = 0; i < opening->sites; i++) {
    const trm_site_total *before = &opening->site[i];
    if (strcmp(before->name, s->name)) continue;
    loop.entries -= before->entries;
    loop.seconds_max -= before->seconds_max;
    loop.seconds_sum -= before->seconds_sum;
  }
  return loop;
}

/* `closing`: the calls of the loop, before the account itself makes any. */
static trm__meter_record record_of(trm_run *run,
                                   const trm__meter_baseline *opening,
                                   const trm__meter_baseline *closing) {
  const trm__comm_meter *m = run->own->meter;
  trm__meter_record r = {.threads = run->threads,
                         .rows = trm__comm_threads_count(m->threads),
                         .spent = m->spent};
  for (int c = 0; c < TRM_CAUSE_COUNT; c++)
    for (int k = 0; k < TRM_CALL_COUNT; k++) {
      const trm_call_total *total = &closing->calls[c][k],
                           *before = &opening->calls[c][k];
      r.calls[c][k] = (trm_call_total){total->calls - before->calls,
                                       total->seconds - before->seconds};
    }
  memcpy(r.sent, m->shown.sent, sizeof r.sent);
  memcpy(r.received, m->shown.received, sizeof r.received);
  r.clock_bound = fmax(opening->clock.bound, closing->clock.bound);
  gethostname(r.host, sizeof r.host - 1);
  r.site = trm__meter_sites_list(run, &r.sites);
  r.loop = trm__base_calloc((size_t)r.sites + 1, sizeof *r.loop);
  for (int i = 0; i < r.sites; i++) r.loop[i] = loop_of(opening, &r.site[i]);
  r.partner = trm__base_calloc((size_t)run->ranks, sizeof *r.partner);
  r.partners = list_partners(run, r.partner);
  return r;
}

/* -- sums over the ranks, on rank 0 ---------------------------------------- */

typedef struct trm__meter_book { /* while the account is made */
  trm_run *run;
  trm__meter_account *account;
  trm__meter_record *record; /* of all ranks */
  trm__meter_called *seen;   /* ranks x causes x calls: as replayed */
  int capacity;              /* of the partners */
} trm__meter_book;

static trm__meter_called *seen_at(const trm__meter_book *b, int rank, int cause,
                                  int call) {
  return &b->seen[((size_t)rank * TRM_CAUSE_COUNT + (size_t)cause) *
                      TRM_CALL_COUNT +
                  (size_t)call];
}

static void add_tallies(
    trm_tally to[TRM_CAUSE_COUNT][TRM_SIZE_CLASSES],
    const trm_tally from[TRM_CAUSE_COUNT][TRM_SIZE_CLASSES]) {
  for (int c = 0; c < TRM_CAUSE_COUNT; c++)
    for (int k = 0; k < TRM_SIZE_CLASSES; k++) {
      to[c][k].messages += from[c][k].messages;
      to[c][k].bytes += from[c][k].bytes;
    }
}

static trm__meter_site_account *site_of(trm__meter_account *a,
                                        const char *name) {
  for (int i = 0; i < a->sites; i++)
    if (!strcmp(a->site[i].name, name)) return &a->site[i];
  a->site = trm__base_grow(a->site, (size_t)a->sites + 1, sizeof *a->site);
  a->site[a->sites] =
      (trm__meter_site_account){.name = trm__base_strdup(name), .min = -1};
  return &a->site[a->sites++];
}

/* The mean is summed up here and divided at the end. */
static void add_sites(trm__meter_account *a, const trm__meter_record *r) {
  for (int i = 0; i < r->sites; i++) {
    const trm_site_total *s = &r->site[i];
    trm__meter_site_account *to = site_of(a, s->name);
    double mean = s->seconds_sum / r->threads;
    to->entries += s->entries;
    to->flops += s->flops;
    to->bytes += s->bytes;
    to->mean += s->seconds_sum;
    if (to->min < 0 || mean < to->min) to->min = mean;
    /* more threads than the run's may have worked, each less than the mean */
    to->max = fmax(to->max, fmax(s->seconds_max, mean));
    to->loop_ranks += r->loop[i].entries > 0;
    to->loop_entries += r->loop[i].entries;
    to->loop_mean += r->loop[i].seconds_sum;
    if (r->loop[i].seconds_max > to->loop_max)
      to->loop_max = r->loop[i].seconds_max;
  }
}

static int most_bytes(const void *x, const void *y) {
  const trm__meter_partner *a = x, *b = y;
  int by = (a->bytes < b->bytes) - (a->bytes > b->bytes);
  if (!by) by = (a->from > b->from) - (a->from < b->from);
  return by ? by : (a->to > b->to) - (a->to < b->to);
}

static void keep_partners(trm__meter_account *a) {
  if (a->partners > 1)
    qsort(a->partner, (size_t)a->partners, sizeof *a->partner, most_bytes);
  if (a->partners <= TRM__PARTNERS) return;
  a->partners_left += a->partners - TRM__PARTNERS;
  a->partners = TRM__PARTNERS;
}

static void add_partners(trm__meter_book *b, const trm__meter_record *r) {
  trm__meter_account *a = b->account;
  for (int i = 0; i < r->partners; i++) {
    if (a->partners == b->capacity && b->capacity == 2 * TRM__PARTNERS)
      keep_partners(a);
    if (a->partners == b->capacity) {
      b->capacity = b->capacity ? 2 * b->capacity : 64;
      a->partner =
          trm__base_grow(a->partner, (size_t)b->capacity, sizeof *a->partner);
    }
    a->partner[a->partners++] = r->partner[i];
  }
}

static void add_record(void *context, int rank, const trm__meter_record *r) {
  trm__meter_book *b = context;
  trm__meter_account *a = b->account;
  b->record[rank] = *r;
  for (int c = 0; c < TRM_CAUSE_COUNT; c++)
    for (int k = 0; k < TRM_CALL_COUNT; k++) {
      a->call[c][k].calls += r->calls[c][k].calls;
      a->call[c][k].seconds += r->calls[c][k].seconds;
    }
  add_tallies(a->sent, r->sent);
  add_tallies(a->received, r->received);
  add_sites(a, r);
  add_partners(b, r);
  if (r->clock_bound > a->clock_bound) a->clock_bound = r->clock_bound;
}

/* -- windows --------------------------------------------------------------- */

static int64_t eager_limit(void) {
  trm_machine machine;
  if (trm_machine_find(&machine) && machine.eager_limit > 0)
    return machine.eager_limit;
  return EAGER;
}

static void add_replayed(trm__meter_book *b, const trm__meter_window_view *view,
                         const trm__meter_replayed *p) {
  trm__meter_account *a = b->account;
  double longest = 0;
  for (int r = 0; r < p->ranks; r++) {
    double seconds = view->part[r].end - view->part[r].begin;
    if (view->part[r].cut && p->covered[r] < seconds) seconds = p->covered[r];
    if (seconds > longest) longest = seconds;
  }
  size_t n = (size_t)p->ranks * TRM_CAUSE_COUNT * TRM_CALL_COUNT;
  for (size_t i = 0; i < n; i++) {
    b->seen[i].seconds += p->called[i].seconds;
    b->seen[i].waiting += p->called[i].waiting;
    b->seen[i].calls += p->called[i].calls;
  }
  a->windows++;
  a->steps += view->steps;
  a->seconds += longest;
  a->wall += p->wall;
  a->ideal += p->ideal;
  a->unmatched += p->unmatched;
}

static void one_window(trm__meter_book *b, int window,
                       const trm__meter_clock clock[2], int64_t eager,
                       trm__meter_trace *trace) {
  trm__meter_window_view view;
  trm__meter_replayed replayed;
  bool shown = trace && trm__meter_trace_shows(trace, window);
  trm__meter_window_gather(b->run, window, clock, b->record, shown, &view);
  if (b->run->rank) return;
  trm__meter_replay(view.ranks, view.part, eager, &replayed);
  add_replayed(b, &view, &replayed);
  if (shown) trm__meter_trace_window(trace, &view, &replayed, b->record);
  trm__meter_replayed_clear(&replayed);
  trm__meter_window_view_clear(&view);
}

/* Windows that all ranks have; bytes of a timeline of each. */
static int find_windows(trm_run *run, trm__meter_trace *trace) {
  const trm__comm_meter *m = run->own->meter;
  double size[TRM__WINDOWS] = {0};
  int64_t windows = m->windows;
  if (windows > 0 && m->recording) windows--; /* not closed: a step failed */
  trm_cause before = trm_comm_cause(run->comm, TRM_FOR_CONTROL);
  trm_allreduce(run->comm, &windows, 1, TRM_I64, TRM_MIN);
  if (trace) {
    for (int w = 0; w < windows; w++) size[w] = trm__meter_trace_size(m, w);
    trm_allreduce(run->comm, size, TRM__WINDOWS, TRM_F64, TRM_SUM);
    trm__meter_trace_choose(trace, (int)windows, size);
  }
  trm_comm_cause_end(run->comm, before);
  return (int)windows;
}

/* -- what follows from the windows for the whole run ----------------------- */

static double waiting_part(const trm__meter_called *seen) {
  return seen->seconds > 0 ? seen->waiting / seen->seconds : 0;
}

/* The waiting part of a kind of call: if this rank's windows have none, that of
 * all ranks. */
static double waiting_share(const trm__meter_book *b,
                            const trm__meter_called *all, int rank, int cause,
                            int call) {
  const trm__meter_called *own = seen_at(b, rank, cause, call);
  if (own->seconds > 0) return waiting_part(own);
  return waiting_part(&all[cause * TRM_CALL_COUNT + call]);
}

static void sum_seen(const trm__meter_book *b, trm__meter_called *all) {
  for (int r = 0; r < b->run->ranks; r++)
    for (int c = 0; c < TRM_CAUSE_COUNT; c++)
      for (int k = 0; k < TRM_CALL_COUNT; k++) {
        all[c * TRM_CALL_COUNT + k].seconds += seen_at(b, r, c, k)->seconds;
        all[c * TRM_CALL_COUNT + k].waiting += seen_at(b, r, c, k)->waiting;
      }
}

/* Calls inside checkpoints belong to the checkpoints. The other calls took the
 * time spent in calls, and their waiting parts apply to that time. */
static trm__meter_ledger_rank rank_of(trm__meter_book *b,
                                      const trm__meter_called *all, int r) {
  const trm__meter_record *record = &b->record[r];
  double seconds = 0, waiting = 0;
  for (int c = 0; c < TRM_CAUSE_COUNT; c++)
    for (int k = 0; k < TRM_CALL_COUNT; k++) {
      double spent = record->calls[c][k].seconds;
      double waited = spent * waiting_share(b, all, r, c, k);
      b->account->call[c][k].waiting += waited;
      if (c == TRM_FOR_CHECKPOINT) continue;
      seconds += spent;
      waiting += waited;
    }
  double calls = record->spent.calls;
  return (trm__meter_ledger_rank){record->threads, record->spent.wall,
                                  record->spent,
                                  seconds > 0 ? calls * waiting / seconds : 0};
}

static void conclude(trm__meter_book *b) {
  trm__meter_account *a = b->account;
  int ranks = b->run->ranks;
  double threads = 0;
  trm__meter_called all[TRM_CAUSE_COUNT * TRM_CALL_COUNT] = {{0, 0, 0}};
  trm__meter_ledger_rank *rank = trm__base_calloc((size_t)ranks, sizeof *rank);
  sum_seen(b, all);
  for (int r = 0; r < ranks; r++) {
    rank[r] = rank_of(b, all, r);
    threads += rank[r].threads;
  }
  a->ledger =
      trm__meter_ledger_of(ranks, rank, a->wall > 0 ? a->ideal / a->wall : 1);
  for (int i = 0; i < a->sites; i++) {
    a->site[i].mean /= threads;
    a->site[i].loop_mean /= threads;
  }
  keep_partners(a);
  free(rank);
}

void trm__meter_account_make(trm_run *run, const trm__meter_baseline *opening,
                             trm__meter_trace *trace,
                             trm__meter_account *account) {
  trm__meter_book b = {.run = run, .account = account};
  *account = (trm__meter_account){.windows = 0};
  trm__meter_baseline closing;
  memcpy(closing.calls, run->own->meter->shown.calls, sizeof closing.calls);
  closing.clock = trm__meter_clock_ask(run);
  trm__meter_clock clock[2] = {opening->clock, closing.clock};
  trm__meter_record mine = record_of(run, opening, &closing);
  if (run->rank == 0) {
    size_t ranks = (size_t)run->ranks;
    b.record = trm__base_calloc(ranks, sizeof *b.record);
    b.seen = trm__base_calloc(ranks * TRM_CAUSE_COUNT * TRM_CALL_COUNT,
                              sizeof *b.seen);
  }
  trm__meter_records_gather(run, &mine, add_record, &b);
  int64_t eager = run->rank == 0 ? eager_limit() : 0;
  int windows = find_windows(run, trace);
  for (int w = 0; w < windows; w++) one_window(&b, w, clock, eager, trace);
  if (run->rank == 0) conclude(&b);
  for (int r = 0; b.record && r < run->ranks; r++)
    trm__meter_record_clear(&b.record[r]);
  trm__meter_record_clear(&mine);
  free(b.record);
  free(b.seen);
}

void trm__meter_account_clear(trm__meter_account *a) {
  for (int i = 0; i < a->sites; i++) free(a->site[i].name);
  free(a->site);
  free(a->partner);
  *a = (trm__meter_account){.windows = 0};
}

/* -- JSON ------------------------------------------------------------------ */

static void add_coverage(const trm__meter_account *a, cJSON *json) {
  cJSON *coverage = cJSON_AddObjectToObject(json, "coverage");
  trm__base_json_i64(coverage, "windows", a->windows);
  trm__base_json_i64(coverage, "steps", a->steps);
  trm__base_json_f64(coverage, "seconds", a->seconds);
  trm__base_json_f64(coverage, "share",
                     a->ledger.wall > 0 ? a->seconds / a->ledger.wall : 0);
  trm__base_json_f64(coverage, "ideal_share",
                     a->wall > 0 ? a->ideal / a->wall : 1);
  trm__base_json_i64(coverage, "unmatched", a->unmatched);
  trm__base_json_f64(coverage, "clock_bound", a->clock_bound);
}

static void add_calls(const trm__meter_account *a, cJSON *json) {
  cJSON *list = cJSON_AddArrayToObject(json, "calls");
  for (int c = 0; c < TRM_CAUSE_COUNT; c++)
    for (int k = 0; k < TRM_CALL_COUNT; k++) {
      const trm__meter_called *call = &a->call[c][k];
      if (!call->calls) continue;
      cJSON *item = cJSON_CreateObject();
      cJSON_AddStringToObject(item, "cause", trm__comm_cause_name[c]);
      cJSON_AddStringToObject(item, "call", trm__comm_call_name[k]);
      trm__base_json_i64(item, "calls", call->calls);
      trm__base_json_f64(item, "waiting", call->waiting);
      trm__base_json_f64(item, "transfer", call->seconds - call->waiting);
      cJSON_AddItemToArray(list, item);
    }
}

static void add_sites_json(const trm__meter_account *a, cJSON *json) {
  cJSON *list = cJSON_AddArrayToObject(json, "sites");
  for (int i = 0; i < a->sites; i++) {
    const trm__meter_site_account *s = &a->site[i];
    cJSON *item = cJSON_CreateObject();
    cJSON_AddStringToObject(item, "name", s->name);
    trm__base_json_i64(item, "entries", s->entries);
    cJSON *seconds = cJSON_AddObjectToObject(item, "seconds");
    trm__base_json_f64(seconds, "min", s->min);
    trm__base_json_f64(seconds, "mean", s->mean);
    trm__base_json_f64(seconds, "max", s->max);
    cJSON *loop = cJSON_AddObjectToObject(item, "in_loop");
    trm__base_json_i64(loop, "ranks", s->loop_ranks);
    trm__base_json_i64(loop, "entries", s->loop_entries);
    trm__base_json_f64(loop, "mean", s->loop_mean);
    trm__base_json_f64(loop, "max", s->loop_max);
    trm__base_json_f64(item, "flops", s->flops);
    trm__base_json_f64(item, "bytes", s->bytes);
    cJSON_AddItemToArray(list, item);
  }
}

static void add_tally_json(const trm_tally *t, const char *name, cJSON *item) {
  cJSON *object = cJSON_AddObjectToObject(item, name);
  trm__base_json_i64(object, "messages", t->messages);
  trm__base_json_i64(object, "bytes", t->bytes);
}

static void add_tallies_json(const trm__meter_account *a, cJSON *json) {
  cJSON *list = cJSON_AddArrayToObject(json, "tallies");
  for (int c = 0; c < TRM_CAUSE_COUNT; c++)
    for (int k = 0; k < TRM_SIZE_CLASSES; k++) {
      const trm_tally *sent = &a->sent[c][k], *received = &a->received[c][k];
      if (!sent->messages && !received->messages) continue;
      cJSON *item = cJSON_CreateObject();
      cJSON_AddStringToObject(item, "cause", trm__comm_cause_name[c]);
      trm__base_json_i64(item, "from_bytes", k ? (int64_t)1 << (2 * k) : 0);
      add_tally_json(sent, "sent", item);
      add_tally_json(received, "received", item);
      cJSON_AddItemToArray(list, item);
    }
}

static void add_partners_json(const trm__meter_account *a, cJSON *json) {
  cJSON *list = cJSON_AddArrayToObject(json, "partners");
  for (int i = 0; i < a->partners; i++) {
    const trm__meter_partner *p = &a->partner[i];
    cJSON *item = cJSON_CreateObject();
    trm__base_json_i64(item, "from", p->from);
    trm__base_json_i64(item, "to", p->to);
    trm__base_json_i64(item, "messages", p->messages);
    trm__base_json_i64(item, "bytes", p->bytes);
    cJSON_AddItemToArray(list, item);
  }
  trm__base_json_i64(json, "partners_left_out", a->partners_left);
}

cJSON *trm__meter_account_json(const trm__meter_account *a) {
  cJSON *json = cJSON_CreateObject();
  add_coverage(a, json);
  add_calls(a, json);
  add_sites_json(a, json);
  add_tallies_json(a, json);
  add_partners_json(a, json);
  return json;
}
