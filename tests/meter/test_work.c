/* TEST ranks=1,2 threads=1,3 */
/* Work sites: totals of entries, flops and bytes; work on any thread, in the
 * sites and in the ledger; what a debug build refuses. */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <trireme/kernel.h>

#include "check_mpi.h"

#include "comm/meter.h"
#include "comm/run.h"
#include "meter/ledger.h"
#include "meter/ledger_rank.h"
#include "meter/work.h"

static trm_site_total total_of(const trm_run *run, const char *name) {
  trm_site_total list[16];
  int n = trm_site_totals(run, list, 16);
  for (int i = 0; i < n && i < 16; i++)
    if (!strcmp(list[i].name, name)) return list[i];
  return (trm_site_total){.name = NULL};
}

/* Flops and bytes are an entry's, however many threads share it. */
static void totals(trm_run *run) {
  int64_t sum = 0;
  for (int k = 1; k <= 10; k++) {
    TRM_WORK(run, "alone", 3, 5) {
      sum += k;
    }
    TRM_PARALLEL(run, "shared", k, 2 * k) {
#pragma omp for nowait reduction(+ : sum)
      for (int i = 0; i < 7; i++) sum += i;
    }
  }
  CHECK_INT(sum, 55 + 210);
  trm_site_total alone = total_of(run, "alone");
  trm_site_total shared = total_of(run, "shared");
  CHECK_INT(alone.entries, 10);
  CHECK_SAME(alone.flops, 30);
  CHECK_SAME(alone.bytes, 50);
  CHECK_SAME(alone.seconds_sum, alone.seconds_max);
  CHECK_INT(shared.entries, 10);
  CHECK_SAME(shared.flops, 55);
  CHECK_SAME(shared.bytes, 110);
  CHECK(shared.seconds_sum >= shared.seconds_max);
  CHECK(shared.seconds_sum <= shared.seconds_max * run->threads);
  CHECK(total_of(run, "none").name == NULL);
}

/* The functions behind the macros count the same. */
static void add_shared(void *context) {
  int64_t *sum = context;
#pragma omp for nowait
  for (int i = 0; i < 7; i++) {
#pragma omp atomic
    *sum += i;
  }
}

static void functions(trm_run *run) {
  int64_t sum = 0;
  for (int k = 1; k <= 10; k++) {
    trm_site site = trm_site_enter(run, "alone, called", 3, 5, NULL);
    sum += k;
    trm_site_leave(&site);
    trm_parallel(run, "shared, called", k, 2 * k, add_shared, &sum);
  }
  CHECK_INT(sum, 55 + 210);
  trm_site_total alone = total_of(run, "alone, called");
  trm_site_total shared = total_of(run, "shared, called");
  CHECK_INT(alone.entries, 10);
  CHECK_SAME(alone.flops, 30);
  CHECK_SAME(alone.bytes, 50);
  CHECK_INT(shared.entries, 10);
  CHECK_SAME(shared.flops, 55);
  CHECK_SAME(shared.bytes, 110);
  CHECK(shared.seconds_sum <= shared.seconds_max * run->threads);
}

/* -- work on any thread ---------------------------------------------------- */

typedef struct worker {
  trm_run *run;
  int entries;
  double inside,
      around; /* seconds by its own clock, in sites and around them */
} worker;

static double spin(double seconds) {
  double from = trm_now(), now = from;
  while (now < from + seconds) now = trm_now();
  return now - from;
}

static void toil(worker *w, const char *name) {
  for (int k = 0; k < w->entries; k++) {
    double from = trm_now();
    TRM_WORK(w->run, name, 3, 5) w->inside += spin(0.002);
    w->around += trm_now() - from;
  }
}

static double sum_of(const trm__meter_parts *p) {
  double sum = 0;
#define TRM__PART(name, text) sum += p->name;
  TRM__PARTS(TRM__PART)
#undef TRM__PART
  return sum;
}

/* The parts are parts of the whole, and what the workers did is useful: all of it
 * where the rank has a core for each, never more than it has. */
