/* The life of a run: setup, restore, advance, verify, report. */
#include "run/session/run.h"

#include <errno.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array/state.h"
#include "base/error.h"
#include "base/memory.h"
#include "comm/meter.h"
#include "comm/run.h"
#include "run/checkpoint/allocation.h"
#include "run/checkpoint/checkpoint.h"
#include "run/checkpoint/checkpoint_interval.h"
#include "run/session/doctor.h"
#include "run/session/files.h"
#include "run/report/ledger.h"
#include "run/session/loop.h"
#include "run/session/told.h"
#include "run/report/result.h"
#include "run/report/roofline.h"
#include "run/report/summary.h"
#include "store/input/dataset.h"

/* -- before the first step ------------------------------------------------- */

static trm_status resolve(trm__run_session *s) {
  trm__store_input_program(s->run, TRM__STORE_SELF);
  if (s->want->input_fill)
    trm__store_input_fill(s->run, strtod(s->want->input_fill, NULL));
  TRM_TRY(trm__run_files_check_inputs(s));
  if (s->kernel->resolve)
    TRM_TRY(
        trm__run_hook(s, "resolve", s->kernel->resolve(s->run, s->options)));
  trm__base_options_refresh(s->command->options);
  s->end = trm__run_command_steps(s->command);
  if (s->end < -1)
    return trm_fail(
        s->run, TRM_EUSAGE,
        "kernel %s: steps returned %lld; expected 0 or more, or -1 if unknown",
        s->command->name, (long long)s->end);
  return trm__run_checkpoint_compare(s);
}

/* Rank 0 reads the deadline. Collective. */
static trm_status read_deadline(trm__run_session *s) {
  trm__base_error error = {TRM_OK, ""};
  double began = trm__run_deadline_now() - (trm_now() - s->began);
  if (!s->want->deadline) return TRM_OK;
  if (s->run->rank == 0)
    trm__run_deadline_read(s->want->deadline, began, &s->deadline, &error);
  trm_bcast(s->run->comm, &error, sizeof error, 0);
  if (error.status) return trm_fail(s->run, error.status, "%s", error.text);
  s->deadline_set =
      trm__run_slowest(s->run, trm__run_deadline_set(&s->deadline)) > 0;
  return TRM_OK;
}

/* Is there a directory to resume from? One that cannot be looked at is taken to be
 * there: opening it says why. */
static bool can_resume(const trm__run_session *s) {
  const char *dir = s->want->resume ? s->want->checkpoint : NULL;
  bool there = dir && s->run->rank == 0 &&
               (!access(dir, F_OK) || (errno != ENOENT && errno != ENOTDIR));
  return trm__run_slowest(s->run, there) > 0;
}

/* A checkpoint contains evolving fields and kept values. */
static trm_status check_resumable(trm__run_session *s) {
  const trm__array_state *own = trm__array_state_of(s->run);
  int n = own->nkept;
  for (int i = 0; i < own->nfields; i++)
    n += own->fields[i]->role == TRM_EVOLVING;
  if (n > 0 || !s->want->checkpoint) return TRM_OK;
  return trm_fail(
      s->run, TRM_EOPTION,
      "--checkpoint=%s: kernel %s has nothing to resume from: no field is "
      "TRM_EVOLVING and nothing is kept by trm_keep; leave out --checkpoint",
      s->want->checkpoint, s->command->name);
}

/* A new run opens the directory of checkpoints last, so that bad input creates no
 * files; a resumed one reads its options from there first. */
static trm_status prepare(trm__run_session *s) {
  bool resume = can_resume(s);
  TRM_TRY(trm__run_files_check(s));
  if (resume) TRM_TRY(trm__run_checkpoint_open(s));
  TRM_TRY(resolve(s));
  TRM_TRY(trm__run_doctor(s));
  TRM_TRY(read_deadline(s));
  trm__run_summary_head(s);
  s->state = trm__base_calloc(1, s->kernel->state_size);
  trm__run_told_of(s->run)->resuming = s->resumed;
  TRM_TRY(trm__run_hook(s, "setup",
                        s->kernel->setup(s->run, s->state, s->options)));
  trm__run_told_of(s->run)->resuming = false;
  TRM_TRY(trm__run_contract_check_facts(s->run, s->command->name));
  TRM_TRY(check_resumable(s));
  s->idle = trm__run_idle_fields(s->run);
  if (!resume) TRM_TRY(trm__run_checkpoint_open(s));
  TRM_TRY(trm__run_checkpoint_restore(s));
  trm__run_summary_ready(s);
  trm__run_checkpoint_interval_begin(
      s, s->store && s->run->rank == 0 ? trm__run_allocation_last(s) : NULL);
  TRM_TRY(trm__run_allocation_begin(s));
  trm__run_result_work(s, s->end > s->step ? s->end - s->step : 1);
  s->seconds.setup = trm__run_slowest(s->run, trm_now() - s->began);
  s->checkpoint_time = s->attempt_time = trm_now();
  return TRM_OK;
}

/* -- after the last step --------------------------------------------------- */

/* Report a failure and continue; the worst one becomes the status of the run. */
static trm_status note(trm__run_session *s, trm_status status,
                       trm_status *worst) {
  if (status == TRM_OK) return TRM_OK;
  trm_agree(s->run, status);
  if (s->run->rank == 0) trm__base_error_print("%s", trm_message(s->run));
  if (status > *worst) {
    *worst = status;
    snprintf(s->failure, sizeof s->failure, "%s", trm_message(s->run));
  }
  return status;
}

