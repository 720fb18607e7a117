#include "run/checkpoint/allocation.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/program.h"
#include "comm/run.h"
#include "run/setup/batch.h"
#include "run/checkpoint/checkpoint_interval.h"

static const double EVERY = 3;   /* seconds between two writes of the status */
static const double SILENT = 60; /* seconds without one: the run may be lost */
enum { TRIES = 2 }; /* sessions without progress after which one is refused */

struct trm__run_allocation {
  const char *state;
  double shown; /* trm_now */
  bool failed;  /* a write failed and was reported */
};

static void complain(struct trm__run_allocation *a, const char *path) {
  if (!a || a->failed) return;
  a->failed = true;
  trm__base_error_print("%s: %s; `%s status` cannot show this run", path,
                        trm__base_file_why(errno), trm__base_program_path());
}

static bool put(int file, const char *text) {
  size_t n = strlen(text);
  if (file < 0) return false;
  errno = ENOSPC; /* a short write sets no errno */
  bool good = write(file, text, n) == (ssize_t)n;
  int why = errno;
  bool closed = !close(file);
  if (!good) errno = why;
  return good && closed;
}

static char *path_of(const trm__run_session *s, const char *file) {
  return trm__base_format("%s/%s", s->want->checkpoint, file);
}

/* -- the log of sessions --------------------------------------------------- */

static cJSON *event(const trm__run_session *s, const char *name) {
  trm__run_batch_job batch = trm__run_batch_job_here();
  cJSON *json = cJSON_CreateObject();
  /* the name that the schema has had since 0.1.0 */
  cJSON_AddStringToObject(json, "schema", "trireme.slot/1");
  cJSON_AddStringToObject(json, "event", name);
  cJSON_AddStringToObject(json, "run_id", s->stamp.run_id);
  cJSON_AddStringToObject(json, "job", batch.job);
  cJSON_AddStringToObject(json, "chain", batch.chain);
  trm__base_json_i64(json, "step", s->step);
  trm__base_json_f64(json, "at", trm__run_deadline_now());
  return json;
}

char *trm__run_allocation_log(const char *dir) {
  char *old = trm__base_format("%s/slots.jsonl", dir);
  if (!access(old, F_OK)) return old;
  free(old);
  return trm__base_format("%s/allocations.jsonl", dir);
}

/* Append a line, on a line of its own even if a full disk cut the last one.
 * \param make create the file if there is none */
static void append(trm__run_session *s, cJSON *json, bool make) {
  char *path = trm__run_allocation_log(s->want->checkpoint), last = '\n';
  int file =
      trm__base_open_regular(path, O_RDWR | O_APPEND | (make ? O_CREAT : 0));
  off_t size = file < 0 ? 0 : lseek(file, 0, SEEK_END);
  if (size > 0 && pread(file, &last, 1, size - 1) < 1) last = '\n';
  char *line = trm__base_json_line(json);
  char *ended = trm__base_format("%s%s\n", last == '\n' ? "" : "\n", line);
  if (!put(file, ended)) complain(s->allocation, path);
  free(ended);
  free(line);
  free(path);
  cJSON_Delete(json);
}

static bool is(const cJSON *json, const char *name, const char *text) {
  return !strcmp(trm__base_json_text_at(json, name), text);
}

cJSON *trm__run_allocation_last(const trm__run_session *s) {
  char *path = path_of(s, "status.json"), *line = NULL;
  size_t room = 0;
  FILE *file = trm__base_read_regular(path);
  cJSON *json =
      file && getline(&line, &room, file) > 0 ? cJSON_Parse(line) : NULL;
  if (!is(json, "run_id", s->stamp.run_id)) cJSON_Delete(json), json = NULL;
  if (file) fclose(file);
  free(line);
  free(path);
  return json;
}

/* If the previous session was killed: when and at which step it was last seen. */
static void add_lost(const trm__run_session *s, cJSON *to) {
  cJSON *json = trm__run_allocation_last(s);
  if (is(json, "state", "running") || is(json, "state", "saving") ||
      is(json, "state", "finishing")) {
    cJSON *lost = cJSON_AddObjectToObject(to, "lost");
    trm__base_json_f64(lost, "at", trm__base_json_f64_at(json, "at", NAN));
    trm__base_json_i64(lost, "step", trm__base_json_i64_at(json, "step", 0));
  }
  cJSON_Delete(json);
}

