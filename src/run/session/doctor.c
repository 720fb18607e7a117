#include "run/session/doctor.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "comm/run.h"

/* -- threads --------------------------------------------------------------- */

/* Cores for each rank of a host: its own if no other rank may use them, else an equal
 * part of all. */
static int64_t share_of_cores(const trm__host_topology *topology,
                              const trm_comm *host) {
  trm__host_cpus mine, all;
  bool known = trm__host_facts_cores(topology, &mine);
  int64_t cores = known ? trm__host_cpus_count(&mine) : omp_get_num_procs();
  int64_t sum[] = {cores, !known};
  all = known ? mine : (trm__host_cpus){{0}};
  trm_allreduce(host, all.word, TRM__CPU_WORDS, TRM_U64, TRM_BOR);
  trm_allreduce(host, sum, 2, TRM_I64, TRM_SUM);
  int64_t together = sum[1] ? cores : trm__host_cpus_count(&all);
  int64_t share = together / host->ranks;
  return sum[1] || sum[0] > together || share > cores
             ? (share < cores ? share : cores)
             : cores;
}

/* The ranks of a host share its quota of processor time. */
static int64_t within_quota(int64_t threads, const trm_comm *host) {
  trm__host_limit limit[TRM__LIMITS];
  int n = trm__host_system_limits(trm__host_launch_root(), limit);
  for (int i = 0; i < n; i++)
    if (limit[i].cpu && limit[i].limit < (double)threads * host->ranks)
      threads = (int64_t)(limit[i].limit / host->ranks);
  return threads;
}

int trm__run_doctor_threads(const trm__run_common *want,
                            const trm__host_topology *topology,
                            const trm_comm *comm) {
  if (want->threads > 0) return want->threads;
  int64_t threads = omp_get_max_threads();
  trm_comm *host = trm_comm_host(comm);
  if (!getenv("OMP_NUM_THREADS"))
    threads = within_quota(share_of_cores(topology, host), host);
  trm_comm_free(&host);
  trm_allreduce(comm, &threads, 1, TRM_I64, TRM_MIN);
  return threads < 1 ? 1 : (int)threads;
}

/* -- requirements of the run ------------------------------------------------ */

static void add_disk(trm__host_launch *launch, const trm_run *run,
                     const char *path, double copies, bool checkpoints) {
  const size_t most = sizeof launch->disk->path - 1;
  if (!path) return;
  if (strlen(path) > most) {
    if (run->rank == 0)
      fprintf(stderr,
              "doctor: not checked: the disk of %.40s..., a path of %zu bytes; "
              "expected at most %zu\n",
              path, strlen(path), most);
    return;
  }
  trm__host_disk *disk = &launch->disk[launch->disks++];
  disk->copies = copies;
  disk->checkpoints = checkpoints;
  strcpy(disk->path, path);
}

static trm__host_launch launch_of(const trm_run *run,
                                  const trm__run_command *command,
                                  const trm__host_topology *topology) {
  const trm__run_common *want = command->want;
  trm__host_launch launch = {.root = trm__host_launch_root(),
                             .topology = topology,
                             .threads = run->threads};
  add_disk(&launch, run, want->checkpoint, want->keep + 1, true);
  add_disk(&launch, run, want->output, 1, false);
  add_disk(&launch, run, want->picture, 0, false);
  add_disk(&launch, run, want->result, 0, false);
  add_disk(&launch, run, want->trace, 0, false);
  if (!command->kernel || !command->kernel->work) return launch;
  trm_span span = {run->ranks, run->rank, run->threads,
                   0,          1,         trm__run_contract_facts(run)};
  trm_work work = {.updates = 0};
  command->kernel->work(command->options->values, &span, &work);
  launch.resident_bytes = work.resident_bytes;
  return launch;
}

trm__host_facts *trm__run_doctor_check(trm_run *run,
                                       const trm__run_command *command,
                                       const trm__host_topology *topology,
                                       trm__host_findings *found) {
  trm__host_launch launch = launch_of(run, command, topology);
  trm__host_facts *facts =
      trm__host_facts_gather(run->comm, run->own->host_index, &launch);
  *found = (trm__host_findings){.n = 0};
  if (facts) trm__host_launch_check(run->ranks, facts, found);
  return facts;
}

void trm__run_doctor_warn(const trm__host_findings *found) {
  for (int i = 0; i < found->warnings; i++)
    fprintf(stderr, "doctor: %s: %s\n",
            trm__host_finding_name(found->list[i].code), found->list[i].line);
}

/* -- at the start of a run ------------------------------------------------- */

static trm_status refuse(trm__run_session *s) {
  const trm__host_finding *first = s->found.list;
  if (s->run->rank > 0)
    return trm_agree(s->run, TRM_OK); /* rank 0 has the message */
  return trm_agree(
      s->run, trm_fail(s->run, TRM_EOPTION,
                       "--strict: %s about this launch, first %s: %s",
                       trm__base_text_count(s->found.warnings, "warning").s,
                       trm__host_finding_name(first->code), first->line));
}

trm_status trm__run_doctor(trm__run_session *s) {
  trm_run *run = s->run;
  trm__host_facts *facts =
      trm__run_doctor_check(run, s->command, s->topology, &s->found);
  trm__host_facts_free(&facts, run->ranks);
  if (run->rank == 0) trm__run_doctor_warn(&s->found);
  int said[] = {s->found.warnings, s->found.shared};
  trm_cause before = trm_comm_cause(run->comm, TRM_FOR_CONTROL);
  trm_bcast(run->comm, said, sizeof said, 0);
  trm_comm_cause_end(run->comm, before);
  s->origin = said[1] ? "oversubscribed" : "measured";
  return s->want->strict && said[0] > 0 ? refuse(s) : TRM_OK;
}
