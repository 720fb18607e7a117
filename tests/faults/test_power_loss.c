/* TEST kernels timeout=900 cost=10 slow once */
/* What a disk may hold after power was lost: power_loss.py records commits,
 * makes such directories and has this program resume from each. Many resumes in
 * one process: a launch for each would take minutes. */
#include <fcntl.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <trireme/kernel.h>

#include "base/process.h"
#include "run/session/run.h"

#define X(name) extern const trm_kernel trm_kernel_##name;
KERNELS
#undef X
#define X(name) TRM_LISTED(name),
static const trm_listed kernels[] = {KERNELS TRM_LIST_END};

enum { WORDS = 64 };

/* The words of stdin's next line; false: no line left. */
static bool next(char **line, char *words[WORDS], int *n) {
  static size_t room;
  *n = 0;
  if (getline(line, &room, stdin) < 0) return false;
  for (char *rest = *line, *word; *n < WORDS - 1;) {
    word = strsep(&rest, " \n");
    if (!word) break;
    if (*word) words[(*n)++] = word;
  }
  words[*n] = NULL;
  return true;
}

/* The first word of a line names the file for stderr, the others are those of
 * `trireme run`. Each is answered by its exit status. */
static int resume_many(void) {
  char *line = NULL, *words[WORDS];
  int n, level, answers = dup(STDOUT_FILENO);
  if (answers < 0 || !freopen("/dev/null", "w", stdout)) return 1;
  MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level);
  trm__base_signals_install();
  while (next(&line, words, &n)) {
    if (n < 2 || !freopen(words[0], "w", stderr)) break;
    int status = trm__run_kernel(MPI_COMM_WORLD, kernels, n - 1, words + 1);
    fflush(stderr);
    dprintf(answers, "%d\n", status);
  }
  free(line);
  MPI_Finalize();
  return 0;
}

/* Any other words are those of the driver: the library starts its own program
 * to look at a file that it does not trust. */
int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "resume-many")) return resume_many();
  if (argc > 1) return trm_main(argc, argv, kernels);
  char script[4096];
  snprintf(script, sizeof script, "%s/tests/faults/power_loss.py",
           getenv("TRIREME_SOURCE"));
  execl("/usr/bin/python3", "python3", "-B", script, argv[0], (char *)NULL);
  perror("/usr/bin/python3");
  return 1;
}
