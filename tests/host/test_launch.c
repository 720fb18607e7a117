/* TEST timeout=60
 * The launch doctor: a matrix of launches, each bad one named, each good one
 * silent. */
#include "base/memory.h"
#include <trireme/kernel.h>

#include "check.h"
#include "host/checks/launch.h"
#include "meter/sets.h"

/* -- launches made up ------------------------------------------------------ */

enum { RANKS = 300 };
typedef struct cast { /* of a launch */
  int ranks;
  trm__host_facts facts[RANKS];
} cast;

/* One more rank, whose threads may all use its cores. */
static trm__host_facts *enter(cast *c, int host, const char *host_cores,
                              int threads, const char *rank_cores) {
  trm__host_facts *f = &c->facts[c->ranks];
  *f = (trm__host_facts){.rank = c->ranks++,
                         .host = host,
                         .threads = threads,
                         .team = threads,
                         .level = MPI_THREAD_FUNNELED,
                         .known = true,
                         .host_cores = set_of(host_cores),
                         .rank_cores = set_of(rank_cores),
                         .free_bytes = 8e9,
                         .address_room = -1,
                         .clock = 1000,
                         .asked = 999.9,
                         .answered = 1000.1,
                         .load = -1};
  snprintf(f->name, sizeof f->name, "node%d", host);
  f->thread_cores = trm__base_calloc((size_t)threads, sizeof *f->thread_cores);
  for (int t = 0; t < threads; t++) f->thread_cores[t] = f->rank_cores;
  return f;
}

/* OpenMP puts thread after thread to cores of their own, "0 1 2". */
static void pin(trm__host_facts *f, const char *cores) {
  f->placed = true;
  for (int t = 0; t < f->team; t++, cores += strcspn(cores, " ") + 1) {
    char one[16];
    snprintf(one, sizeof one, "%.*s", (int)strcspn(cores, " "), cores);
    f->thread_cores[t] = set_of(one);
  }
}

/* Check and end a launch: exactly these findings, in this order, and each of
 * the lines' parts (divided by |) in the line of the same place. */
static void expect(const char *what, cast *c, const char *codes,
                   const char *parts) {
  trm__host_findings found;
  char got[1024] = "";
  int warnings = 0;
  trm__host_launch_check(c->ranks, c->facts, &found);
  for (int i = 0; i < found.n; i++) {
    const char *part = parts;
    for (int k = 0; k < i; k++) part += strcspn(part, "|") + (*part != 0);
    char want[256];
    snprintf(want, sizeof want, "%.*s", (int)strcspn(part, "|"), part);
    CHECK__REPORT(strstr(found.list[i].line, want), "%s: \"%s\", want \"%s\"",
                  what, found.list[i].line, want);
    snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", i ? " " : "",
             trm__host_finding_name(found.list[i].code));
    warnings += trm__host_finding_is_warning(found.list[i].code);
    CHECK(found.made[found.list[i].code]);
    CHECK(!strchr(found.list[i].line, '\n'));
  }
  CHECK__REPORT(!strcmp(got, codes), "%s: found \"%s\", want \"%s\"", what, got,
                codes);
  CHECK_INT(found.warnings, warnings);
  bool shares = strstr(codes, "oversub") || strstr(codes, "core_shared") ||
                strstr(codes, "without") || strstr(codes, "quota");
  CHECK__REPORT(found.shared == shares, "%s: shared is %d", what, found.shared);
  trm__host_findings_clear(&found);
  for (int r = 0; r < c->ranks; r++) trm__host_facts_clear(&c->facts[r]);
  c->ranks = 0;
}

/* -- cores ----------------------------------------------------------------- */

