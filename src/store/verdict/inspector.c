#include "store/verdict/inspector.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/environment.h"
#include "base/memory.h"
#include "base/program.h"
#include "store/file/seal.h"

enum {
  SILENT = 600, /* seconds until it is given up, and for large files */
  SLOWEST_DISK = 1 << 20, /* one more for so many bytes */
};

/* -- who asks -------------------------------------------------------------- */

/* Signals of the run are not for the inspector, and its own ones are not blocked.
 * \return 0, or errno */
static int start(const char *program, const char *path, const char *what,
                 int report, pid_t *child) {
  char *words[] = {(char *)trm__base_program_path(),
                   "ckpt",
                   TRM__STORE_INSPECTOR_VERB,
                   (char *)what,
                   (char *)path,
                   NULL};
  char mark[] = TRM__STORE_INSPECTING "=1";
  char **environment = trm__base_environment_plain(mark);
  posix_spawn_file_actions_t files;
  posix_spawnattr_t how;
  sigset_t none, every;
  sigemptyset(&none);
  sigfillset(&every);
  posix_spawnattr_init(&how);
  posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK |
                                     POSIX_SPAWN_SETSIGDEF |
                                     POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setsigmask(&how, &none);
  posix_spawnattr_setsigdefault(&how, &every);
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDWR, 0);
  posix_spawn_file_actions_adddup2(&files, report, TRM__STORE_INSPECTOR_REPORT);
  posix_spawn_file_actions_adddup2(&files, 0, 1);
  posix_spawn_file_actions_adddup2(&files, 0, 2);
  int why = posix_spawn(child, program, &files, &how, words, environment);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&how);
  free(environment);
  return why;
}

/* Its report, to the end. The seconds are counted, not measured: a job that was
 * suspended goes on waiting.  \return false: it took too long */
static bool hear(int from, char *text, size_t room, int64_t seconds) {
  struct pollfd ready = {.fd = from, .events = POLLIN};
  size_t used = 0;
  while (seconds > 0) {
    int any = poll(&ready, 1, 1000);
    if (any == 0) seconds--;
    if (any <= 0) continue;
    ssize_t n = read(from, text + used, room - 1 - used);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    used += (size_t)n;
  }
  text[used] = 0;
  return seconds > 0;
}

static int64_t patience_for(const char *path) {
  struct stat file;
  return SILENT + (stat(path, &file) ? 0 : file.st_size / SLOWEST_DISK);
}

static trm_status too_long(const char *path, trm__base_error *error) {
  return trm__base_error_set(error, TRM_ECHECKPOINT,
                             "%s: HDF5 does not come to an end with it (seen "
                             "in a second process): its "
                             "metadata are damaged",
                             path);
}

static trm_status unknown(const char *path, const char *how, int number,
                          trm__base_error *error) {
  return trm__base_error_set(error, TRM_EFILE,
                             "%s: cannot be looked at: a second process ended "
                             "with %s %d and no report",
                             path, how, number);
}

/* The inspector had begun, and did not come to its report. */
static trm_status crashed(const char *path, int end, trm__base_error *error) {
  char how[64];
  if (WIFSIGNALED(end) && WTERMSIG(end) == SIGPROF)
    return too_long(path, error);
  if (WIFSIGNALED(end))
    snprintf(how, sizeof how, "signal %d, %s", WTERMSIG(end),
             strsignal(WTERMSIG(end)));
  else
    snprintf(how, sizeof how, "exit status %d", WEXITSTATUS(end));
  return trm__base_error_set(error, TRM_ECHECKPOINT,
                             "%s: HDF5 crashes on it (%s; seen in a second "
                             "process): its metadata are damaged",
                             path, how);
}

/* Signals from outside say nothing about the file. */
static bool from_outside(int end) {
  int signal = WIFSIGNALED(end) ? WTERMSIG(end) : 0;
  return signal == SIGKILL || signal == SIGTERM || signal == SIGINT ||
         signal == SIGHUP;
}

/* What a report and the end of its process mean. */
static trm_status judge(const char *path, const char *report, int end,
                        trm__store_verdict *verdict, trm__base_error *error) {
  int status, length = 0, found = TRM__STORE_DAMAGED;
  size_t head = strlen(TRM__STORE_INSPECTOR_BEGUN);
  bool begun = !strncmp(report, TRM__STORE_INSPECTOR_BEGUN, head);
  *verdict = TRM__STORE_DAMAGED;
  if (from_outside(end) || (!begun && WIFSIGNALED(end)))
    return unknown(path, "signal", WTERMSIG(end), error);
  if (!begun) return unknown(path, "status", WEXITSTATUS(end), error);
  report += head;
  if (WIFSIGNALED(end) || !strchr(report, '\n') ||
      sscanf(report, "%d %d %n", &status, &found, &length) < 2 || !length)
    return crashed(path, end, error);
  if (status == TRM_OK) return TRM_OK;
  *verdict = found == TRM__STORE_NEWER ? TRM__STORE_NEWER : TRM__STORE_DAMAGED;
  return trm__base_error_set(error, TRM_ECHECKPOINT, "%.*s",
                             (int)strcspn(report + length, "\n"),
                             report + length);
}

bool trm__store_inspector_needed(const char *path) {
  struct stat file;
  trm__store_seal seal;
  trm__base_error ignored = {TRM_OK, ""};
  if (stat(path, &file) || !S_ISREG(file.st_mode)) return false;
  return trm__store_seal_check(path, &seal, &ignored) == TRM_OK && !seal.holds;
}

trm_status trm__store_inspector_ask(const char *program, const char *path,
                                    const char *what,
                                    trm__store_verdict *verdict,
                                    trm__base_error *error) {
  int ends[2], why = getenv(TRM__STORE_INSPECTING) ? ELOOP : 0, end = 0;
  char report[2048] = "";
  pid_t child;
  *verdict = TRM__STORE_DAMAGED;
  if (!why && pipe2(ends, O_CLOEXEC)) why = errno;
  if (!why) {
    why = start(program, path, what, ends[1], &child);
    close(ends[1]);
    if (why) close(ends[0]);
  }
  if (why)
    return trm__base_error_set(
        error, TRM_EFILE,
        "%s: not sealed, and a second process that would "
        "look at it cannot be started: %s",
        path, strerror(why));
  bool ended = hear(ends[0], report, sizeof report, patience_for(path));
  if (!ended) kill(child, SIGKILL);
  close(ends[0]);
  while (waitpid(child, &end, 0) < 0 && errno == EINTR)
    ;
  if (!ended) return too_long(path, error);
  return judge(path, report, end, verdict, error);
}
