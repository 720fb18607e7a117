/* TEST */
/* Machine files: read back as written; the newest of the class that used all cores
 * is found, broken ones are not; classes of processors as their kernels describe them. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/process.h"
#include <trireme/kernel.h>

#include "check.h"
#include "host/machine/figures.h"
#include "host/machine/machine.h"

static char directory[] = "/tmp/trireme.XXXXXX";

static char *in_directory(const char *name) {
  return trm__base_format("%s/%s", directory, name);
}

static double some(int i) {
  return trm_random_uniform(11, 1, (uint64_t)i) * pow(10, i % 23 - 9);
}

static trm_figure some_figure(int i) {
  return (trm_figure){some(3 * i), some(3 * i + 1), some(3 * i + 2)};
}

static trm_loggp some_loggp(int i) {
  return (trm_loggp){some(i),     some(i + 1), some(i + 2), some(i + 3),
                     some(i + 4), 1 + i,       4040 + i,    some(i + 5),
                     some(i + 6), some(i + 7), some(i + 8)};
}

/* Every member has a value of its own. */
static void make_file(trm__host_machine_file *f) {
  *f = (trm__host_machine_file){.host = trm__base_calloc(3, sizeof *f->host)};
  trm_machine *m = &f->machine;
  strcpy(m->node_class, "a-class");
  strcpy(m->processor, "A \"quoted\" processor");
  strcpy(m->mpi, "Some MPI 1.0");
  strcpy(m->written, "2026-01-02T03:04:05Z");
  m->cores = 96, m->ranks = 12, m->threads = 8, m->hosts = 3;
  m->memory_bytes = 412316860416;
  for (int i = 0; i < TRM__FIGURE_COUNT; i++)
    *trm__host_figure_in(m, i) = some_figure(i);
  m->rungs = TRM_LADDER, m->sizes = TRM_SIZES, m->collectives = 2;
  for (int i = 0; i < TRM_LADDER; i++) {
    m->ladder[i].bytes = 8192 * (i + 1);
    m->ladder[i].bandwidth = some_figure(100 + i);
    m->ladder[i].latency = some_figure(200 + i);
  }
  for (int i = 0; i < TRM_SIZES; i++) {
    m->message[i].bytes = (int64_t)1 << i;
    m->message[i].time = some_figure(300 + i);
  }
  strcpy(m->collective[0].name, "barrier");
  strcpy(m->collective[1].name, "alltoall");
  m->collective[1].bytes = 65536;
  m->collective[0].time = some_figure(400);
  m->collective[1].time = some_figure(401);
  m->message_rate = some_figure(402);
  m->eager_limit = 4040, m->buffered_limit = 256, m->curve_switch = -1;
  m->eager = some_loggp(500);
  m->rendezvous = some_loggp(520);
  m->clock_resolution = some(540), m->clock_cost = some(541);
  m->noise = (trm_noise){some(542), some(543), some(544),
                         some(545), some(546), some(547)};
  for (int h = 0; h < 3; h++) {
    snprintf(f->host[h].name, sizeof f->host[h].name, "node%d", h);
    for (int i = 0; i < TRM__FIGURE_COUNT; i++)
      f->host[h].figure[i] = some_figure(600 + 30 * h + i);
  }
}

static void test_round_trip(void) {
  trm__base_error error = {TRM_OK, ""};
  trm__host_machine_file f, back;
  char *path = in_directory("deep/er/file.json");
  make_file(&f);
  CHECK_STATUS(trm__host_machine_may_write(path, &error), TRM_EFILE);
  error.status = TRM_OK;
  trm__host_machine_make_way(path);
  CHECK_STATUS(trm__host_machine_may_write(path, &error), TRM_OK);
  CHECK(access(path, F_OK) != 0);
  CHECK_STATUS(trm__host_machine_write(path, &f, &error), TRM_OK);
  CHECK_STATUS(trm__host_machine_read(path, &back, &error), TRM_OK);
  CHECK_TEXT(back.machine.file, path);
  snprintf(f.machine.file, sizeof f.machine.file, "%s", path);
  CHECK(!memcmp(&f.machine, &back.machine, sizeof f.machine));
  CHECK(back.host && !memcmp(f.host, back.host, 3 * sizeof *f.host));
  /* an object that lacks a member says nothing else */
  f.machine.disk_read = (trm_figure){0, 0, 0};
  cJSON *json = trm__host_machine_json(&f);
  const cJSON *figures = cJSON_GetObjectItem(json, "figures");
  CHECK(cJSON_GetObjectItem(figures, "disk_write"));
  CHECK(!cJSON_GetObjectItem(figures, "disk_read"));
  cJSON_Delete(json);
  trm__host_machine_clear(&f);
  trm__host_machine_clear(&back);
  free(path);
}

