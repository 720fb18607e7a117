/* TEST timeout=60 Threads and cores, matched against an oracle; sets of
 * processors; machines that hwloc makes up; /proc and /sys as they are written
 * on other machines. */
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "meter/sets.h"

/* -- matching against an oracle -------------------------------------------- */

enum { CORES = 6, MOST = 8 };

/* Largest number of threads that get a core each, by trying everything. */
static int matched(int n, const unsigned may[], unsigned taken, unsigned skip) {
  if (n == 0) return 0;
  int best = matched(n - 1, may, taken, skip);
  if (skip >> (n - 1) & 1) return best;
  for (int c = 0; c < CORES; c++)
    if (may[n - 1] >> c & 1 && !(taken >> c & 1)) {
      int got = 1 + matched(n - 1, may, taken | 1u << c, skip);
      if (got > best) best = got;
    }
  return best;
}

static unsigned low(const trm__host_cpus *set) {
  return (unsigned)set->word[0];
}

/* A thread is in a group if and only if some largest matching leaves it out, or
 * ... it holds a core that such a thread could have. */
static void check_groups(int n, const unsigned may[]) {
  trm__host_cpus sets[MOST] = {{{0}}};
  const trm__host_cpus *threads[MOST];
  int in[MOST], sum[MOST] = {0};
  for (int t = 0; t < n; t++) {
    sets[t].word[0] = may[t];
    threads[t] = &sets[t];
  }
  trm__host_core_group *groups;
  int count = trm__host_core_groups_find(n, threads, in, &groups);
  int best = matched(n, may, 0, 0);
  CHECK((count > 0) == (best < n));
  unsigned all = 0;
  for (int i = 0; i < count; i++) {
    CHECK_INT(all & low(&groups[i].cores), 0);
    all |= low(&groups[i].cores);
  }
  for (int t = 0; t < n; t++) {
    bool spare = matched(n, may, 0, 1u << t) == best;
    CHECK_INT(in[t] >= 0, spare);
    if (in[t] < 0) continue;
    sum[in[t]]++;
    CHECK_INT(may[t] & ~low(&groups[in[t]].cores), 0);
  }
  for (int i = 0; i < count; i++) {
    CHECK_INT(groups[i].threads, sum[i]);
    CHECK(sum[i] > trm__host_cpus_count(&groups[i].cores));
  }
  free(groups);
}

static void groups(void) {
  unsigned seed = 12345;
  for (int k = 0; k < 1500; k++) {
    unsigned may[MOST];
    int n = 1 + k % 7;
    for (int t = 0; t < n; t++) {
      seed = seed * 1664525u + 1013904223u;
      may[t] = seed >> 20 & seed >> 10 & ((1u << CORES) - 1);
      if (!may[t]) may[t] = 1u << seed % CORES;
    }
    check_groups(n, may);
  }
}

/* -- machines of hwloc ----------------------------------------------------- */

static void check_set(const trm__host_cpus *got, const char *want) {
  char *text = trm__host_cpus_text("core", got);
  CHECK_TEXT(text, want);
  free(text);
}

static void check_cores(const trm__host_topology *machine,
                        const char *processors, const char *want) {
  trm__host_cpus cpus = set_of(processors),
                 cores = trm__host_cores(machine, &cpus);
  check_set(&cores, want);
}

/* Four cores, whose hardware threads are c and c + 4. */
static void cores_of_threads(void) {
  trm__host_topology *m = machine_of("core:4 pu:2(indexes=0,4,1,5,2,6,3,7)");
  trm__host_cpus all = trm__host_allowed(m), first = set_of("2"),
                 second = set_of("6");
  check_set(&all, "cores 0-7");
  check_cores(m, "0-7", "cores 0-3");
  check_cores(m, "2,6", "core 2");
  check_cores(m, "6", "core 2");
  check_cores(m, "5-6", "cores 1-2");
  check_cores(m, "3,100", "cores 3, 100"); /* hwloc knows no such processor */
  trm__host_cpus a = trm__host_cores(m, &first),
                 b = trm__host_cores(m, &second);
  int in[2];
  trm__host_core_group *group;
  int n = trm__host_core_groups_find(2, (const trm__host_cpus *[]){&a, &b}, in,
                                     &group);
  CHECK_INT(n, 1);
  if (n == 1) {
    CHECK_INT(group->threads, 2);
    check_set(&group->cores, "core 2");
  }
  free(group);
  trm__host_topology_free(&m);
  CHECK(!m);
}

