#include "cli/check/resume.h"

#include <signal.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/memory.h"
#include "cli/check/differ.h"
#include "study/run/answer.h"

static const char RESUME[] = "resume", SETS[] = "resumed";
enum { LEGS = 4, STOPPED = 75 };

/* As Open MPI and Slurm report SIGKILL, and MPICH. */
static bool was_killed(int status) {
  return status == 128 + SIGKILL || status == SIGKILL;
}

typedef struct leg { /* one session of the run */
  trm__cli_check_shape shape;
  int64_t from, to; /* steps of checkpoints; `to` is the last that it leaves */
  bool kill;        /* SIGKILL one step after it; else SIGUSR1 at it */
} leg;

/* The k-th shape that has a result, round and round. */
static trm__cli_check_shape working(const trm__cli_check_subject *s, int k) {
  int i = 0;
  while (!s->result[i] || k-- > 0) i = (i + 1) % s->shapes;
  return s->shape[i];
}

/* From the third shape backwards to the last one. Where other ranks give other bits
 * anyway, the reference's. */
static trm__cli_check_shape shape_of(const trm__cli_check_subject *s, int i) {
  int n = 0;
  for (int k = 0; k < s->shapes; k++) n += s->result[k] != NULL;
  return s->apart ? s->shape[0] : working(s, (2 * n + 2 - i) % n);
}

/* Steps of 1/3, 2/3 and of the last checkpoint before the end; the kill at the first
 * of them wants one step more than the stop does. */
static int plan_legs(const trm__cli_check_subject *s, leg legs[LEGS]) {
  const int64_t all = trm__cli_check_steps(s), marks = (all - 1) / s->every;
  const int64_t at[LEGS] = {(marks + 2) / 3, (2 * marks + 2) / 3, marks, 0};
  int n = 0;
  for (int i = 0; i < LEGS; i++) {
    bool last = i == LEGS - 1;
    if (i == 2 && at[2] == at[1]) continue;
    legs[n] = (leg){.shape = shape_of(s, i),
                    .from = n ? legs[n - 1].to : 0,
                    .to = last ? all : at[i] * s->every,
                    .kill = i > 0 && !last};
    n++;
  }
  return n;
}

/* Value of TRM_FAULT: steps are counted from the resume. The last rank is killed. */
static char *fault_of(const leg *l, bool last) {
  long long steps = (long long)(l->to - l->from);
  if (last) return NULL;
  if (l->kill)
    return trm__base_format("step:%lld:kill:%d", steps + 1, l->shape.ranks - 1);
  return trm__base_format("step:%lld:stop", steps);
}

/* "stopped at step 4, killed at step 9, ..." before a leg */
static char *history_of(const leg legs[], int n) {
  char *text = trm__base_strdup("");
  for (int i = 0; i < n; i++) {
    char *longer = trm__base_format(
        "%s%s at step %lld on %s, ", text, legs[i].kill ? "killed" : "stopped",
        (long long)(legs[i].to + legs[i].kill),
        trm__base_text_count(legs[i].shape.ranks, "rank").s);
    free(text);
    text = longer;
  }
  return text;
}

/* Did it end as it should? NULL: yes; free with free() */
static char *unexpected(const trm__cli_check_bench *b, const leg *l, bool last,
                        const trm__cli_check_outcome *o) {
  if (last) return trm__cli_check_failure(b, o);
  if (!o->late && (l->kill ? was_killed(o->status) : o->status == STOPPED))
    return NULL;
  char *why = trm__cli_check_failure(b, o);
  char *text = trm__base_format(
      "to be %s at step %lld on %s, but: %s", l->kill ? "killed" : "stopped",
      (long long)(l->to + l->kill), trm__cli_check_shape_text(l->shape).s,
      why ? why : "it made all steps");
  free(why);
  return text;
}

static char *run_leg(trm__cli_check_subject *s, const leg legs[], int i,
                     bool last, cJSON **result) {
  trm__cli_check_outcome o;
  char *fault = fault_of(&legs[i], last);
  trm__cli_check_trial t = {.shape = legs[i].shape,
                            .fault = fault,
                            .checkpoint = SETS,
                            .every = s->every,
                            .resume = i > 0};
  trm__cli_check_launch(&s->bench, &t, &o, &s->error);
  char *text =
      s->error.status ? NULL : unexpected(&s->bench, &legs[i], last, &o);
  if (last) {
    *result = o.result;
    o.result = NULL;
  }
  trm__cli_check_outcome_clear(&o);
  free(fault);
  return text;
}

/* Where it parted from the reference: behind which leg. */
static char *parted(const trm__cli_check_subject *s, const leg legs[], int n,
                    const char *difference) {
  char *here = trm__cli_check_path(&s->bench, SETS),
       *there = trm__cli_check_path(&s->bench, TRM__CLI_CHECK_RECORD);
  bool last = trm__cli_check_rtol(s) > 0;
  int64_t step = legs[n - 1].to;
  char *where = trm__cli_check_difference(there, here, last, &step);
  int i = n - 1;
  while (i > 0 && legs[i].from >= step) i--;
  char *history = history_of(legs, i);
  char *text = trm__base_format(
      "%s%s on %s: %s%s", history, i ? "resumed" : "from the start",
      trm__cli_check_shape_text(legs[i].shape).s, where ? where : difference,
      i ? "; is some state neither in an evolving field nor in trm_keep?" : "");
  free(history);
  free(where);
  free(here);
  free(there);
  return text;
}

/* \return NULL: the undisturbed bits */
static char *judge(const trm__cli_check_subject *s, const leg legs[], int n,
                   const cJSON *result) {
  int64_t first = trm__base_json_i64_at(result, "first_step", 0);
  if (first != legs[n - 1].from)
    return trm__base_format("resumed at step %lld, expected %lld",
                            (long long)first, (long long)legs[n - 1].from);
  char *difference = trm__study_answer_differs(s->recording, result, s->table);
  if (!difference) return NULL;
  char *text = parted(s, legs, n, difference);
  free(difference);
  return text;
}

static void run_legs(trm__cli_check_subject *s) {
  leg legs[LEGS];
  cJSON *result = NULL;
  char *text = NULL;
  int n = plan_legs(s, legs);
  for (int i = 0; i < n && !text && !s->error.status; i++)
    text = run_leg(s, legs, i, i == n - 1, &result);
  if (!text && !s->error.status) text = judge(s, legs, n, result);
  char *history = history_of(legs, n - 1);
  if (text)
    trm__cli_check_broken(s, RESUME, "%s", text);
  else if (!s->error.status)
    trm__cli_check_kept(s, RESUME, "the undisturbed %s: %sresumed on %s",
                        trm__cli_check_rtol(s) > 0 ? "answer" : "bits", history,
                        trm__cli_check_shape_text(legs[n - 1].shape).s);
  free(history);
  free(text);
  cJSON_Delete(result);
}

void trm__cli_check_resume(trm__cli_check_subject *s) {
  if (!trm__cli_check_ready(s, RESUME)) return;
  if (!s->recorded)
    trm__cli_check_unchecked(s, RESUME, "%s", s->unrecorded);
  else if (trm__cli_check_steps(s) <= s->every)
    trm__cli_check_unchecked(
        s, RESUME, "the run has only %s",
        trm__base_text_count(trm__cli_check_steps(s), "step").s);
  else
    run_legs(s);
}
