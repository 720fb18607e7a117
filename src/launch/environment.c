#include "launch/environment.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/environment.h"
#include "base/memory.h"

extern char **environ;

static bool is_rank(void) {
  return getenv("OMPI_COMM_WORLD_RANK") || getenv("PMIX_RANK") ||
         getenv("PMI_RANK");
}

static void remove_rank(void) {
  for (char **variable = environ; *variable;) {
    if (!trm__base_environment_of_mpi(*variable)) {
      variable++;
      continue;
    }
    char *name =
        trm__base_format("%.*s", (int)strcspn(*variable, "="), *variable);
    unsetenv(name); /* the next one moves up */
    free(name);
  }
}

void trm__launch_environment(int threads) {
  char text[16];
  if (is_rank()) remove_rank();
  snprintf(text, sizeof text, "%d", threads);
  if (threads > 0) setenv("OMP_NUM_THREADS", text, 1);
  if (geteuid() != 0) return;
  setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 0);
  setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 0);
}
