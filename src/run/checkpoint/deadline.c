#include "run/checkpoint/deadline.h"

#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <trireme/run.h>

#include "base/error.h"
#include "base/text.h"
#include "run/setup/batch.h"

extern char **environ;

static const double ASK =
    30; /* seconds before the margin at which Slurm is asked */
static const double AGAIN =
    300; /* seconds between questions while the end is unknown */
static const double PATIENCE = 5; /* seconds to wait for an answer */
static const double CLOCKS = 5; /* seconds by which Slurm's clock may differ */
static const double LEAST =
    1e9; /* smaller numbers are not seconds since 1970 */

double trm__run_deadline_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

bool trm__run_deadline_date(const char *text, double *at) {
  struct tm t = {.tm_isdst = -1};
  const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &t);
  if (!end) return false;
  bool utc = *end == 'Z';
  if (utc) end++;
  if (end[strspn(end, " \n\r")]) return false;
  time_t seconds = utc ? timegm(&t) : mktime(&t);
  *at = (double)seconds;
  return seconds != (time_t)-1;
}

static bool read_time(const char *text, double *at) {
  char *end;
  if (trm__run_deadline_date(text, at)) return true;
  *at = strtod(text, &end);
  return end != text && !end[strspn(end, " \n\r")] && *at >= LEAST;
}

/* -- a file ---------------------------------------------------------------- */

/* Read the file. \return its text if that is not a time; "": a time, empty, or no file */
static trm__base_text read_deadline(trm__run_deadline *d) {
  trm__base_text held = {""};
  double at;
  FILE *file = fopen(d->path, "re");
  if (!file) return held;
  size_t n = fread(held.s, 1, sizeof held.s - 1, file);
  held.s[n] = 0;
  fclose(file);
  if (read_time(held.s, &at)) d->at = at, held.s[0] = 0;
  held.s[strcspn(held.s, "\n")] = 0;
  return held;
}

static double reread(trm__run_deadline *d) {
  trm__base_text held = read_deadline(d);
  if (*held.s && !d->said)
    trm__base_error_print(
        "--deadline=%s: \"%s\" is not a time (expected seconds since 1970 or "
        "2026-11-21T18:00:00); the deadline is unchanged",
        d->path, held.s);
  d->said = *held.s;
  return d->at;
}

static trm_status read_file(const char *path, trm__run_deadline *d,
                            trm__base_error *error) {
  d->kind = TRM__DEADLINE_FILE;
  d->path = path;
  trm__base_text held = read_deadline(d);
  if (isfinite(d->at)) return TRM_OK;
  if (*held.s)
    return trm__base_error_set(
        error, TRM_EOPTION,
        "--deadline=%s: \"%s\" in this file is not a time (expected seconds "
        "since 1970, as from date -d \"6 hours\" +%%s, or 2026-11-21T18:00:00)",
        path, held.s);
  return trm__base_error_set(
      error, TRM_EOPTION,
      "--deadline=%s: expected auto, a time such as 6h, or a file with seconds "
      "since 1970 or 2026-11-21T18:00:00",
      path);
}

/* -- Slurm ----------------------------------------------------------------- */

/* Read from a pipe until it is closed or the time is over. */
static void read_until(int pipe, double until, char *text, size_t size) {
  size_t have = 0;
  ssize_t n = 1;
  while (n > 0 && have + 1 < size && trm_now() < until) {
    struct pollfd ready = {.fd = pipe, .events = POLLIN};
    if (poll(&ready, 1, 100) < 1) continue;
    n = read(pipe, text + have, size - 1 - have);
    if (n > 0) have += (size_t)n;
  }
  text[have] = 0;
}

/* Did the child succeed in time? Otherwise it is killed. */
static bool ended_well(pid_t child, double until) {
  int status = -1;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (trm_now() < until) {
      usleep(10000);
      continue;
    }
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return false;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Output of a command, cut to `size`; false: it failed or took too long. Spawned, because
 * forking a rank is unsafe where MPI has registered memory with the network. */
static bool output_of(char *const words[], char *text, size_t size) {
  int ends[2];
  pid_t child;
  posix_spawn_file_actions_t files;
  double until = trm_now() + PATIENCE;
  if (pipe2(ends, O_CLOEXEC)) return false;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY,
                                   0);
  bool started = !posix_spawnp(&child, words[0], &files, NULL, words, environ);
  posix_spawn_file_actions_destroy(&files);
  close(ends[1]);
  if (started) read_until(ends[0], until, text, size);
  close(ends[0]);
  return started && ended_well(child, until);
}

/* Sets the date format that is read here, whatever the user's setting. */
static void ask_slurm(trm__run_deadline *d, char *job) {
  char text[8192], date[32];
  char *words[] = {
      "env", "SLURM_TIME_FORMAT=standard", "scontrol", "-o", "show", "job", job,
      NULL};
  d->asked = trm__run_deadline_now();
  if (!output_of(words, text, sizeof text)) return;
  const char *end = strstr(text, " EndTime=");
  if (!end || sscanf(end, " EndTime=%31s", date) != 1) return;
  double at;
  if (trm__run_deadline_date(date, &at)) d->at = at - CLOCKS;
}

static void find_job(trm__run_deadline *d) {
  const char *end = getenv("SLURM_JOB_END_TIME");
  trm__run_batch_job batch = trm__run_batch_job_here();
  if (!batch.slurm) return;
  d->kind = TRM__DEADLINE_JOB;
  if (end && read_time(end, &d->at))
    d->at -= CLOCKS;
  else
    ask_slurm(d, batch.job);
}

void trm__run_deadline_ask(trm__run_deadline *d, double margin, double chunk) {
  if (d->kind != TRM__DEADLINE_JOB) return;
  double now = trm__run_deadline_now(), left = d->at - now,
         since = now - d->asked;
  double early = fmax(ASK, 2 * chunk);
  bool time = left > margin + PATIENCE || !d->asked;
  bool due = isfinite(left) ? left < margin + early && since > early && time
                            : since > AGAIN;
  if (!due) return;
  trm__run_batch_job batch = trm__run_batch_job_here();
  ask_slurm(d, batch.job);
}

/* -- all kinds ------------------------------------------------------------- */

trm_status trm__run_deadline_read(const char *text, double began,
                                  trm__run_deadline *d,
                                  trm__base_error *error) {
  double seconds;
  char *end;
  *d = (trm__run_deadline){.kind = TRM__DEADLINE_NONE, .at = INFINITY};
  if (!text) return TRM_OK;
  if (!strcmp(text, "auto")) {
    find_job(d);
    return TRM_OK;
  }
  seconds = strtod(text, &end);
  bool plain = end != text && !*end;
  if (!plain && !trm__base_text_seconds(text, &seconds))
    return read_file(text, d, error);
  if (!(seconds > 0) || !isfinite(seconds))
    return trm__base_error_set(
        error, TRM_EOPTION,
        "--deadline=%s: expected a time above 0, such as 6h", text);
  d->kind = TRM__DEADLINE_SECONDS;
  d->at = began + seconds;
  return TRM_OK;
}

bool trm__run_deadline_set(const trm__run_deadline *d) {
  return d->kind != TRM__DEADLINE_NONE;
}

double trm__run_deadline_left(trm__run_deadline *d) {
  double at = d->kind == TRM__DEADLINE_FILE ? reread(d) : d->at;
  return at - trm__run_deadline_now();
}
