#include "base/environment.h"

#include <string.h>
#include <unistd.h>

#include "base/memory.h"

bool trm__base_environment_of_mpi(const char *variable) {
  static const char *const prefix[] = {"OMPI_", "PMIX_", "ORTE_", "PMI_"};
  for (unsigned i = 0; i < sizeof prefix / sizeof *prefix; i++)
    if (!strncmp(variable, prefix[i], strlen(prefix[i]))) return true;
  return false;
}

char **trm__base_environment_plain(char *more) {
  size_t n = 0, used = 0;
  while (environ[n]) n++;
  char **plain = trm__base_calloc(n + 2, sizeof *plain);
  for (size_t i = 0; i < n; i++)
    if (!trm__base_environment_of_mpi(environ[i])) plain[used++] = environ[i];
  plain[used] = more;
  return plain;
}
