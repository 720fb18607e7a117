/* Checks of a launch: facts of all ranks in, findings out. */
#include <math.h>
#include <mpi.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "host/checks/notes.h"

static const double CLOCK = 1;   /* seconds that clocks may differ */
static const double FULL = 0.05; /* a disk with less free is almost full ... */
static const double PLENTY = 1LL
                             << 40; /* ... unless this many bytes are free */

typedef struct node { /* one host with its ranks */
  trm__host_notes *notes;
  trm__host_findings *found;
  int n, *rank; /* owned */
  const trm__host_facts *facts,
      *first;           /* of all ranks; of the first rank here */
  trm__host_cpus cores; /* that jobs may use */
  int ncores, threads;  /* of all ranks together */
} node;

static const trm__host_facts *at(const node *w, int i) {
  return &w->facts[w->rank[i]];
}

static void on_rank(node *w, trm__host_finding_code code, int rank, char *what,
                    char *right) {
  trm__host_note_rank(w->notes, code, rank, what, right);
}

static void on_host(node *w, trm__host_finding_code code, char *what,
                    char *right) {
  trm__host_note_host(w->notes, code, w->rank[0], what, right);
}

/* -- cores ----------------------------------------------------------------- */

/* Did srun start the ranks? mpirun, which sets this variable, may run in a job of Slurm
 * too. */
static bool by_srun(void) {
  return getenv("SLURM_STEP_ID") && !getenv("OMPI_COMMAND");
}

static char *bind(const node *w, int threads) {
  return trm__base_format(
      by_srun() ? "srun --cpus-per-task=%d --cpu-bind=cores -n %d"
                : "mpirun --map-by slot:PE=%d --bind-to core -n %d",
      threads, w->notes->ranks);
}

static char *with_ranks(const node *w) {
  if (by_srun())
    return w->notes->hosts == 1
               ? trm__base_format("srun -n %d", w->ncores)
               : trm__base_format("srun --ntasks-per-node=%d", w->ncores);
  return w->notes->hosts == 1
             ? trm__base_format("mpirun -n %d", w->ncores)
             : trm__base_format("mpirun --map-by ppr:%d:node", w->ncores);
}

/* Suggest fewer threads if that is enough, else fewer ranks. */
static char *fewer(const node *w) {
  int each = w->first->threads, thin = w->ncores / w->n;
  if (each > 1 && thin > 0) return trm__base_format("--threads %d", thin);
  char *launch = with_ranks(w);
  char *text =
      trm__base_format("%s%s at most", launch, each > 1 ? ", --threads 1" : "");
  free(launch);
  return text;
}

static void check_oversubscribed(node *w) {
  if (w->threads <= w->ncores) return;
  on_host(
      w, TRM__FINDING_oversubscribed,
      trm__base_format("%s x %s on %s", trm__base_text_count(w->n, "rank").s,
                       trm__base_text_count(w->first->threads, "thread").s,
                       trm__base_text_count(w->ncores, "core").s),
      fewer(w));
}

/* Threads of one rank that compete with each other: either OpenMP bound them to
 * the same cores, or the rank may use too few cores. */
static void check_rank(node *w, int rank) {
  const trm__host_facts *f = &w->facts[rank];
  const trm__host_cpus **threads =
      trm__base_calloc((size_t)f->team, sizeof(const trm__host_cpus *));
  int *group = trm__base_calloc((size_t)f->team, sizeof *group);
  for (int t = 0; t < f->team; t++) threads[t] = &f->thread_cores[t];
  trm__host_core_group *groups;
  int n = trm__host_core_groups_find(f->team, threads, group, &groups);
  int cores = trm__host_cpus_count(&f->rank_cores);
  if (n > 0 && (f->narrowed || cores >= f->team)) {
    char *where = trm__host_cpus_text("core", &groups[0].cores);
    on_rank(
        w, TRM__FINDING_core_shared_by_threads, rank,
        trm__base_format("%d threads are bound to %s", groups[0].threads,
                         where),
        trm__base_strdup("OMP_PLACES=cores OMP_PROC_BIND=close, or neither"));
    free(where);
  } else if (n > 0 && cores < w->ncores) {
    bool fits = w->threads <= w->ncores;
    on_rank(
        w, TRM__FINDING_threads_without_core, rank,
        trm__base_format("%s on %s", trm__base_text_count(f->team, "thread").s,
                         trm__base_text_count(cores, "core").s),
        fits ? bind(w, f->threads) : trm__base_format("--threads %d", cores));
  }
  free(groups);
  free(group);
  free(threads);
}

