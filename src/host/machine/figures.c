#include "host/machine/figures.h"

#include <stdio.h>

#include "base/json.h"
#include "host/machine/machine.h"

/* -- names of members, both ways ------------------------------------------- */

typedef struct json_row {
  const char *name;
  size_t at;
} json_row;

#define ROW(member) \
  { #member, offsetof(trm_machine, member) }
static const json_row counts[] = {ROW(cores), ROW(ranks), ROW(threads),
                                  ROW(hosts)};
static const json_row ceilings[] = {
    ROW(read),         ROW(copy),    ROW(copy_stream), ROW(triad),
    ROW(triad_stream), ROW(fma_f64), ROW(fma_f32),     ROW(dgemm)};
static const json_row regimes[] = {ROW(eager), ROW(rendezvous)};
static const json_row texts[] = {{"class", offsetof(trm_machine, node_class)},
                                 {"file", offsetof(trm_machine, file)},
                                 {"written", offsetof(trm_machine, written)}};
enum {
  COUNTS = sizeof counts / sizeof *counts,
  CEILINGS = sizeof ceilings / sizeof *ceilings,
  REGIMES = sizeof regimes / sizeof *regimes,
  TEXTS = sizeof texts / sizeof *texts
};

static void *member(trm_machine *m, const json_row *r) {
  return (char *)m + r->at;
}

static const void *const_member(const trm_machine *m, const json_row *r) {
  return (const char *)m + r->at;
}

/* -- out ------------------------------------------------------------------- */

static void add_ladder(const trm_machine *m, cJSON *figures) {
  cJSON *ladder = cJSON_AddArrayToObject(figures, "ladder");
  for (int i = 0; i < m->rungs; i++) {
    cJSON *rung = cJSON_CreateObject();
    trm__base_json_f64(rung, "bytes", m->ladder[i].bytes);
    trm__base_json_f64(rung, "bandwidth", m->ladder[i].bandwidth.best);
    cJSON_AddItemToArray(ladder, rung);
  }
}

static void add_network(const trm_machine *m, cJSON *figures) {
  trm__base_json_i64(figures, "eager_limit", m->eager_limit);
  for (int i = 0; i < REGIMES; i++) {
    const trm_loggp *p = const_member(m, &regimes[i]);
    cJSON *regime = cJSON_AddObjectToObject(figures, regimes[i].name);
    trm__base_json_f64(regime, "latency", p->latency);
    trm__base_json_f64(regime, "overhead", p->overhead);
    trm__base_json_f64(regime, "gap", p->gap);
    trm__base_json_f64(regime, "gap_per_byte", p->gap_per_byte);
  }
}

cJSON *trm__host_figures_json(const trm_machine *m) {
  cJSON *json = cJSON_CreateObject();
  for (int i = 0; i < TEXTS; i++)
    cJSON_AddStringToObject(json, texts[i].name, const_member(m, &texts[i]));
  cJSON *figures = cJSON_AddObjectToObject(json, "figures");
  for (int i = 0; i < COUNTS; i++)
    trm__base_json_i64(figures, counts[i].name,
                       *(const int *)const_member(m, &counts[i]));
  for (int i = 0; i < CEILINGS; i++) {
    const trm_ceiling *c = const_member(m, &ceilings[i]);
    cJSON *ceiling = cJSON_AddObjectToObject(figures, ceilings[i].name);
    trm__base_json_f64(ceiling, "one", c->one.best);
    trm__base_json_f64(ceiling, "all", c->all.best);
  }
  add_ladder(m, figures);
  add_network(m, figures);
  return json;
}

/* -- in -------------------------------------------------------------------- */

static void read_ladder(const cJSON *ladder, trm_machine *m) {
  const cJSON *rung;
  cJSON_ArrayForEach(rung, ladder) {
    if (m->rungs == TRM_LADDER) return;
    m->ladder[m->rungs].bytes = trm__base_json_f64_at(rung, "bytes", 0);
    m->ladder[m->rungs++].bandwidth.best =
        trm__base_json_f64_at(rung, "bandwidth", 0);
  }
}

static void read_network(const cJSON *figures, trm_machine *m) {
  m->eager_limit = trm__base_json_i64_at(figures, "eager_limit", -1);
  for (int i = 0; i < REGIMES; i++) {
    const cJSON *o = trm__base_json_at(figures, regimes[i].name);
    *(trm_loggp *)member(m, &regimes[i]) = (trm_loggp){
        .latency = trm__base_json_f64_at(o, "latency", 0),
        .overhead = trm__base_json_f64_at(o, "overhead", 0),
        .gap = trm__base_json_f64_at(o, "gap", 0),
        .gap_per_byte = trm__base_json_f64_at(o, "gap_per_byte", 0)};
  }
}

static void read_texts(const cJSON *json, trm_machine *m) {
  const size_t size[] = {sizeof m->node_class, sizeof m->file,
                         sizeof m->written};
  for (int i = 0; i < TEXTS; i++) {
    const char *text = trm__base_json_text_at(json, texts[i].name);
    snprintf(member(m, &texts[i]), size[i], "%s", text);
  }
}

bool trm__host_figures_read(const cJSON *json, trm_machine *m) {
  const cJSON *figures = trm__base_json_at(json, "figures");
  *m = trm__host_machine_unknown();
  read_texts(json, m);
  if (!cJSON_IsObject(figures)) return false;
  for (int i = 0; i < COUNTS; i++)
    *(int *)member(m, &counts[i]) =
        (int)trm__base_json_i64_at(figures, counts[i].name, 0);
  for (int i = 0; i < CEILINGS; i++) {
    const cJSON *o = trm__base_json_at(figures, ceilings[i].name);
    trm_ceiling *c = member(m, &ceilings[i]);
    c->one.best = trm__base_json_f64_at(o, "one", 0);
    c->all.best = trm__base_json_f64_at(o, "all", 0);
  }
  read_ladder(trm__base_json_at(figures, "ladder"), m);
  read_network(figures, m);
  return true;
}
