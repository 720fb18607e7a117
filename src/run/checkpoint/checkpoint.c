/* Checkpoints of a session: their directory, their stamp, and resuming from them. */
#include "run/checkpoint/checkpoint.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "build.h"

#include "base/error.h"
#include "base/memory.h"
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

static trm_status find(trm__run_session *s) {
  TRM_TRY(trm__store_find(s->run, s->store, &s->stamp, &s->resumed));
  if (s->resumed) return take_options(s);
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
                          .verify_disk = s->want->verify_disk,
                          .program = TRM__STORE_SELF,
                          .accept = accept,
                          .context = s,
                          .patience = patience(s)};
  new_run_id(s->run, o.run_id);
  if (o.dir) TRM_TRY(trm__store_open(s->run, &o, &s->store));
  memcpy(s->stamp.run_id, o.run_id, sizeof o.run_id);
  if (o.dir && o.resume) TRM_TRY(find(s));
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

trm_status trm__run_checkpoint(trm__run_session *s) {
  if (!s->store || s->checkpoint_step == s->step) return TRM_OK;
  trm__comm_meter_checkpoint(s->run->own->meter);
  /* the word of 0.1.0, which `status` of any version reads */
  const char *before = trm__run_allocation_state(s, "saving");
  trm_status status = write_checkpoint(s);
  trm__run_allocation_state(s, before);
  trm__comm_meter_checkpoint_end(s->run->own->meter);
  return status;
}