/* Note a group of several ranks if the host has other cores for them. */
static void note_shared(node *w, int which, const trm__host_core_group *group,
                        const int in[], const int owner[]) {
  int first = -1, last = -1;
  for (int t = 0; t < w->threads; t++) {
    if (in[t] != which) continue;
    if (first < 0) first = owner[t];
    last = owner[t];
  }
  if (first == last || trm__host_cpus_count(&group->cores) >= w->ncores) return;
  char *where = trm__host_cpus_text("core", &group->cores);
  for (int t = 0; t < w->threads; t++)
    if (in[t] == which)
      on_rank(
          w, TRM__FINDING_core_shared_by_ranks, owner[t],
          trm__base_format("%d threads may only use %s", group->threads, where),
          bind(w, w->first->threads));
  free(where);
}

/* Merge groups that share a rank, as when two ranks are bound to the same
 * cores. */
static void merge(node *w, int n, trm__host_core_group *groups, int in[],
                  const int owner[]) {
  int *group_of = trm__base_calloc((size_t)w->notes->ranks, sizeof *group_of);
  for (int again = n > 1; again;) {
    again = false;
    for (int r = 0; r < w->notes->ranks; r++) group_of[r] = -1;
    for (int t = 0; t < w->threads; t++) {
      if (in[t] < 0) continue;
      int to = group_of[owner[t]], from = in[t];
      if (to < 0) group_of[owner[t]] = to = from;
      if (to == from) continue;
      trm__host_cpus_join(&groups[to].cores, &groups[from].cores);
      groups[to].threads += groups[from].threads;
      for (int k = 0; k < w->threads; k++)
        if (in[k] == from) in[k] = to;
      again = true;
      break;
    }
  }
  free(group_of);
}

static void check_host_cores(node *w) {
  size_t n = (size_t)w->threads;
  const trm__host_cpus **threads =
      trm__base_calloc(n, sizeof(const trm__host_cpus *));
  int *owner = trm__base_calloc(n, sizeof *owner),
      *in = trm__base_calloc(n, sizeof *in);
  for (int i = 0, k = 0; i < w->n; i++)
    for (int t = 0; t < at(w, i)->team; t++, k++) {
      threads[k] = &at(w, i)->thread_cores[t];
      owner[k] = w->rank[i];
    }
  trm__host_core_group *groups;
  int found = trm__host_core_groups_find(w->threads, threads, in, &groups);
  if (found > 0) w->found->shared = true;
  merge(w, found, groups, in, owner);
  for (int i = 0; i < found; i++) note_shared(w, i, &groups[i], in, owner);
  free(groups);
  free(in);
  free(owner);
  free(threads);
}

static void check_cores(node *w) {
  for (int i = 0; i < w->n; i++)
    if (!at(w, i)->known) return;
  for (int c = TRM__FINDING_oversubscribed;
       c <= TRM__FINDING_threads_without_core; c++)
    w->found->made[c] = true;
  check_oversubscribed(w);
  for (int i = 0; i < w->n; i++) check_rank(w, w->rank[i]);
  check_host_cores(w);
}

/* -- control groups, memory ------------------------------------------------ */

/* What the ranks of a control group use together. */
static double asked_of(const node *w, const trm__host_limit *limit) {
  double sum = 0;
  for (int i = 0; i < w->n; i++)
    for (int k = 0; k < at(w, i)->limits; k++) {
      const trm__host_limit *l = &at(w, i)->limit[k];
      if (l->cpu == limit->cpu && !strcmp(l->group, limit->group))
        sum += l->cpu ? at(w, i)->team : at(w, i)->resident_bytes;
    }
  return sum;
}

static void check_quota(node *w, int rank) {
  const trm__host_facts *f = &w->facts[rank];
  for (int k = 0; k < f->limits; k++) {
    const trm__host_limit *l = &f->limit[k];
    double asked = l->cpu ? asked_of(w, l) : 0;
    if (asked < l->limit + 0.01) continue;
    w->found->shared = true;
    on_rank(w, TRM__FINDING_cpu_quota, rank,
            trm__base_format(
                "%g threads in the control group %s, which may use the "
                "time of %.3g cores",
                asked, l->group, l->limit),
            trm__base_format("at most %s in all, or a larger quota",
                             trm__base_text_count(
                                 l->limit < 1 ? 1 : (int64_t)l->limit, "thread")
                                 .s));
    return;
  }
}

typedef struct shortage { /* the worst so far */
  double needed, room;
  const char *limit, *name;
  int rank;   /* with the shortage; -1: the whole host */
  bool slurm; /* grants it */
} shortage;

static void worsen(shortage *worst, shortage s) {
  if (s.room < 0 || s.needed <= s.room) return;
  if (!worst->limit || s.needed - s.room > worst->needed - worst->room)
    *worst = s;
}

