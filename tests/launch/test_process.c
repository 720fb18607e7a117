/* TEST timeout=60 */
/* Launching a command: its words, its environment, its end, its last line. */
#include "check.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/process.h"
#include "launch/load.h"
#include "launch/process.h"
#include "launch/resources.h"
#include "launch/template.h"

static char *const command[] = {"/bin/trireme", "run", "heat", "--name=it's",
                                NULL};

/* The words, with | between two. */
static char *joined(const char *template) {
  trm__base_error error = {TRM_OK, ""};
  char **words = trm__launch_words(template, 3, 2, command, &error);
  char *text = trm__base_strdup(words ? "" : error.text);
  for (char **w = words; w && *w; w++) {
    char *longer = trm__base_format("%s%s%s", text, w > words ? "|" : "", *w);
    free(text);
    text = longer;
  }
  CHECK_INT(!words, error.status != TRM_OK);
  if (!words) CHECK_STATUS(error.status, TRM_EOPTION);
  trm__launch_words_free(words);
  return text;
}

static void test_words(void) {
  static const char *const cases[][2] = {
      {"mpirun -n {ranks} {command}",
       "mpirun|-n|3|/bin/trireme|run|heat|--name=it's"},
      {"mpirun  --map-by\tslot:PE={threads} -n{ranks}",
       "mpirun|--map-by|slot:PE=2|-n3|/bin/trireme|run|heat|--name=it's"},
      {"ssh 'a host' \"cd /x && {command}\"",
       "ssh|a host|cd /x && /bin/trireme run heat '--name=it'\\''s'"},
      {"{command} --more", "/bin/trireme|run|heat|--name=it's|--more"},
      {"env X='' Y=a\"b c\"d",
       "env|X=|Y=ab cd|/bin/trireme|run|heat|--name=it's"},
      {"sh -c={command}", "sh|-c=/bin/trireme run heat '--name=it'\\''s'"},
      {"'' x", "|x|/bin/trireme|run|heat|--name=it's"},
      {"mpirun -n {rank}",
       "--launcher: \"{rank}\" is unknown (choose from {ranks}, {threads}, "
       "{command})"},
      {"mpirun -n {",
       "--launcher: \"{\" is unknown (choose from {ranks}, {threads}, "
       "{command})"},
      {"mpirun \"-n", "--launcher: unmatched quote \""},
      {"  ",
       "--launcher is empty (expected \"mpirun -n {ranks} {command}\" or "
       "similar)"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char *got = joined(cases[i][0]);
    CHECK_TEXT(got, cases[i][1]);
    free(got);
  }
}

/* A shell reads the line back as the words it was made of. */
static void test_line(void) {
  char *const words[] = {"env",   "A=b c", "x'y", "", "--n=3,4:5/6@7%8+_-.",
                         "$HOME", NULL};
  char *line = trm__launch_words_line(words);
  CHECK_TEXT(line, "env 'A=b c' 'x'\\''y' '' --n=3,4:5/6@7%8+_-. '$HOME'");
  free(line);
}

/* bash reads control characters back, on one line. */
static void test_quoting(void) {
  static const char *const cases[][2] = {{"plain", "plain"},
                                         {"", "''"},
                                         {"it's", "'it'\\''s'"},
                                         {"a\nb'c\\", "$'a\\012b\\'c\\\\'"},
                                         {"back\\slash", "'back\\slash'"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char *quoted = trm__launch_quoted(cases[i][0]);
    CHECK_TEXT(quoted, cases[i][1]);
    free(quoted);
  }
}

static bool is_bound(int cores, int ranks, int threads) {
  return strstr(trm__launch_template_on(cores, NULL, ranks, threads),
                "--bind-to core");
}

/* Of all nodes; hardware threads of a core are one, here as on the others. */
static void test_room(void) {
  int here = trm__launch_host_cores();
  char *cpus = trm__base_format("%ld", 4 * sysconf(_SC_NPROCESSORS_ONLN));
  CHECK_INT(trm__launch_available_cores(), here);
  setenv("SLURM_JOB_NUM_NODES", "3", 1);
  CHECK_INT(trm__launch_available_cores(), here);
  setenv("SLURM_CPUS_ON_NODE", cpus, 1);
  int all = trm__launch_available_cores();
  CHECK(all >= 12 * here);
  CHECK(is_bound(0, all, 1) && !is_bound(0, all + 1, 1));
  CHECK(strstr(trm__launch_template(NULL, all, 1), "--bind-to core"));
  CHECK(is_bound(8, 4, 2) && !is_bound(8, 5, 2)); /* what is said goes first */
  setenv("SLURM_CPUS_ON_NODE", "many", 1);
  CHECK_INT(trm__launch_available_cores(), here);
  unsetenv("SLURM_CPUS_ON_NODE");
  unsetenv("SLURM_JOB_NUM_NODES");
  free(cpus);
}

static void test_templates(void) {
  int cores = trm__launch_host_cores();
  CHECK(cores >= 1);
  CHECK(strstr(trm__launch_template(NULL, cores, 1), "--bind-to core"));
  CHECK(strstr(trm__launch_template(NULL, cores, 2), "--bind-to none"));
  CHECK(strstr(trm__launch_template(NULL, cores + 1, 1), "--oversubscribe"));
  CHECK(strstr(trm__launch_template("slurm", 1, 1), "srun"));
  CHECK_TEXT(trm__launch_template("mine {ranks}", 1, 1), "mine {ranks}");
}

static void check_end(const char *script, int status, const char *last);

/* What MPI tells its ranks is not passed on: an mpirun would take itself for one of
 * them. Without a rank nothing is removed. */
static void test_environment(void) {
  const char *show = "echo $OMPI_MCA_x.$PMIX_x.$ORTE_x.$PMI_x.$KEPT; exit 1";
  static const char *const names[] = {"OMPI_MCA_x", "PMIX_x", "ORTE_x", "PMI_x",
                                      "KEPT"};
  for (int i = 0; i < 5; i++) setenv(names[i], "y", 1);
  check_end(show, 1, "y.y.y.y.y");
  setenv("OMPI_COMM_WORLD_RANK", "0", 1);
  check_end(show, 1, "....y");
  CHECK_TEXT(getenv("PMIX_x"), "y"); /* this process keeps them */
  unsetenv("OMPI_COMM_WORLD_RANK");
  for (int i = 0; i < 5; i++) unsetenv(names[i]);
}

static trm__launch_end shell(const char *script, double seconds,
                             const char *log) {
  char *words[] = {"sh", "-c", (char *)script, NULL};
  return trm__launch_run(words, 3, seconds, log);
}

static void check_end(const char *script, int status, const char *last) {
  trm__launch_end e = shell(script, 10, NULL);
  CHECK_INT(e.status, status);
  CHECK(!e.late);
  CHECK_TEXT(e.last, last);
  CHECK(e.wall >= 0 && e.wall < 10);
  trm__launch_end_clear(&e);
}

static void test_ends(void) {
  check_end("true", 0, "");
  check_end("exit 7", 7, "");
  check_end("exit 124", 124, ""); /* of its own accord */
  check_end("echo out; echo; echo err >&2; exit 1", 1, "err");
  check_end("echo out; echo '  more  '; exit 1", 1, "more");
  check_end(
      "echo 'trireme: bad n' >&2; echo mpirun noticed >&2; echo -------- >&2; "
      "exit 2",
      2, "trireme: bad n");
  check_end("kill -9 $$", 137, "");
  check_end("echo $OMP_NUM_THREADS; exit 1", 1, "3");
  check_end("cat; echo end of input; exit 1", 1, "end of input");
  char *mine[] = {"sh", "-c", "echo 'mine: bad n' >&2; echo late >&2; exit 2",
                  "/path/mine", NULL};
  trm__launch_end m = trm__launch_run(mine, 1, 10, NULL);
  CHECK_TEXT(m.last, "mine: bad n");
  trm__launch_end_clear(&m);
  char *missing[] = {"/no/such/program", NULL};
  trm__launch_end e = trm__launch_run(missing, 1, 10, NULL);
  CHECK_INT(e.status, -1);
  CHECK_TEXT(e.last, "/no/such/program: No such file or directory");
  trm__launch_end_clear(&e);
}

static void test_load(void) {
  double load = trm__launch_load(TRM__LAUNCH_LOAD_SECONDS);
  CHECK(load == -1 || (load >= 0 && load <= 1));
}

static void test_log(void) {
  char dir[] = "/tmp/trireme.XXXXXX", line[64];
  CHECK(mkdtemp(dir));
  char *log = trm__base_format("%s/log", dir),
       *no = trm__base_format("%s/no/log", dir);
  trm__launch_end e = shell("echo to out; echo to err >&2", 10, log);
  CHECK_INT(e.status, 0);
  trm__launch_end_clear(&e);
  FILE *file = fopen(log, "r");
  CHECK(file && fgets(line, sizeof line, file));
  CHECK_TEXT(line, "to out\n");
  CHECK(file && fgets(line, sizeof line, file));
  CHECK_TEXT(line, "to err\n");
  if (file) fclose(file);
  e = shell("true", 10, no);
  CHECK_INT(e.status, -1);
  CHECK(strstr(e.last, "No such file"));
  trm__launch_end_clear(&e);
  unlink(log);
  rmdir(dir);
  free(log);
  free(no);
}

/* Gone, or nothing but what its parent has not taken note of. */
static bool is_gone(int pid) {
  char path[64], line[256] = "";
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  for (int i = 0; i < 100; i++) {
    FILE *file = fopen(path, "r");
    if (!file) return true;
    char *state = fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
    fclose(file);
    if (!state || state[2] == 'Z' || state[2] == 'X') return true;
    nanosleep(&(struct timespec){0, 10000000}, NULL);
  }
  return false;
}

/* The whole group ends: also who does not heed SIGTERM, and who is in the
 * background. */
static void test_time(void) {
  trm__launch_end e = shell("sleep 60 & echo $!; sleep 60", 0.3, NULL);
  CHECK_INT(e.status, 124);
  CHECK(e.late);
  CHECK(e.wall >= 0.3 && e.wall < 4);
  CHECK(atoi(e.last) > 0 && is_gone(atoi(e.last)));
  trm__launch_end_clear(&e);
  e = shell("(trap '' TERM; sleep 60) & echo $!; sleep 60", 0.3, NULL);
  CHECK(e.wall < 4);
  CHECK(atoi(e.last) > 0 && is_gone(atoi(e.last)));
  trm__launch_end_clear(&e);
  e = shell(
      "trap : TERM; (trap 'echo told; exit' TERM; sleep 60 & wait) & wait; "
      "wait",
      0.3, NULL);
  CHECK_TEXT(e.last, "told");
  CHECK(e.wall < 4);
  trm__launch_end_clear(&e);
  e = shell(
      "trap '' TERM; (trap '' TERM; sleep 60) & echo $!; while :; do sleep 1; "
      "done",
      0.3, NULL);
  CHECK_INT(e.status, 124);
  CHECK(e.wall >= 5 && e.wall < 9);
  CHECK(atoi(e.last) > 0 && is_gone(atoi(e.last)));
  trm__launch_end_clear(&e);
}

static void test_signal(void) {
  trm__launch_end e = shell("kill -TERM $PPID; sleep 60", 0, NULL);
  CHECK_INT(e.status, 128 + SIGTERM);
  CHECK(!e.late);
  CHECK(e.wall < 4);
  CHECK(trm__base_signals_take() & TRM__SIGNAL_QUIT);
  trm__launch_end_clear(&e);
}

int main(void) {
  program_invocation_name = (char[]){"build/trireme"};
  test_words();
  test_line();
  test_quoting();
  test_templates();
  test_room();
  test_ends();
  test_environment();
  test_load();
  test_log();
  test_time();
  test_signal();
  return check_done();
}
