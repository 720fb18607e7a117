#include "launch/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <trireme/run.h>

#include "base/memory.h"
#include "base/process.h"
#include "base/program.h"
#include "base/text.h"
#include "host/checks/launch.h"

enum { PATIENCE = 5, TIMED_OUT = 124 };

static void nap(double seconds) {
  struct timespec t = {(time_t)seconds, 0};
  t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
  nanosleep(&t, NULL);
}

/* -- the machine ----------------------------------------------------------- */

int trm__launch_cores(void) {
  trm__host_cpus cores;
  trm__host_topology *topology = trm__host_topology_load();
  bool known = trm__host_facts_cores(topology, &cores);
  trm__host_topology_free(&topology);
  if (known) return trm__host_cpus_count(&cores);
  long n = sysconf(_SC_NPROCESSORS_ONLN);
  return n > 0 ? (int)n : 1;
}

/* A count in the environment; 0: there is none. */
static long said(const char *name) {
  const char *text = getenv(name);
  char *end;
  long n = text ? strtol(text, &end, 10) : 0;
  return text && end != text && !*end && n > 0 && n < 1 << 20 ? n : 0;
}

/* Hardware threads of a core that this process may use. */
static long siblings(int cores) {
  long cpus = sysconf(_SC_NPROCESSORS_ONLN);
  cpu_set_t mine;
  if (!sched_getaffinity(0, sizeof mine, &mine)) cpus = CPU_COUNT(&mine);
  return cpus > cores ? cpus / cores : 1;
}

/* Slurm counts hardware threads, ranks are bound to cores. */
int trm__launch_room(void) {
  int here = trm__launch_cores();
  long room = said("SLURM_JOB_NUM_NODES") * said("SLURM_CPUS_ON_NODE");
  room /= siblings(here);
  return room > 0 && room < INT_MAX ? (int)room : here;
}

int trm__launch_hosts(int cores) {
  long hosts = said("SLURM_JOB_NUM_NODES");
  int here = trm__launch_cores();
  return hosts ? (int)hosts : (cores - 1) / here + 1;
}

double trm__launch_memory(void) {
  trm__host_limit limit[TRM__LIMITS];
  double room = trm__host_system_memory(trm__host_launch_root());
  int n = trm__host_system_limits(trm__host_launch_root(), limit);
  for (int i = 0; i < n; i++)
    if (!limit[i].cpu && (room < 0 || limit[i].room < room))
      room = limit[i].room;
  return room;
}

typedef struct ticks { /* of all processors since the machine started */
  bool known;
  double busy, stolen, all;
} ticks;

static ticks read_ticks(void) {
  double t[8] = {0}; /* user nice system idle iowait irq softirq steal */
  ticks sum = {.known = false};
  FILE *file = fopen("/proc/stat", "re");
  if (!file) return sum;
  int n = fscanf(file, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &t[0], &t[1],
                 &t[2], &t[3], &t[4], &t[5], &t[6], &t[7]);
  fclose(file);
  sum.known = n == 8;
  for (int i = 0; i < 8; i++) sum.all += t[i];
  sum.stolen = t[7];
  sum.busy = sum.all - t[3] - t[4] - t[7];
  return sum;
}

double trm__launch_load(double seconds) {
  ticks before = read_ticks();
  nap(seconds);
  ticks after = read_ticks();
  double all = after.all - before.all;
  if (!before.known || !after.known || !(all > 0)) return -1;
  return (after.busy - before.busy) / all;
}

static double stolen(const ticks *before) {
  ticks after = read_ticks();
  double all = after.all - before->all;
  if (!before->known || !after.known || !(all > 0)) return -1;
  return (after.stolen - before->stolen) / all;
}

/* -- last words ------------------------------------------------------------ */

/* mpirun frames what it says with rules. */
static bool is_rule(const char *line) {
  return !line[strspn(line, "-=* ")];
}

static bool begins_with(const char *text, const char *path) {
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  size_t n = strlen(name);
  return !strncmp(text, name, n) && !strncmp(text + n, ": ", 2);
}

/* A program with kernels says what is wrong behind its name: this one, or the
 * one that the words run. */
static bool is_ours(const char *text, char *const words[]) {
  for (int i = 0; words[i] && words[i + 1]; i++)
    if (!strcmp(words[i + 1], "run") && begins_with(text, words[i]))
      return true;
  return begins_with(text, trm__program_path());
}

/* The last line of a file, one of ours before others; owned, "" for none. */
static char *last_line(FILE *file, char *const words[]) {
  char *line = NULL, *last = trm__base_strdup("");
  size_t room = 0;
  bool ours = false;
  rewind(file);
  while (getline(&line, &room, file) >= 0) {
    char *text = trm__base_text_trim(line);
    bool mine = is_ours(text, words);
    if (is_rule(text) || (ours && !mine)) continue;
    ours = ours || mine;
    free(last);
    last = trm__base_strdup(text);
  }
  free(line);
  return last;
}

