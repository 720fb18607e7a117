#include "study/run/pairs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <trireme/clock.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/process.h"
#include "base/text.h"
#include "launch/load.h"
#include "launch/process.h"
#include "study/plan/problem.h"
#include "study/run/answer.h"

static const double EVERY = 10; /* seconds between two lines of progress */

typedef struct measuring {
  const trm__study_pairing *want;
  trm__study_pairs *pairs;
  double *load, *steal; /* before each pair: n; of each of its launches: 2 n */
  double began, shown;
  bool drawn;
  trm__base_error *error;
} measuring;

/* -- one launch ------------------------------------------------------------- */

/* Its status as ours: a wrong result is one here too. */
static trm_status failed(const measuring *m, int side,
                         const trm__launch_end *e) {
  char name = (char)('A' + side);
  if (trm__base_signals_seen() & TRM__SIGNAL_QUIT)
    return trm__base_error_set(
        m->error, TRM_STOPPED,
        "interrupted after %s; no conclusion is drawn from them",
        trm__base_text_count(m->pairs->n, "pair").s);
  const char *last = e->last && *e->last ? e->last : "it printed nothing";
  bool wrong = m->want->result && e->status == 1;
  if (e->status < 0)
    return trm__base_error_set(m->error, TRM_EFILE, "%c does not start: %s",
                               name, last);
  if (e->status > 128)
    return trm__base_error_set(m->error, TRM_EFILE,
                               "%c was ended by signal %d: %s", name,
                               e->status - 128, last);
  bool usage = m->want->result && e->status == 2; /* a run's words */
  return trm__base_error_set(m->error,
                             wrong   ? TRM_EVERIFY
                             : usage ? TRM_EUSAGE
                                     : TRM_EFILE,
                             "%c failed with exit status %d: %s", name,
                             e->status, last);
}

static const trm_option *table_of(const measuring *m, const cJSON *result) {
  const char *name = trm__base_json_text_at(result, "kernel");
  return trm__study_kernel_options(m->want->kernels, name);
}

/* Takes over the result. All answers must be that of the first launch. */
static trm_status accept(measuring *m, int side, cJSON *result) {
  cJSON **first = m->pairs->first;
  const cJSON *known = first[side] ? first[side] : first[!side];
  char name = (char)('A' + side);
  char *differs =
      known ? trm__study_answer_differs(known, result, table_of(m, result))
            : NULL;
  bool two = differs && strcmp(trm__base_json_text_at(known, "kernel"),
                               trm__base_json_text_at(result, "kernel")) != 0;
  if (differs && first[side])
    trm__base_error_set(m->error, TRM_EVERIFY,
                        "%c does not give the same answer each time: %s", name,
                        differs);
  else if (differs)
    trm__base_error_set(
        m->error, two ? TRM_EUSAGE : TRM_EVERIFY,
        "A and B do not give the same answer: %s; --wall compares "
        "the times of any two commands",
        differs);
  if (!first[side])
    first[side] = result;
  else
    cJSON_Delete(result);
  free(differs);
  return m->error->status;
}

static trm_status take_result(measuring *m, int side, double *seconds) {
  cJSON *result = trm__study_answer_read(m->want->result);
  *seconds = trm__study_answer_seconds(result);
  if (result && *seconds > 0 && isfinite(*seconds))
    return accept(m, side, result);
  cJSON_Delete(result);
  return trm__base_error_set(
      m->error, TRM_EFILE,
      "%c reports no time per step; compare runs that make "
      "steps, or use --wall",
      'A' + side);
}

static trm_status launch(measuring *m, int side, double *seconds,
                         trm__launch_end *e) {
  const trm__study_pairing *want = m->want;
  if (want->result) unlink(want->result);
  *e = trm__launch_run(want->words[side], want->threads, 0, want->log);
  *seconds = e->wall;
  trm_status status = TRM_OK;
  if (e->status != 0 || trm__base_signals_seen() & TRM__SIGNAL_QUIT)
    status = failed(m, side, e);
  else if (want->result)
    status = take_result(m, side, seconds);
  trm__launch_end_clear(e);
  return status;
}

