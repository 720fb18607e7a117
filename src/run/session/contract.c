#include "run/session/contract.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "comm/run.h"

static const char *const kind_name[] = {
#define TRM__KIND(name, text) text,
    TRM_COLLECTIVES(TRM__KIND)
#undef TRM__KIND
};

/* -- facts, and traffic stated at run time --------------------------------- */

typedef struct fact {
  char *name; /* owned */
  int64_t value;
} fact;

struct trm_facts {
  fact *list;
  int n;
};

typedef struct contract {
  trm_facts facts;
  bool stated; /* at run time */
  trm_traffic traffic;
} contract;

static void drop(trm_run *run, void *what) {
  contract *c = what;
  (void)run;
  for (int i = 0; i < c->facts.n; i++) free(c->facts.list[i].name);
  free(c->facts.list);
}

static contract *contract_of(const trm_run *run) {
  static const trm__comm_floor floor = {sizeof(contract), drop};
  return trm__comm_state(run, &floor);
}

static fact *find(const trm_facts *facts, const char *name) {
  for (int i = 0; facts && i < facts->n; i++)
    if (!strcmp(facts->list[i].name, name)) return &facts->list[i];
  return NULL;
}

void trm_fact(trm_run *run, const char *name, int64_t value) {
  trm_facts *facts = &contract_of(run)->facts;
  fact *f = find(facts, name);
  if (!f) {
    facts->list = trm__base_grow(facts->list, (size_t)facts->n + 1, sizeof *f);
    f = &facts->list[facts->n++];
    f->name = trm__base_strdup(name);
  }
  f->value = value;
}

int64_t trm_fact_of(const trm_span *span, const char *name, int64_t otherwise) {
  const fact *f = find(span->facts, name);
  return f ? f->value : otherwise;
}

void trm_state_traffic(trm_run *run, const trm_traffic *traffic) {
  contract *c = contract_of(run);
  c->stated = true;
  trm_traffic_add(&c->traffic, traffic, 1);
}

const trm_facts *trm__run_contract_facts(const trm_run *run) {
  return &contract_of(run)->facts;
}

/* Hash of names and values (FNV-1a, 64 bits), below 2^63. */
static int64_t digest(const trm_facts *facts) {
  uint64_t hash = UINT64_C(14695981039346656037);
  for (int i = 0; i < facts->n; i++) {
    for (const char *c = facts->list[i].name; *c; c++)
      hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
    for (int b = 0; b < 64; b += 8)
      hash = (hash ^ ((uint64_t)facts->list[i].value >> b & 255)) *
             UINT64_C(1099511628211);
  }
  return (int64_t)(hash >> 1);
}

trm_status trm__run_contract_check_facts(trm_run *run, const char *kernel) {
  int64_t mine = digest(trm__run_contract_facts(run)), both[2] = {mine, -mine};
  trm_cause before = trm_comm_cause(run->comm, TRM_FOR_CONTROL);
  trm_allreduce(run->comm, both, 2, TRM_I64, TRM_MAX);
  trm_comm_cause_end(run->comm, before);
  if (both[0] == -both[1]) return TRM_OK;
  return trm_fail(run, TRM_EINPUT,
                  "%s: the ranks stored different facts; trm_fact needs the "
                  "same names and values on all ranks, in the same order",
                  kernel);
}

/* -- stated and counted ---------------------------------------------------- */

trm_traffic trm__run_contract_sent(const trm_run *run) {
  trm_traffic sum = {.messages = 0};
  for (int c = 0; c < TRM_CAUSE_COUNT; c++)
    if (c != TRM_FOR_CHECKPOINT && c != TRM_FOR_CONTROL)
      trm_traffic_add(&sum, &run->own->counter.by[c], 1);
  return sum;
}

void trm_work_add_traffic(trm_work *work, const trm_traffic *traffic,
                          int64_t times) {
  work->messages += times * traffic->messages;
  work->message_bytes += times * traffic->bytes;
  for (int k = 0; k < TRM_COLLECTIVE_COUNT; k++) {
    work->calls[k] += times * traffic->calls[k];
    work->call_bytes[k] += times * traffic->call_bytes[k];
  }
}

static trm_traffic traffic_of(const trm_work *work) {
  trm_traffic t = {.messages = work->messages, .bytes = work->message_bytes};
  memcpy(t.calls, work->calls, sizeof t.calls);
  memcpy(t.call_bytes, work->call_bytes, sizeof t.call_bytes);
  return t;
}

void trm__run_contract_state(const trm_run *run, const trm_work *work,
                             trm__run_contract *p) {
  const contract *c = contract_of(run);
  p->stated = work || c->stated;
  p->mine = work ? traffic_of(work) : (trm_traffic){.messages = 0};
  trm_traffic_add(&p->mine, &c->traffic, 1);
}

enum { NUMBERS = sizeof(trm_traffic) / sizeof(int64_t) };
_Static_assert(NUMBERS * sizeof(int64_t) == sizeof(trm_traffic) &&
                   NUMBERS == 2 + 2 * TRM_COLLECTIVE_COUNT,
               "a traffic is a list of 64-bit integers");

static bool differs(const trm_traffic *stated, const trm_traffic *sent,
                    double slack) {
  int64_t s[NUMBERS], c[NUMBERS];
  memcpy(s, stated, sizeof s);
  memcpy(c, sent, sizeof c);
  for (int i = 0; i < NUMBERS; i++)
    if (slack > 0 ? (double)c[i] > (1 + slack) * (double)s[i] : c[i] != s[i])
      return true;
  return false;
}

