/* TEST ranks=1,3,5 threads=1,3
 * Facts of all ranks arrive on rank 0, each rank's own; no message but those of
 * control; cores are those that the threads really have. */
#include <sched.h>

#include "check_mpi.h"
#include "comm/run.h"
#include "host/checks/launch.h"

/* What the system says of this thread, without the code that is tested. */
static int cpus_here(void) {
  cpu_set_t set;
  CHECK_INT(sched_getaffinity(0, sizeof set, &set), 0);
  return CPU_COUNT(&set);
}

static void check_one(const trm_run *run, const trm__host_facts *f, int rank) {
  int threads = run->threads + rank % 2;
  CHECK_INT(f->rank, rank);
  CHECK_INT(f->host, 0);
  CHECK_INT(f->threads, threads);
  CHECK_INT(f->team, threads);
  CHECK_SAME(f->resident_bytes, 1e6 * (rank + 1));
  CHECK(f->level >= MPI_THREAD_FUNNELED);
  CHECK(f->name[0] && !strchr(f->name, '.'));
  CHECK(f->known);
  CHECK(trm__host_cpus_within(&f->rank_cores, &f->host_cores));
  int cores = trm__host_cpus_count(&f->rank_cores);
  CHECK(cores >= 1 && cores <= cpus_here());
  for (int t = 0; t < f->team; t++) {
    CHECK(trm__host_cpus_count(&f->thread_cores[t]) >= 1);
    CHECK(trm__host_cpus_within(&f->thread_cores[t], &f->rank_cores));
  }
}

static void check_disk(const trm__host_facts *f) {
  CHECK_INT(f->disks, 2);
  CHECK(f->disk[0].known && f->disk[0].size > 0);
  CHECK(f->disk[0].free <= f->disk[0].size);
  CHECK_TEXT(f->disk[0].path, "./not-there-yet");
  CHECK(!f->disk[1].known);
}

static void test(trm_run *run) {
  trm__host_topology *topology = trm__host_topology_load();
  trm__host_launch launch = {.root = "",
                             .topology = topology,
                             .threads = run->threads + run->rank % 2,
                             .resident_bytes = 1e6 * (run->rank + 1),
                             .disks = 2,
                             .disk = {{.path = "./not-there-yet"},
                                      {.path = "/no/such/folder/at/all"}}};
  trm_counter before = run->own->counter;
  trm__host_facts *all =
      trm__host_facts_gather(run->comm, run->own->host_index, &launch);
  trm_counter after = run->own->counter;
  CHECK((all != NULL) == (run->rank == 0));
  for (int r = 0; all && r < run->ranks; r++) check_one(run, &all[r], r);
  if (all) check_disk(&all[0]);
  for (int r = 1; all && r < run->ranks; r++)
    CHECK(all[r].clock >= all[0].asked && all[r].clock <= all[0].answered);
  for (int c = 0; c < TRM_CAUSE_COUNT; c++)
    if (c != TRM_FOR_CONTROL)
      CHECK_INT(after.by[c].messages, before.by[c].messages);
  CHECK_INT(
      after.by[TRM_FOR_CONTROL].messages - before.by[TRM_FOR_CONTROL].messages,
      run->rank > 0);
  CHECK_INT(after.cause, before.cause);
  trm__host_facts_free(&all, run->ranks);
  trm__host_topology_free(&topology);
  CHECK(!all);
}

int main(int argc, char **argv) {
  return check_mpi(argc, argv, test);
}
