/* Where machine files are, and which of them is this host's. */
#include <trireme/machine.h>

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "host/machine/machine.h"

static const char *nonempty(const char *name) {
  const char *value = getenv(name);
  return value && *value ? value : NULL;
}

char *trm__host_machine_directory(void) {
  const char *own = nonempty("TRIREME_MACHINES"),
             *data = nonempty("XDG_DATA_HOME"), *home = nonempty("HOME");
  if (own) return trm__base_strdup(own);
  if (data) return trm__base_format("%s/trireme/machines", data);
  return trm__base_format("%s/.local/share/trireme/machines",
                          home ? home : ".");
}

bool trm__host_machine_has_place(void) {
  return nonempty("TRIREME_MACHINES") || nonempty("XDG_DATA_HOME") ||
         nonempty("HOME");
}

/* CLASS-20261121T101530Z.json */
char *trm__host_machine_path(const trm_machine *m) {
  char *directory = trm__host_machine_directory(), when[sizeof m->written];
  int n = 0;
  for (const char *p = m->written; *p; p++)
    if (*p != '-' && *p != ':') when[n++] = *p;
  when[n] = 0;
  char *path =
      trm__base_format("%s/%s-%s.json", directory, m->node_class, when);
  free(directory);
  return path;
}

static bool is_json(const char *name) {
  size_t n = strlen(name);
  return *name != '.' && n > 5 && !strcmp(name + n - 5, ".json");
}

/* Were its figures of all cores measured on all cores of the host? */
static bool used_all(const trm_machine *m) {
  int hosts = m->hosts > 0 ? m->hosts : 1;
  return (long)m->ranks * m->threads >= (long)m->cores * hosts;
}

/* Files of launches on all cores first, then newer ones, then later names. */
static bool better_than(const trm_machine *a, const trm_machine *b) {
  if (used_all(a) != used_all(b)) return used_all(a);
  int order = strcmp(a->written, b->written);
  return order > 0 || (order == 0 && strcmp(a->file, b->file) > 0);
}

static void consider(const char *path, const char *node_class,
                     trm__host_machine_file *best, bool *any) {
  trm__base_error error = {TRM_OK, ""};
  trm__host_machine_file f;
  if (trm__host_machine_read(path, &f, &error)) {
    trm__base_error_print("ignored: %s", error.text);
    return;
  }
  bool better = !strcmp(f.machine.node_class, node_class) &&
                (!*any || better_than(&f.machine, &best->machine));
  if (better) {
    trm__host_machine_clear(best);
    *best = f;
    *any = true;
  } else
    trm__host_machine_clear(&f);
}

bool trm__host_machine_best(const char *directory, const char *node_class,
                            trm__host_machine_file *best) {
  bool any = false;
  *best = (trm__host_machine_file){.machine = trm__host_machine_unknown()};
  DIR *open = opendir(directory);
  for (const struct dirent *e; open && (e = readdir(open));) {
    if (!is_json(e->d_name)) continue;
    char *path = trm__base_format("%s/%s", directory, e->d_name);
    consider(path, node_class, best, &any);
    free(path);
  }
  if (open) closedir(open);
  return any;
}

bool trm_machine_find(trm_machine *machine) {
  char *directory = trm__host_machine_directory();
  trm__host_machine_file best;
  *machine = trm__host_machine_unknown();
  trm__host_classify(machine);
  snprintf(machine->file, sizeof machine->file, "%s", directory);
  bool found = trm__host_machine_best(directory, machine->node_class, &best);
  if (found) *machine = best.machine;
  trm__host_machine_clear(&best);
  free(directory);
  return found;
}

double trm_ceiling_at(const trm_ceiling *c, int cores, int all_cores) {
  if (cores > all_cores) return 0; /* never measured together */
  if (cores == all_cores || !(c->one.best > 0)) return c->all.best;
  double alone = c->one.best * cores;
  return c->all.best > 0 && alone > c->all.best ? c->all.best : alone;
}
