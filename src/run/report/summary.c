/* The summary of a run on stdout. */
#include "run/report/summary.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/session/told.h"
#include "base/memory.h"
#include "comm/run.h"
#include "run/report/roofline.h"

enum { LABEL = 12 };

static void say(const char *label, const char *text) {
  printf("  %-*s", LABEL, label);
  trm__base_text_wrap(stdout, text, 2 + LABEL, 2 + LABEL);
}

static void say_owned(const char *label, char *text) {
  say(label, text);
  free(text);
}

static void say_launch(const trm__run_session *s) {
  const trm_run *run = s->run;
  const char *over =
      strcmp(s->origin, "measured") ? ", threads share cores" : "";
  say_owned("run",
            trm__base_format(
                "%s x %s on %s%s", trm__base_text_count(run->ranks, "rank").s,
                trm__base_text_count(run->threads, "thread").s,
                trm__base_text_count(run->own->hosts, "host").s, over));
}

void trm__run_summary_head(const trm__run_session *s) {
  if (s->run->rank != 0) return;
  printf("%s: %s\n", s->command->name, s->kernel->summary);
  if (s->command->options->n > 0)
    say_owned("options", trm__base_options_echo(s->command->options));
  say_launch(s);
  fflush(stdout);
}

void trm__run_summary_ready(const trm__run_session *s) {
  if (s->run->rank != 0) return;
  char *idle = trm__run_idle_text(&s->idle, s->run->ranks);
  if (idle) say_owned("idle", idle);
  if (s->resumed)
    say_owned("resumed",
              trm__base_format("at step %lld from %s", (long long)s->step,
                               trm__store_newest(s->store)));
  fflush(stdout);
}

/* -- checkpoints and the deadline ------------------------------------------ */

static trm__base_text cost(const trm__run_session *s) {
  static const char *const from[] = {" (a guess)", " (in the previous session)",
                                     ""};
  trm__base_text t;
  snprintf(t.s, sizeof t.s, "%s%s", trm__base_text_duration(s->interval.cost).s,
           from[s->interval.cost_from]);
  return t;
}

static void say_interval(const trm__run_session *s) {
  if (!(s->interval.seconds > 0)) return;
  say_owned("every",
            trm__base_format(
                "%s: a checkpoint takes %s, failures are expected "
                "every %s, and no more than 1 %% of the time is for "
                "checkpoints",
                trm__base_text_duration(s->interval.seconds).s, cost(s).s,
                trm__base_text_duration(trm__run_session_mtbf(s)).s));
}

static void say_deadline(const trm__run_session *s, double margin) {
  trm__run_deadline d = s->deadline;
  double left = trm__run_deadline_left(&d);
  if (!s->want->deadline) return;
  if (!s->deadline_set)
    say("deadline", "none: no batch system tells when this job ends");
  else if (isinf(left))
    say("deadline",
        "not known yet: scontrol gives no end time; it will be asked again");
  else
    say_owned(
        "deadline",
        trm__base_format("in %s; the last checkpoint begins %s before, as one "
                         "takes %s",
                         trm__base_text_duration(left).s,
                         trm__base_text_duration(margin).s, cost(s).s));
}

void trm__run_summary_plan(const trm__run_session *s, double margin) {
  if (s->run->rank != 0) return;
  say_deadline(s, margin);
  say_interval(s);
  fflush(stdout);
}

void trm__run_summary_interval(const trm__run_session *s) {
  if (s->run->rank == 0) say_interval(s);
}

/* -- the result ------------------------------------------------------------ */

static void say_steps(const trm__run_session *s) {
  char *before = s->first > 0
                     ? trm__base_format(", %lld of them before this session",
                                        (long long)s->first)
                     : trm__base_strdup("");
  say_owned("steps", trm__base_format("%lld%s%s", (long long)s->step, before,
                                      s->ended ? ", ended by itself" : ""));
  free(before);
}