static void check_memory(node *w) {
  shortage worst = {.rank = -1};
  double needed = 0;
  for (int i = 0; i < w->n; i++) needed += at(w, i)->resident_bytes;
  if (!(needed > 0)) return;
  w->found->made[TRM__FINDING_memory] = true;
  for (int i = 0; i < w->n; i++) {
    const trm__host_facts *f = at(w, i);
    worsen(&worst,
           (shortage){needed, f->free_bytes, "available", "", -1, false});
    worsen(&worst, (shortage){f->resident_bytes, f->address_room,
                              "left of its address space (ulimit -v)", "",
                              f->rank, false});
    for (int k = 0; k < f->limits; k++)
      if (!f->limit[k].cpu)
        worsen(&worst,
               (shortage){asked_of(w, &f->limit[k]), f->limit[k].room,
                          f->limit[k].slurm ? "granted by Slurm in "
                                            : "left in the control group ",
                          f->limit[k].group, -1, f->limit[k].slurm});
  }
  if (!worst.limit) return;
  (worst.rank < 0 ? trm__host_note_host : trm__host_note_rank)(
      w->notes, TRM__FINDING_memory, worst.rank < 0 ? w->rank[0] : worst.rank,
      trm__base_format(
          "needs %s of memory, %s %s%s", trm__base_text_bytes(worst.needed).s,
          trm__base_text_bytes(worst.room).s, worst.limit, worst.name),
      worst.slurm
          ? trm__base_format("sbatch --mem=%.0fG or more, a smaller size, or "
                             "more hosts",
                             ceil(1.1 * worst.needed / (1 << 30)))
          : trm__base_strdup("a smaller size, or more hosts"));
}

/* -- other checks of a host ------------------------------------------------ */

static void check_clock(node *w, const trm__host_facts *zero) {
  double least = w->first->clock - zero->answered,
         most = w->first->clock - zero->asked;
  double off = least > 0 ? least : most < 0 ? most : 0;
  if (w->first->host == zero->host) return;
  w->found->made[TRM__FINDING_clock_differs] = true;
  if (off >= -CLOCK && off <= CLOCK) return;
  on_host(w, TRM__FINDING_clock_differs,
          trm__base_format("its clock is %s %s that of %s",
                           trm__base_text_duration(off < 0 ? -off : off).s,
                           off < 0 ? "behind" : "ahead of", zero->name),
          trm__base_strdup("a time service (chrony) on all hosts"));
}

static void check_system(node *w) {
  const trm__host_facts *f = w->first;
  if (f->no_huge_pages)
    on_host(w, TRM__FINDING_huge_pages_off,
            trm__base_strdup("transparent huge pages are off"),
            trm__base_strdup("echo madvise > "
                             "/sys/kernel/mm/transparent_hugepage/enabled"));
  w->found->made[TRM__FINDING_loaded] = f->load >= 0;
  if (f->known && f->load + w->threads > w->ncores + 0.5 && f->load > 0.5)
    on_host(w, TRM__FINDING_loaded,
            trm__base_format("load of %.2g before %s start%s on %s", f->load,
                             trm__base_text_count(w->threads, "thread").s,
                             w->threads == 1 ? "s" : "",
                             trm__base_text_count(w->ncores, "core").s),
            trm__base_strdup("a quiet host for timings"));
  w->found->made[TRM__FINDING_powersave] = f->governor[0] != 0;
  if (!strcmp(f->governor, "powersave"))
    on_host(w, TRM__FINDING_powersave,
            trm__base_strdup("the processors run at their lowest clock"),
            trm__base_strdup("cpupower frequency-set -g performance"));
}

/* -- checks of a rank ----------------------------------------------------- */

static void check_libraries(node *w, int rank) {
  const trm__host_facts *f = &w->facts[rank];
  if (f->team < f->threads)
    on_rank(w, TRM__FINDING_threads_missing, rank,
            trm__base_format("OpenMP starts %d of %s", f->team,
                             trm__base_text_count(f->threads, "thread").s),
            trm__base_strdup("OMP_DYNAMIC=false, and no OMP_THREAD_LIMIT"));
  if (*f->other_blas)
    on_rank(w, TRM__FINDING_other_blas, rank,
            trm__base_format("%s in the environment", f->other_blas),
            trm__base_strdup("1 if a kernel is linked with that BLAS"));
  if (f->level < MPI_THREAD_FUNNELED)
    on_rank(w, TRM__FINDING_mpi_threads, rank,
            trm__base_strdup("MPI has no thread support"),
            trm__base_strdup("an MPI with MPI_THREAD_FUNNELED"));
}

static void check_host(node *w, const trm__host_facts *zero) {
  check_cores(w);
  for (int i = 0; i < w->n; i++) check_quota(w, w->rank[i]);
  for (int i = 0; i < w->n; i++) check_libraries(w, w->rank[i]);
  check_memory(w);
  check_clock(w, zero);
  check_system(w);
}

/* -- disks ----------------------------------------------------------------- */

