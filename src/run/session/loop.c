/* The loop: chunks of steps. After each chunk one small reduction gives all ranks the
 * same signals and times, so that they take the same decisions. */
#include "run/session/loop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/session/told.h"
#include "base/memory.h"
#include "base/process.h"
#include "comm/meter.h"
#include "comm/run.h"
#include "meter/work.h"
#include "run/setup/batch.h"
#include "run/session/hook.h"
#include "run/report/progress.h"
#include "run/checkpoint/allocation.h"
#include "run/checkpoint/checkpoint.h"
#include "run/checkpoint/checkpoint_interval.h"
#include "run/report/ledger.h"
#include "run/report/summary.h"

/* Seconds from SIGTERM to SIGKILL under mpirun; a batch system allows more
 * (TRIREME_GRACE). The chunk that was running may use half of them. */
static const double GRACE = 1, LAST_CHECKPOINT = 0.4;

typedef struct consensus { /* what all ranks agree on after a chunk */
  double failed;           /* worst status, when worse than TRM_DONE */
  double done;  /* 1 + steps after which the kernel ended; 0: it did not */
  double least; /* minimum of `done`, negated: the reduction takes maxima */
  double retry; /* a checkpoint failed: it is time to try again */
  double stop, checkpoint, quit; /* by signals, or the file checkpoint-now */
  double seconds, since_checkpoint;
  double late; /* seconds since the deadline; negative before it */
} consensus;

enum { CONSENSUS_WORDS = sizeof(consensus) / sizeof(double) };

/* -- one chunk ------------------------------------------------------------- */

/* Add flops and bytes of all sites of this rank; with sign -1 subtract them. */
static void count_sites(trm__run_session *s, double sign) {
  double flops, bytes;
  trm__meter_sites_sum(s->run, &flops, &bytes);
  s->site_flops += sign * flops;
  s->site_bytes += sign * bytes;
}

/* The same for traffic. */
static void count_sent(trm__run_session *s, int sign) {
  trm_traffic sent = trm__run_contract_sent(s->run);
  trm_traffic_add(&s->contract.sent, &sent, sign);
}

/* For tests: TRM_FAULT=step:1+:sleep5 makes each step take 5 ms more; step:3:stop and
 * step:3:kill end the run after the third. */
static void linger(int64_t steps) {
  if (getenv("TRM_FAULT"))
    for (int64_t i = 0; i < steps; i++) trm__base_fault("step");
}

static trm_status advance(trm__run_session *s, int64_t steps, consensus *w) {
  trm_run *run = s->run;
  run->step = s->step;
  trm__run_told_of(run)->ended = TRM__NOT_ENDED;
  run->own->error.text[0] = 0;
  count_sent(s, -1);
  count_sites(s, -1);
  double began = trm_now();
  trm_status status = s->kernel->advance(run, s->state, steps);
  linger(steps);
  w->seconds = trm_now() - began;
  trm__meter_sites_left(run, "advance");
  count_sites(s, 1);
  count_sent(s, 1);
  status = trm__run_hook_advance(run, s->command->name, steps, status);
  w->done = status == TRM_DONE ? (double)trm__run_told_of(run)->ended + 1 : 0;
  w->least = -w->done;
  w->failed = status > TRM_DONE ? status : 0;
  return status;
}

/* -- consensus ------------------------------------------------------------- */

static char *now_file(const trm__run_session *s) {
  return trm__base_format("%s/checkpoint-now", s->want->checkpoint);
}

static bool now_file_there(const trm__run_session *s) {
  if (!s->store || s->run->rank != 0) return false;
  char *path = now_file(s);
  bool there = !access(path, F_OK);
  free(path);
  return there;
}

static void now_file_gone(const trm__run_session *s) {
  if (!s->store || s->run->rank != 0) return;
  char *path = now_file(s);
  unlink(path);
  free(path);
}

static void observe(trm__run_session *s, consensus *w,
                    const trm__run_plan *plan) {
  int signals = trm__base_signals_take();
  w->stop = (signals & TRM__SIGNAL_STOP) != 0;
  w->quit = (signals & TRM__SIGNAL_QUIT) != 0;
  w->checkpoint = (signals & TRM__SIGNAL_CHECKPOINT) || now_file_there(s);
  w->since_checkpoint = trm_now() - s->attempt_time;
  w->retry = trm__run_retry_due(&s->retry, trm_now());
  if (s->run->rank == 0)
    trm__run_deadline_ask(&s->deadline, trm__run_plan_margin(plan), w->seconds);
  w->late =
      s->run->rank == 0 ? -trm__run_deadline_left(&s->deadline) : -INFINITY;
}