static void good_cores(cast *c) {
  enter(c, 0, "0-1", 1, "0-1");
  expect("1x1", c, "", "");
  enter(c, 0, "0", 1, "0");
  expect("1x1 on a machine of one core", c, "", "");
  enter(c, 0, "0-1", 1, "0"), enter(c, 0, "0-1", 1, "1");
  expect("2x1 bound", c, "", "");
  enter(c, 0, "0-1", 2, "0-1");
  expect("1x2", c, "", "");
  enter(c, 0, "0-3", 2, "0-1"), enter(c, 0, "0-3", 2, "2-3");
  expect("2x2, PE=2", c, "", "");
  enter(c, 0, "0-1", 1, "0-1"), enter(c, 0, "0-1", 1, "0-1");
  expect("2x1 unbound", c, "", "");
  enter(c, 0, "0-7", 3, "0-7"), enter(c, 0, "0-7", 3, "0-7");
  expect("2x3 unbound on 8", c, "", "");
  enter(c, 0, "0-2", 1, "0"), enter(c, 0, "0-2", 1, "0-1"),
      enter(c, 0, "0-2", 1, "0-2");
  expect("nested sets that fit", c, "", "");
  enter(c, 0, "0-2", 1, "0-2"), enter(c, 0, "0-2", 1, "0-1"),
      enter(c, 0, "0-2", 1, "0");
  expect("the same, widest first", c, "", "");
  enter(c, 0, "0-2", 1, "0-1"), enter(c, 0, "0-2", 1, "1-2"),
      enter(c, 0, "0-2", 1, "0,2");
  expect("a ring", c, "", "");
  enter(c, 0, "0-3", 2, "0-3"), pin(&c->facts[0], "0 1");
  enter(c, 0, "0-3", 2, "0-3"), pin(&c->facts[1], "2 3");
  expect("placed by OpenMP", c, "", "");
  for (int r = 0; r < 7; r++) enter(c, r / 4, "0-3", 1, "0-3");
  c->facts[0].clock = 999.95;
  expect("7 ranks on 2 hosts", c, "unequal_hosts",
         "node1: 3 ranks on 4 cores, but 4 ranks on 4 cores on node0");
  for (int r = 0; r < 8; r++)
    enter(c, r % 2, "0-3", 1, (char[]){(char)('0' + r / 2), 0});
  expect("8 ranks, hosts in turn", c, "", "");
}

static void oversubscribed(cast *c) {
  for (int r = 0; r < 3; r++) enter(c, 0, "0-1", 1, "0-1");
  expect("3 on 2", c, "oversubscribed",
         "node0: 3 ranks x 1 thread on 2 cores; use mpirun -n 2 at most");
  enter(c, 0, "0-1", 3, "0-1");
  expect("1x3 on 2", c, "oversubscribed",
         "1 rank x 3 threads on 2 cores; "
         "use --threads 2");
  for (int r = 0; r < 3; r++) enter(c, 0, "0-1", 2, "0-1");
  expect("3x2 on 2", c, "oversubscribed", "use mpirun -n 2, --threads 1 at");
  for (int r = 0; r < 6; r++) enter(c, r / 3, "0-1", 1, "0-1");
  expect("6 on 2 hosts", c, "oversubscribed",
         "node0, node1: 3 ranks x 1 thread on 2 cores; "
         "use mpirun --map-by ppr:2:node");
  for (int r = 0; r < 5; r++) enter(c, r / 3, "0-1", 1, "0-1");
  expect("3 and 2", c, "oversubscribed unequal_hosts", "node0: 3 ranks|node1");
  enter(c, 0, "0-1", 2, "0"), enter(c, 0, "0-1", 2, "1");
  expect("2x2 bound to one core each, on 2", c,
         "oversubscribed threads_without_core",
         "2 ranks x 2 threads on 2 cores; use --threads 1|"
         "ranks 0-1 on node0: 2 threads on 1 core; use --threads 1");
  for (int r = 0; r < 300; r++) enter(c, 0, "0-127", 4, "0-127");
  expect("300x4 on 128", c, "oversubscribed", "300 ranks x 4 threads on 128");
}