static void say_times(const trm__run_session *s) {
  const trm__run_seconds *t = &s->seconds;
  char *saved = t->checkpoint > 0
                    ? trm__base_format(", checkpoints %s",
                                       trm__base_text_duration(t->checkpoint).s)
                    : trm__base_strdup("");
  double other = t->total - t->setup - t->advance - t->checkpoint - t->verify;
  say_owned("time",
            trm__base_format("%s: setup %s, advance %s%s, verify %s, start and "
                             "output %s",
                             trm__base_text_duration(t->total).s,
                             trm__base_text_duration(t->setup).s,
                             trm__base_text_duration(t->advance).s, saved,
                             trm__base_text_duration(t->verify).s,
                             trm__base_text_duration(other > 0 ? other : 0).s));
  free(saved);
}

static void say_rate(const trm__run_session *s) {
  const char *unit;
  double rate = trm__run_session_rate(s, &unit);
  if (s->wrong || s->unchecked || !(rate > 0)) return;
  double bytes = s->work.read_bytes + s->work.write_bytes,
         t = s->seconds.advance;
  char *moved = bytes > 0 ? trm__base_format(
                                ", %s", trm__base_text_rate(bytes / t, "B").s)
                          : trm__base_strdup("");
  say_owned("rate",
            trm__base_format("%s%s%s", trm__base_text_rate(rate, unit).s, moved,
                             s->verified ? "" : " (not verified)"));
  free(moved);
}

static void say_roofline(const trm__run_session *s) {
  char *text = trm__run_roofline_say(s);
  if (text) say("roofline", text);
  free(text);
}

static void say_checks(const trm__run_session *s) {
  if (!s->want->verify)
    say("checks", "none: --no-verify");
  else if (s->unchecked)
    say("checks", "none: verify failed");
  else if (!s->verdict.n)
    say("checks", "none: the kernel has no checks");
  for (int i = 0; i < s->verdict.n; i++) {
    const trm__run_check *c = &s->verdict.checks[i];
    char tol[40] = "exactly";
    if (c->tol > 0) snprintf(tol, sizeof tol, "within %.3g", c->tol);
    say_owned(i ? "" : "checks",
              trm__base_format("%s %s: %.6g, expected %.6g %s",
                               c->pass ? "pass" : "FAIL", c->what, c->got,
                               c->want, tol));
  }
}

static void say_gauges(const trm__run_session *s) {
  const trm__run_told *own = trm__run_told_of(s->run);
  for (int i = 0; i < own->ngauges; i++)
    say_owned(
        i ? "" : "gauges",
        trm__base_format("%s %.6g", own->gauges[i].name, own->gauges[i].value));
}

static void say_contract(const trm__run_session *s) {
  char *text = trm__run_contract_say(&s->contract, s->run->ranks);
  if (text) say("contract", text);
  free(text);
}

static void say_ledger(const trm__run_session *s) {
  if (!s->want->meter) return;
  say_owned("ledger", strcmp(s->origin, "measured")
                          ? trm__meter_ledger_shared(&s->account.ledger)
                          : trm__meter_ledger_sentence(&s->account.ledger));
  trm__meter_ledger_print(&s->account.ledger, stdout, 2 + LABEL, 64);
}

static void say_files(const trm__run_session *s) {
  const char *newest = s->store ? trm__store_newest(s->store) : "";
  if (*newest) say("checkpoint", newest);
  if (s->wrote.output) {
    char *sidecar = trm__run_output_sidecar(s->want->output);
    say_owned("output", trm__base_format("%s, %s", s->want->output, sidecar));
    free(sidecar);
  }
  if (s->wrote.picture) say("picture", s->want->picture);
  if (s->wrote.trace) say("timeline", s->want->trace);
  if (s->wrote.result) say("result", s->want->result);
}

void trm__run_summary(const trm__run_session *s) {
  if (s->run->rank != 0) return;
  say_steps(s);
  say_times(s);
  say_rate(s);
  say_roofline(s);
  say_checks(s);
  say_contract(s);
  say_gauges(s);
  say_ledger(s);
  say_owned("fingerprint", trm__base_format("%016" PRIx64, s->fingerprint));
  say_interval(s);
  say_files(s);
  fflush(stdout);
}
