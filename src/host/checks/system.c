/* What the kernel says in /proc and /sys. Whatever cannot be read is not known:
 * containers hide parts of both. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "host/checks/launch.h"

enum { TEXT = 8192, PATH = 1024 };
static const double UNLIMITED = 1e18; /* version 1 writes 2^63 less a page */

static bool read_text(const char *root, const char *path, char text[TEXT]) {
  char whole[PATH];
  int n = snprintf(whole, sizeof whole, "%s%s", root, path);
  FILE *file = n < PATH ? fopen(whole, "re") : NULL;
  if (!file) return false;
  size_t size = fread(text, 1, TEXT - 1, file);
  text[size] = 0;
  fclose(file);
  return size > 0;
}

/* The number behind a word at the begin of a line; -1: there is no such
 * line. */
static double number_of(const char *text, const char *word) {
  size_t n = strlen(word);
  for (const char *at = text; at; at = strchr(at, '\n'), at += at != NULL)
    if (!strncmp(at, word, n)) return atof(at + n);
  return -1;
}

/* -- control groups -------------------------------------------------------- */

typedef struct group { /* where this process is in one hierarchy */
  bool unified;        /* version 2 */
  char mount[32];      /* below the root */
  char path[PATH / 2]; /* as /proc/self/cgroup has it; "" at the top */
} group;

static bool lists(const char *controllers, size_t n, const char *name) {
  size_t length = strlen(name);
  for (const char *at = controllers; at < controllers + n;) {
    size_t word = strcspn(at, ",:");
    if (word == length && !strncmp(at, name, length)) return true;
    at += word + 1;
  }
  return false;
}

/* Find the group of a controller: a line "4:memory:/path" names that of version
 * 1, which then has it; "0::/path" that of version 2. */
static bool find_group(const char *root, const char *controller, group *g) {
  char text[TEXT], *rest = NULL;
  *g = (group){.unified = true};
  if (!read_text(root, "/proc/self/cgroup", text)) return false;
  bool found = false;
  for (char *line = strtok_r(text, "\n", &rest); line;
       line = strtok_r(NULL, "\n", &rest)) {
    char *names = strchr(line, ':'),
         *path = names ? strchr(++names, ':') : NULL;
    if (!path) continue;
    bool first = lists(names, (size_t)(path - names), controller);
    if (!first && (path != names || found)) continue;
    found = true;
    if (first) g->unified = false;
    snprintf(g->mount, sizeof g->mount, "%s%s", first ? "/" : "",
             first ? controller : "");
    snprintf(g->path, sizeof g->path, "%s", path[1] && path[2] ? path + 1 : "");
    if (first) break;
  }
  return found;
}

static bool read_in(const char *root, const group *g, const char *name,
                    char text[TEXT]) {
  char path[PATH];
  snprintf(path, sizeof path, "/sys/fs/cgroup%s%s/%s", g->mount, g->path, name);
  if (read_text(root, path, text)) return true;
  if (!g->unified) return false; /* or mounted next to version 1 hierarchies */
  snprintf(path, sizeof path, "/sys/fs/cgroup/unified%s/%s", g->path, name);
  return read_text(root, path, text);
}

/* Go to the group above; false at the top. */
static bool up(group *g) {
  char *slash = strrchr(g->path, '/');
  if (!slash) return false;
  *slash = 0;
  return true;
}

static double number_in(const char *root, const group *g, const char *name) {
  char text[TEXT];
  if (!read_in(root, g, name, text)) return -1;
  return strncmp(text, "max", 3) ? atof(text) : UNLIMITED;
}

/* Files that are cached count as used, but make room when asked to. */
static double cached_in(const char *root, const group *g) {
  char text[TEXT];
  const char *total = g->unified ? "" : "total_";
  if (!read_in(root, g, "memory.stat", text)) return 0;
  char active[32], inactive[32];
  snprintf(active, sizeof active, "%sactive_file ", total);
  snprintf(inactive, sizeof inactive, "%sinactive_file ", total);
  double a = number_of(text, active), i = number_of(text, inactive);
  return (a > 0 ? a : 0) + (i > 0 ? i : 0);
}