static void shared_cores(cast *c) {
  enter(c, 0, "0-1", 1, "0"), enter(c, 0, "0-1", 1, "0");
  expect("2 ranks on core 0", c, "core_shared_by_ranks",
         "ranks 0-1 on node0: 2 threads may only use core 0; use mpirun "
         "--map-by slot:PE=1 --bind-to core -n 2");
  enter(c, 0, "0-3", 1, "3"), enter(c, 0, "0-3", 1, "2"),
      enter(c, 0, "0-3", 1, "3");
  expect("ranks 0 and 2 on core 3", c, "core_shared_by_ranks",
         "ranks 0, 2 on node0: 2 threads may only use core 3");
  enter(c, 0, "0-3", 1, "0"), enter(c, 0, "0-3", 1, "0-1"),
      enter(c, 0, "0-3", 1, "1");
  expect("nested sets that do not fit", c, "core_shared_by_ranks",
         "ranks 0-2 on node0: 3 threads may only use cores 0-1");
  enter(c, 0, "0-3", 1, "0"), enter(c, 0, "0-3", 1, "0"),
      enter(c, 0, "0-3", 1, "0-3"), enter(c, 0, "0-3", 1, "0-3");
  expect("two on a core, others elsewhere", c, "core_shared_by_ranks",
         "ranks 0-1 on node0: 2 threads may only use core 0");
  enter(c, 0, "0-3", 1, "0"), enter(c, 0, "0-3", 1, "0"),
      enter(c, 0, "0-3", 1, "3"), enter(c, 0, "0-3", 1, "3");
  expect("two cores twice", c, "core_shared_by_ranks core_shared_by_ranks",
         "ranks 0-1 on node0: 2 threads may only use core 0|ranks 2-3");
  for (int r = 0; r < 2; r++) {
    enter(c, 0, "0-3", 2, "0-3");
    pin(&c->facts[r], "0 1");
  }
  expect("two ranks placed alike", c, "core_shared_by_ranks",
         "ranks 0-1 on node0: 4 threads may only use cores 0-1; use mpirun "
         "--map-by slot:PE=2 --bind-to core -n 2");
  for (int r = 0; r < 4; r++) enter(c, r / 2, "0-1", 1, "1");
  expect("the same on 2 hosts", c, "core_shared_by_ranks",
         "ranks 0-3 on node0, node1: 2 threads may only use core 1");
  for (int r = 0; r < 12; r++) enter(c, r / 2, "0-1", 1, "1");
  expect("the same on 6 hosts", c, "core_shared_by_ranks",
         "ranks 0-11 on node0, node1, node2, node3 and 2 more: ");
  enter(c, 0, "0-1", 1, "0-1"), enter(c, 1, "0-1", 1, "0"),
      enter(c, 1, "0-1", 1, "0");
  expect("bad on the second host alone", c,
         "core_shared_by_ranks unequal_hosts", "ranks 1-2 on node1|node1");
}

static void threads_short(cast *c) {
  enter(c, 0, "0-1", 2, "0");
  expect("--bind-to core with 2 threads", c, "threads_without_core",
         "rank 0 on node0: 2 threads on 1 core; use mpirun --map-by "
         "slot:PE=2 --bind-to core -n 1");
  enter(c, 0, "0-7", 3, "0-1"), enter(c, 0, "0-7", 3, "2-3");
  expect("3 threads on 2 cores each", c, "threads_without_core",
         "ranks 0-1 on node0: 3 threads on 2 cores; use mpirun --map-by "
         "slot:PE=3 --bind-to core -n 2");
  enter(c, 0, "0-7", 2, "0"), enter(c, 0, "0-7", 2, "0");
  expect("both at once", c, "core_shared_by_ranks threads_without_core",
         "4 threads may only use core 0|2 threads on 1 core");
  enter(c, 0, "0-1", 2, "0-1"), pin(&c->facts[0], "0 0");
  expect("both threads placed on core 0", c, "core_shared_by_threads",
         "rank 0 on node0: 2 threads are bound to core 0; use OMP_PLACES");
  enter(c, 0, "0-3", 2, "0"), pin(&c->facts[0], "0 0");
  c->facts[0].narrowed = true;
  expect("OMP_PLACES={0}", c, "core_shared_by_threads", "bound to core 0");
  enter(c, 0, "0-3", 2, "0"), pin(&c->facts[0], "0 0");
  expect("--bind-to core with OMP_PROC_BIND", c, "threads_without_core",
         "2 threads on 1 core");
  enter(c, 0, "0-3", 4, "0-3"), pin(&c->facts[0], "0 2 2 2");
  expect("three threads on core 2", c, "core_shared_by_threads",
         "3 threads are bound to core 2");
  enter(c, 0, "0-3", 4, "0-3")->team = 1;
  expect("OMP_THREAD_LIMIT=1", c, "threads_missing",
         "OpenMP starts 1 of 4 threads; use OMP_DYNAMIC=false");
  enter(c, 0, "0-3", 2, "0")->known = false;
  expect("cores not known", c, "", "");
}

/* -- machines of other kinds ----------------------------------------------- */

/* One more rank, bound to these processors of a machine. */
static void bind(cast *c, const trm__host_topology *machine, int threads,
                 const char *processors) {
  trm__host_cpus cpus = set_of(processors), all = trm__host_allowed(machine);
  trm__host_facts *f = enter(c, 0, "0", threads, "0");
  f->host_cores = trm__host_cores(machine, &all);
  f->rank_cores = trm__host_cores(machine, &cpus);
  for (int t = 0; t < threads; t++) f->thread_cores[t] = f->rank_cores;
}