/* Sessions that began at one step, without progress since. */
typedef struct trials {
  int n;
  bool last; /* the last session that began is among them */
} trials;

/* Only a checkpoint is progress: steps after the last one are lost. */
static void count(trials *t, const cJSON *json, double step) {
  bool here = trm__base_json_f64_at(json, "step", NAN) == step;
  bool begin = is(json, "event", "begin"), done = is(json, "state", "done");
  bool kept =
      is(json, "event", "end") && (done || is(json, "state", "stopped"));
  if (is(json, "event", "excused")) {
    t->n -= t->last;
    t->last = false;
  }
  if ((begin && !here) || (kept && (done || !here))) *t = (trials){0, false};
  if (begin) {
    t->n += here;
    t->last = here;
  }
}

/* Until there is a checkpoint, each session has a new run_id: the chain tells which
 * ones belong together. Lines of other chains are ignored. */
static int in_vain(const trm__run_session *s) {
  char *path = trm__run_allocation_log(s->want->checkpoint), *line = NULL;
  trm__run_batch_job batch = trm__run_batch_job_here();
  trials t = {0, false};
  FILE *file = *batch.job ? trm__base_read_regular(path) : NULL;
  size_t room = 0;
  while (file && getline(&line, &room, file) > 0) {
    cJSON *json = cJSON_Parse(line);
    if (is(json, "chain", batch.chain)) count(&t, json, (double)s->step);
    cJSON_Delete(json);
  }
  if (file) fclose(file);
  free(line);
  free(path);
  return t.n;
}

/* -- a directory whose checkpoints are gone -------------------------------- */

/* Lines of a file that need not exist. \return false: it cannot be read */
static bool each_line(const char *path,
                      void (*use)(const cJSON *, void *context), void *context,
                      trm__base_error *error) {
  FILE *file = trm__base_read_regular(path);
  char *line = NULL;
  size_t room = 0;
  if (!file && errno == ENOENT) return true;
  errno = file ? 0 : errno;
  while (file && getline(&line, &room, file) > 0) {
    cJSON *json = cJSON_Parse(line);
    use(json, context);
    cJSON_Delete(json);
    errno = 0;
  }
  if (!file || ferror(file))
    trm__base_error_set(error, TRM_EFILE, "%s: cannot be read: %s", path,
                        trm__base_file_why(errno));
  if (file) fclose(file);
  free(line);
  return !error->status;
}

typedef struct sign { /* of a checkpoint that was written */
  char file[256];
  double step; /* NAN: none */
} sign;

static void take_status(const cJSON *json, void *context) {
  sign *s = context;
  const cJSON *checkpoint = trm__base_json_at(json, "checkpoint");
  double step = trm__base_json_f64_at(checkpoint, "step", NAN);
  if (isnan(step)) return;
  s->step = step;
  snprintf(s->file, sizeof s->file, "%s",
           trm__base_json_text_at(checkpoint, "file"));
}

static void take_event(const cJSON *json, void *context) {
  sign *s = context;
  double step = trm__base_json_f64_at(json, "step", NAN);
  bool kept = is(json, "event", "end") &&
              (is(json, "state", "done") || is(json, "state", "stopped"));
  if (is(json, "event", "restart")) s->step = NAN;
  if (kept || (is(json, "event", "begin") && step > 0)) s->step = step;
}

static void check_signs(trm__run_session *s, trm__base_error *error) {
  sign last = {"", NAN};
  char *log = trm__run_allocation_log(s->want->checkpoint),
       *status = path_of(s, "status.json");
  if (each_line(log, take_event, &last, error))
    each_line(status, take_status, &last, error);
  char *stray = trm__store_stray(s->want->checkpoint);
  if (stray)
    trm__base_error_set(
        error, TRM_EFILE,
        "%s: %s is a checkpoint under another name; rename it to "
        "KERNEL-RUNID-STEP.h5, or start again from step 0 with --restart",
        s->want->checkpoint, stray);
  free(stray);
  if (!isnan(last.step))
    trm__base_error_set(
        error, TRM_EFILE,
        "%s: %s says that a checkpoint of step %.0f was written%s%s, but none "
        "is there; put it back, or start again from step 0 with --restart",
        s->want->checkpoint, *last.file ? "status.json" : "the log of sessions",
        last.step, *last.file ? ": " : "", last.file);
  free(status);
  free(log);
}