static void check_ledger(const trm_run *run, const worker w[], int workers) {
  const trm__comm_spent *s = &run->own->meter->spent;
  trm__meter_ledger_rank rank = {run->threads, s->wall, *s, 0};
  trm__meter_ledger l = trm__meter_ledger_of(1, &rank, 1);
  double inside = 0, around = 0;
  for (int i = 0; i < workers; i++) {
    inside += w[i].inside;
    around += w[i].around;
  }
#define TRM__PART(name, text) CHECK(l.parts.name >= 0);
  TRM__PARTS(TRM__PART)
#undef TRM__PART
  CHECK_NEAR(sum_of(&l.parts), l.total, 1e-9 * l.total);
  CHECK(l.parts.useful <= around + 1e-9);
  CHECK(l.parts.useful <= l.total * (1 + 1e-12));
  if (run->threads > workers) CHECK(l.parts.useful >= inside - 1e-9);
}

static void check_totals(const trm_run *run, const char *name,
                         const worker w[2]) {
  trm_site_total total = total_of(run, name);
  int entries = w[0].entries + w[1].entries;
  CHECK_INT(total.entries, entries);
  CHECK_SAME(total.flops, 3 * entries);
  CHECK_SAME(total.bytes, 5 * entries);
  CHECK(total.seconds_sum >= w[0].inside + w[1].inside - 1e-9);
  CHECK(total.seconds_sum <= w[0].around + w[1].around + 1e-9);
}

/* Two threads of a region of the kernel's own. */
static void own_region(trm_run *run) {
  worker w[2] = {{.run = run, .entries = 5}, {.run = run, .entries = 8}};
  trm__comm_meter_begin(run->own->meter);
#pragma omp parallel for num_threads(2) schedule(static, 1)
  for (int i = 0; i < 2; i++) toil(&w[i], "own region");
  trm__comm_meter_end(run->own->meter, run->threads);
  check_ledger(run, w, 2);
  check_totals(run, "own region", w);
}

static void *toil_apart(void *w) {
  toil(w, "apart");
  return NULL;
}

/* Threads that OpenMP knows nothing of, while the first one calls, works and
 * waits. `w[2]` is the first one. */
static void apart(trm_run *run) {
  pthread_t thread[2];
  worker w[3] = {{.run = run, .entries = 7},
                 {.run = run, .entries = 4},
                 {.run = run, .entries = 2}};
  trm__comm_meter_begin(run->own->meter);
  for (int i = 0; i < 2; i++)
    CHECK(!pthread_create(&thread[i], NULL, toil_apart, &w[i]));
  trm_barrier(run->comm);
  toil(&w[2], "first");
  double from = trm_now();
  TRM_PARALLEL(run, "all", 0, 0) {
#pragma omp master
    w[2].inside += spin(0.003);
  }
  w[2].around += (trm_now() - from) * run->threads;
  trm_barrier(run->comm);
  for (int i = 0; i < 2; i++) CHECK(!pthread_join(thread[i], NULL));
  trm__comm_meter_end(run->own->meter, run->threads);
  const trm__comm_spent *s = &run->own->meter->spent;
  const struct trm__others *o = &s->others;
  check_ledger(run, w, 3);
  check_totals(run, "apart", w);
  CHECK(o->region >= 0 && o->serial >= 0 && o->calls >= 0);
  CHECK(o->region + o->serial + o->calls <= o->all * (1 + 1e-12));
  CHECK(o->all <= w[0].around + w[1].around + 1e-9);
}

/* Places of threads that ended go to the next. */
static void places(trm_run *run) {
  int before = trm__comm_threads_count(run->own->meter->threads);
  trm_site_total was = total_of(run, "apart");
  for (int k = 0; k < 50; k++) {
    pthread_t thread;
    worker w = {.run = run, .entries = 1};
    CHECK(!pthread_create(&thread, NULL, toil_apart, &w));
    CHECK(!pthread_join(thread, NULL));
  }
  CHECK_INT(total_of(run, "apart").entries, was.entries + 50);
  CHECK_INT(trm__comm_threads_count(run->own->meter->threads), before);
}