/* Two sockets of four cores: socket 1 begins at processor 8. */
static void hardware_threads(cast *c) {
  trm__host_topology *m = machine_of("package:2 core:4 pu:2");
  for (int r = 0; r < 8; r++)
    bind(c, m, 1,
         (const char *[]){"0-1", "2-3", "4-5", "6-7", "8-9", "10-11", "12-13",
                          "14-15"}[r]);
  expect("a core for each", c, "", "");
  for (int r = 0; r < 8; r++)
    bind(c, m, 1,
         (const char *[]){"0", "2", "5", "6", "9", "10", "13", "14"}[r]);
  expect("one hardware thread of each core", c, "", "");
  bind(c, m, 1, "0"), bind(c, m, 1, "1");
  expect("two hardware threads of a core", c, "core_shared_by_ranks",
         "ranks 0-1 on node0: 2 threads may only use core 0");
  bind(c, m, 1, "13"), bind(c, m, 1, "12"), bind(c, m, 1, "14");
  expect("the same on the second socket", c, "core_shared_by_ranks",
         "ranks 0-1 on node0: 2 threads may only use core 12");
  bind(c, m, 2, "10-11");
  expect("two threads on one core", c, "threads_without_core",
         "rank 0 on node0: 2 threads on 1 core");
  for (int r = 0; r < 9; r++) bind(c, m, 1, "0-15");
  expect("more ranks than cores", c, "oversubscribed",
         "9 ranks x 1 thread on 8 cores; use mpirun -n 8 at most");
  trm__host_topology_free(&m);
}

static void two_sockets(cast *c) {
  trm__host_topology *m = machine_of("package:2 core:4 pu:2");
  bind(c, m, 4, "0-7"), bind(c, m, 4, "8-15");
  expect("a socket for each", c, "", "");
  bind(c, m, 4, "4-11"), bind(c, m, 4, "0-3,12-15");
  expect("ranks across both sockets", c, "", "");
  bind(c, m, 4, "4-11"), bind(c, m, 4, "4-11");
  expect("two ranks across both sockets", c, "core_shared_by_ranks",
         "8 threads may only use cores 4, 6, 8, 10; use mpirun --map-by "
         "slot:PE=4 --bind-to core -n 2");
  bind(c, m, 4, "0-7"), bind(c, m, 4, "2-9");
  expect("three cores of one socket and one of the other", c,
         "core_shared_by_ranks", "8 threads may only use cores 0, 2, 4, 6, 8");
  trm__host_topology_free(&m);
}

static void memory_nodes(cast *c) {
  trm__host_topology *m = machine_of("package:2 numa:2 l3:1 core:3 pu:1");
  bind(c, m, 3, "0-2"), bind(c, m, 3, "3-5");
  bind(c, m, 3, "6-8"), bind(c, m, 3, "9-11");
  expect("a node for each", c, "", "");
  bind(c, m, 4, "3-5"), bind(c, m, 3, "9-11");
  expect("four threads on a node of three cores", c, "threads_without_core",
         "rank 0 on node0: 4 threads on 3 cores; use mpirun --map-by "
         "slot:PE=4 --bind-to core -n 2");
  bind(c, m, 3, "3-5"), bind(c, m, 3, "3-5");
  expect("two ranks on one node", c, "core_shared_by_ranks",
         "6 threads may only use cores 3-5");
  trm__host_topology_free(&m);
}

/* -- what else there is ---------------------------------------------------- */

static void limit(trm__host_facts *f, bool cpu, const char *group, double most,
                  double room) {
  trm__host_limit *l = &f->limit[f->limits++];
  *l = (trm__host_limit){.cpu = cpu, .limit = most, .room = room};
  snprintf(l->group, sizeof l->group, "%s", group);
}

static void quotas(cast *c) {
  for (int r = 0; r < 3; r++)
    limit(enter(c, 0, "0-3", 1, "0-3"), true, "/job", 1.5, 1.5);
  expect("quota of 1.5", c, "cpu_quota",
         "ranks 0-2 on node0: 3 threads in the control group /job, which may "
         "use the time of 1.5 cores; use at most 1 thread in all");
  for (int r = 0; r < 3; r++)
    limit(enter(c, 0, "0-3", 1, "0-3"), true, "/job", 3, 3);
  expect("quota of 3", c, "", "");
  for (int r = 0; r < 2; r++)
    limit(enter(c, 0, "0-3", 1, "0-3"), true, r ? "/b" : "/a", 1, 1);
  expect("a quota for each", c, "", "");
}