void trm__run_contract_compare(trm_run *run, double slack,
                               trm__run_contract *p) {
  int64_t sum[2 * NUMBERS + 2];
  memcpy(sum, &p->mine, sizeof p->mine);
  memcpy(sum + NUMBERS, &p->sent, sizeof p->sent);
  sum[2 * NUMBERS] = differs(&p->mine, &p->sent, slack);
  sum[2 * NUMBERS + 1] = p->stated;
  trm_cause before = trm_comm_cause(run->comm, TRM_FOR_CONTROL);
  trm_allreduce(run->comm, sum, 2 * NUMBERS + 2, TRM_I64, TRM_SUM);
  trm_comm_cause_end(run->comm, before);
  memcpy(&p->all_mine, sum, sizeof p->all_mine);
  memcpy(&p->all_sent, sum + NUMBERS, sizeof p->all_sent);
  p->differ = sum[2 * NUMBERS];
  p->stated =
      sum[2 * NUMBERS + 1] > 0; /* perhaps by one rank alone, at run time */
}

/* -- text ------------------------------------------------------------------ */

/* Adds "; 150 bcast calls of 40 B, stated 0 of 0 B" where they differ. */
static char *say_kind(char *text, const char *what, int64_t n, int64_t bytes,
                      int64_t stated, int64_t stated_bytes) {
  if (n == stated && bytes == stated_bytes) return text;
  char *more =
      trm__base_format("%s%s%lld %s of %lld bytes, stated %lld of %lld", text,
                       *text ? "; " : "", (long long)n, what, (long long)bytes,
                       (long long)stated, (long long)stated_bytes);
  free(text);
  return more;
}

/* Adds "; 150 bcast calls of 40 bytes" where there are any. */
static char *say_sent(char *text, const char *what, int64_t n, int64_t bytes) {
  if (n == 0) return text;
  char *more =
      trm__base_format("%s%s%lld %s of %lld bytes", text, *text ? "; " : "",
                       (long long)n, what, (long long)bytes);
  free(text);
  return more;
}

/* A kernel that states nothing should know what it sends. */
static char *say_unstated(const trm_traffic *sent) {
  char *text =
      say_sent(trm__base_strdup(""), "messages", sent->messages, sent->bytes);
  for (int k = 0; k < TRM_COLLECTIVE_COUNT; k++) {
    char *what = trm__base_format("%s calls", kind_name[k]);
    text = say_sent(text, what, sent->calls[k], sent->call_bytes[k]);
    free(what);
  }
  char *line = trm__base_format(
      "none: the kernel states no traffic, and sent %s; state it in .work",
      text);
  free(text);
  return line;
}

char *trm__run_contract_say(const trm__run_contract *p, int ranks) {
  if (!p->differ) return NULL;
  if (!p->stated) return say_unstated(&p->all_sent);
  const trm_traffic *sent = &p->all_sent, *stated = &p->all_mine;
  char *text = say_kind(trm__base_strdup(""), "messages", sent->messages,
                        sent->bytes, stated->messages, stated->bytes);
  for (int k = 0; k < TRM_COLLECTIVE_COUNT; k++) {
    char *what = trm__base_format("%s calls", kind_name[k]);
    text = say_kind(text, what, sent->calls[k], sent->call_bytes[k],
                    stated->calls[k], stated->call_bytes[k]);
    free(what);
  }
  char *line =
      trm__base_format("broken: %lld of %d ranks sent other than stated: %s",
                       (long long)p->differ, ranks,
                       *text ? text : "the sums of all ranks agree");
  free(text);
  return line;
}

/* -- JSON ------------------------------------------------------------------ */

static cJSON *traffic_json(const trm_traffic *t) {
  cJSON *json = cJSON_CreateObject();
  trm__base_json_i64(json, "messages", t->messages);
  trm__base_json_i64(json, "message_bytes", t->bytes);
  cJSON *calls = cJSON_AddObjectToObject(json, "calls");
  cJSON *bytes = cJSON_AddObjectToObject(json, "call_bytes");
  for (int k = 0; k < TRM_COLLECTIVE_COUNT; k++) {
    trm__base_json_i64(calls, kind_name[k], t->calls[k]);
    trm__base_json_i64(bytes, kind_name[k], t->call_bytes[k]);
  }
  return json;
}

void trm__run_contract_add(const trm__run_contract *p, cJSON *json) {
  cJSON_AddItemToObject(
      json, "stated",
      p->stated ? traffic_json(&p->all_mine) : cJSON_CreateNull());
  cJSON *counted = traffic_json(&p->all_sent);
  if (p->stated)
    trm__base_json_i64(counted, "ranks_that_differ", p->differ);
  else
    cJSON_AddNullToObject(counted, "ranks_that_differ");
  cJSON_AddItemToObject(json, "counted", counted);
}

void trm__run_contract_add_facts(const trm_run *run, cJSON *json) {
  const trm_facts *facts = trm__run_contract_facts(run);
  cJSON *object = cJSON_AddObjectToObject(json, "facts");
  for (int i = 0; i < facts->n; i++)
    trm__base_json_i64(object, facts->list[i].name, facts->list[i].value);
}
