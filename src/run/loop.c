/* The loop: chunks of steps, and between them one small reduction by which all
 * ranks see the same signals and the same clock, and so decide alike. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/process.h"
#include "comm/meter.h"
#include "comm/own.h"
#include "run/progress.h"
#include "run/interval.h"
#include "run/run.h"
#include "run/slot.h"

/* mpirun leaves one second between SIGTERM and SIGKILL, a batch system more
 * (TRIREME_GRACE); half of it may be gone with the chunk that was running. */
static const double GRACE = 1, LAST_SAVE = 0.4;
static const double SAVE_RATE =
    160 << 20; /* bytes/s a rank, when none was timed yet */

typedef struct wake { /* what all ranks know after a chunk */
  double failed;      /* worst status, when worse than TRM_DONE */
  double done;        /* 1 + steps that the kernel ended after; 0: it goes on */
  double stop, checkpoint, quit; /* signals; the file checkpoint-now */
  double seconds, since_checkpoint;
  double late; /* seconds since the deadline; negative before it */
} wake;

enum { WAKE_WORDS = sizeof(wake) / sizeof(double) };

/* -- one chunk ------------------------------------------------------------- */

/* What this rank has sent for the kernel, its halos and redistributions. */
static trm_traffic sent(const trm_run *run) {
  trm_traffic sum = {0, 0, 0, 0};
  for (int c = 0; c < TRM_CAUSE_COUNT; c++) {
    if (c == TRM_FOR_CHECKPOINT || c == TRM_FOR_CONTROL) continue;
    const trm_traffic *t = &run->own->counter.by[c];
    sum.messages += t->messages;
    sum.bytes += t->bytes;
    sum.calls += t->calls;
    sum.call_bytes += t->call_bytes;
  }
  return sum;
}

static void count_sent(trm__session *s, const trm_traffic *before) {
  trm_traffic now = sent(s->run);
  s->sent.messages += now.messages - before->messages;
  s->sent.bytes += now.bytes - before->bytes;
  s->sent.calls += now.calls - before->calls;
  s->sent.call_bytes += now.call_bytes - before->call_bytes;
}

static void check_ended(const trm__session *s, int64_t steps) {
  int64_t ended = s->run->own->ended;
  if (ended >= 0 && ended <= steps) return;
  fprintf(
      stderr,
      "trireme: %s: advance returned TRM_DONE after %lld of %lld steps; want "
      "`return trm_ended(run, k)` with k among them\n",
      s->command->name, (long long)ended, (long long)steps);
  abort();
}

/* Flops and bytes of all sites of this rank; sign -1: forget so much. */
static void count_sites(trm__session *s, double sign) {
  trm_site_total site[TRM__SITES];
  int n = trm_site_totals(s->run, site, TRM__SITES);
  for (int i = 0; i < n && i < TRM__SITES; i++) {
    s->site_flops += sign * site[i].flops;
    s->site_bytes += sign * site[i].bytes;
  }
}

static trm_status advance(trm__session *s, int64_t steps, wake *w) {
  trm_run *run = s->run;
  run->step = s->step;
  run->own->ended = -1;
  run->own->error.text[0] = 0;
  trm_traffic before = sent(run);
  count_sites(s, -1);
  double began = trm_now();
  trm_status status = s->kernel->advance(run, s->state, steps);
  w->seconds = trm_now() - began;
  count_sites(s, 1);
  count_sent(s, &before);
  if (status == TRM_DONE) check_ended(s, steps);
  w->done = status == TRM_DONE ? (double)run->own->ended + 1 : 0;
  w->failed = status > TRM_DONE ? status : 0;
  return status;
}

/* -- what all ranks know --------------------------------------------------- */

static char *now_file(const trm__session *s) {
  return trm__format("%s/checkpoint-now", s->want->checkpoint);
}

static bool now_file_there(const trm__session *s) {
  if (!s->store || s->run->rank != 0) return false;
  char *path = now_file(s);
  bool there = !access(path, F_OK);
  free(path);
  return there;
}

static void now_file_gone(const trm__session *s) {
  if (!s->store || s->run->rank != 0) return;
  char *path = now_file(s);
  unlink(path);
  free(path);
}

static void look(trm__session *s, wake *w) {
  int signals = trm__signals_take();
  w->stop = (signals & TRM__SIGNAL_STOP) != 0;
  w->quit = (signals & TRM__SIGNAL_QUIT) != 0;
  w->checkpoint = (signals & TRM__SIGNAL_CHECKPOINT) || now_file_there(s);
  w->since_checkpoint = trm_now() - s->saved_at;
  w->late = s->run->rank == 0 ? -trm__deadline_left(&s->deadline) : -INFINITY;
}

static trm_status share(trm__session *s, trm_status mine, wake *w) {
  double done = w->done;
  trm__watchdog *dog = trm__hook_watch(s, mine);
  trm__session_max(s, (double *)w, WAKE_WORDS);
  trm__watchdog_stop(&dog);
  if (w->failed) return trm__hook(s, mine);
  if (done != w->done) {
    fprintf(stderr,
            "trireme: %s: only some ranks said that the run has ended\n",
            s->command->name);
    abort();
  }
  return TRM_OK;
}

/* -- stopping -------------------------------------------------------------- */

static const char *newest(const trm__session *s) {
  return s->store ? trm__store_newest(s->store) : "";
}

static trm_status stopped(trm__session *s, const char *why) {
  return trm_fail(s->run, TRM_STOPPED,
                  "%s: stopped at step %lld by %s; --resume goes on from %s",
                  s->command->name, (long long)s->step, why, newest(s));
}

