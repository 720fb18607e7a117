#include "run/slot.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "comm/own.h"

static const double EVERY = 3; /* seconds between two writes of the status */
enum { TRIES = 2 }; /* sessions in vain before this one that are enough */

struct trm__slot {
  double shown; /* trm_now */
  double rate;  /* steps/s since the session began */
  bool failed;  /* to write; was said */
};

const char *trm__slot_job(void) {
  static const char *const names[] = {"SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID"};
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
    const char *job = getenv(names[i]);
    if (job && *job) return job;
  }
  return "";
}

static void complain(struct trm__slot *slot, const char *path) {
  if (slot->failed) return;
  slot->failed = true;
  fprintf(stderr, "trireme: %s: %s; `status` will not know of this run\n", path,
          strerror(errno));
}

static bool put(int file, const char *text) {
  size_t n = strlen(text);
  bool good = file >= 0 && write(file, text, n) == (ssize_t)n;
  if (file >= 0 && close(file)) good = false;
  return good;
}

/* -- the sessions ---------------------------------------------------------- */

static cJSON *event(const trm__session *s, const char *name) {
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "schema", "trireme.slot/1");
  cJSON_AddStringToObject(json, "event", name);
  cJSON_AddStringToObject(json, "run_id", s->stamp.run_id);
  cJSON_AddStringToObject(json, "job", trm__slot_job());
  trm__json_i64(json, "step", s->step);
  trm__json_f64(json, "at", trm__deadline_now());
  return json;
}

static void append(trm__session *s, cJSON *json) {
  char *path = trm__format("%s/slots.jsonl", s->want->checkpoint);
  char *line = trm__json_line(json), *ended = trm__format("%s\n", line);
  if (!put(open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666), ended))
    complain(s->slot, path);
  free(ended);
  free(line);
  free(path);
  cJSON_Delete(json);
}

static bool is(const cJSON *json, const char *name, const char *text) {
  return cJSON_IsString(trm__json_at(json, name)) &&
         !strcmp(trm__json_text_at(json, name), text);
}

static double number(const cJSON *json, const char *name) {
  return trm__json_f64_at(json, name, NAN);
}

/* Where the session before this one was last seen, if it did not say how it ended:
 * how far a session that was killed had come. */
static void add_lost(const trm__session *s, cJSON *to) {
  char *path = trm__format("%s/status.json", s->want->checkpoint), *line = NULL;
  size_t room = 0;
  FILE *file = fopen(path, "re");
  cJSON *json =
      file && getline(&line, &room, file) > 0 ? cJSON_Parse(line) : NULL;
  if (is(json, "run_id", s->stamp.run_id) && is(json, "state", "running")) {
    cJSON *lost = cJSON_AddObjectToObject(to, "lost");
    trm__json_f64(lost, "at", number(json, "at"));
    trm__json_i64(lost, "step", (int64_t)fmax(number(json, "step"), 0));
  }
  cJSON_Delete(json);
  if (file) fclose(file);
  free(line);
  free(path);
}

/* Batch sessions of this run at the end of the file that began where this one does,
 * without a session between that got further. */
static int in_vain(const trm__session *s) {
  char *path = trm__format("%s/slots.jsonl", s->want->checkpoint), *line = NULL;
  FILE *file = fopen(path, "re");
  size_t room = 0;
  int n = 0;
  while (file && getline(&line, &room, file) > 0) {
    cJSON *json = cJSON_Parse(line);
    bool ours = is(json, "run_id", s->stamp.run_id) && !is(json, "job", "");
    bool here = number(json, "step") == (double)s->step;
    if (!here || is(json, "state", "done")) n = 0;
    if (ours && here && is(json, "event", "begin")) n++;
    cJSON_Delete(json);
  }
  if (file) fclose(file);
  free(line);
  free(path);
  return n;
}

static trm_status refuse(trm__session *s, int n) {
  return trm_fail(
      s->run, TRM_ENOPROGRESS,
      "%s: no progress: %d batch sessions began at step %lld and none "
      "got further; give them more time or memory, or remove "
      "%s/slots.jsonl to try again",
      s->command->name, n, (long long)s->step, s->want->checkpoint);
}