static void write_text(const char *name, const char *text) {
  char *path = in_directory(name);
  FILE *file = fopen(path, "w");
  fputs(text, file);
  fclose(file);
  free(path);
}

static void write_machine(const char *name, const char *node_class,
                          const char *written, int cores) {
  trm__base_error error = {TRM_OK, ""};
  trm__host_machine_file f;
  char *path = in_directory(name);
  make_file(&f);
  snprintf(f.machine.node_class, sizeof f.machine.node_class, "%s", node_class);
  snprintf(f.machine.written, sizeof f.machine.written, "%s", written);
  f.machine.cores = cores;
  CHECK_STATUS(trm__host_machine_write(path, &f, &error), TRM_OK);
  trm__host_machine_clear(&f);
  free(path);
}

static void check_unknown(const trm_machine *m) {
  CHECK_INT(m->eager_limit, -1);
  CHECK_INT(m->buffered_limit, -1);
  CHECK_INT(m->curve_switch, -1);
}

/* Limits that a file lacks, or that no integer can hold, are not known. */
static void test_unknown(void) {
  trm__base_error error = {TRM_OK, ""};
  trm__host_machine_file f;
  const char *const texts[] = {
      "{\"schema\": \"trireme.machine/1\"}",
      "{\"schema\": \"trireme.machine/1\", \"eager_limit\": \"4040\","
      " \"buffered_limit\": 1e99, \"curve_switch\": null}",
      "no JSON"};
  char *path = in_directory("bare");
  for (int i = 0; i < 3; i++) {
    write_text("bare", texts[i]);
    CHECK_STATUS(trm__host_machine_read(path, &f, &error),
                 i < 2 ? 0 : TRM_EINPUT);
    check_unknown(&f.machine);
    trm__host_machine_clear(&f);
  }
  error.status = TRM_OK;
  unlink(path);
  CHECK_STATUS(trm__host_machine_read(path, &f, &error), TRM_EINPUT);
  check_unknown(&f.machine);
  cJSON *json = cJSON_Parse("{\"figures\": {}}");
  CHECK(trm__host_figures_read(json, &f.machine));
  check_unknown(&f.machine);
  cJSON_Delete(json);
  free(path);
}

/* Words on stderr about files that were ignored. */
static int ignored(const char *log, const char *name) {
  char line[2048];
  int n = 0;
  FILE *file = fopen(log, "r");
  while (file && fgets(line, sizeof line, file)) n += strstr(line, name) != 0;
  if (file) fclose(file);
  return n;
}

static void test_find(void) {
  trm_machine m, here = {0};
  char *log = in_directory("log"), *empty = in_directory("empty");
  setenv("TRIREME_MACHINES", empty, 1);
  CHECK(!trm_machine_find(&m));
  check_unknown(&m);
  CHECK_TEXT(m.file, empty);
  trm__host_classify(&here);
  CHECK_TEXT(m.node_class, here.node_class);
  setenv("TRIREME_MACHINES", directory, 1);
  write_machine("b.json", here.node_class, "2026-03-01T00:00:00Z", 1);
  write_machine("a.json", here.node_class, "2026-03-02T00:00:00Z", 2);
  write_machine("c.json", "another", "2027-01-01T00:00:00Z", 3);
  write_machine("z.json", here.node_class, "2025-12-31T23:59:59Z", 4);
  /* 12 ranks of 8 threads on 3 hosts have 32 cores a host: not all of these */
  write_machine("d.json", here.node_class, "2026-04-01T00:00:00Z", 33);
  write_text("broken.json", "{\"schema\": \"trireme.machine/1\", \"cla");
  write_text("other.json", "{\"schema\": \"trireme.result/1\"}");
  write_text("notes.txt", "no JSON");
  int was = dup(2);
  CHECK(freopen(log, "w", stderr) != NULL);
  bool found = trm_machine_find(&m);
  fflush(stderr);
  dup2(was, 2);
  close(was);
  CHECK(found);
  CHECK_INT(m.cores, 2);
  CHECK_TEXT(m.written, "2026-03-02T00:00:00Z");
  CHECK_INT(ignored(log, "broken.json"), 1);
  CHECK_INT(ignored(log, "other.json"), 1);
  CHECK_INT(ignored(log, "ignored"), 2);
  free(log);
  free(empty);
}