typedef struct output {
  FILE *out, *err;
} output;

static bool open_output(const char *log, output *o) {
  o->out = log ? fopen(log, "w+e") : tmpfile();
  o->err = o->out ? tmpfile() : NULL;
  if (o->err) return true;
  if (o->out) fclose(o->out);
  return false;
}

/* What went to stderr goes to the end of the log. */
static char *close_output(output *o, char *const words[]) {
  char *last = last_line(o->err, words);
  if (!*last) {
    free(last);
    last = last_line(o->out, words);
  }
  int c;
  rewind(o->err);
  fseek(o->out, 0, SEEK_END);
  while ((c = getc(o->err)) != EOF) putc(c, o->out);
  fclose(o->err);
  fclose(o->out);
  return last;
}

/* -- the child ------------------------------------------------------------- */

static void settle(int threads) {
  char text[16];
  snprintf(text, sizeof text, "%d", threads);
  if (threads > 0) setenv("OMP_NUM_THREADS", text, 1);
  if (geteuid() != 0) return;
  setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 0);
  setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 0);
}

/* It ends with its parent, whatever kills that. */
static void become(char *const words[], int threads, const output *o,
                   int report) {
  int nothing = open("/dev/null", O_RDONLY);
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  settle(threads);
  signal(SIGPIPE, SIG_DFL);
  signal(SIGXFSZ, SIG_DFL);
  dup2(nothing, 0);
  dup2(fileno(o->out), 1);
  dup2(fileno(o->err), 2);
  execvp(words[0], words);
  int failure = errno;
  if (write(report, &failure, sizeof failure) < 0) _exit(126);
  _exit(127);
}

/* \return 0, or the errno of a command that does not start */
static int spawn(char *const words[], int threads, const output *o,
                 pid_t *child) {
  int ends[2], failure = 0;
  if (pipe2(ends, O_CLOEXEC)) return errno;
  *child = fork();
  if (*child == 0) become(words, threads, o, ends[1]);
  failure = *child < 0 ? errno : 0;
  close(ends[1]);
  if (!failure && read(ends[0], &failure, sizeof failure) != sizeof failure)
    failure = 0;
  close(ends[0]);
  if (failure && *child > 0) waitpid(*child, NULL, 0);
  return failure;
}

/* Waits at most so long for the end of a child, which is not reaped. */
static bool ended(pid_t child, int handle, double seconds) {
  siginfo_t info = {.si_pid = 0};
  struct pollfd watch = {handle, POLLIN, 0};
  if (handle >= 0)
    poll(&watch, 1, (int)(1000 * seconds));
  else
    nap(seconds < 0.005 ? seconds : 0.005);
  return !waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) &&
         info.si_pid == child;
}

static bool told_to_stop(void) {
  return trm__base_signals_seen() & TRM__SIGNAL_QUIT;
}

/* \return it was stopped before its end */
static bool await(pid_t child, double seconds, bool *late) {
  int handle = (int)syscall(SYS_pidfd_open, child, 0);
  double until = trm_now() + seconds, patience = 0;
  bool stopped = false;
  while (!ended(child, handle, 0.05)) {
    bool over = seconds > 0 && trm_now() > until;
    if (!stopped && (over || told_to_stop())) {
      *late = over;
      stopped = true;
      patience = trm_now() + PATIENCE;
      kill(-child, SIGTERM);
    } else if (stopped && trm_now() > patience) {
      kill(-child, SIGKILL);
    }
  }
  if (stopped) kill(-child, SIGKILL); /* what it left behind */
  if (handle >= 0) close(handle);
  return stopped;
}

/* -- the whole ------------------------------------------------------------- */

static int status_of(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

trm__ended trm__launch_run(char *const words[], int threads, double seconds,
                           const char *log) {
  trm__ended e = {.status = -1, .steal = -1};
  output o;
  pid_t child = -1;
  bool late = false;
  trm__base_signals_install();
  if (!open_output(log, &o)) {
    e.last = trm__base_format("%s: %s", log ? log : "a temporary file",
                              strerror(errno));
    return e;
  }
  ticks before = read_ticks();
  double began = trm_now();
  int failure = spawn(words, threads, &o, &child);
  if (!failure) {
    bool stopped = await(child, seconds, &late);
    e.status = status_of(child);
    e.late = late && stopped;
    if (e.late) e.status = TIMED_OUT;
  }
  e.wall = trm_now() - began;
  e.steal = stolen(&before);
  e.last = close_output(&o, words);
  if (!failure) return e;
  free(e.last);
  e.last = trm__base_format("%s: %s", words[0], strerror(failure));
  return e;
}

void trm__ended_clear(trm__ended *e) {
  free(e->last);
  *e = (trm__ended){.status = -1};
}
