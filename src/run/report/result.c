/* The result of a run, one JSON line. */
#include "run/report/result.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <trireme/reduce.h>

#include "run/session/told.h"
#include "array/state.h"
#include "build.h"

#include "base/memory.h"
#include "comm/run.h"
#include "run/checkpoint/checkpoint_interval.h"
#include "run/report/ledger.h"
#include "run/report/roofline.h"

/* -- sums over the ranks --------------------------------------------------- */

/* Work of a kernel without a work model: updates are elements of its first evolving
 * field x steps, the rest was counted by its sites. */
static trm_work counted_work(const trm__run_session *s, int64_t steps) {
  const struct trm__comm_run *own = s->run->own;
  trm_work work = {.flops = s->site_flops,
                   .read_bytes = s->site_bytes,
                   .resident_bytes = (double)own->bill.now};
  const trm__array_state *array = trm__array_state_of(s->run);
  for (int i = 0; i < array->nfields; i++) {
    const trm_field *f = array->fields[i];
    if (f->role != TRM_EVOLVING) continue;
    if (f->layout->first_owner)
      work.updates = (double)f->layout->count * (double)steps;
    break;
  }
  return work;
}

static trm_work sum_work(trm_run *run, const trm_work *mine) {
  trm_work sum = {.single = mine->single};
  trm_cause before = trm_comm_cause(run->comm, TRM_FOR_CONTROL);
  sum.updates = trm_sum_ranks(run, mine->updates);
  sum.flops = trm_sum_ranks(run, mine->flops);
  sum.read_bytes = trm_sum_ranks(run, mine->read_bytes);
  sum.write_bytes = trm_sum_ranks(run, mine->write_bytes);
  sum.resident_bytes = trm_sum_ranks(run, mine->resident_bytes);
  sum.streamed_bytes = trm_sum_ranks(run, mine->streamed_bytes);
  trm_comm_cause_end(run->comm, before);
  return sum;
}

/* Stated by the kernel's work model, else counted. */
static trm_work work_of(const trm__run_session *s, int64_t steps) {
  trm_run *run = s->run;
  trm_work work = {.updates = 0};
  trm_span span = {run->ranks, run->rank, run->threads,
                   s->first,   steps,     trm__run_contract_facts(run)};
  if (steps < 1) return work;
  if (!s->kernel->work) return counted_work(s, steps);
  s->kernel->work(s->options, &span, &work);
  return work;
}

void trm__run_result_work(trm__run_session *s, int64_t steps) {
  trm_run *run = s->run;
  trm_work mine = work_of(s, steps);
  s->updates = mine.updates;
  s->work = sum_work(run, &mine);
  trm__run_contract_state(run, s->kernel->work ? &mine : NULL, &s->contract);
  trm__run_contract_compare(run, s->kernel->message_slack, &s->contract);
  trm_work_add_traffic(&s->work, &s->contract.all_mine, 1);
  if (steps > 0) s->updates_per_step = s->work.updates / (double)steps;
}

/* -- parts of the line ----------------------------------------------------- */

static cJSON *said_json(const trm__host_finding *f) {
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "code", trm__host_finding_name(f->code));
  cJSON_AddStringToObject(json, "found", f->found);
  cJSON_AddStringToObject(json, "want", f->want);
  return json;
}

/* Warnings about the launch: names, and details. */
static void add_doctor(const trm__run_session *s, cJSON *json) {
  cJSON *doctor = cJSON_AddArrayToObject(json, "doctor");
  cJSON *said = cJSON_AddArrayToObject(json, "doctor_said");
  const trm__host_finding *found = s->found.list;
  for (int i = 0; i < s->found.warnings; i++)
    if (i == 0 || found[i].code != found[i - 1].code)
      cJSON_AddItemToArray(
          doctor, cJSON_CreateString(trm__host_finding_name(found[i].code)));
  for (int i = 0; i < s->found.warnings; i++)
    cJSON_AddItemToArray(said, said_json(&found[i]));
}

static void add_who(const trm__run_session *s, cJSON *json) {
  cJSON_AddStringToObject(json, "schema", "trireme.result/1");
  cJSON_AddStringToObject(json, "kernel", s->command->name);
  cJSON_AddItemToObject(json, "options",
                        trm__run_command_json(s->command, true));
  trm__base_json_i64(json, "ranks", s->run->ranks);
  trm__base_json_i64(json, "threads", s->run->threads);
  trm__base_json_i64(json, "hosts", s->run->own->hosts);
  trm__base_json_i64(json, "idle_ranks", s->idle.n);
  cJSON_AddStringToObject(json, "origin", s->origin);
  add_doctor(s, json);
  trm__base_json_u64(json, "seed", s->run->seed);
  trm__base_json_f64(json, "rtol", s->kernel->rtol);
  cJSON_AddStringToObject(json, "run_id", s->stamp.run_id);
}