/* All ranks know maximum and minimum, and report the same. */
static trm_status ended_apart(trm__run_session *s, const consensus *w) {
  const int64_t most = (int64_t)w->done - 1, least = (int64_t)-w->least - 1;
  char *other = least < 0 ? trm__base_strdup("not at all")
                          : trm__base_format("after %lld", (long long)least);
  trm_fail(s->run, TRM_EUSAGE,
           "kernel %s: advance ended the run after %s on some ranks, %s on "
           "others; use trm_ended(run, k) with the same k on all ranks",
           s->command->name, trm__base_text_count(most, "step").s, other);
  free(other);
  return TRM_EUSAGE;
}

static trm_status agree(trm__run_session *s, trm_status mine, consensus *w) {
  trm__run_watchdog *dog = trm__run_hook_watch(s, mine);
  trm__run_session_max(s, (double *)w, CONSENSUS_WORDS);
  trm__run_watchdog_stop(&dog);
  if (w->failed) return trm__run_hook(s, "advance", mine);
  return w->done + w->least == 0 ? TRM_OK : ended_apart(s, w);
}

/* -- stopping -------------------------------------------------------------- */

static const char *newest(const trm__run_session *s) {
  return s->store ? trm__store_newest(s->store) : "";
}

static trm_status stopped(trm__run_session *s, const char *why) {
  return trm_fail(s->run, TRM_STOPPED,
                  "%s: stopped at step %lld by %s; --resume continues from %s",
                  s->command->name, (long long)s->step, why, newest(s));
}

static trm_status interrupted(trm__run_session *s, const char *why) {
  const char *path = newest(s);
  if (!s->store)
    return trm_fail(s->run, TRM_EINTERRUPTED,
                    "%s: stopped at step %lld by %s, without a checkpoint: "
                    "--checkpoint DIR was not given",
                    s->command->name, (long long)s->step, why);
  return trm_fail(s->run, TRM_EINTERRUPTED,
                  "%s: stopped at step %lld by %s, without time for a new "
                  "checkpoint; %s%s",
                  s->command->name, (long long)s->step, why,
                  *path ? "the newest is " : "there is none yet", path);
}

/* Is there time for a checkpoint before the launcher kills the run? In a batch job it is
 * always tried: Slurm's grace time is unknown, an incomplete checkpoint does no harm, and
 * the script resumes a killed run. */
static bool checkpoint_fits(const trm__run_session *s) {
  const char *text = getenv("TRIREME_GRACE");
  double told = text ? strtod(text, NULL) : 0, grace = told > 0 ? told : GRACE;
  bool fits = s->interval.cost < LAST_CHECKPOINT * grace;
  /* the environment may differ between hosts */
  return trm__run_slowest(s->run, !fits) == 0;
}

static bool in_batch_job(const trm__run_session *s) {
  trm__run_batch_job batch = trm__run_batch_job_here();
  return trm__run_slowest(s->run, s->run->rank == 0 && *batch.job) > 0;
}

static trm_status quit(trm__run_session *s) {
  const char *why = "SIGTERM, SIGINT, SIGHUP or SIGXCPU";
  if (s->store && s->checkpoint_step != s->step &&
      (in_batch_job(s) || checkpoint_fits(s)))
    TRM_TRY(trm__run_checkpoint_last(s, 0));
  return s->checkpoint_step == s->step && s->store ? stopped(s, why)
                                                   : interrupted(s, why);
}

/* If this job had time for the first step alone, so would the next one. */
static trm_status too_short(trm__run_session *s, const trm__run_plan *plan) {
  trm_fail(s->run, TRM_ENOPROGRESS,
           "%s: the deadline leaves no time: %s were left before the first "
           "step, and the margin is %s: two checkpoints of %s, two steps of "
           "%s, and a second; request more time (--resume continues from %s)",
           s->command->name, trm__base_text_duration(plan->given).s,
           trm__base_text_duration(trm__run_plan_margin(plan)).s,
           trm__base_text_duration(plan->checkpoint_seconds).s,
           trm__base_text_duration(plan->last_seconds / (double)plan->last).s,
           newest(s));
  return TRM_ENOPROGRESS;
}

