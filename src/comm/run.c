#include <omp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/process.h"
#include "comm/meter.h"
#include "comm/run.h"

/* Which host this rank is on: hosts are numbered by their lowest rank. */
static void find_hosts(trm_run *run) {
  struct trm__comm_run *own = run->own;
  int leads = own->host->rank == 0;
  own->host_index = (int)trm_exscan(run->comm, leads);
  trm_bcast(own->host, &own->host_index, sizeof own->host_index, 0);
  own->hosts = (int)trm_total(run, leads);
}

trm_status trm_run_new(MPI_Comm from, int threads, uint64_t seed,
                       trm_run **result) {
  trm_run *run = trm__base_calloc(1, sizeof *run);
  struct trm__comm_run *own = trm__base_calloc(1, sizeof *own);
  run->own = own;
  own->counter.cause = TRM_FOR_CONTROL;
  own->comm = trm_comm_new(from, &own->counter);
  run->comm = own->comm;
  run->rank = own->comm->rank;
  run->ranks = own->comm->ranks;
  run->threads = threads > 0 ? threads : omp_get_max_threads();
  run->seed = seed;
  own->host = trm_comm_host(run->comm);
  find_hosts(run);
  trm__base_fault_rank(run->rank);
  memset(own->counter.by, 0, sizeof own->counter.by);
  own->counter.cause = TRM_FOR_KERNEL;
  own->meter = own->counter.meter = trm__comm_meter_new(run->ranks);
  *result = run;
  return TRM_OK;
}

void trm__comm_states_free(trm_run *run) {
  struct trm__comm_run *own = run->own;
  while (own->states) {
    trm__comm_state_of_floor *s = own->states;
    own->states = s->next;
    if (s->floor->drop) s->floor->drop(run, s->state);
    free(s->state);
    free(s);
  }
}

void trm_run_free(trm_run **pointer) {
  trm_run *run = *pointer;
  if (!run) return;
  struct trm__comm_run *own = run->own;
  while (own->attached) {
    trm__comm_attached *a = own->attached;
    own->attached = a->next;
    a->drop(run, a->what);
    free(a);
  }
  trm__comm_states_free(run);
  own->counter.meter = NULL;
  trm__comm_meter_free(&own->meter);
  trm__base_bill_free_all(&own->bill);
  trm_comm *host = (trm_comm *)own->host;
  trm_comm_free(&host);
  trm_comm_free(&own->comm);
  free(own);
  free(run);
  *pointer = NULL;
}

static void *find_state(const trm_run *run, const trm__comm_floor *floor) {
  const trm__comm_state_of_floor *s =
      __atomic_load_n(&run->own->states, __ATOMIC_ACQUIRE);
  while (s && s->floor != floor) s = s->next;
  return s ? s->state : NULL;
}

static void *make_state(const trm_run *run, const trm__comm_floor *floor) {
  trm__comm_state_of_floor *made = trm__base_calloc(1, sizeof *made);
  *made = (trm__comm_state_of_floor){run->own->states, floor,
                                     trm__base_calloc(1, floor->size)};
  __atomic_store_n(&run->own->states, made, __ATOMIC_RELEASE);
  return made->state;
}

void *trm__comm_state(const trm_run *run, const trm__comm_floor *floor) {
  void *state = find_state(run, floor);
  if (state) return state;
#pragma omp critical(trm_comm_state)
  {
    state = find_state(run, floor); /* another thread may have created it */
    if (!state) state = make_state(run, floor);
  }
  return state;
}

void trm__comm_attach(trm_run *run, void *what,
                      void (*drop)(trm_run *, void *)) {
  trm__comm_attached *a = trm__base_calloc(1, sizeof *a);
  *a = (trm__comm_attached){run->own->attached, what, drop};
  run->own->attached = a;
}

void trm__comm_detach(trm_run *run, void *what) {
  for (trm__comm_attached **p = &run->own->attached; *p; p = &(*p)->next)
    if ((*p)->what == what) {
      trm__comm_attached *a = *p;
      *p = a->next;
      free(a);
      return;
    }
}

trm_status trm_fail(trm_run *run, trm_status status, const char *format, ...) {
  trm__base_error *error = &run->own->error;
  if (error->status != TRM_OK) return status;
  error->status = status;
  va_list args;
  va_start(args, format);
  vsnprintf(error->text, sizeof error->text, format, args);
  va_end(args);
  return status;
}

/* One reduction if all ranks succeeded; the worst status of the lowest rank
 * wins, and its message goes to all. */
trm_status trm_agree(trm_run *run, trm_status mine) {
  trm_cause before = trm_comm_cause(run->comm, TRM_FOR_CONTROL);
  int64_t worst = (int64_t)mine * run->ranks + (run->ranks - 1 - run->rank);
  trm_allreduce(run->comm, &worst, 1, TRM_I64, TRM_MAX);
  trm_status status = (trm_status)(worst / run->ranks);
  int from = run->ranks - 1 - (int)(worst % run->ranks);
  trm__base_error *error = &run->own->error;
  if (status != TRM_OK && status != TRM_DONE)
    trm_bcast(run->comm, error, sizeof *error, from);
  error->status = TRM_OK; /* the next failure sets its own message */
  trm_comm_cause_end(run->comm, before);
  return status;
}

trm_status trm__comm_agree_on(trm_run *run, const trm__base_error *error) {
  if (error->status) trm_fail(run, error->status, "%s", error->text);
  return trm_agree(run, error->status);
}

const char *trm_message(const trm_run *run) {
  return run->own->error.text;
}

trm_status trm_alloc(trm_run *run, const char *what, int64_t bytes,
                     void **data) {
  *data = trm__base_bill_alloc(&run->own->bill, what, bytes, run->threads);
  if (*data) return TRM_OK;
  return trm_fail(run, TRM_EMEMORY,
                  "%s: no memory for %.3f GiB on rank %d, which uses %.3f GiB "
                  "so far; use more ranks on more hosts or a smaller size",
                  what, (double)bytes / (1 << 30), run->rank,
                  (double)run->own->bill.now / (1 << 30));
}

void trm_release(trm_run *run, void **data) {
  if (*data) trm__base_bill_free(&run->own->bill, *data);
  *data = NULL;
}

int64_t trm_memory_now(const trm_run *run) {
  return run->own->bill.now;
}

int64_t trm_memory_peak(const trm_run *run) {
  return run->own->bill.peak;
}

static double reduce_one(trm_run *run, double value, trm_op op) {
  trm_cause before = trm_comm_cause(run->comm, TRM_FOR_REDUCE);
  trm_allreduce(run->comm, &value, 1, TRM_F64, op);
  trm_comm_cause_end(run->comm, before);
  return value;
}

double trm_max(trm_run *run, double value) {
  return reduce_one(run, value, TRM_MAX);
}

double trm_min(trm_run *run, double value) {
  return reduce_one(run, value, TRM_MIN);
}

int64_t trm_total(trm_run *run, int64_t value) {
  trm_cause before = trm_comm_cause(run->comm, TRM_FOR_REDUCE);
  trm_allreduce(run->comm, &value, 1, TRM_I64, TRM_SUM);
  trm_comm_cause_end(run->comm, before);
  return value;
}

trm_meter trm_meter_read(const trm_run *run) {
  trm_meter shown = run->own->meter->shown;
  shown.to = run->own->meter->to;
  return shown;
}