static void sockets_and_nodes(void) {
  double together = 0;
  trm__host_topology *m =
      machine_of("package:2 numa:2 l3:1(size=32MB) l2:2(size=1MB) core:2 pu:2");
  check_cores(m, "0-31",
              "cores 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, "
              "26, 28, 30");
  check_cores(m, "13-18", "cores 12, 14, 16, 18");
  CHECK_SAME(trm__host_cache(m, &together), 32e6);
  CHECK_SAME(together, 4 * 32e6);
  trm__host_topology_free(&m);
  m = machine_of("package:3 core:5 pu:1");
  check_cores(m, "4-5", "cores 4-5");
  CHECK_SAME(trm__host_cache(m, &together), 0);
  trm__host_topology_free(&m);
  setenv("TRM_SYNTHETIC", "no machine", 1);
  CHECK(!trm__host_topology_load());
}

/* Every processor that this process may use is in a core, of itself the
 * lowest. */
static void this_machine(void) {
  trm__host_topology *m = machine_of(NULL);
  trm__host_cpus mine, cores, allowed = trm__host_allowed(m), again;
  CHECK(trm__host_facts_cpus(&mine) && trm__host_facts_cores(m, &cores));
  CHECK(trm__host_cpus_within(&mine, &allowed));
  CHECK(trm__host_cpus_count(&cores) >= 1);
  CHECK(trm__host_cpus_count(&cores) <= trm__host_cpus_count(&mine));
  again = trm__host_cores(m, &cores);
  CHECK(trm__host_cpus_same(&again, &cores));
  trm__host_topology_free(&m);
  CHECK(!trm__host_facts_cores(NULL, &cores));
}

/* -- /proc and /sys -------------------------------------------------------- */

static char root[512];

static void put(const char *path, const char *text) {
  char whole[1024];
  snprintf(whole, sizeof whole, "%s%s", root, path);
  for (char *slash = strchr(whole + 1, '/'); slash;
       slash = strchr(slash + 1, '/')) {
    *slash = 0;
    mkdir(whole, 0777);
    *slash = '/';
  }
  FILE *file = fopen(whole, "w");
  CHECK(file && fputs(text, file) >= 0 && !fclose(file));
}

static int remove_one(const char *path, const struct stat *status, int flag,
                      struct FTW *walk) {
  (void)status, (void)flag, (void)walk;
  return remove(path);
}

static void clean(void) {
  nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
  mkdir(root, 0777);
}

static void nothing_there(void) {
  trm__host_limit limits[TRM__LIMITS];
  char word[24];
  CHECK_INT(trm__host_system_limits(root, limits), 0);
  CHECK_SAME(trm__host_system_memory(root), -1);
  CHECK_SAME(trm__host_system_load(root), -1);
  CHECK(!trm__host_system_no_huge_pages(root));
  trm__host_system_governor(root, word, sizeof word);
  CHECK_TEXT(word, "");
}

static void check_limit(const trm__host_limit *l, bool cpu, const char *group,
                        double most, double room) {
  CHECK_INT(l->cpu, cpu);
  CHECK_TEXT(l->group, group);
  CHECK_SAME(l->limit, most);
  CHECK_SAME(l->room, room);
}

static void groups_of_version_2(void) {
  trm__host_limit l[TRM__LIMITS];
  put("/proc/self/cgroup", "0::/job/step\n");
  put("/sys/fs/cgroup/job/step/memory.max", "max\n");
  put("/sys/fs/cgroup/job/step/memory.current", "500\n");
  put("/sys/fs/cgroup/job/step/cpu.max", "max 100000\n");
  put("/sys/fs/cgroup/job/memory.max", "10000\n");
  put("/sys/fs/cgroup/job/memory.current", "5000\n");
  put("/sys/fs/cgroup/job/memory.stat",
      "anon 7\nfile 1500\ninactive_file 1000\nactive_file 500\n");
  put("/sys/fs/cgroup/job/cpu.max", "150000 100000\n");
  CHECK_INT(trm__host_system_limits(root, l), 2);
  check_limit(&l[0], true, "/job", 1.5, 1.5);
  check_limit(&l[1], false, "/job", 10000, 6500);
  /* as a container sees it whose tree begins at its own group */
  put("/proc/self/cgroup", "0::/elsewhere/deep\n");
  put("/sys/fs/cgroup/memory.max", "4096\n");
  put("/sys/fs/cgroup/memory.current", "96\n");
  CHECK_INT(trm__host_system_limits(root, l), 1);
  check_limit(&l[0], false, "/", 4096, 4000);
}

