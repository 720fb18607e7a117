/* trireme status: progress of a run, read from its directory of checkpoints during the
 * run or after it. MPI is not started. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/program.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/help/help.h"
#include "cli/words.h"
#include "run/checkpoint/allocation.h"
#include "run/checkpoint/deadline.h"

static const double SILENT = 60; /* seconds, unless the status says otherwise */

static double number(const cJSON *json, const char *name) {
  return trm__base_json_f64_at(json, name, NAN);
}

static bool is(const cJSON *json, const char *name, const char *text) {
  return !strcmp(trm__base_json_text_at(json, name), text);
}

/* -- reading --------------------------------------------------------------- */

static cJSON *read_status(const char *dir, trm__base_error *error) {
  char *path = trm__base_format("%s/status.json", dir), *line = NULL;
  size_t room = 0;
  FILE *file = trm__base_read_regular(path);
  cJSON *json =
      file && getline(&line, &room, file) > 0 ? cJSON_Parse(line) : NULL;
  if (!file)
    trm__base_error_set(
        error, TRM_EINPUT,
        "%s: %s; expected the directory of a run with --checkpoint", path,
        trm__base_file_why(errno));
  else if (strcmp(trm__base_json_text_at(json, "schema"), "trireme.status/1"))
    trm__base_error_set(error, TRM_EINPUT, "%s: not the status of a run", path);
  if (error->status) cJSON_Delete(json), json = NULL;
  if (file) fclose(file);
  free(line);
  free(path);
  return json;
}

/* -- showing --------------------------------------------------------------- */

static void say(const char *label, char *owned) {
  printf("  %-12s", label);
  trm__base_text_wrap(stdout, owned, 14, 14);
  free(owned);
}

static trm__base_text count(const cJSON *s, const char *name,
                            const char *noun) {
  return trm__base_text_count(trm__base_json_i64_at(s, name, 0), noun);
}

static void say_who(const cJSON *s) {
  const char *job = trm__base_json_text_at(s, "job");
  printf("%s: run %s%s%s\n", trm__base_json_text_at(s, "kernel"),
         trm__base_json_text_at(s, "run_id"), *job ? ", job " : "", job);
  say("where", trm__base_format(
                   "%s x %s on %s: %s", count(s, "ranks", "rank").s,
                   count(s, "threads", "thread").s, count(s, "hosts", "host").s,
                   trm__base_json_text_at(s, "host")));
}

/* Is it running, by its own last word? */
static bool is_live(const cJSON *s) {
  return is(s, "state", "running") || is(s, "state", "saving") ||
         is(s, "state", "finishing");
}

/* Has it been silent for longer than it can be? "silent" of 0: no limit is known. */
static bool is_lost(const cJSON *s, double now) {
  double most = trm__base_json_f64_at(s, "silent", SILENT);
  return is_live(s) && most > 0 && now - number(s, "at") > most;
}

static char *live_state(const cJSON *s, double now) {
  double age = now - number(s, "at");
  bool first = is(s, "state", "running") && number(s, "silent") == 0;
  char *what =
      is(s, "state", "saving") ? trm__base_strdup("writes a checkpoint")
      : is(s, "state", "finishing")
          ? trm__base_strdup("all steps done: verifies, writes results")
          : trm__base_format(
                "running for %s",
                trm__base_text_duration(now - number(s, "began")).s);
  char *quiet = age > SILENT
                    ? trm__base_format("; silent for %s%s",
                                       trm__base_text_duration(age).s,
                                       first ? ", in its first step" : "")
                    : trm__base_strdup("");
  char *all = trm__base_format("%s%s", what, quiet);
  free(quiet);
  free(what);
  return all;
}

static void say_state(const cJSON *s, double now) {
  const char *why = trm__base_json_text_at(s, "why");
  double age = fmax(now - number(s, "at"), 0);
  if (is_lost(s, now))
    say("state",
        trm__base_format(
            "silent for %s (expected within %s): killed, or its host "
            "is down",
            trm__base_text_duration(age).s,
            trm__base_text_duration(trm__base_json_f64_at(s, "silent", SILENT))
                .s));
  else if (is_live(s))
    say("state", live_state(s, now));
  else
    say("state", trm__base_format(
                     "%s %s ago%s%s", trm__base_json_text_at(s, "state"),
                     trm__base_text_duration(age).s, *why ? ": " : "", why));
}

static void say_progress(const cJSON *s) {
  double step = trm__base_json_f64_at(s, "step", 0), end = number(s, "end");
  double rate = number(s, "steps_per_second"),
         updates = number(s, "updates_per_step");
  if (end > 0)
    say("step",
        trm__base_format("%.0f of %.0f, %.1f %%", step, end, 100 * step / end));
  else
    say("step", trm__base_format("%.0f", step));
  if (!(rate > 0)) return;
  if (updates > 0)
    say("rate",
        trm__base_format("%s, %s", trm__base_text_rate(rate, "step").s,
                         trm__base_text_rate(rate * updates,
                                             trm__base_json_text_at(s, "unit"))
                             .s));
  else
    say("rate", trm__base_format("%s", trm__base_text_rate(rate, "step").s));
}