trm_status trm__run_allocation_check(trm__run_session *s) {
  trm__base_error error = {TRM_OK, ""};
  if (s->run->rank == 0) check_signs(s, &error);
  return trm__comm_agree_on(s->run, &error);
}

void trm__run_allocation_restart(trm__run_session *s) {
  if (s->run->rank) return;
  char *status = path_of(s, "status.json"),
       *log = trm__run_allocation_log(s->want->checkpoint);
  unlink(status);
  if (!access(log, F_OK)) append(s, event(s, "restart"), false);
  free(log);
  free(status);
}

/* -- the start ------------------------------------------------------------- */

static trm_status refuse(trm__run_session *s, int n) {
  trm__run_batch_job batch = trm__run_batch_job_here();
  return trm_fail(s->run, TRM_ENOPROGRESS,
                  "%s: no progress: %d sessions of job %s began at step %lld "
                  "and wrote no checkpoint; give the job more time or memory, "
                  "or a shorter --every, and submit it again",
                  s->command->name, n, batch.chain, (long long)s->step);
}

trm_status trm__run_allocation_begin(trm__run_session *s) {
  if (!s->store) return TRM_OK;
  int n = s->run->rank == 0 ? in_vain(s) : 0;
  if (trm__run_slowest(s->run, n) >= TRIES)
    return trm_agree(s->run, refuse(s, n));
  if (s->run->rank) return TRM_OK;
  s->allocation = trm__base_calloc(1, sizeof *s->allocation);
  cJSON *json = event(s, "begin");
  const char *restart = getenv("SLURM_RESTART_COUNT");
  trm__base_json_i64(json, "restart", restart ? atoi(restart) : 0);
  trm__base_json_i64(json, "ranks", s->run->ranks);
  trm__base_json_i64(json, "threads", s->run->threads);
  add_lost(s, json);
  append(s, json, true);
  trm__run_allocation_state(s, "running");
  return TRM_OK;
}

/* -- the status ------------------------------------------------------------ */