static void memory(cast *c) {
  for (int r = 0; r < 2; r++)
    enter(c, 0, "0-1", 1, "0-1")->resident_bytes = 3e9;
  expect("memory enough", c, "", "");
  for (int r = 0; r < 2; r++)
    enter(c, 0, "0-1", 1, "0-1")->resident_bytes = 5e9;
  expect("memory of the host", c, "memory",
         "node0: needs 9.31 GiB of memory, 7.45 GiB available; use");
  for (int r = 0; r < 4; r++)
    enter(c, r / 2, "0-1", 1, "0-1")->resident_bytes = 3.5e9;
  expect("the same on two hosts", c, "", "");
  for (int r = 0; r < 4; r++)
    enter(c, r / 2, "0-1", 1, "0-1")->resident_bytes = r == 3 ? 5e9 : 3.5e9;
  expect("too much on one of two", c, "memory", "node1: needs 7.92 GiB");
  for (int r = 0; r < 2; r++) {
    enter(c, 0, "0-1", 1, "0-1")->resident_bytes = 1e9;
    limit(&c->facts[r], false, "/job/step", 3e9, 1.5e9);
    limit(&c->facts[r], false, "/job", 8e9, 3e9);
  }
  expect("a control group", c, "memory",
         "node0: needs 1.86 GiB of memory, 1.40 GiB left in the control group "
         "/job/step");
  for (int r = 0; r < 2; r++) {
    enter(c, 0, "0-1", 1, "0-1")->resident_bytes = 1e9;
    limit(&c->facts[r], false, r ? "/b" : "/a", 1.5e9, 1.5e9);
  }
  expect("a group for each", c, "", "");
  for (int r = 0; r < 2; r++) {
    enter(c, 0, "0-1", 1, "0-1")->resident_bytes = 1e9;
    c->facts[r].address_room = r ? 5e8 : 2e9;
  }
  expect("ulimit -v", c, "memory",
         "rank 1 on node0: needs 954 MiB of memory, 477 MiB left of its "
         "address space (ulimit -v)");
  enter(c, 0, "0-1", 1, "0-1")->resident_bytes = 1e12;
  c->facts[0].free_bytes = -1;
  expect("free memory not known", c, "", "");
}

static void add_disk(trm__host_facts *f, const char *path, uint64_t id,
                     double size, double free_bytes) {
  trm__host_disk *d = &f->disk[f->disks++];
  *d = (trm__host_disk){
      .known = true, .id = id, .size = size, .free = free_bytes};
  snprintf(d->path, sizeof d->path, "%s", path);
}

static void disks(cast *c) {
  trm__host_facts *f = enter(c, 0, "0-1", 1, "0");
  add_disk(f, "sets", 1, 1e12, 5.1e10);
  expect("room", c, "", "");
  add_disk(enter(c, 0, "0-1", 1, "0"), "sets", 1, 1e12, 4.9e10);
  expect("4.9 % free", c, "disk_full",
         "node0: sets: its disk is almost full, 45.6 GiB (4.9 %) free");
  add_disk(enter(c, 0, "0-1", 1, "0"), "sets", 1, 1e15, 4e13);
  expect("4 % of a petabyte", c, "", "");
  f = enter(c, 0, "0-1", 1, "0");
  f->resident_bytes = 1e9;
  add_disk(f, "sets", 1, 1e10, 3.5e9);
  f->disk[0].copies = 3;
  add_disk(f, "out.h5", 2, 1e10, 3.5e9);
  f->disk[1].copies = 1;
  expect("two disks", c, "", "");
  f = enter(c, 0, "0-1", 1, "0");
  f->resident_bytes = 1e9;
  add_disk(f, "sets", 1, 1e10, 3.5e9);
  f->disk[0].copies = 3;
  add_disk(f, "out.h5", 1, 1e10, 3.5e9);
  f->disk[1].copies = 1;
  expect("both on one disk", c, "disk_full",
         "sets: 3.26 GiB free, up to 3.73 GiB will be written");
  f = enter(c, 0, "0-1", 1, "0");
  add_disk(f, "sets", 1, 1e10, 9e9);
  add_disk(f, "out.h5", 1, 1e10, 9e9);
  f->disk[0].memory = f->disk[1].memory = f->disk[0].checkpoints = true;
  expect("checkpoints in memory", c, "disk_tmpfs", "node0: sets: is in memory");
  f = enter(c, 0, "0-1", 1, "0");
  add_disk(f, "out.h5", 1, 1e10, 9e9);
  f->disk[0].memory = true;
  expect("output in memory", c, "", "");
  f = enter(c, 0, "0-1", 1, "0");
  add_disk(f, "sets", 1, 0, 0);
  expect("no size", c, "", "");
}