static void add_state(const trm__run_session *s, cJSON *json) {
  char hex[20];
  snprintf(hex, sizeof hex, "%016" PRIx64, s->fingerprint);
  trm__base_json_i64(json, "steps", s->step);
  trm__base_json_i64(json, "first_step", s->first);
  cJSON_AddBoolToObject(json, "ended_by_itself", s->ended);
  cJSON_AddStringToObject(json, "fingerprint", hex);
  cJSON *sketch = cJSON_AddArrayToObject(json, "sketch");
  for (int k = 0; k < TRM__SKETCH; k++)
    cJSON_AddItemToArray(sketch, trm__base_json_number(s->sketch[k]));
}

static void add_verdict(const trm__run_session *s, cJSON *json) {
  if (s->wrong || s->verified)
    cJSON_AddBoolToObject(json, "verified", s->verified);
  else
    cJSON_AddNullToObject(json, "verified");
  cJSON *checks = cJSON_AddArrayToObject(json, "checks");
  for (int i = 0; i < s->verdict.n; i++) {
    const trm__run_check *c = &s->verdict.checks[i];
    cJSON *check = cJSON_CreateObject();
    cJSON_AddStringToObject(check, "what", c->what);
    trm__base_json_f64(check, "got", c->got);
    trm__base_json_f64(check, "want", c->want);
    trm__base_json_f64(check, "tol", c->tol);
    cJSON_AddBoolToObject(check, "pass", c->pass);
    cJSON_AddItemToArray(checks, check);
  }
}

static void add_times(const trm__run_session *s, cJSON *json) {
  cJSON *seconds = cJSON_AddObjectToObject(json, "seconds");
  trm__base_json_f64(seconds, "total", s->seconds.total);
  trm__base_json_f64(seconds, "setup", s->seconds.setup);
  trm__base_json_f64(seconds, "advance", s->seconds.advance);
  trm__base_json_f64(seconds, "checkpoint", s->seconds.checkpoint);
  trm__base_json_f64(seconds, "verify", s->seconds.verify);
  const char *unit;
  double rate = trm__run_session_rate(s, &unit);
  cJSON *object = rate > 0 && !s->wrong ? cJSON_AddObjectToObject(json, "rate")
                                        : cJSON_AddNullToObject(json, "rate");
  if (!cJSON_IsObject(object)) return;
  trm__base_json_f64(object, "value", rate);
  char text[80];
  snprintf(text, sizeof text, "%s/s", unit);
  cJSON_AddStringToObject(object, "unit", text);
}

static void add_work(const trm__run_session *s, int64_t peak, cJSON *json) {
  cJSON *work = cJSON_AddObjectToObject(json, "work");
  trm__base_json_f64(work, "updates", s->work.updates);
  trm__base_json_f64(work, "flops", s->work.flops);
  trm__base_json_f64(work, "bytes", s->work.read_bytes + s->work.write_bytes);
  trm__base_json_i64(work, "messages", s->work.messages);
  trm__base_json_i64(work, "message_bytes", s->work.message_bytes);
  cJSON_AddBoolToObject(work, "stated", s->kernel->work != NULL);
  trm__base_json_f64(work, "message_slack", s->kernel->message_slack);
  trm__run_contract_add(&s->contract, json);
  trm__run_contract_add_facts(s->run, json);
  cJSON *memory = cJSON_AddObjectToObject(json, "memory");
  trm__base_json_f64(memory, "predicted_bytes", s->work.resident_bytes);
  trm__base_json_i64(memory, "peak_bytes", peak);
}

static void add_rest(const trm__run_session *s, cJSON *json) {
  const trm__run_told *own = trm__run_told_of(s->run);
  cJSON *gauges = cJSON_AddObjectToObject(json, "gauges");
  for (int i = 0; i < own->ngauges; i++)
    trm__base_json_f64(gauges, own->gauges[i].name, own->gauges[i].value);
  trm__run_ledger_add(s, json);
  trm__run_roofline_add(s, json);
  cJSON *build = cJSON_AddObjectToObject(json, "build");
  cJSON_AddStringToObject(build, "version", TRM_BUILD_VERSION);
  cJSON_AddStringToObject(build, "commit", TRM_BUILD_COMMIT);
  cJSON_AddStringToObject(build, "compiler", TRM_BUILD_COMPILER);
  cJSON_AddStringToObject(build, "flags", TRM_BUILD_FLAGS);
  char written[32];
  time_t now = time(NULL);
  struct tm utc;
  strftime(written, sizeof written, "%FT%TZ", gmtime_r(&now, &utc));
  cJSON_AddStringToObject(json, "written", written);
}