static trm_status verify(trm__run_session *s) {
  if (!s->want->verify || !s->kernel->verify) return TRM_OK;
  double began = trm_now();
  s->unchecked = true;
  TRM_TRY(trm__run_hook(s, "verify",
                        s->kernel->verify(s->run, s->state, &s->verdict)));
  s->unchecked = false;
  s->seconds.verify = trm__run_slowest(s->run, trm_now() - began);
  const trm__run_check *failed = trm__run_verdict_failed(&s->verdict);
  s->wrong = trm__run_slowest(s->run, failed != NULL) > 0;
  s->verified = !s->wrong;
  if (!s->wrong) return TRM_OK;
  if (!failed)
    return trm_fail(s->run, TRM_EVERIFY, "%s: wrong result on some ranks",
                    s->command->name);
  if (!isfinite(failed->want))
    return trm_fail(
        s->run, TRM_EVERIFY,
        "%s: wrong result: %s cannot be checked: the expected value "
        "is %g",
        s->command->name, failed->what, failed->want);
  return trm_fail(s->run, TRM_EVERIFY,
                  "%s: wrong result: %s is %.10g, expected %.10g within %g",
                  s->command->name, failed->what, failed->got, failed->want,
                  failed->tol);
}

/* Bring fields into the state that is written and fingerprinted. */
static trm_status settle(trm__run_session *s) {
  if (s->kernel->checkpoint)
    TRM_TRY(trm__run_hook(s, "checkpoint",
                          s->kernel->checkpoint(s->run, s->state)));
  s->fingerprint = trm__store_fingerprint(s->run);
  trm__run_sketch(s->run, s->sketch);
  return TRM_OK;
}

static void files(trm__run_session *s, trm_status *worst) {
  trm__run_checkpoint_stamp(s);
  if (s->want->output) {
    trm_status status = trm__run_output(s->run, s->want->output, &s->stamp);
    s->wrote.output = !note(s, status, worst);
  }
  if (s->want->picture)
    s->wrote.picture =
        !note(s, trm__run_picture(s->run, s->want->picture), worst);
}

static trm_status finish(trm__run_session *s) {
  trm__run_allocation_state(s, "finishing");
  trm_status worst = TRM_OK, made = note(s, trm__run_ledger_make(s), &worst);
  s->wrote.trace = s->want->trace && !made;
  note(s, trm__run_checkpoint_last(s, TRM__CHECKPOINT_PATIENCE), &worst);
  note(s, settle(s), &worst);
  files(s, &worst);
  note(s, verify(s), &worst);
  trm__run_result_work(s, s->step - s->first);
  trm__run_ledger_balance(s);
  s->seconds.total = trm__run_slowest(s->run, trm_now() - s->began);
  if (s->run->rank == 0) trm__run_roofline_find(s);
  if (s->want->result)
    s->wrote.result =
        !note(s, trm__run_result_write(s, s->want->result), &worst);
  trm__run_summary(s);
  return worst;
}

/* -- the run --------------------------------------------------------------- */

static trm_status live(trm__run_session *s) {
  trm_status status = prepare(s);
  if (status == TRM_OK) status = trm__run_loop(s);
  if (status == TRM_OK)
    status = finish(s);
  else if (s->run->rank == 0)
    trm__base_error_print("%s", trm_message(s->run));
  if (status == TRM_STOPPED) trm__run_summary_interval(s);
  trm__run_allocation_end(s, status);
  return status;
}

static void end(trm__run_session *s) {
  if (s->state && s->kernel->teardown) s->kernel->teardown(s->run, s->state);
  trm__store_close(s->run, &s->store);
  trm__store_stamp_clear(&s->stamp);
  trm__meter_account_clear(&s->account);
  trm__meter_baseline_clear(&s->opening);
  trm__run_verdict_clear(&s->verdict);
  trm__host_findings_clear(&s->found);
  trm_comm_free(&s->control);
  trm_run_free(&s->run);
  free(s->state);
}

static trm_status run_command(MPI_Comm world, trm__run_command *command,
                              const trm__host_topology *topology, int threads) {
  trm__run_session s = {.command = command,
                        .kernel = command->kernel,
                        .options = command->options->values,
                        .want = command->want,
                        .topology = topology,
                        .began = trm_now(),
                        .end = -1};
  omp_set_num_threads(threads);
  TRM_TRY(trm_run_new(world, threads, command->want->seed, &s.run));
  s.control = trm_comm_new(world, &s.run->own->counter);
  trm__comm_meter_switch(s.run->own->meter, command->want->meter);
  trm_status status = live(&s);
  end(&s);
  return status;
}

int trm__run_kernel(MPI_Comm world, const trm_listed *kernels, int argc,
                    char **argv) {
  trm_counter counter = {.cause = TRM_FOR_CONTROL};
  trm_comm *comm = trm_comm_new(world, &counter);
  trm__run_command command;
  trm__base_error error = {TRM_OK, ""};
  trm_status status =
      trm__run_command_read(&command, comm, kernels, argc, argv, &error);
  if (status && comm->rank == 0) trm__base_error_print("%s", error.text);
  trm__host_topology *topology = status ? NULL : trm__host_topology_load();
  int threads =
      status ? 1 : trm__run_doctor_threads(command.want, topology, comm);
  trm_comm_free(&comm);
  if (!status) status = run_command(world, &command, topology, threads);
  trm__host_topology_free(&topology);
  trm__run_command_clear(&command);
  return trm_status_exit(status);
}