static bool memory_limit(const char *root, const group *g, trm__host_limit *l) {
  double limit =
      number_in(root, g, g->unified ? "memory.max" : "memory.limit_in_bytes");
  if (limit < 0 || limit >= UNLIMITED) return false;
  double used = number_in(
      root, g, g->unified ? "memory.current" : "memory.usage_in_bytes");
  used -= cached_in(root, g);
  l->limit = limit;
  l->room = limit - (used > 0 ? used : 0);
  return true;
}

static bool cpu_limit(const char *root, const group *g, trm__host_limit *l) {
  char text[TEXT];
  double quota = -1, period = -1;
  if (g->unified) {
    if (!read_in(root, g, "cpu.max", text)) return false;
    if (sscanf(text, "%lf %lf", &quota, &period) != 2) return false; /* max */
  } else {
    quota = number_in(root, g, "cpu.cfs_quota_us");
    period = number_in(root, g, "cpu.cfs_period_us");
  }
  if (!(quota > 0) || !(period > 0)) return false;
  l->limit = l->room = quota / period;
  return true;
}

/* A container may see its own group as the top of the tree, whatever
 * /proc/self/cgroup says: groups that are not there are passed over. */
static int add_limits(const char *root, bool cpu, trm__host_limit list[],
                      int n) {
  group g;
  if (!find_group(root, cpu ? "cpu" : "memory", &g)) return n;
  do {
    trm__host_limit found = {.cpu = cpu};
    if (n == TRM__LIMITS) break;
    if (!(cpu ? cpu_limit : memory_limit)(root, &g, &found)) continue;
    size_t length = strlen(g.path), most = sizeof found.group - 1;
    strcpy(found.group, g.path + (length > most ? length - most : 0));
    if (length == 0) strcpy(found.group, "/");
    list[n++] = found;
  } while (up(&g));
  return n;
}

static double variable(const char *name) {
  const char *text = getenv(name);
  return text ? strtod(text, NULL) : 0;
}

/* What Slurm grants on this host, in MiB; some sites enforce it by sampling, where
 * no control group shows it. */
static int add_slurm(trm__host_limit list[], int n) {
  const char *name = "SLURM_MEM_PER_NODE";
  double mib = variable(name);
  if (!(mib > 0)) {
    name = "SLURM_MEM_PER_CPU";
    mib = variable(name) * variable("SLURM_CPUS_ON_NODE");
  }
  if (!(mib > 0) || n == TRM__LIMITS) return n;
  list[n] = (trm__host_limit){
      .slurm = true, .limit = mib * (1 << 20), .room = mib * (1 << 20)};
  snprintf(list[n].group, sizeof list[n].group, "%s", name);
  return n + 1;
}

int trm__host_system_limits(const char *root,
                            trm__host_limit list[TRM__LIMITS]) {
  return add_slurm(
      list, add_limits(root, false, list, add_limits(root, true, list, 0)));
}

/* -- one number each ------------------------------------------------------- */

double trm__host_system_memory(const char *root) {
  char text[TEXT];
  if (!read_text(root, "/proc/meminfo", text)) return -1;
  double kib = number_of(text, "MemAvailable:");
  return kib < 0 ? -1 : kib * 1024;
}

bool trm__host_system_no_huge_pages(const char *root) {
  char text[TEXT];
  return read_text(root, "/sys/kernel/mm/transparent_hugepage/enabled", text) &&
         strstr(text, "[never]");
}

double trm__host_system_load(const char *root) {
  char text[TEXT];
  return read_text(root, "/proc/loadavg", text) ? atof(text) : -1;
}

/* Drivers whose processors choose their clock themselves use the word for what
 * is no fixed low clock. */
void trm__host_system_governor(const char *root, char *word, int size) {
  static const char where[] = "/sys/devices/system/cpu/cpu0/cpufreq/scaling_";
  char path[PATH], text[TEXT];
  *word = 0;
  snprintf(path, sizeof path, "%sdriver", where);
  if (read_text(root, path, text) && (!strncmp(text, "intel_pstate", 12) ||
                                      !strncmp(text, "amd-pstate-epp", 14)))
    return;
  snprintf(path, sizeof path, "%sgovernor", where);
  if (read_text(root, path, text))
    snprintf(word, (size_t)size, "%s", trm__base_text_trim(text));
}
