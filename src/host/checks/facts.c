/* What one rank finds out about its launch. */
#include <omp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/memory.h"
#include "comm/level.h"
#include "host/checks/launch.h"

static const uint32_t TMPFS = 0x01021994, RAMFS = 0x858458f6;

const char *trm__host_launch_root(void) {
  const char *root = getenv("TRM_SYSTEM_ROOT");
  return root ? root : "";
}

/* -- cores ----------------------------------------------------------------- */

static bool own_cpus(trm__host_cpus *cpus) {
  *cpus = (trm__host_cpus){{0}};
  return sched_getaffinity(0, sizeof *cpus, (cpu_set_t *)cpus) == 0;
}

/* With OMP_PLACES, OpenMP binds the first thread before main: the rank may then
 * use the union of the places. */
bool trm__host_facts_cpus(trm__host_cpus *cpus) {
  if (!own_cpus(cpus)) return false;
  int ids[TRM__CPUS];
  for (int p = 0; p < omp_get_num_places(); p++) {
    int n = omp_get_place_num_procs(p);
    if (n > TRM__CPUS) return false;
    omp_get_place_proc_ids(p, ids);
    for (int i = 0; i < n; i++) trm__host_cpus_add(cpus, ids[i]);
  }
  return true;
}

bool trm__host_facts_cores(const trm__host_topology *topology,
                           trm__host_cpus *cores) {
  trm__host_cpus cpus;
  if (!topology || !trm__host_facts_cpus(&cpus)) return false;
  *cores = trm__host_cores(topology, &cpus);
  return trm__host_cpus_count(cores) > 0;
}

/* Measure the team of a kernel's parallel region: it requests the same
 * threads. */
static void find_team(const trm__host_topology *topology, trm__host_facts *f) {
  bool known = topology != NULL;
  f->thread_cores =
      trm__base_calloc((size_t)f->threads, sizeof *f->thread_cores);
#pragma omp parallel num_threads(f->threads) reduction(&& : known)
  {
    trm__host_cpus cpus;
    known = own_cpus(&cpus);
    f->thread_cores[omp_get_thread_num()] = cpus;
#pragma omp single
    f->team = omp_get_num_threads();
  }
  f->known = f->known && known;
  if (!f->known) return;
  trm__host_cpus last = {{0}};
  for (int t = 0; t < f->team; t++) {
    trm__host_cpus cpus = f->thread_cores[t];
    bool again = t > 0 && trm__host_cpus_same(&cpus, &last);
    f->thread_cores[t] =
        again ? f->thread_cores[t - 1] : trm__host_cores(topology, &cpus);
    last = cpus;
  }
}

static void find_cores(const trm__host_topology *topology, trm__host_facts *f) {
  trm__host_cpus cpus, allowed;
  f->placed = omp_get_proc_bind() != omp_proc_bind_false;
  f->known = topology && trm__host_facts_cpus(&cpus);
  if (f->known) {
    allowed = trm__host_allowed(topology);
    f->narrowed =
        f->placed && omp_get_num_procs() > trm__host_cpus_count(&cpus);
    trm__host_cpus_join(&allowed, &cpus); /* cores in use are allowed */
    f->rank_cores = trm__host_cores(topology, &cpus);
    f->host_cores = trm__host_cores(topology, &allowed);
  }
  find_team(topology, f);
}

/* -- libraries ------------------------------------------------------------- */

/* A BLAS that a kernel is linked with would read these. */
static void find_other_blas(trm__host_facts *f) {
  static const char *const names[] = {"OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
                                      "BLIS_NUM_THREADS"};
  for (int i = 0; i < 3; i++) {
    const char *value = getenv(names[i]);
    if (value && atoi(value) > 1)
      snprintf(f->other_blas, sizeof f->other_blas, "%s=%.8s", names[i], value);
  }
}

/* -- memory and disks ------------------------------------------------------ */

static double address_room(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) || limit.rlim_cur == RLIM_INFINITY)
    return -1;
  double pages = 0;
  FILE *file = fopen("/proc/self/statm", "re");
  if (file && fscanf(file, "%lf", &pages) != 1) pages = 0;
  if (file) fclose(file);
  double room = (double)limit.rlim_cur - pages * (double)sysconf(_SC_PAGESIZE);
  return room > 0 ? room : 0;
}

/* The directory itself, or its nearest existing parent. */
static void find_disk(trm__host_disk *disk) {
  struct statfs fs;
  struct stat status;
  char above[sizeof disk->path + 4];
  snprintf(above, sizeof above, "%s", disk->path);
  char *slash = strrchr(above, '/');
  if (!slash)
    strcpy(above, ".");
  else
    slash[slash == above] = 0;
  const char *there = stat(disk->path, &status) ? above : disk->path;
  if (stat(there, &status) || statfs(there, &fs)) return;
  disk->known = true;
  disk->id = status.st_dev;
  disk->memory = (uint32_t)fs.f_type == TMPFS || (uint32_t)fs.f_type == RAMFS;
  disk->size = (double)fs.f_blocks * (double)fs.f_bsize;
  disk->free = (double)fs.f_bavail * (double)fs.f_bsize;
}

/* -- the whole ------------------------------------------------------------- */

void trm__host_facts_find(const trm__host_launch *launch, trm__host_facts *f) {
  const char *root = launch->root;
  *f = (trm__host_facts){.threads = launch->threads,
                         .level = trm__comm_mpi_level(),
                         .resident_bytes = launch->resident_bytes,
                         .free_bytes = trm__host_system_memory(root),
                         .address_room = address_room(),
                         .no_huge_pages = trm__host_system_no_huge_pages(root),
                         .disks = launch->disks,
                         .load = trm__host_system_load(root)};
  gethostname(f->name, sizeof f->name - 1);
  f->name[strcspn(f->name, ".")] = 0;
  f->limits = trm__host_system_limits(root, f->limit);
  trm__host_system_governor(root, f->governor, sizeof f->governor);
  find_cores(launch->topology, f);
  find_other_blas(f);
  for (int i = 0; i < f->disks; i++) {
    f->disk[i] = launch->disk[i];
    find_disk(&f->disk[i]);
  }
}

void trm__host_facts_clear(trm__host_facts *f) {
  free(f->thread_cores);
  *f = (trm__host_facts){.rank = 0};
}