static char *result_line(const trm__run_session *s, int64_t peak) {
  cJSON *json = cJSON_CreateObject();
  add_who(s, json);
  add_state(s, json);
  add_verdict(s, json);
  add_times(s, json);
  if (s->store)
    trm__run_checkpoint_interval_add(
        s, json); /* the interval, and what it follows from */
  else
    cJSON_AddNullToObject(json, "checkpoints");
  add_work(s, peak, json);
  add_rest(s, json);
  char *line = trm__base_json_line(json),
       *ended = trm__base_format("%s\n", line);
  free(line);
  cJSON_Delete(json);
  return ended;
}

/* -- the file -------------------------------------------------------------- */

enum { LINE_MAX_BYTES = 1 << 20 };

static bool is_json_object(char *line) {
  cJSON *json = cJSON_ParseWithOpts(line, NULL, true);
  bool good = cJSON_IsObject(json);
  cJSON_Delete(json);
  return good;
}

/* An empty file is good, and so is one that is no regular file. */
static bool ends_with_json(int file) {
  struct stat status;
  if (fstat(file, &status) || !S_ISREG(status.st_mode) || !status.st_size)
    return true;
  size_t n =
      status.st_size < LINE_MAX_BYTES ? (size_t)status.st_size : LINE_MAX_BYTES;
  char *text = trm__base_calloc(n + 1, 1);
  bool good = pread(file, text, n, status.st_size - (off_t)n) == (ssize_t)n;
  char *end = text + n;
  while (end > text && strchr(" \t\r\n", end[-1])) *--end = 0;
  char *line = strrchr(text, '\n');
  good = good && is_json_object(line ? line + 1 : text);
  free(text);
  return good;
}

trm_status trm__run_result_check(trm__run_session *s) {
  trm__base_error error = {TRM_OK, ""};
  const char *path = s->want->result;
  struct stat status;
  bool look = path && s->run->rank == 0 && !stat(path, &status) &&
              S_ISREG(status.st_mode);
  int file = look ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file >= 0 && !ends_with_json(file))
    trm__base_error_set(&error, TRM_EINPUT,
                        "--result=%s: its last line is no JSON object; name a "
                        "file of results, or a new one",
                        path);
  if (file >= 0) close(file);
  return trm__comm_agree_on(s->run, &error);
}

/* Whoever edited the file may have left its last line without an end. */
static bool is_open_line(const char *path) {
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status;
  char last = '\n';
  if (file >= 0 && !fstat(file, &status) && S_ISREG(status.st_mode) &&
      status.st_size > 0 && pread(file, &last, 1, status.st_size - 1) != 1)
    last = '\n';
  if (file >= 0) close(file);
  return last != '\n';
}

/* One write, so that lines of runs that end at the same time do not mix. */
static trm_status append(trm_run *run, const char *path, const char *line) {
  int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  size_t n = strlen(line), done = 0;
  bool good = file >= 0;
  while (good && done < n) {
    ssize_t written = write(file, line + done, n - done);
    if (written > 0)
      done += (size_t)written;
    else if (errno != EINTR)
      good = false;
  }
  int error = errno;
  if (file >= 0 && close(file) && good) good = false, error = errno;
  if (good) return TRM_OK;
  return trm_fail(run, TRM_EFILE,
                  "--result=%s: %s; the result was not appended", path,
                  strerror(error));
}

trm_status trm__run_result_write(trm__run_session *s, const char *path) {
  trm_run *run = s->run;
  int64_t peak = trm_memory_peak(run);
  trm_cause before = trm_comm_cause(run->comm, TRM_FOR_CONTROL);
  trm_allreduce(run->comm, &peak, 1, TRM_I64, TRM_SUM);
  trm_comm_cause_end(run->comm, before);
  trm_status status = TRM_OK;
  if (run->rank == 0) {
    char *line = result_line(s, peak),
         *text = trm__base_format("%s%s", is_open_line(path) ? "\n" : "", line);
    status = append(run, path, text);
    free(text);
    free(line);
  }
  return trm_agree(run, status);
}