static trm_status end_of_time(trm__run_session *s, const trm__run_plan *plan) {
  char why[300];
  double spare = plan->left - plan->checkpoint_seconds;
  TRM_TRY(trm__run_checkpoint_last(s, spare));
  if (s->chunks == 1 && plan->given <= trm__run_plan_margin(plan))
    return too_short(s, plan);
  snprintf(why, sizeof why,
           "the deadline, %s before it (margin %s: two checkpoints, two steps, "
           "and a second)",
           trm__base_text_duration(plan->left).s,
           trm__base_text_duration(trm__run_plan_margin(plan)).s);
  return stopped(s, why);
}

static trm_status stop(trm__run_session *s) {
  if (!s->store) return interrupted(s, "SIGUSR1");
  TRM_TRY(trm__run_checkpoint_last(s, TRM__CHECKPOINT_PATIENCE));
  return stopped(s, "SIGUSR1");
}

/* -- the loop -------------------------------------------------------------- */

static void account(trm__run_session *s, int64_t steps, const consensus *w,
                    trm__run_plan *plan) {
  s->ended = w->done > 0;
  s->step += s->ended ? (int64_t)w->done - 1 : steps;
  s->run->step = s->step;
  s->seconds.advance += w->seconds;
  s->chunk_seconds = w->seconds;
  plan->step = s->step;
  plan->last = steps;
  plan->last_seconds = w->seconds;
  plan->since_checkpoint = w->since_checkpoint;
  plan->left = -w->late;
}

/* Take over interval and cost, which change with each checkpoint. */
static void take_interval(const trm__run_checkpoint_interval *interval,
                          trm__run_plan *plan) {
  plan->checkpoint_seconds = interval->cost;
  plan->guessed = interval->cost_from == TRM__COST_GUESS;
  if (plan->every.automatic) plan->every.seconds = interval->seconds;
}

static bool over(const trm__run_session *s) {
  return s->ended || (s->end >= 0 && s->step >= s->end);
}

static trm_status act(trm__run_session *s, const consensus *w,
                      trm__run_plan *plan) {
  if (w->quit && !over(s)) return quit(s);
  if (w->stop && !over(s)) return stop(s);
  bool failing = s->retry.failures > 0;
  bool asked = w->checkpoint > 0 && s->store && (!failing || w->retry);
  if (!over(s) && trm__run_plan_late(plan)) TRM_TRY(end_of_time(s, plan));
  bool due = failing ? w->retry > 0 : trm__run_plan_due(plan);
  if (!asked && !(s->store && !over(s) && due)) return TRM_OK;
  TRM_TRY(trm__run_checkpoint(s));
  plan->since_checkpoint = 0;
  if (s->retry.failures) return TRM_OK;
  if (asked) now_file_gone(s);
  trm__run_checkpoint_interval_learn(s);
  take_interval(&s->interval, plan);
  return TRM_OK;
}

static trm_status run_chunk(trm__run_session *s, int64_t steps,
                            trm__run_plan *plan) {
  consensus w = {.failed = 0};
  int64_t first = s->step;
  trm__comm_window_open(s->run->own->meter, s->chunks++, first, steps);
  trm_status status = advance(s, steps, &w);
  observe(s, &w, plan);
  TRM_TRY(agree(s, status, &w));
  account(s, steps, &w, plan);
  status = act(s, &w, plan);
  trm__comm_window_close(s->run->own->meter, s->step - first);
  return status;
}

static trm__run_plan plan_of(trm__run_session *s) {
  trm__run_plan plan = {
      .step = s->step, .end = s->end, .deadline = s->deadline_set};
  if (s->store) plan.every = s->command->every;
  double late =
      s->run->rank == 0 ? -trm__run_deadline_left(&s->deadline) : -INFINITY;
  plan.left = plan.given = -trm__run_slowest(s->run, late);
  take_interval(&s->interval, &plan);
  return plan;
}

trm_status trm__run_loop(trm__run_session *s) {
  trm__run_plan plan = plan_of(s);
  if (!over(s)) trm__run_summary_plan(s, trm__run_plan_margin(&plan));
  trm__run_progress progress = trm__run_progress_begin(s);
  trm_status status = TRM_OK;
  trm__run_ledger_open(s);
  trm__comm_meter_begin(s->run->own->meter);
  while (status == TRM_OK && !over(s)) {
    status = run_chunk(s, trm__run_plan_steps(&plan), &plan);
    trm__run_progress_show(&progress, s);
    trm__run_allocation_show(s);
  }
  trm__comm_meter_end(s->run->own->meter, s->run->threads);
  trm__run_progress_end(&progress);
  return status;
}
