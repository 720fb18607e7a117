/* TEST
 * A driver has no thread but its own while it starts, whatever libraries it stands
 * on; one whose MPI hangs is not deaf to SIGTERM. MPI_Init_thread is this
 * test's. */
#include <dirent.h>
#include <mpi.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <trireme/kernel.h>

#include "check.h"

static int threads_now(void) {
  int n = 0;
  DIR *tasks = opendir("/proc/self/task");
  for (struct dirent *e; tasks && (e = readdir(tasks));)
    n += e->d_name[0] != '.';
  if (tasks) closedir(tasks);
  return n;
}

/* Says how many threads there are, and never returns. */
int MPI_Init_thread(int *argc, char ***argv, int required, int *provided) {
  char n = (char)threads_now();
  (void)argc, (void)argv, (void)required, (void)provided;
  if (write(STDOUT_FILENO, &n, 1) != 1) _exit(9);
  for (;;) pause();
}

static const trm_listed kernels[] = {TRM_LIST_END};

static pid_t start(const char *command, int *out, int *err) {
  int o[2], e[2];
  CHECK(!pipe(o) && !pipe(e));
  pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* it would wait for ever */
    dup2(o[1], STDOUT_FILENO);
    dup2(e[1], STDERR_FILENO);
    exit(trm_main(2, (char *[]){"trireme", (char *)command, NULL}, kernels));
  }
  close(o[1]), close(e[1]);
  *out = o[0], *err = e[0];
  return child;
}

/* Ends with the status of a resource that failed, after the seconds of grace. */
static void run_ends(void) {
  int out, err, status = 0;
  char n = 0, line[256] = "";
  setenv("TRIREME_GRACE", "1", 1);
  pid_t child = start("run", &out, &err);
  CHECK_INT(read(out, &n, 1), 1);
  CHECK_INT(n, 1);
  kill(child, SIGTERM);
  CHECK_INT(waitpid(child, &status, 0), child);
  CHECK(WIFEXITED(status));
  CHECK_INT(WEXITSTATUS(status), 3);
  CHECK(read(err, line, sizeof line - 1) > 0);
  CHECK_TEXT(line, "test_run_start: stopped by a signal while MPI started\n");
}

/* The others leave SIGTERM as it is. */
static void machine_ends(void) {
  int out, err, status = 0;
  char n = 0;
  pid_t child = start("machine", &out, &err);
  CHECK_INT(read(out, &n, 1), 1);
  CHECK_INT(n, 1);
  kill(child, SIGTERM);
  CHECK_INT(waitpid(child, &status, 0), child);
  CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

int main(void) {
  setenv("OPENBLAS_NUM_THREADS", "4", 1);
  CHECK_INT(threads_now(), 1);
  trm_main(2, (char *[]){"trireme", "list", NULL}, kernels);
  CHECK_INT(threads_now(), 1);
  run_ends();
  machine_ends();
  return check_done();
}