static void clocks(cast *c) {
  for (int r = 0; r < 3; r++) enter(c, r, "0", 1, "0")->clock = 1000 + r * 0.5;
  expect("half a second", c, "", "");
  for (int r = 0; r < 3; r++) enter(c, r, "0", 1, "0")->clock = 1000 + r * 3.5;
  expect("seconds ahead", c, "clock_differs clock_differs",
         "node1: its clock is 3.4 s ahead of that of node0|node2: its clock "
         "is 6.9 s ahead");
  for (int r = 0; r < 2; r++) enter(c, r, "0", 1, "0")->clock = 1000 - 60 * r;
  expect("a minute behind", c, "clock_differs", "59.9 s behind that of node0");
  for (int r = 0; r < 2; r++) enter(c, r, "0", 1, "0")->clock = 1000 - 60 * r;
  c->facts[0].asked = 930;
  expect("a slow message", c, "", "");
  for (int r = 0; r < 2; r++) enter(c, 0, "0-1", 1, "0-1")->clock = 99 * r;
  expect("one host", c, "", "");
}

static void others(cast *c) {
  strcpy(enter(c, 0, "0", 1, "0")->other_blas, "MKL_NUM_THREADS=8");
  expect("another BLAS", c, "other_blas", "MKL_NUM_THREADS=8");
  for (int r = 0; r < 4; r++)
    enter(c, r / 2, "0-1", 1, "0-1")->no_huge_pages = r > 1;
  expect("huge pages", c, "huge_pages_off", "node1: transparent huge pages");
  enter(c, 0, "0", 1, "0")->level = MPI_THREAD_SINGLE;
  expect("MPI", c, "mpi_threads", "rank 0 on node0: MPI has no thread support");
  enter(c, 0, "0-1", 1, "0-1")->load = 0.9;
  expect("a load next to it", c, "", "");
  enter(c, 0, "0-1", 2, "0-1")->load = 0.9;
  expect("load", c, "loaded", "load of 0.9 before 2 threads start on 2 cores");
  strcpy(enter(c, 0, "0", 1, "0")->governor, "powersave");
  expect("powersave", c, "powersave", "lowest clock");
  strcpy(enter(c, 0, "0", 1, "0")->governor, "schedutil");
  expect("schedutil", c, "", "");
  enter(c, 0, "0-1", 1, "0"), enter(c, 1, "0-3", 1, "0");
  expect("hosts", c, "unequal_hosts",
         "node1: 1 rank on 4 cores, but 1 rank "
         "on 2 cores on node0");
  for (int r = 0; r < 9; r++) {
    enter(c, r, "0-1", 1, "0-1")->resident_bytes = 1e9 * (10 + r);
  }
  expect("many lines", c, "memory memory memory memory",
         "node0|node1|node2|(and 5 more like it)");
}

/* Remarks are `doctor`'s alone; warnings come first in all lists. */
static void severities(void) {
  for (int i = 0; i < TRM__FINDING_COUNT; i++) {
    trm__host_finding_code code = (trm__host_finding_code)i;
    const char *name = trm__host_finding_name(code);
    bool remark = !strcmp(name, "unequal_hosts") ||
                  !strcmp(name, "other_blas") || !strcmp(name, "loaded") ||
                  !strcmp(name, "powersave");
    CHECK__REPORT(trm__host_finding_is_warning(code) == !remark, "%s", name);
    CHECK(i == 0 ||
          trm__host_finding_is_warning((trm__host_finding_code)(i - 1)) ||
          !trm__host_finding_is_warning(code));
  }
}

int main(void) {
  static cast c;
  good_cores(&c), oversubscribed(&c), shared_cores(&c), threads_short(&c);
  hardware_threads(&c), two_sockets(&c), memory_nodes(&c);
  quotas(&c), memory(&c), disks(&c), clocks(&c), others(&c);
  severities();
  return check_done();
}