/* Bytes written to the file system of a disk, at most; -1: checked already. */
static double written_to(const trm__host_notes *notes, int i) {
  const trm__host_facts *f = &notes->facts[0];
  double state = 0, copies = 0;
  for (int r = 0; r < notes->ranks; r++)
    state += notes->facts[r].resident_bytes;
  for (int k = 0; k < f->disks; k++)
    if (f->disk[k].known && f->disk[k].id == f->disk[i].id) {
      if (k < i) return -1;
      copies += f->disk[k].copies;
    }
  return copies * state;
}

static void check_full(trm__host_notes *notes, const trm__host_facts *f,
                       int i) {
  const trm__host_disk *d = &f->disk[i];
  double needed = written_to(notes, i);
  bool full = d->size > 0 && d->free < FULL * d->size && d->free < PLENTY;
  if (needed < 0 || d->size <= 0) return;
  trm__base_text free_space = trm__base_text_bytes(d->free);
  if (d->free < needed)
    trm__host_note_host(
        notes, TRM__FINDING_disk_full, f->rank,
        trm__base_format("%s: %s free, up to %s will be written", d->path,
                         free_space.s, trm__base_text_bytes(needed).s),
        trm__base_strdup("a larger disk, or a smaller --keep"));
  else if (full)
    trm__host_note_host(
        notes, TRM__FINDING_disk_full, f->rank,
        trm__base_format("%s: its disk is almost full, %s (%.2g %%) free",
                         d->path, free_space.s, 100 * d->free / d->size),
        trm__base_strdup("a disk with at least 5 % free"));
}

static void check_disks(trm__host_notes *notes, trm__host_findings *found) {
  const trm__host_facts *f = &notes->facts[0];
  for (int i = 0; i < f->disks; i++) {
    const trm__host_disk *d = &f->disk[i];
    if (!d->known) continue;
    found->made[TRM__FINDING_disk_full] = true;
    check_full(notes, f, i);
    if (!d->checkpoints) continue;
    found->made[TRM__FINDING_disk_tmpfs] = true;
    if (d->memory)
      trm__host_note_host(
          notes, TRM__FINDING_disk_tmpfs, f->rank,
          trm__base_format("%s: is in memory (tmpfs); a reboot "
                           "deletes it",
                           d->path),
          trm__base_strdup("a directory on a disk for checkpoints"));
  }
}

/* -- hosts ----------------------------------------------------------------- */

static node node_of(trm__host_notes *notes, trm__host_findings *found,
                    int host) {
  node w = {.notes = notes, .found = found, .facts = notes->facts};
  w.rank = trm__base_calloc((size_t)notes->ranks, sizeof *w.rank);
  for (int r = 0; r < notes->ranks; r++) {
    const trm__host_facts *f = &notes->facts[r];
    if (f->host != host) continue;
    if (w.n == 0) w.first = f;
    w.rank[w.n++] = r;
    w.threads += f->team;
    trm__host_cpus_join(&w.cores, &f->host_cores);
    trm__host_cpus_join(&w.cores, &f->rank_cores);
  }
  w.ncores = trm__host_cpus_count(&w.cores);
  return w;
}

static void check_equal(const node *w, const node *zero) {
  w->found->made[TRM__FINDING_unequal_hosts] = true;
  if (w->n == zero->n && w->ncores == zero->ncores) return;
  trm__host_note_host(
      w->notes, TRM__FINDING_unequal_hosts, w->rank[0],
      trm__base_format(
          "%s on %s, but %s on %s on %s", trm__base_text_count(w->n, "rank").s,
          trm__base_text_count(w->ncores, "core").s,
          trm__base_text_count(zero->n, "rank").s,
          trm__base_text_count(zero->ncores, "core").s, zero->first->name),
      trm__base_strdup(
          "hosts of one kind, with the same number of ranks on each"));
}

void trm__host_launch_check(int ranks, const trm__host_facts facts[],
                            trm__host_findings *found) {
  trm__host_notes notes = {.ranks = ranks, .facts = facts};
  for (int r = 0; r < ranks; r++)
    if (facts[r].host >= notes.hosts) notes.hosts = facts[r].host + 1;
  *found = (trm__host_findings){.n = 0};
  found->made[TRM__FINDING_threads_missing] =
      found->made[TRM__FINDING_cpu_quota] =
          found->made[TRM__FINDING_other_blas] =
              found->made[TRM__FINDING_mpi_threads] =
                  found->made[TRM__FINDING_huge_pages_off] = true;
  node zero = node_of(&notes, found, facts[0].host);
  for (int host = 0; host < notes.hosts; host++) {
    node w = node_of(&notes, found, host);
    if (w.n > 0) check_host(&w, &facts[0]);
    if (w.n > 0 && host != facts[0].host) check_equal(&w, &zero);
    free(w.rank);
  }
  free(zero.rank);
  check_disks(&notes, found);
  trm__host_notes_end(&notes, found);
}
