/* trireme status: where a run is, read from its directory of checkpoints, while it runs
 * or after. No MPI. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "cli/cli.h"
#include "run/deadline.h"

static const double SILENT = 30; /* seconds without a word of a run that runs */

static double number(const cJSON *json, const char *name) {
  return trm__json_f64_at(json, name, NAN);
}

/* -- reading --------------------------------------------------------------- */

static cJSON *read_status(const char *dir, trm__error *error) {
  char *path = trm__format("%s/status.json", dir), *line = NULL;
  size_t room = 0;
  FILE *file = fopen(path, "re");
  cJSON *json =
      file && getline(&line, &room, file) > 0 ? cJSON_Parse(line) : NULL;
  if (!file)
    trm__error_set(error, TRM_EINPUT,
                   "%s: %s; want the directory of a run with --checkpoint",
                   path, strerror(errno));
  else if (strcmp(trm__json_text_at(json, "schema"), "trireme.status/1"))
    trm__error_set(error, TRM_EINPUT, "%s: not the status of a run", path);
  if (error->status) cJSON_Delete(json), json = NULL;
  if (file) fclose(file);
  free(line);
  free(path);
  return json;
}

/* -- showing --------------------------------------------------------------- */

static void say(const char *label, char *owned) {
  printf("  %-12s", label);
  trm__text_wrap(stdout, owned, 14, 14);
  free(owned);
}

static void say_who(const cJSON *s) {
  const char *job = trm__json_text_at(s, "job");
  printf("%s: run %s%s%s\n", trm__json_text_at(s, "kernel"),
         trm__json_text_at(s, "run_id"), *job ? ", job " : "", job);
  say("where",
      trm__format("%s x %s on %s: %s",
                  trm__text_count((int64_t)number(s, "ranks"), "rank").s,
                  trm__text_count((int64_t)number(s, "threads"), "thread").s,
                  trm__text_count((int64_t)number(s, "hosts"), "host").s,
                  trm__json_text_at(s, "host")));
}

static void say_state(const cJSON *s, double now) {
  const char *state = trm__json_text_at(s, "state"),
             *why = trm__json_text_at(s, "why");
  double age = fmax(now - number(s, "at"), 0);
  bool running = !strcmp(state, "running");
  if (running && age > SILENT)
    say("state", trm__format("silent for %s: killed, or its host is down",
                             trm__text_duration(age).s));
  else if (running)
    say("state", trm__format("running for %s",
                             trm__text_duration(now - number(s, "began")).s));
  else
    say("state", trm__format("%s %s ago%s%s", state, trm__text_duration(age).s,
                             *why ? ": " : "", why));
}

static void say_progress(const cJSON *s) {
  double step = number(s, "step"), end = number(s, "end");
  double rate = number(s, "steps_per_second"),
         updates = number(s, "updates_per_step");
  if (end > 0)
    say("step",
        trm__format("%.0f of %.0f, %.1f %%", step, end, 100 * step / end));
  else
    say("step", trm__format("%.0f", step));
  if (!(rate > 0)) return;
  if (updates > 0)
    say("rate",
        trm__format(
            "%s, %s", trm__text_rate(rate, "step").s,
            trm__text_rate(rate * updates, trm__json_text_at(s, "unit")).s));
  else
    say("rate", trm__format("%s", trm__text_rate(rate, "step").s));
}

static void say_left(const cJSON *s, double now) {
  double step = number(s, "step"), end = number(s, "end");
  double rate = number(s, "steps_per_second"), deadline = number(s, "deadline");
  if (strcmp(trm__json_text_at(s, "state"), "running")) return;
  if (rate > 0 && end > step)
    say("left", trm__format("%s", trm__text_duration((end - step) / rate).s));
  if (isfinite(deadline))
    say("deadline",
        trm__format("in %s", trm__text_duration(fmax(deadline - now, 0)).s));
}

static void say_checkpoint(const cJSON *s, double now) {
  const cJSON *set = cJSON_GetObjectItemCaseSensitive(s, "checkpoint");
  if (!set) {
    say("checkpoint", trm__strdup("none yet"));
    return;
  }
  say("checkpoint",
      trm__format("%s: step %.0f, %s old", trm__json_text_at(set, "file"),
                  number(set, "step"),
                  trm__text_duration(fmax(now - number(set, "at"), 0)).s));
}

/* -- the sessions before --------------------------------------------------- */

typedef struct past { /* of the sessions of a run, as far as they were read */
  int begun;
  bool open;  /* the last one that began has not ended */
  char *last; /* how the one before the last ended; owned */
} past;

static void take(past *p, const cJSON *event) {
  if (!strcmp(trm__json_text_at(event, "event"), "begin")) {
    if (p->open) {
      free(p->last);
      p->last = trm__strdup("killed");
    }
    p->begun++;
    p->open = true;
    return;
  }
  free(p->last);
  p->last = trm__strdup(*trm__json_text_at(event, "why")
                            ? trm__json_text_at(event, "why")
                            : trm__json_text_at(event, "state"));
  p->open = false;
}

static past read_past(const char *dir, const char *run_id) {
  char *path = trm__format("%s/slots.jsonl", dir), *line = NULL;
  size_t room = 0;
  past p = {.begun = 0};
  FILE *file = fopen(path, "re");
  while (file && getline(&line, &room, file) > 0) {
    cJSON *event = cJSON_Parse(line);
    if (!strcmp(trm__json_text_at(event, "run_id"), run_id)) take(&p, event);
    cJSON_Delete(event);
  }
  if (file) fclose(file);
  free(line);
  free(path);
  return p;
}

/* Why it last stopped, if that is not what the state says already. */
static void say_past(const char *dir, const cJSON *s) {
  past p = read_past(dir, trm__json_text_at(s, "run_id"));
  bool before = p.open && p.begun > 1 && p.last;
  if (p.begun > 1)
    say("sessions",
        trm__format("%d%s%s", p.begun, before ? "; the one before: " : "",
                    before ? p.last : ""));
  free(p.last);
}

int trm__cli_status(const trm__cli *cli) {
  trm__error error = {TRM_OK, ""};
  if (cli->argc != 1 || cli->argv[0][0] == '-')
    return trm__cli_usage(
        "status: want status DIR, a directory of checkpoints");
  const char *dir = cli->argv[0];
  cJSON *status = read_status(dir, &error);
  if (!status) {
    fprintf(stderr, "trireme: %s\n", error.text);
    return trm_status_exit(error.status);
  }
  double now = trm__deadline_now();
  say_who(status);
  say_state(status, now);
  say_progress(status);
  say_left(status, now);
  say_checkpoint(status, now);
  say_past(dir, status);
  cJSON_Delete(status);
  return 0;
}
