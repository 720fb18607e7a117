/* The class of a node: hosts of one class should give the same figures. It uses
 * all cores of the host, not those that this process is bound to: otherwise
 * each way of launching would be a class of its own. */
#include "host/machine/machine.h"

#include <ctype.h>
#include <math.h>
#include <mpi.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

/* "key : value" of a text of /proc; the first one. */
static bool value_of(const char *text, const char *key, char *value, int size) {
  const size_t n = strlen(key);
  for (const char *line = text; line && *line;) {
    const char *end = strchr(line, '\n');
    if (!strncmp(line, key, n)) {
      const char *p = line + n + strspn(line + n, " \t");
      if (*p == ':') {
        p += 1 + strspn(p + 1, " \t");
        snprintf(value, (size_t)size, "%.*s", (int)strcspn(p, "\n"), p);
        return *value != 0;
      }
    }
    line = end ? end + 1 : NULL;
  }
  return false;
}

/* x86 has a name, a family and a model, POWER one word, ARM numbers. */
static void find_processor(const char *cpuinfo, char *name, int size) {
  char word[64], model[64];
  if (value_of(cpuinfo, "model name", word, sizeof word) ||
      value_of(cpuinfo, "cpu", word, sizeof word))
    snprintf(name, (size_t)size, "%s", word);
  else if (value_of(cpuinfo, "CPU implementer", word, sizeof word) &&
           value_of(cpuinfo, "CPU part", model, sizeof model))
    snprintf(name, (size_t)size, "ARM %.24s %.24s", word, model);
  else
    snprintf(name, (size_t)size, "unknown processor");
  const size_t n = strlen(name);
  if (value_of(cpuinfo, "cpu family", word, sizeof word) &&
      value_of(cpuinfo, "model", model, sizeof model))
    snprintf(name + n, (size_t)size - n, " %.12s.%.12s", word, model);
}

/* One word: letters, digits and dots; all else is one '-'. */
static void add_word(char *to, int size, const char *text) {
  size_t n = strlen(to);
  for (; *text && (int)n + 2 < size; text++) {
    if (isalnum((unsigned char)*text) || *text == '.')
      to[n++] = (char)tolower((unsigned char)*text);
    else if (n && to[n - 1] != '-' && to[n - 1] != '_')
      to[n++] = '-';
  }
  while (n && to[n - 1] == '-') n--;
  to[n] = 0;
}

static void add_part(char *to, int size, const char *text) {
  const size_t n = strlen(to);
  if (n && *text && (int)n + 2 < size) strcpy(to + n, "_");
  add_word(to, size, text);
}

void trm__host_classify_texts(const char *cpuinfo, const char *meminfo,
                              const char *mpi, int cores, trm_machine *m) {
  char word[96];
  double kb =
      value_of(meminfo, "MemTotal", word, sizeof word) ? strtod(word, NULL) : 0;
  m->memory_bytes = kb * 1024;
  find_processor(cpuinfo, m->processor, sizeof m->processor);
  snprintf(m->mpi, sizeof m->mpi, "%.*s", (int)strcspn(mpi, ",\n"), mpi);
  m->node_class[0] = 0;
  add_part(m->node_class, 48, m->processor);
  snprintf(word, sizeof word, "%d cores", cores);
  add_part(m->node_class, sizeof m->node_class, word);
  snprintf(word, sizeof word, "%.0f gib", round(kb / 1048576));
  add_part(m->node_class, sizeof m->node_class, word);
  add_part(m->node_class, sizeof m->node_class, m->mpi);
}

static void read_text(const char *path, char *text, size_t size) {
  FILE *file = fopen(path, "r");
  size_t n = file ? fread(text, 1, size - 1, file) : 0;
  text[n] = 0;
  if (file) fclose(file);
}

/* MPI may be asked for its version before it is started. */
void trm__host_classify(trm_machine *m) {
  char cpuinfo[8192], meminfo[4096], mpi[MPI_MAX_LIBRARY_VERSION_STRING];
  int length;
  read_text("/proc/cpuinfo", cpuinfo, sizeof cpuinfo);
  read_text("/proc/meminfo", meminfo, sizeof meminfo);
  MPI_Get_library_version(mpi, &length);
  int cores = (int)sysconf(_SC_NPROCESSORS_ONLN);
  trm__host_classify_texts(cpuinfo, meminfo, mpi, cores, m);
}

trm_machine trm__host_machine_unknown(void) {
  return (trm_machine){
      .eager_limit = -1, .buffered_limit = -1, .curve_switch = -1};
}
