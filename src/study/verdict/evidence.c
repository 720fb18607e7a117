/* What the result of a point says, as numbers. */
#include "study/verdict/evidence.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "host/machine/figures.h"
#include "meter/roofline.h"

/* What a message costs where no machine file says: seconds, seconds a byte. */
static const double MESSAGE = 1e-6, BYTE = 2e-10;

static bool is_text(const cJSON *object, const char *name, const char *text) {
  return !strcmp(trm__base_json_text_at(object, name), text);
}

/* -- calls ------------------------------------------------------------------ */

/* MPI that a kernel calls itself is "untracked"; version 0.1.0 wrote "beside". */
static bool of_messages(const cJSON *call) {
  static const char *const kinds[] = {"post", "test", "wait", "untracked",
                                      "beside"};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (is_text(call, "call", kinds[i])) return true;
  return false;
}

static void read_calls(const cJSON *meter, trm__study_evidence *e) {
  const cJSON *call;
  cJSON_ArrayForEach(call, trm__base_json_at(meter, "calls")) {
    if (is_text(call, "cause", "checkpoint")) continue;
    trm__study_call_times *g =
        of_messages(call) ? &e->messages : &e->collectives;
    g->calls += trm__base_json_f64_at(call, "calls", 0);
    g->waiting += trm__base_json_f64_at(call, "waiting", 0);
    g->transfer += trm__base_json_f64_at(call, "transfer", 0);
  }
  const cJSON *tally;
  cJSON_ArrayForEach(tally, trm__base_json_at(meter, "tallies")) {
    if (is_text(tally, "cause", "checkpoint")) continue;
    if (is_text(tally, "cause", "control")) continue;
    const cJSON *sent = trm__base_json_at(tally, "sent");
    e->sent += trm__base_json_f64_at(sent, "messages", 0);
    e->sent_bytes += trm__base_json_f64_at(sent, "bytes", 0);
  }
}

/* Ranks that send one another something in each step. */
static void read_pairs(const cJSON *meter, trm__study_evidence *e) {
  const cJSON *list = trm__base_json_at(meter, "partners"), *pair;
  cJSON_ArrayForEach(pair, list) e->pairs +=
      trm__base_json_f64_at(pair, "messages", 0) >= e->steps;
  e->pairs += trm__base_json_f64_at(meter, "partners_left_out", 0);
  if (e->pairs < 1) e->pairs = e->ranks;
}

static void read_costs(const cJSON *result, trm__study_evidence *e) {
  trm_machine m;
  e->per_message = MESSAGE;
  e->per_byte = BYTE;
  if (!trm__host_figures_read(trm__base_json_at(result, "machine"), &m)) return;
  double once = m.eager.latency + 2 * m.eager.overhead;
  if (once > 0) e->per_message = once;
  if (m.rendezvous.gap_per_byte > 0) e->per_byte = m.rendezvous.gap_per_byte;
}

/* -- sites ------------------------------------------------------------------ */

int trm__study_sites(const trm__study_evidence *e) {
  return cJSON_GetArraySize(e->sites);
}

trm__study_site trm__study_site_at(const trm__study_evidence *e, int i) {
  const cJSON *site = cJSON_GetArrayItem(e->sites, i);
  const cJSON *loop = trm__base_json_at(site, "in_loop");
  const cJSON *seconds = loop ? loop : trm__base_json_at(site, "seconds");
  double flops = trm__base_json_f64_at(site, "flops", 0);
  return (trm__study_site){
      .name = cJSON_GetStringValue(trm__base_json_at(site, "name")),
      .ranks = trm__base_json_int_at(loop, "ranks", 0),
      .mean = trm__base_json_f64_at(seconds, "mean", 0),
      .max = trm__base_json_f64_at(seconds, "max", 0),
      .amount = flops > 0 ? flops : trm__base_json_f64_at(site, "bytes", 0)};
}

trm__study_site trm__study_site_named(const trm__study_evidence *e,
                                      const char *name) {
  for (int i = 0; i < trm__study_sites(e); i++) {
    trm__study_site s = trm__study_site_at(e, i);
    if (s.name && name && !strcmp(s.name, name)) return s;
  }
  return (trm__study_site){.name = NULL};
}

/* -- launch, roofline ------------------------------------------------------- */

/* Findings by the names that results have them under (TRM__FINDINGS). */
static bool found(const cJSON *result, const char *code) {
  const cJSON *name;
  cJSON_ArrayForEach(name, trm__base_json_at(result, "doctor")) {
    const char *text = cJSON_GetStringValue(name);
    if (text && !strcmp(text, code)) return true;
  }
  return false;
}

/* What was said of a finding; NULL: nothing. */
static const char *said_of(const cJSON *result, const char *code) {
  const cJSON *one;
  cJSON_ArrayForEach(one, trm__base_json_at(result, "doctor_said")) {
    if (is_text(one, "code", code))
      return cJSON_GetStringValue(trm__base_json_at(one, "found"));
  }
  return NULL;
}