static void say_left(const cJSON *s, double now) {
  double step = number(s, "step"), end = number(s, "end");
  double rate = number(s, "steps_per_second"), deadline = number(s, "deadline");
  if (!is_live(s) || is_lost(s, now)) return;
  if (rate > 0 && end > step)
    say("left",
        trm__base_format("%s", trm__base_text_duration((end - step) / rate).s));
  if (isfinite(deadline))
    say("deadline",
        trm__base_format("in %s",
                         trm__base_text_duration(fmax(deadline - now, 0)).s));
}

static void say_checkpoint(const cJSON *s, double now) {
  const cJSON *checkpoint = cJSON_GetObjectItemCaseSensitive(s, "checkpoint");
  if (!checkpoint) {
    say("checkpoint", trm__base_strdup("none yet"));
    return;
  }
  say("checkpoint",
      trm__base_format(
          "%s: step %.0f, %s old", trm__base_json_text_at(checkpoint, "file"),
          trm__base_json_f64_at(checkpoint, "step", 0),
          trm__base_text_duration(fmax(now - number(checkpoint, "at"), 0)).s));
}

static void say_failures(const cJSON *s, double now) {
  const cJSON *failed =
      cJSON_GetObjectItemCaseSensitive(s, "checkpoint_failed");
  if (!failed) return;
  say("failing",
      trm__base_format(
          "%s in %s, from step %.0f on; the latest: %s",
          count(failed, "failures", "failed attempt").s,
          trm__base_text_duration(fmax(now - number(failed, "since"), 0)).s,
          number(failed, "step"), trm__base_json_text_at(failed, "why")));
}

/* -- the sessions before --------------------------------------------------- */

typedef struct past { /* the sessions of a run, as read so far */
  int begun;
  bool open;         /* the last session has begun and not ended */
  char *last;        /* how the previous one ended; owned */
  char *refused;     /* why a session was last refused; owned */
  double refused_at; /* when */
} past;

static void keep(char **to, const char *text) {
  free(*to);
  *to = trm__base_strdup(text);
}

static void take(past *p, const cJSON *event) {
  const char *why = trm__base_json_text_at(event, "why");
  if (is(event, "event", "begin")) {
    if (p->open) keep(&p->last, "killed");
    p->begun++;
    p->open = true;
  } else if (is(event, "event", "end")) {
    keep(&p->last, *why ? why : trm__base_json_text_at(event, "state"));
    p->open = false;
  }
}

/* Of any run: a refused session may have a new run_id each time. */
static void take_refused(past *p, const cJSON *event) {
  if (!is(event, "event", "refused")) return;
  keep(&p->refused, trm__base_json_text_at(event, "why"));
  p->refused_at = number(event, "at");
}

static past read_past(const char *dir, const char *run_id) {
  char *path = trm__run_allocation_log(dir), *line = NULL;
  size_t room = 0;
  past p = {.begun = 0};
  FILE *file = trm__base_read_regular(path);
  while (file && getline(&line, &room, file) > 0) {
    cJSON *event = cJSON_Parse(line);
    if (is(event, "run_id", run_id)) take(&p, event);
    take_refused(&p, event);
    cJSON_Delete(event);
  }
  if (file) fclose(file);
  free(line);
  free(path);
  return p;
}

/* Why it last stopped, unless the state already says so. */
static void say_past(const char *dir, const cJSON *s, double now) {
  past p = read_past(dir, trm__base_json_text_at(s, "run_id"));
  bool before = p.open && p.begun > 1 && p.last;
  if (p.refused && p.refused_at > number(s, "at"))
    say("refused",
        trm__base_format("%s ago: %s",
                         trm__base_text_duration(fmax(now - p.refused_at, 0)).s,
                         p.refused));
  if (p.begun > 1)
    say("sessions",
        trm__base_format("%d%s%s", p.begun, before ? "; the one before: " : "",
                         before ? p.last : ""));
  free(p.refused);
  free(p.last);
}

/* -- the whole ------------------------------------------------------------- */

static int status_main(const trm__cli *cli) {
  trm__base_error error = {TRM_OK, ""};
  if (trm__cli_wants_help(cli)) return trm__cli_help_command(&trm__cli_status);
  if (cli->argc != 1 || cli->argv[0][0] == '-')
    return trm__cli_usage(
        "status: usage: status DIR, a directory of checkpoints");
  const char *dir = cli->argv[0];
  cJSON *status = read_status(dir, &error);
  if (!status) {
    trm__base_error_print("%s", error.text);
    return trm_status_exit(error.status);
  }
  double now = trm__run_deadline_now();
  say_who(status);
  say_state(status, now);
  say_progress(status);
  say_left(status, now);
  say_checkpoint(status, now);
  say_failures(status, now);
  say_past(dir, status, now);
  cJSON_Delete(status);
  return 0;
}

const trm__cli_command trm__cli_status = {
    "status",    "DIR", "progress of a run that writes checkpoints",
    status_main, NULL,  false};
