#include "cli/mpi.h"

#include <malloc.h>
#include <mpi.h>
#include <omp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <trireme/status.h>

#include "base/error.h"
#include "base/program.h"
#include "base/process.h"
#include "host/checks/launch.h"

enum { MOST_THREADS = 4096 }; /* as for --threads */
enum {
  MPI_MIB = 96
}; /* address space that Open MPI needs to start, measured */

/* Threads per rank, as far as known before MPI starts. */
static int threads_asked(const trm__cli *cli) {
  const char *threads = getenv("OMP_NUM_THREADS");
  for (int i = 0; i < cli->argc; i++) {
    const char *word = cli->argv[i];
    if (strncmp(word, "--threads", 9)) continue;
    if (word[9] == '=')
      threads = word + 10;
    else if (!word[9] && i + 1 < cli->argc)
      threads = cli->argv[i + 1];
  }
  return threads && atoi(threads) > 0 ? atoi(threads) : 1;
}

/* With OMP_PROC_BIND, OpenMP has bound this thread before main; after exec it would take
 * that place for all cores. */
static bool unbind(void) {
  trm__host_cpus cpus;
  return omp_get_proc_bind() == omp_proc_bind_false ||
         (trm__host_facts_cpus(&cpus) &&
          trm__host_cpus_count(&cpus) == omp_get_num_procs() &&
          !sched_setaffinity(0, sizeof cpus, (cpu_set_t *)&cpus));
}

/* With more ranks x threads than cores, waiting threads must yield, or the run is 10 to
 * 1000 times slower. OpenMP reads its environment before main, so the program executes
 * itself again, once. */
static void give_way(const trm__cli *cli) {
  const char *ranks = getenv("OMPI_COMM_WORLD_LOCAL_SIZE");
  int here = (ranks ? atoi(ranks) : 1) * threads_asked(cli);
  if (here <= sysconf(_SC_NPROCESSORS_ONLN)) return;
  setenv("OMPI_MCA_mpi_yield_when_idle", "1", 0);
  if (getenv("OMP_WAIT_POLICY") || !unbind()) return;
  setenv("OMP_WAIT_POLICY", "passive", 1);
  execv("/proc/self/exe", cli->whole); /* if this fails: slow, but correct */
}

/* Open MPI's default I/O layer has written wrong data, and reported success on a full
 * disk. A choice of the user is kept. */
void trm__cli_settle(const trm__cli *cli) {
  setenv("OMPI_MCA_io", "romio321", 0);
  give_way(cli);
}

static int complain_of_threads(void) {
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  return rank > 0 ? trm_status_exit(TRM_EUSAGE)
                  : trm__cli_usage(
                        "this MPI does not support threads "
                        "(MPI_THREAD_FUNNELED is required)");
}

/* Without enough memory to start, MPI fails in many ways. Each arena of glibc, one per
 * allocating thread, reserves 64 MiB of address space: if that is limited, one arena is
 * used, also in the daemon of a run without mpirun. */
static bool has_address_space(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) || limit.rlim_cur == RLIM_INFINITY)
    return true;
  mallopt(M_ARENA_MAX, 1);
  setenv("MALLOC_ARENA_MAX", "1", 0);
  void *room = mmap(NULL, (size_t)MPI_MIB << 20, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return room != MAP_FAILED && !munmap(room, (size_t)MPI_MIB << 20);
}

static double limit_mib(void) {
  struct rlimit limit = {0};
  getrlimit(RLIMIT_AS, &limit);
  return (double)limit.rlim_cur / (1 << 20);
}

static int complain_of_memory(void) {
  const char *rank = getenv("OMPI_COMM_WORLD_RANK");
  if (!rank || !atoi(rank))
    fprintf(stderr,
            "%s: not enough memory: MPI needs %d MiB of address space to "
            "start, beside the program itself; raise the limit (ulimit -v), "
            "which is %.0f MiB\n",
            trm__base_program_name(), MPI_MIB, limit_mib());
  return trm_status_exit(TRM_EMEMORY);
}

/* OpenMP fails with a segmentation fault where it cannot start its threads. */
static bool has_sane_threads(void) {
  const char *text = getenv("OMP_NUM_THREADS");
  if (!text || strtod(text, NULL) <= MOST_THREADS) return true;
  const char *rank = getenv("OMPI_COMM_WORLD_RANK");
  if (!rank || !atoi(rank))
    fprintf(stderr, "%s: OMP_NUM_THREADS=%.40s: expected 1 to %d\n",
            trm__base_program_name(), text, MOST_THREADS);
  return false;
}

/* A launcher that does not speak MPI's language starts every task as rank 0 of
 * its own world: then there are many runs, not one. */
static bool is_lonely(void) {
  static const char *const names[] = {"SLURM_PROCID", "PMI_RANK", "PMIX_RANK",
                                      "ALPS_APP_PE"};
  int size;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  if (size > 1 || getenv("OMPI_COMM_WORLD_RANK")) return false;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *rank = getenv(names[i]);
    if (!rank || atoi(rank) < 1) continue;
    trm__cli_usage(
        "%s=%s, but this MPI is rank 0 of 1: the launcher started separate "
        "programs; use mpirun, or srun --mpi=pmix (srun --mpi=list shows what "
        "there is)",
        names[i], rank);
    return true;
  }
  return false;
}

int trm__cli_mpi(const trm__cli *cli, int (*body)(const trm__cli *)) {
  int level, status;
  trm__cli_settle(cli);
  if (!has_sane_threads()) return trm_status_exit(TRM_EUSAGE);
  if (!has_address_space()) return complain_of_memory();
  if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level) != MPI_SUCCESS) {
    trm__base_error_print("MPI does not start");
    return trm_status_exit(TRM_EFILE);
  }
  trm__base_signals_patience(0);
  if (level < MPI_THREAD_FUNNELED)
    status = complain_of_threads();
  else if (is_lonely())
    status = trm_status_exit(TRM_EUSAGE);
  else
    status = body(cli);
  MPI_Finalize();
  return status;
}