/* Where there are not cores enough, threads share them by necessity. Ranks of
 * several threads that compete for cores, none of them short of cores by itself:
 * each has threads on cores of another. */
static void read_doctor(const cJSON *result, trm__study_evidence *e) {
  static const char *const codes[] = {
      "core_shared_by_ranks", "core_shared_by_threads", "threads_without_core"};
  bool has[3], forced = found(result, "oversubscribed");
  for (int i = 2; i >= 0; i--) {
    has[i] = !forced && found(result, codes[i]);
    if (has[i]) e->said = said_of(result, codes[i]);
  }
  e->shared = has[0] || has[1] || has[2];
  e->straddles = has[0] && !has[1] && !has[2] && e->threads > 1;
}

static bool binds(const cJSON *roofline, trm__meter_roof roof) {
  return is_text(roofline, "binds", trm__meter_roof_name(roof));
}

static void read_roofline(const cJSON *result, trm__study_evidence *e) {
  const cJSON *r = trm__base_json_at(result, "roofline");
  e->bytes_per_s = trm__base_json_f64_at(r, "bytes_per_s", 0);
  e->flops_per_s = trm__base_json_f64_at(r, "flops_per_s", 0);
  e->fraction = trm__base_json_f64_at(r, "fraction", 0);
  e->memory = binds(r, TRM__ROOF_READ) || binds(r, TRM__ROOF_PLAIN) ||
              binds(r, TRM__ROOF_STREAMED);
}

/* -- the whole -------------------------------------------------------------- */

/* A point that is excluded has none, but its launches may. */
static const cJSON *result_of(const trm__study *study,
                              const trm__study_point *p) {
  if (p->result) return p->result;
  const cJSON *result = NULL;
  int config = (int)(p->config - study->config);
  for (int i = 0; i < study->launches; i++)
    if (study->launch[i].config == config && study->launch[i].result)
      result = study->launch[i].result;
  return result;
}

/* Of a kernel that counts no updates a step is as much on any number of ranks,
 * but where sizes grow with them. */
static double work_of(const cJSON *result, const trm__study_evidence *e) {
  double updates =
      trm__base_json_f64_at(trm__base_json_at(result, "work"), "updates", 0);
  if (updates > 0) return updates;
  return e->mode == TRM__MODE_WEAK ? e->steps * e->cores : e->steps;
}

trm__study_evidence trm__study_evidence_of(const trm__study *study,
                                           const trm__study_points *all,
                                           int point) {
  const trm__study_point *p = &all->point[point];
  const cJSON *result = result_of(study, p),
              *meter = trm__base_json_at(result, "meter");
  trm__study_evidence e = {.point = point,
                           .mode = p->config->mode,
                           .ranks = p->config->ranks,
                           .threads = p->config->threads,
                           .cores = p->config->ranks * p->config->threads,
                           .label = p->config->label,
                           .config = p->config,
                           .ledger = p->ledger,
                           .load = p->load,
                           .steal = p->steal,
                           .sites = trm__base_json_at(meter, "sites")};
  e.steps = trm__base_json_f64_at(result, "steps", 0) -
            trm__base_json_f64_at(result, "first_step", 0);
  e.work = work_of(result, &e);
  if (!(e.ledger.total > 0))
    trm__meter_ledger_read(trm__base_json_at(result, "ledger"), &e.ledger);
  trm__meter_balance_read(trm__base_json_at(meter, "balance"), e.ranks,
                          &e.balance);
  read_calls(meter, &e);
  read_pairs(meter, &e);
  read_costs(result, &e);
  read_doctor(result, &e);
  read_roofline(result, &e);
  return e;
}

/* -- its place -------------------------------------------------------------- */

static bool has_label(const trm__study_evidence *e) {
  return e->mode == TRM__MODE_MEMORY && e->label && *e->label;
}

trm__base_text trm__study_evidence_place(const trm__study_evidence *e) {
  trm__base_text t, ranks = trm__base_text_count(e->ranks, "rank");
  trm__base_text threads = trm__base_text_count(e->threads, "thread");
  if (has_label(e))
    snprintf(t.s, sizeof t.s, "%.60s", e->label);
  else if (e->mode == TRM__MODE_THREADS)
    t = threads;
  else if (e->threads == 1)
    t = ranks;
  else
    snprintf(t.s, sizeof t.s, "%.24s x %.24s", ranks.s, threads.s);
  return t;
}

trm__base_text trm__study_evidence_where(const trm__study_evidence *e) {
  trm__base_text t, place = trm__study_evidence_place(e);
  snprintf(t.s, sizeof t.s, "%s %.60s", has_label(e) ? "at" : "on", place.s);
  return t;
}