/* $XDG_DATA_HOME comes before ~, $TRIREME_MACHINES before both; empty is unset. */
static void test_places(void) {
  const char *const want[] = {"/a", "/b/trireme/machines",
                              "/c/.local/share/trireme/machines"};
  const char *const names[] = {"TRIREME_MACHINES", "XDG_DATA_HOME", "HOME"};
  const char *const values[] = {"/a", "/b", "/c"};
  for (int i = 0; i < 3; i++) setenv(names[i], values[i], 1);
  for (int i = 0; i < 3; i++) {
    char *got = trm__host_machine_directory();
    CHECK_TEXT(got, want[i]);
    free(got);
    setenv(names[i], "", 1);
  }
}

static void test_unwritable(void) {
  trm__base_error error = {TRM_OK, ""};
  CHECK_STATUS(trm__host_machine_may_write("/proc/no/file.json", &error),
               TRM_EFILE);
  CHECK(strstr(error.text, "/proc/no/file.json"));
  error.status = TRM_OK;
  CHECK_STATUS(trm__host_machine_may_write(directory, &error), TRM_EFILE);
  error.status = TRM_OK;
  trm__host_machine_file f;
  CHECK_STATUS(trm__host_machine_read(directory, &f, &error), TRM_EINPUT);
}

/* -- classes --------------------------------------------------------------- */

static void check_class(const char *cpuinfo, const char *mpi, int cores,
                        const char *want) {
  trm_machine m = {0};
  trm__host_classify_texts(
      cpuinfo, "MemTotal:       24658216 kB\nMemFree: 1 kB\n", mpi, cores, &m);
  CHECK_TEXT(m.node_class, want);
  CHECK_SAME(m.memory_bytes, 24658216. * 1024);
}

static void test_classes(void) {
  const char *open = "Open MPI v4.1.4, package: Debian OpenMPI, 2022\n";
  check_class(
      "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 26\n"
      "model\t\t: 2\nmodel name\t: AMD EPYC\nstepping\t: 1\n",
      open, 2, "amd-epyc-26.2_2-cores_24-gib_open-mpi-v4.1.4");
  check_class(
      "cpu family\t: 6\nmodel\t\t: 106\n"
      "model name\t: Intel(R) Xeon(R) Platinum 8358 CPU @ 2.60GHz\n",
      "MPICH Version:      4.0.2\nMPICH Release date: x\n", 64,
      "intel-r-xeon-r-platinum-8358-cpu-2.60ghz-6.106_64-cores_24-gib_"
      "mpich-version-4.0.2");
  check_class("processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd40\n",
              open, 80, "arm-0x41-0xd40_80-cores_24-gib_open-mpi-v4.1.4");
  check_class("cpu\t\t: POWER9, altivec supported\n", open, 44,
              "power9-altivec-supported_44-cores_24-gib_open-mpi-v4.1.4");
  check_class("", "", 1, "unknown-processor_1-cores_24-gib");
}

int main(void) {
  if (!mkdtemp(directory)) return 9;
  test_round_trip();
  test_unknown();
  test_find();
  test_places();
  test_unwritable();
  test_classes();
  char *command = trm__base_format("rm -rf %s", directory);
  CHECK_INT(system(command), 0);
  free(command);
  return check_done();
}
