/* Checkpoints of a session: their directory, their stamp, and resuming from them. */
#include "run/checkpoint/checkpoint.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "build.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/process.h"
#include "base/program.h"
#include "base/text.h"
#include "comm/meter.h"
#include "run/setup/batch.h"
#include "run/checkpoint/allocation.h"

static const double PATIENCE =
    120; /* seconds for another writer, in a batch job */

static void new_run_id(trm_run *run, char id[17]) {
  uint64_t bits = 0;
  if (run->rank == 0 && getrandom(&bits, sizeof bits, 0) != sizeof bits)
    bits = (uint64_t)(trm_now() * 1e9);
  trm_bcast(run->comm, &bits, sizeof bits, 0);
  snprintf(id, 17, "%016" PRIx64, bits);
}

/* Fill in the part of the stamp that all checkpoints of a session share. */
static void sign(trm__run_session *s, const char *run_id) {
  trm__store_stamp *stamp = &s->stamp;
  snprintf(stamp->kernel, sizeof stamp->kernel, "%s", s->command->name);
  memcpy(stamp->run_id, run_id, sizeof stamp->run_id);
  snprintf(stamp->build, sizeof stamp->build, "%s (%s) %s", TRM_BUILD_VERSION,
           TRM_BUILD_COMMIT, TRM_BUILD_COMPILER);
  stamp->seed = s->run->seed;
  stamp->ranks = s->run->ranks;
  stamp->threads = s->run->threads;
}

static trm_status fail_with(trm_run *run, const trm__base_error *error) {
  return trm_fail(run, error->status, "%s", error->text);
}

/* On rank 0: can this checkpoint be resumed from? Options that were taken from a
 * newer one must not differ. */
static trm_status accept(void *context, const trm__store_stamp *stamp,
                         trm__base_error *error) {
  const trm__run_session *s = context;
  TRM_TRY(trm__base_options_check(s->command->options, stamp->options, error));
  if (!s->resumed) return TRM_OK;
  return trm__base_options_compare(s->command->options, stamp->options, error);
}

/* Take options from the checkpoint unless given; the kernel completes them later. */
static trm_status take_options(trm__run_session *s) {
  trm__base_error error = {TRM_OK, ""};
  if (trm__base_options_stored(s->command->options, s->stamp.options, &error))
    return fail_with(s->run, &error);
  s->run->seed = s->want->seed;
  return TRM_OK;
}

/* Start at step 0, and leave what was there aside. */
static trm_status restart(trm__run_session *s) {
  TRM_TRY(trm__store_abandon(s->run, s->store));
  trm__run_allocation_restart(s);
  return TRM_OK;
}

static trm_status find(trm__run_session *s) {
  trm_status status = trm__store_find(s->run, s->store, &s->stamp, &s->resumed);
  if (s->resumed) return take_options(s);
  if (status == TRM_OK) status = trm__run_allocation_check(s);
  if (status && s->want->restart) {
    if (s->run->rank == 0) trm__base_error_print("%s", trm_message(s->run));
    s->run->own->error.text[0] = 0;
    status = restart(s);
  }
  TRM_TRY(status);
  if (s->run->rank == 0)
    trm__base_error_print("%s: no checkpoint there, starting at step 0",
                          s->want->checkpoint);
  return TRM_OK;
}

/* Ranks of this job on a lost host may hold the lock for a while. */
static double patience(const trm__run_session *s) {
  trm__run_batch_job batch = trm__run_batch_job_here();
  return s->want->resume && *batch.job ? PATIENCE : 0;
}

trm_status trm__run_checkpoint_open(trm__run_session *s) {
  s->checkpoint_step = -1;
  s->checkpoint_time = trm_now();
  trm__store_options o = {.dir = s->want->checkpoint,
                          .kernel = s->command->name,
                          .keep = s->want->keep,
                          .resume = s->want->resume,
                          .restart = s->want->restart,
                          .verify_disk = s->want->verify_disk,
                          .program = TRM__STORE_SELF,
                          .accept = accept,
                          .context = s,
                          .patience = patience(s)};
  new_run_id(s->run, o.run_id);
  if (o.dir) TRM_TRY(trm__store_open(s->run, &o, &s->store));
  memcpy(s->stamp.run_id, o.run_id, sizeof o.run_id);
  if (o.dir && o.resume) TRM_TRY(find(s));
  if (o.dir && o.restart && !o.resume) TRM_TRY(restart(s));
  if (!s->resumed) sign(s, o.run_id);
  return TRM_OK;
}

trm_status trm__run_checkpoint_compare(trm__run_session *s) {
  if (!s->resumed) return TRM_OK;
  trm__base_error error = {TRM_OK, ""};
  if (trm__base_options_compare(s->command->options, s->stamp.options, &error))
    return fail_with(s->run, &error);
  if (s->end >= 0 && s->stamp.step > s->end)
    return trm_fail(s->run, TRM_ERESUME,
                    "--steps=%lld: the checkpoint is already at step %lld; use "
                    "--steps %lld or more",
                    (long long)s->end, (long long)s->stamp.step,
                    (long long)s->stamp.step);
  return TRM_OK;
}

trm_status trm__run_checkpoint_restore(trm__run_session *s) {
  if (s->store) TRM_TRY(trm__store_check_space(s->run, s->store));
  if (!s->resumed) return TRM_OK;
  TRM_TRY(trm__store_read(s->run, s->store, &s->stamp));
  char run_id[17];
  memcpy(run_id, s->stamp.run_id, sizeof run_id);
  s->first = s->step = s->checkpoint_step = s->run->step = s->stamp.step;
  s->ended = s->stamp.complete;
  s->seconds_before = s->stamp.seconds;
  sign(s, run_id);
  if (!s->kernel->restore) return TRM_OK;
  return trm__run_hook(s, "restore", s->kernel->restore(s->run, s->state));
}

