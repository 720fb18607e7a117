#include "launch/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <trireme/clock.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/process.h"
#include "base/program.h"
#include "base/text.h"
#include "launch/environment.h"
#include "launch/load.h"

enum { PATIENCE = 5, TIMED_OUT = 124 };

static void nap(double seconds) {
  struct timespec t = {(time_t)seconds, 0};
  t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
  nanosleep(&t, NULL);
}

/* -- the last line --------------------------------------------------------- */

/* mpirun prints rules around its messages. */
static bool is_rule(const char *line) {
  return !line[strspn(line, "-=* ")];
}

static bool begins_with(const char *text, const char *path) {
  const char *name = trm__base_path_base(path);
  size_t n = strlen(name);
  return n && !strncmp(text, name, n) && !strncmp(text + n, ": ", 2);
}

/* A program with kernels prints its messages behind its name: this one, or one among
 * the words behind the launcher's. */
static bool is_message(const char *line, char *const words[]) {
  if (begins_with(line, trm__base_program_path())) return true;
  bool launcher = words[1] && strcmp(words[1], "run");
  for (int i = launcher; words[i]; i++)
    if (begins_with(line, words[i])) return true;
  return false;
}

/* The last line of a file, a message of a program before others; owned, "" for none. */
static char *last_line(FILE *file, char *const words[]) {
  char *line = NULL, *last = trm__base_strdup("");
  size_t room = 0;
  bool ours = false;
  rewind(file);
  while (getline(&line, &room, file) >= 0) {
    char *text = trm__base_text_trim(line);
    bool mine = is_message(text, words);
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

/* Append stderr to the log. */
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

/* The child ends with its parent, even if that is killed. */
static void become(char *const words[], int threads, const output *o,
                   int report) {
  int nothing = open("/dev/null", O_RDONLY);
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  trm__launch_environment(threads);
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

/* Wait at most so long for the end of a child; does not reap it. */
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

/* \return true: it was stopped before its end */
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
  if (stopped) kill(-child, SIGKILL); /* processes it left behind */
  if (handle >= 0) close(handle);
  return stopped;
}

/* -- running --------------------------------------------------------------- */

static int status_of(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

trm__launch_end trm__launch_run(char *const words[], int threads,
                                double seconds, const char *log) {
  trm__launch_end e = {.status = -1, .steal = -1};
  output o;
  pid_t child = -1;
  bool late = false;
  trm__base_signals_install();
  if (!open_output(log, &o)) {
    e.last = trm__base_format("%s: %s", log ? log : "a temporary file",
                              strerror(errno));
    return e;
  }
  trm__launch_ticks before = trm__launch_ticks_now();
  double began = trm_now();
  int failure = spawn(words, threads, &o, &child);
  if (!failure) {
    bool stopped = await(child, seconds, &late);
    e.status = status_of(child);
    e.late = late && stopped;
    if (e.late) e.status = TIMED_OUT;
  }
  e.wall = trm_now() - began;
  e.steal = trm__launch_stolen(&before);
  e.last = close_output(&o, words);
  if (!failure) return e;
  free(e.last);
  e.last = trm__base_format("%s: %s", words[0], strerror(failure));
  return e;
}

void trm__launch_end_clear(trm__launch_end *e) {
  free(e->last);
  *e = (trm__launch_end){.status = -1};
}