/* Any number of sites, on any number of threads. */
static void many_sites(trm_run *run) {
  enum { SITES = 300 };
  static char name[SITES][16];
  trm_site_total list[SITES + 16];
  int before = trm_site_totals(run, NULL, 0);
  for (int i = 0; i < SITES; i++) snprintf(name[i], sizeof *name, "s%d", i);
#pragma omp parallel for num_threads(2)
  for (int i = 0; i < SITES; i++) TRM_WORK(run, name[i], i, 1) {
    }
  for (int i = 0; i < SITES; i += 7) TRM_WORK(run, name[i], i, 1) {
    }
  CHECK_INT(trm_site_totals(run, list, SITES + 16), before + SITES);
  double flops = 0, bytes = 0, all_flops, all_bytes;
  for (int i = before; i < before + SITES; i++) {
    int k = atoi(list[i].name + 1);
    CHECK_INT(list[i].entries, k % 7 ? 1 : 2);
    CHECK_SAME(list[i].flops, (double)k * (k % 7 ? 1 : 2));
  }
  for (int i = 0; i < before + SITES; i++) {
    flops += list[i].flops;
    bytes += list[i].bytes;
  }
  trm__meter_sites_sum(run, &all_flops, &all_bytes);
  CHECK_SAME(flops, all_flops);
  CHECK_SAME(bytes, all_bytes);
}

/* -- what a debug build refuses -------------------------------------------- */

#ifdef TRM_DEBUG
static void inner(trm_run *run) {
  TRM_PARALLEL(run, "inner", 0, 0) {
  }
}

static void nested(trm_run *run) {
  TRM_WORK(run, "outer", 0, 0) {
    inner(run);
  }
}

static void speaking(trm_run *run) {
  TRM_PARALLEL(run, "talk", 0, 0) {
#pragma omp master
    trm_barrier(run->comm);
  }
}

static void reducing(trm_run *run) {
  const trm_layout *line;
  trm_field *x;
  trm_grid(run, 1, &(int64_t){100}, 0, NULL, &line);
  trm_field_new(run, line, "x", TRM_F64, TRM_SCRATCH, &x);
  TRM_WORK(run, "add", 0, 0) trm_sum(run, x);
}

static void left(trm_run *run) {
  TRM_WORK(run, "hole", 0, 0) break;
  TRM_WORK(run, "next", 0, 0) {
  }
}

static void left_for_good(trm_run *run) {
  TRM_WORK(run, "hole", 0, 0) break;
  trm__meter_sites_left(run, "advance");
}

static void left_region(trm_run *run) {
  TRM_PARALLEL(run, "gap", 0, 0) break;
}

static void *nested_apart(void *run) {
  nested(run);
  return NULL;
}

static void nested_elsewhere(trm_run *run) {
  pthread_t thread;
  pthread_create(&thread, NULL, nested_apart, run);
  pthread_join(thread, NULL);
}

/* A process of its own, which must abort with this line. It speaks to nobody: its
 * communicator was made before. */
static void dies(trm_run *run, void (*wrong)(trm_run *), const char *line) {
  int ends[2], status = 0;
  char said[256] = "";
  if (pipe(ends)) return;
  pid_t child = fork();
  if (child == 0) {
    signal(SIGABRT, SIG_DFL);
    dup2(ends[1], 2);
    wrong(run);
    _exit(0);
  }
  close(ends[1]);
  waitpid(child, &status, 0);
  CHECK(read(ends[0], said, sizeof said - 1) > 0);
  close(ends[0]);
  CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
  CHECK(strstr(said, line) != NULL);
}
#endif

#ifdef TRM_DEBUG
static void dies_inside(trm_run *run, void (*wrong)(trm_run *),
                        const char *what, const char *site) {
  char line[200];
  snprintf(line, sizeof line,
           "%s, inside site %s: sites do not nest, and break, return and goto "
           "do not",
           what, site);
  dies(run, wrong, line);
}
#endif

/* No threads yet in a process that forks, or OpenMP hangs in the child. */
static void refusals(trm_run *run) {
#ifdef TRM_DEBUG
  if (run->threads > 1 || run->ranks > 1) return;
  dies_inside(run, nested, "parallel site inner", "outer");
  dies_inside(run, nested_elsewhere, "parallel site inner", "outer");
  dies_inside(run, reducing, "parallel site reduce", "add");
  dies_inside(run, left, "site next", "hole");
  dies_inside(run, left_for_good, "at the end of advance", "hole");
  dies_inside(run, left_region, "at the end of gap", "gap");
  dies(run, speaking, "a message inside site talk");
#else
  if (run->rank == 0) printf("skipped: only a debug build refuses\n");
#endif
}

static void test(trm_run *run) {
  refusals(run);
  totals(run);
  functions(run);
  own_region(run);
  apart(run);
  places(run);
  many_sites(run);
}

int main(int argc, char **argv) {
  return check_mpi(argc, argv, test);
}