void trm__run_checkpoint_stamp(trm__run_session *s) {
  s->stamp.step = s->step;
  s->stamp.complete = s->ended;
  s->stamp.seconds = s->seconds_before + s->seconds.advance;
  cJSON *json = trm__run_command_json(s->command, false);
  free(s->stamp.options);
  s->stamp.options = trm__base_json_exact_line(json);
  cJSON_Delete(json);
}

static trm_status write_checkpoint(trm__run_session *s) {
  double began = trm_now();
  trm__run_checkpoint_stamp(s);
  if (s->kernel->checkpoint)
    TRM_TRY(trm__run_hook(s, "checkpoint",
                          s->kernel->checkpoint(s->run, s->state)));
  TRM_TRY(trm__store_write(s->run, s->store, &s->stamp));
  s->checkpoint_step = s->step;
  s->checkpoint_time = trm_now();
  s->interval.last_cost = trm__run_slowest(s->run, s->checkpoint_time - began);
  s->seconds.checkpoint += s->interval.last_cost;
  return TRM_OK;
}

static trm_status attempt(trm__run_session *s) {
  trm__comm_meter_checkpoint(s->run->own->meter);
  /* the word of 0.1.0, which `status` of any version reads */
  const char *before = trm__run_allocation_state(s, "saving");
  trm_status status = write_checkpoint(s);
  s->attempt_time = trm_now();
  trm__run_allocation_state(s, before);
  trm__comm_meter_checkpoint_end(s->run->own->meter);
  return status;
}

/* -- failures -------------------------------------------------------------- */

static char *newest_text(const trm__run_session *s) {
  const char *path = trm__store_newest(s->store);
  return *path ? trm__base_format("the newest good one is %s", path)
               : trm__base_strdup("there is no good one yet");
}

static void report_failure(const trm__run_session *s) {
  char *newest = newest_text(s);
  trm__base_error_print(
      "%s: the checkpoint at step %" PRId64
      " failed: %s; %s; the run continues and tries again in %s",
      s->command->name, s->step, s->retry.reason, newest,
      trm__base_text_duration(trm__run_retry_delay(&s->retry)).s);
  free(newest);
}

static void report_success(const trm__run_session *s) {
  trm__base_error_print("%s: the checkpoint at step %" PRId64
                        " is written, after %s in %s",
                        s->command->name, s->step,
                        trm__base_text_count(s->retry.failures, "failure").s,
                        trm__base_text_duration(trm_now() - s->retry.since).s);
}

/* A disk may have space again. What a kernel's hook reports is not for us. */
static bool may_pass(trm_status status) {
  return status == TRM_EFILE || status == TRM_EMEMORY;
}

trm_status trm__run_checkpoint(trm__run_session *s) {
  if (!s->store || s->checkpoint_step == s->step) return TRM_OK;
  trm_status status = attempt(s);
  bool speaks = s->run->rank == 0;
  if (status == TRM_OK) {
    if (s->retry.failures && speaks) report_success(s);
    s->retry = (trm__run_retry){.failures = 0};
  }
  if (!may_pass(status)) return status;
  bool news =
      trm__run_retry_failed(&s->retry, s->step, trm_now(), trm_message(s->run));
  if (news && speaks) report_failure(s);
  s->run->own->error.text[0] = 0;
  return TRM_OK;
}

static void wait_for(double seconds) {
  struct timespec t = {.tv_sec = (time_t)seconds};
  t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
  nanosleep(&t, NULL); /* a signal ends it early */
}

/* Until it succeeds or there is no time left; a signal ends the waiting. */
static trm_status persist(trm__run_session *s, double patience) {
  double began = trm_now();
  trm__run_retry tries = {.failures = 0};
  for (;;) {
    trm_status status = attempt(s);
    if (!may_pass(status)) return status;
    trm__run_retry_failed(&tries, s->step, trm_now(), trm_message(s->run));
    double delay = trm__run_retry_delay(&tries);
    bool over = trm_now() - began + delay > patience ||
                (tries.failures > 1 && trm__base_signals_seen());
    if (trm__run_slowest(s->run, over) > 0) return status;
    s->run->own->error.text[0] = 0;
    wait_for(delay);
  }
}

trm_status trm__run_checkpoint_last(trm__run_session *s, double patience) {
  if (!s->store || s->checkpoint_step == s->step) return TRM_OK;
  trm_status status = persist(s, patience);
  if (status == TRM_OK) {
    s->retry = (trm__run_retry){.failures = 0};
    return TRM_OK;
  }
  if (!may_pass(status)) return status;
  char *reason = trm__base_strdup(trm_message(s->run)),
       *newest = newest_text(s), *resume = trm__run_checkpoint_command(s);
  trm__run_retry_failed(&s->retry, s->step, trm_now(), reason);
  trm_fail(s->run, status,
           "%s: the last checkpoint, at step %lld, failed: %s; %s%s%s",
           s->command->name, (long long)s->step, reason, newest,
           s->checkpoint_step >= 0 ? "; continue from it with: " : "",
           s->checkpoint_step >= 0 ? resume : "");
  free(resume);
  free(newest);
  free(reason);
  return status;
}

char *trm__run_checkpoint_command(const trm__run_session *s) {
  return trm__base_format("%s run %s --checkpoint %s --resume",
                          trm__base_program_path(), s->command->name,
                          s->want->checkpoint);
}