static const char *newest_name(const trm__run_session *s) {
  const char *path = trm__store_newest(s->store), *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static void add_place(const trm__run_session *s, cJSON *json) {
  char host[64] = "";
  gethostname(host, sizeof host - 1);
  cJSON_AddStringToObject(json, "host", host);
  trm__base_json_i64(json, "pid", getpid());
  trm__base_json_i64(json, "ranks", s->run->ranks);
  trm__base_json_i64(json, "threads", s->run->threads);
  trm__base_json_i64(json, "hosts", s->run->own->hosts);
}

static void add_checkpoint(const trm__run_session *s, cJSON *json) {
  cJSON *checkpoint = cJSON_AddObjectToObject(json, "checkpoint");
  cJSON_AddStringToObject(checkpoint, "file", newest_name(s));
  trm__base_json_i64(checkpoint, "step", s->checkpoint_step);
  trm__base_json_f64(
      checkpoint, "at",
      trm__run_deadline_now() - (trm_now() - s->checkpoint_time));
}

/* Checkpoints that failed since the newest. */
static void add_failures(const trm__run_session *s, cJSON *json) {
  const trm__run_retry *r = &s->retry;
  cJSON *failed = cJSON_AddObjectToObject(json, "checkpoint_failed");
  trm__base_json_i64(failed, "failures", r->failures);
  trm__base_json_i64(failed, "step", r->step);
  trm__base_json_f64(failed, "since",
                     trm__run_deadline_now() - (trm_now() - r->since));
  cJSON_AddStringToObject(failed, "why", r->reason);
}

static void add_progress(const trm__run_session *s, cJSON *json) {
  double seconds = s->seconds.advance;
  trm__base_json_i64(json, "first", s->first);
  trm__base_json_i64(json, "step", s->step);
  trm__base_json_i64(json, "end", s->end);
  trm__base_json_f64(json, "steps_per_second",
                     seconds > 0 ? (double)(s->step - s->first) / seconds : 0);
  trm__base_json_f64(json, "updates_per_step", s->updates_per_step);
  cJSON_AddStringToObject(json, "unit", trm__run_command_unit(s->kernel));
}

/* Seconds of silence after which the run is taken to be lost; 0: unknown, because the
 * first step, and the work after the last one, may take any time. */
static double silent(const trm__run_session *s) {
  if (!strcmp(s->allocation->state, "saving"))
    return fmax(SILENT, 10 * s->interval.cost);
  if (!strcmp(s->allocation->state, "running") && s->chunk_seconds > 0)
    return fmax(SILENT, 3 * s->chunk_seconds);
  return 0;
}

static char *status_line(const trm__run_session *s, const char *why) {
  cJSON *json = cJSON_CreateObject();
  trm__run_batch_job batch = trm__run_batch_job_here();
  cJSON_AddStringToObject(json, "schema", "trireme.status/1");
  cJSON_AddStringToObject(json, "kernel", s->command->name);
  cJSON_AddStringToObject(json, "run_id", s->stamp.run_id);
  cJSON_AddStringToObject(json, "state", s->allocation->state);
  if (why) cJSON_AddStringToObject(json, "why", why);
  cJSON_AddStringToObject(json, "job", batch.job);
  add_place(s, json);
  add_progress(s, json);
  trm__base_json_f64(json, "began",
                     trm__run_deadline_now() - (trm_now() - s->began));
  trm__base_json_f64(json, "at", trm__run_deadline_now());
  trm__base_json_f64(json, "silent", silent(s));
  trm__base_json_f64(json, "deadline", s->deadline_set ? s->deadline.at : NAN);
  if (s->checkpoint_step >= 0) add_checkpoint(s, json);
  if (s->retry.failures) add_failures(s, json);
  trm__run_checkpoint_interval_add(s, json);
  char *line = trm__base_json_line(json),
       *ended = trm__base_format("%s\n", line);
  free(line);
  cJSON_Delete(json);
  return ended;
}

static void write_status(trm__run_session *s, const char *why) {
  char *path = path_of(s, "status.json"),
       *temporary = path_of(s, ".status.json");
  char *line = status_line(s, why);
  unlink(temporary);
  int file = trm__base_open_regular(temporary, O_WRONLY | O_CREAT | O_EXCL);
  if (!put(file, line) || rename(temporary, path)) {
    complain(s->allocation, path);
    unlink(temporary);
  }
  free(line);
  free(temporary);
  free(path);
  s->allocation->shown = trm_now();
}

void trm__run_allocation_show(trm__run_session *s) {
  if (s->allocation && trm_now() - s->allocation->shown >= EVERY)
    write_status(s, NULL);
}

const char *trm__run_allocation_state(trm__run_session *s, const char *state) {
  if (!s->allocation) return state;
  const char *before = s->allocation->state;
  s->allocation->state = state;
  write_status(s, NULL);
  return before;
}

/* -- the end --------------------------------------------------------------- */

static const char *state_of(trm_status status) {
  return status == TRM_OK             ? "done"
         : status == TRM_STOPPED      ? "stopped"
         : status == TRM_EINTERRUPTED ? "interrupted"
                                      : "failed";
}

void trm__run_allocation_end(trm__run_session *s, trm_status status) {
  const char *state = state_of(status), *why = status == TRM_OK ? NULL
                                               : *s->failure
                                                   ? s->failure
                                                   : trm_message(s->run);
  if (!s->store || s->run->rank) return;
  cJSON *json = event(s, s->allocation ? "end" : "refused");
  cJSON_AddStringToObject(json, "state", state);
  trm__base_json_i64(json, "status", trm_status_exit(status));
  if (why) cJSON_AddStringToObject(json, "why", why);
  if (s->allocation) {
    trm__run_checkpoint_interval_add(s, json);
    s->allocation->state = state;
    write_status(s, why);
  }
  append(s, json, s->allocation != NULL);
  free(s->allocation);
  s->allocation = NULL;
}
