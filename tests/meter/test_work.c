/* TEST ranks=1,2 threads=1,3 */
/* Work sites: totals of entries, flops and bytes; what a debug build refuses. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static trm_site_total total_of(const trm_run *run, const char *name) {
  trm_site_total list[16];
  int n = trm_site_totals(run, list, 16);
  for (int i = 0; i < n; i++)
    if (!strcmp(list[i].name, name)) return list[i];
  return (trm_site_total){.name = NULL};
}

/* Flops and bytes are an entry's, however many threads share it. */
static void totals(trm_run *run) {
  int64_t sum = 0;
  for (int k = 1; k <= 10; k++) {
    TRM_WORK(run, "alone", 3, 5) {
      sum += k;
    }
    TRM_PARALLEL(run, "shared", k, 2 * k) {
#pragma omp for nowait reduction(+ : sum)
      for (int i = 0; i < 7; i++) sum += i;
    }
  }
  CHECK_INT(sum, 55 + 210);
  trm_site_total alone = total_of(run, "alone");
  trm_site_total shared = total_of(run, "shared");
  CHECK_INT(alone.entries, 10);
  CHECK_SAME(alone.flops, 30);
  CHECK_SAME(alone.bytes, 50);
  CHECK_SAME(alone.seconds_sum, alone.seconds_max);
  CHECK_INT(shared.entries, 10);
  CHECK_SAME(shared.flops, 55);
  CHECK_SAME(shared.bytes, 110);
  CHECK(shared.seconds_sum >= shared.seconds_max);
  CHECK(shared.seconds_sum <= shared.seconds_max * run->threads);
  CHECK(total_of(run, "none").name == NULL);
}

#ifdef TRM_DEBUG
static void inner(trm_run *run) {
  TRM_PARALLEL(run, "inner", 0, 0) {
  }
}

static void nested(trm_run *run) {
  TRM_WORK(run, "outer", 0, 0) {
    inner(run);
  }
}

static void speaking(trm_run *run) {
  TRM_PARALLEL(run, "talk", 0, 0) {
#pragma omp master
    trm_barrier(run->comm);
  }
}

/* A process of its own, which must abort with this line. It speaks to nobody: its
 * communicator was made before. */
static void dies(trm_run *run, void (*wrong)(trm_run *), const char *line) {
  int ends[2], status = 0;
  char said[256] = "";
  if (pipe(ends)) return;
  pid_t child = fork();
  if (child == 0) {
    signal(SIGABRT, SIG_DFL);
    dup2(ends[1], 2);
    wrong(run);
    _exit(0);
  }
  close(ends[1]);
  waitpid(child, &status, 0);
  CHECK(read(ends[0], said, sizeof said - 1) > 0);
  close(ends[0]);
  CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
  CHECK(strstr(said, line) != NULL);
}
#endif

static void test(trm_run *run) {
  totals(run);
#ifdef TRM_DEBUG
  /* no threads yet in a process that forks, or OpenMP hangs in the child */
  if (run->threads > 1) return;
  dies(run, nested, "site inner: inside site outer");
  dies(run, speaking, "site talk: a message inside a site");
#else
  if (run->rank == 0) printf("skipped: only a debug build refuses\n");
#endif
}

int main(int argc, char **argv) {
  return check_mpi(argc, argv, test);
}