static void groups_of_version_1(void) {
  trm__host_limit l[TRM__LIMITS];
  put("/proc/self/cgroup",
      "4:memory:/slurm/job_1/step_0\n3:cpu,cpuacct:/half\n"
      "1:name=systemd:/cpu\n0::/ignored\n");
  put("/sys/fs/cgroup/memory/slurm/job_1/step_0/memory.limit_in_bytes",
      "9223372036854771712\n");
  put("/sys/fs/cgroup/memory/slurm/job_1/memory.limit_in_bytes", "8000\n");
  put("/sys/fs/cgroup/memory/slurm/job_1/memory.usage_in_bytes", "3000\n");
  put("/sys/fs/cgroup/memory/slurm/job_1/memory.stat",
      "inactive_file 1\nactive_file 2\ntotal_inactive_file 600\n"
      "total_active_file 400\n");
  put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9000\n");
  put("/sys/fs/cgroup/memory/memory.usage_in_bytes", "8500\n");
  put("/sys/fs/cgroup/cpu/half/cpu.cfs_quota_us", "50000\n");
  put("/sys/fs/cgroup/cpu/half/cpu.cfs_period_us", "100000\n");
  put("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  put("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  CHECK_INT(trm__host_system_limits(root, l), 3);
  check_limit(&l[0], true, "/half", 0.5, 0.5);
  check_limit(&l[1], false, "/slurm/job_1", 8000, 6000);
  check_limit(&l[2], false, "/", 9000, 500);
}

/* Version 2 next to version 1, as systemd has it: controllers of version 1. */
static void groups_of_both(void) {
  trm__host_limit l[TRM__LIMITS];
  put("/proc/self/cgroup", "2:memory:/a\n0::/b\n");
  put("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "7000\n");
  put("/sys/fs/cgroup/memory/a/memory.usage_in_bytes", "1000\n");
  put("/sys/fs/cgroup/unified/b/cpu.max", "200000 100000\n");
  put("/sys/fs/cgroup/unified/b/memory.max", "1\n");
  CHECK_INT(trm__host_system_limits(root, l), 2);
  check_limit(&l[0], true, "/b", 2, 2);
  check_limit(&l[1], false, "/a", 7000, 6000);
}

static void numbers(void) {
  char word[24];
  const char *thp = "/sys/kernel/mm/transparent_hugepage/enabled";
  const char *cpufreq = "/sys/devices/system/cpu/cpu0/cpufreq/scaling_";
  char governor[100], driver[100];
  snprintf(governor, sizeof governor, "%sgovernor", cpufreq);
  snprintf(driver, sizeof driver, "%sdriver", cpufreq);
  put("/proc/meminfo",
      "MemTotal:       100 kB\nMemFree:         10 kB\n"
      "MemAvailable:    75 kB\n");
  CHECK_SAME(trm__host_system_memory(root), 75 * 1024);
  put("/proc/loadavg", "1.25 0.50 0.10 3/200 1234\n");
  CHECK_SAME(trm__host_system_load(root), 1.25);
  put(thp, "always [madvise] never\n");
  CHECK(!trm__host_system_no_huge_pages(root));
  put(thp, "[always] madvise never\n");
  CHECK(!trm__host_system_no_huge_pages(root));
  put(thp, "always madvise [never]\n");
  CHECK(trm__host_system_no_huge_pages(root));
  put(governor, "powersave\n");
  put(driver, "acpi-cpufreq\n");
  trm__host_system_governor(root, word, sizeof word);
  CHECK_TEXT(word, "powersave");
  put(driver, "intel_pstate\n");
  trm__host_system_governor(root, word, sizeof word);
  CHECK_TEXT(word, "");
}

static void sets(void) {
  trm__host_cpus set;
  set = set_of("0-2,64,2047");
  CHECK_INT(trm__host_cpus_count(&set), 5);
  check_set(&set, "cores 0-2, 64, 2047");
  CHECK_INT(trm__host_cpus_next(&set, 3), 64);
  CHECK_INT(trm__host_cpus_next(&set, 65), 2047);
  CHECK_INT(trm__host_cpus_next(&set, 2048), -1);
  set = set_of("4000");
  CHECK_INT(trm__host_cpus_count(&set), 0);
  set = set_of(
      "0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,36,38,40,42,"
      "44,46,48,50,52,54,56,58,60,62");
  char *text = trm__host_cpus_text("core", &set);
  CHECK(strstr(text, ", ...") && strlen(text) < 140);
  free(text);
}

int main(void) {
  const char *tmp = getenv("TMPDIR");
  snprintf(root, sizeof root, "%s/trireme.XXXXXX", tmp ? tmp : "/tmp");
  if (!mkdtemp(root)) return 9;
  groups(), sets();
  nothing_there();
  cores_of_threads(), sockets_and_nodes(), this_machine();
  clean(), groups_of_version_2();
  clean(), groups_of_version_1();
  clean(), groups_of_both();
  clean(), numbers();
  clean(), rmdir(root);
  return check_done();
}