static trm_status interrupted(trm__session *s, const char *why) {
  const char *path = newest(s);
  if (!s->store)
    return trm_fail(
        s->run, TRM_EINTERRUPTED,
        "%s: stopped at step %lld by %s, without a checkpoint: there "
        "was no --checkpoint DIR",
        s->command->name, (long long)s->step, why);
  return trm_fail(s->run, TRM_EINTERRUPTED,
                  "%s: stopped at step %lld by %s, without time for a new "
                  "checkpoint; the newest is %s",
                  s->command->name, (long long)s->step, why,
                  *path ? path : "not there yet");
}

static double saved_bytes(const trm_run *run) {
  double bytes = 0;
  for (int i = 0; i < run->own->nfields; i++) {
    const trm_field *f = run->own->fields[i];
    if (f->role == TRM_EVOLVING)
      bytes += (double)f->layout->count * (double)trm_type_size(f->type);
  }
  return bytes;
}

/* Seconds that a checkpoint takes: what the last one took, else a guess. Collective. */
static double save_expected(const trm__session *s) {
  if (s->save_seconds > 0) return s->save_seconds;
  return trm__slowest(s->run, saved_bytes(s->run)) / SAVE_RATE;
}

/* Would a checkpoint be written before the launcher kills the run? */
static bool save_fits(const trm__session *s) {
  const char *text = getenv("TRIREME_GRACE");
  double told = text ? strtod(text, NULL) : 0, grace = told > 0 ? told : GRACE;
  bool fits = save_expected(s) < LAST_SAVE * grace;
  return trm__slowest(s->run, !fits) == 0; /* one environment a host */
}

static trm_status quit(trm__session *s) {
  const char *why = "SIGTERM or SIGINT";
  if (s->store && s->saved != s->step && save_fits(s)) TRM_TRY(trm__save(s));
  return s->saved == s->step && s->store ? stopped(s, why)
                                         : interrupted(s, why);
}

/* The time is nearly over; a batch system may have given more meanwhile. */
static trm_status end_of_time(trm__session *s, trm__plan *plan) {
  double left =
      s->run->rank == 0 ? -trm__deadline_confirm(&s->deadline) : -INFINITY;
  trm__session_max(s, &left, 1);
  plan->left = -left;
  if (!trm__plan_late(plan)) return TRM_OK;
  char *why = trm__format("the deadline in %s (margin %s)",
                          trm__text_duration(fmax(plan->left, 0)).s,
                          trm__text_duration(trm__plan_margin(plan)).s);
  TRM_TRY(trm__save(s));
  trm_status status = stopped(s, why);
  free(why);
  return status;
}

static trm_status stop(trm__session *s) {
  if (!s->store) return interrupted(s, "SIGUSR1");
  TRM_TRY(trm__save(s));
  return stopped(s, "SIGUSR1");
}

/* -- the loop -------------------------------------------------------------- */

static void account(trm__session *s, int64_t steps, const wake *w,
                    trm__plan *plan) {
  s->ended = w->done > 0;
  s->step += s->ended ? (int64_t)w->done - 1 : steps;
  s->run->step = s->step;
  s->seconds.advance += w->seconds;
  plan->step = s->step;
  plan->last = steps;
  plan->last_seconds = w->seconds;
  plan->since_checkpoint = w->since_checkpoint;
  plan->left = -w->late;
}

/* How often, and how long it takes: after each checkpoint anew. Collective. */
static void learn(trm__session *s, trm__plan *plan) {
  plan->save_seconds = s->store ? save_expected(s) : 0;
  if (plan->every.automatic)
    plan->every.seconds = s->interval =
        trm__interval_daly(plan->save_seconds, trm__session_mtbf(s));
}

static bool over(const trm__session *s) {
  return s->ended || (s->end >= 0 && s->step >= s->end);
}

static trm_status act(trm__session *s, const wake *w, trm__plan *plan) {
  if (w->quit && !over(s)) return quit(s);
  if (w->stop && !over(s)) return stop(s);
  bool asked = w->checkpoint > 0 && s->store;
  if (!over(s) && trm__plan_late(plan)) TRM_TRY(end_of_time(s, plan));
  if (!asked && !(s->store && !over(s) && trm__plan_due(plan))) return TRM_OK;
  TRM_TRY(trm__save(s));
  if (asked) now_file_gone(s);
  plan->since_checkpoint = 0;
  learn(s, plan);
  return TRM_OK;
}

static trm_status wake_up(trm__session *s, int64_t steps, trm__plan *plan) {
  wake w = {.failed = 0};
  int64_t first = s->step;
  trm__window_open(s->run, s->chunks++, first, steps);
  trm_status status = advance(s, steps, &w);
  look(s, &w);
  TRM_TRY(share(s, status, &w));
  account(s, steps, &w, plan);
  status = act(s, &w, plan);
  trm__window_close(s->run, s->step - first);
  return status;
}

trm_status trm__loop(trm__session *s) {
  trm__plan plan = {.step = s->step, .end = s->end};
  if (s->store) plan.every = s->command->every;
  plan.deadline = s->deadline_set;
  plan.left = INFINITY;
  learn(s, &plan);
  trm__progress progress = trm__progress_begin(s);
  trm_status status = TRM_OK;
  trm__ledger_open(s);
  trm__meter_begin(s->run);
  while (status == TRM_OK && !over(s)) {
    status = wake_up(s, trm__plan_steps(&plan), &plan);
    trm__progress_show(&progress, s);
    trm__slot_show(s, false);
  }
  trm__meter_end(s->run);
  trm__progress_end(&progress);
  return status;
}