/* -- pairs ------------------------------------------------------------------ */

static trm_status warm_up(measuring *m) {
  double ignored;
  trm__launch_end e;
  TRM_TRY(launch(m, 0, &ignored, &e));
  return launch(m, 1, &ignored, &e);
}

static trm_status add_pair(measuring *m) {
  trm__study_pairs *p = m->pairs;
  size_t n = (size_t)p->n;
  bool b_first = trm__study_rule_b_first(m->want->seed, p->n);
  double seconds[2];
  p->b_first = trm__base_grow(p->b_first, n + 1, sizeof *p->b_first);
  m->load = trm__base_grow(m->load, n + 1, sizeof *m->load);
  m->steal = trm__base_grow(m->steal, 2 * n + 2, sizeof *m->steal);
  m->load[n] = trm__launch_load(TRM__LAUNCH_LOAD_SECONDS);
  for (size_t k = 0; k < 2; k++) {
    int side = (int)k ^ b_first;
    trm__launch_end e;
    TRM_TRY(launch(m, side, &seconds[side], &e));
    m->steal[2 * n + k] = e.steal;
  }
  for (int side = 0; side < 2; side++) {
    p->seconds[side] = trm__base_grow(p->seconds[side], n + 1, sizeof(double));
    p->seconds[side][n] = seconds[side];
  }
  p->b_first[n] = b_first;
  p->n++;
  return TRM_OK;
}

/* -- progress --------------------------------------------------------------- */

/* The time that the rest takes: what was launched, warm-up included, tells. */
static double time_left(const measuring *m) {
  double spent = trm_now() - m->began, each = spent / (m->pairs->n + 1);
  double left = each * (m->want->rule.most - m->pairs->n);
  double budget = m->want->budget;
  return budget > 0 ? fmin(left, fmax(0, budget - spent)) : left;
}

static void show_progress(measuring *m) {
  bool terminal = isatty(STDERR_FILENO);
  double now = trm_now();
  if (m->want->quiet || (!terminal && now - m->shown < EVERY)) return;
  const char *most = m->want->rule.sequential ? "at most " : "";
  m->shown = now;
  m->drawn = terminal;
  fprintf(stderr,
          terminal ? "\rcompare  %d of %s%d pairs  %s%s left\033[K"
                   : "compare  %d of %s%d pairs  %s%s left\n",
          m->pairs->n, most, m->want->rule.most, most,
          trm__base_text_duration(time_left(m)).s);
}

/* -- the whole -------------------------------------------------------------- */

/* Would another pair outlast the budget? At least one pair is launched. */
static bool out_of_time(const measuring *m) {
  double spent = trm_now() - m->began;
  if (!(m->want->budget > 0) || m->pairs->n < 1) return false;
  return spent + spent / (m->pairs->n + 1) > m->want->budget;
}

static trm_status measure(measuring *m) {
  trm__study_pairs *p = m->pairs;
  TRM_TRY(warm_up(m));
  do {
    show_progress(m);
    TRM_TRY(add_pair(m));
    p->check = trm__study_rule_check(&m->want->rule, p->n, p->seconds[0],
                                     p->seconds[1], out_of_time(m));
  } while (!p->check.stop);
  p->load = trm__study_median_known(p->n, m->load);
  p->steal = trm__study_median_known(2 * p->n, m->steal);
  return TRM_OK;
}

trm_status trm__study_pairs_measure(const trm__study_pairing *want,
                                    trm__study_pairs *pairs,
                                    trm__base_error *error) {
  measuring m = {.want = want,
                 .pairs = pairs,
                 .began = trm_now(),
                 .shown = trm_now(),
                 .error = error};
  *pairs = (trm__study_pairs){.load = -1, .steal = -1};
  measure(&m);
  if (m.drawn) fputs("\r\033[K", stderr);
  free(m.load);
  free(m.steal);
  return error->status;
}

void trm__study_pairs_clear(trm__study_pairs *p) {
  for (int side = 0; side < 2; side++) {
    free(p->seconds[side]);
    cJSON_Delete(p->first[side]);
  }
  free(p->b_first);
  *p = (trm__study_pairs){.n = 0};
}