trm_status trm__slot_begin(trm__session *s) {
  if (!s->store) return TRM_OK;
  bool batch = *trm__slot_job() && s->resumed;
  int n = s->run->rank == 0 && batch ? in_vain(s) : 0;
  n = (int)trm__slowest(s->run, n);
  if (n > TRIES) return refuse(s, n);
  if (s->run->rank) return TRM_OK;
  s->slot = trm__calloc(1, sizeof *s->slot);
  cJSON *json = event(s, "begin");
  const char *restart = getenv("SLURM_RESTART_COUNT");
  trm__json_i64(json, "restart", restart ? atoi(restart) : 0);
  trm__json_i64(json, "ranks", s->run->ranks);
  trm__json_i64(json, "threads", s->run->threads);
  add_lost(s, json);
  append(s, json);
  trm__slot_show(s, true);
  return TRM_OK;
}

/* -- the status ------------------------------------------------------------ */

static const char *newest_name(const trm__session *s) {
  const char *path = trm__store_newest(s->store), *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static void add_place(const trm__session *s, cJSON *json) {
  char host[64] = "";
  gethostname(host, sizeof host - 1);
  cJSON_AddStringToObject(json, "host", host);
  trm__json_i64(json, "pid", getpid());
  trm__json_i64(json, "ranks", s->run->ranks);
  trm__json_i64(json, "threads", s->run->threads);
  trm__json_i64(json, "hosts", s->run->own->hosts);
}

static void add_checkpoint(const trm__session *s, cJSON *json) {
  cJSON *set = cJSON_AddObjectToObject(json, "checkpoint");
  cJSON_AddStringToObject(set, "file", newest_name(s));
  trm__json_i64(set, "step", s->saved);
  trm__json_f64(set, "at", trm__deadline_now() - (trm_now() - s->saved_at));
  trm__json_f64(set, "seconds", s->save_seconds);
  trm__json_f64(set, "every",
                s->interval > 0 ? s->interval : s->command->every.seconds);
}

static char *status_line(trm__session *s, const char *state, const char *why) {
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "schema", "trireme.status/1");
  cJSON_AddStringToObject(json, "kernel", s->command->name);
  cJSON_AddStringToObject(json, "run_id", s->stamp.run_id);
  cJSON_AddStringToObject(json, "state", state);
  if (why) cJSON_AddStringToObject(json, "why", why);
  cJSON_AddStringToObject(json, "job", trm__slot_job());
  add_place(s, json);
  trm__json_i64(json, "first", s->first);
  trm__json_i64(json, "step", s->step);
  trm__json_i64(json, "end", s->end);
  trm__json_f64(json, "steps_per_second", s->slot->rate);
  trm__json_f64(json, "updates_per_step", s->updates_per_step);
  cJSON_AddStringToObject(json, "unit", s->kernel->unit ? s->kernel->unit : "");
  trm__json_f64(json, "began", trm__deadline_now() - (trm_now() - s->began));
  trm__json_f64(json, "at", trm__deadline_now());
  trm__json_f64(json, "deadline", s->deadline_set ? s->deadline.at : NAN);
  if (s->saved >= 0) add_checkpoint(s, json);
  char *line = trm__json_line(json), *ended = trm__format("%s\n", line);
  free(line);
  cJSON_Delete(json);
  return ended;
}

static void write_status(trm__session *s, const char *state, const char *why) {
  char *path = trm__format("%s/status.json", s->want->checkpoint);
  char *aside = trm__format("%s/.status.json", s->want->checkpoint);
  char *line = status_line(s, state, why);
  int file = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (!put(file, line) || rename(aside, path)) complain(s->slot, path);
  free(line);
  free(aside);
  free(path);
  s->slot->shown = trm_now();
}

void trm__slot_show(trm__session *s, bool now) {
  if (!s->slot || (!now && trm_now() - s->slot->shown < EVERY)) return;
  double seconds = s->seconds.advance;
  s->slot->rate = seconds > 0 ? (double)(s->step - s->first) / seconds : 0;
  write_status(s, "running", NULL);
}

void trm__slot_end(trm__session *s, trm_status status) {
  if (!s->slot) return;
  const char *state = status == TRM_OK        ? "done"
                      : status == TRM_STOPPED ? "stopped"
                                              : "failed";
  const char *why = status == TRM_OK ? NULL : trm_message(s->run);
  trm__slot_show(s, true);
  write_status(s, state, why);
  cJSON *json = event(s, "end");
  cJSON_AddStringToObject(json, "state", state);
  trm__json_i64(json, "status", trm_status_exit(status));
  if (why) cJSON_AddStringToObject(json, "why", why);
  append(s, json);
  free(s->slot);
  s->slot = NULL;
}
