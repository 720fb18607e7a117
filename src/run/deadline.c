#include "run/deadline.h"

#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

extern char **environ;

static const double ASK_AGAIN = 30; /* seconds between two questions to Slurm */

double trm__deadline_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

bool trm__deadline_date(const char *text, double *at) {
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
  if (trm__deadline_date(text, at)) return true;
  *at = strtod(text, &end);
  return end != text && !end[strspn(end, " \n\r")] && *at > 0;
}

/* -- a file ---------------------------------------------------------------- */

/* A file that is not there, or is being written, says nothing new. */
static void look_into(trm__deadline *d) {
  char text[64];
  double at;
  FILE *file = fopen(d->path, "re");
  if (!file) return;
  size_t n = fread(text, 1, sizeof text - 1, file);
  text[n] = 0;
  if (read_time(text, &at)) d->at = at;
  fclose(file);
}

/* -- Slurm ----------------------------------------------------------------- */

/* What a command prints, as far as there is room; false: it failed. Forking a rank is
 * not safe on every network, spawning shares no memory that MPI has registered. */
static bool output_of(char *const words[], char *text, size_t size) {
  int ends[2], status = -1;
  pid_t child;
  posix_spawn_file_actions_t files;
  if (pipe2(ends, O_CLOEXEC)) return false;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY,
                                   0);
  bool started = !posix_spawnp(&child, words[0], &files, NULL, words, environ);
  posix_spawn_file_actions_destroy(&files);
  close(ends[1]);
  size_t have = 0;
  ssize_t n = 1;
  while (started && n > 0 && have + 1 < size) {
    n = read(ends[0], text + have, size - 1 - have);
    if (n > 0) have += (size_t)n;
  }
  text[have] = 0;
  close(ends[0]);
  if (started) waitpid(child, &status, 0);
  return started && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void ask_slurm(trm__deadline *d, const char *job) {
  char text[8192], date[32];
  char *words[] = {"scontrol", "-o", "show", "job", (char *)job, NULL};
  d->asked = trm__deadline_now();
  if (!output_of(words, text, sizeof text)) return;
  const char *end = strstr(text, " EndTime=");
  if (!end || sscanf(end, " EndTime=%31s", date) != 1) return;
  double at;
  if (trm__deadline_date(date, &at)) d->at = at;
}

static void find_job(trm__deadline *d) {
  const char *end = getenv("SLURM_JOB_END_TIME"), *job = getenv("SLURM_JOB_ID");
  if (end && read_time(end, &d->at)) return;
  if (job) ask_slurm(d, job);
}

/* -- all kinds ------------------------------------------------------------- */

trm_status trm__deadline_read(const char *text, double began, trm__deadline *d,
                              trm__error *error) {
  double seconds;
  char *end;
  *d = (trm__deadline){.kind = TRM__DEADLINE_NONE, .at = INFINITY};
  if (!text) return TRM_OK;
  if (!strcmp(text, "auto")) {
    d->kind = TRM__DEADLINE_JOB;
    find_job(d);
    return TRM_OK;
  }
  seconds = strtod(text, &end);
  bool plain = end != text && !*end;
  if (plain || trm__text_seconds(text, &seconds)) {
    if (!(seconds > 0) || !isfinite(seconds))
      return trm__error_set(error, TRM_EOPTION,
                            "--deadline=%s: want a time above 0, such as 6h",
                            text);
    d->kind = TRM__DEADLINE_SECONDS;
    d->at = began + seconds;
    return TRM_OK;
  }
  d->kind = TRM__DEADLINE_FILE;
  d->path = text;
  look_into(d);
  if (isfinite(d->at)) return TRM_OK;
  return trm__error_set(
      error, TRM_EOPTION,
      "--deadline=%s: neither auto, nor a time such as 6h, nor "
      "a file with seconds since 1970 or 2026-11-21T18:00:00",
      text);
}

double trm__deadline_left(trm__deadline *d) {
  if (d->kind == TRM__DEADLINE_NONE) return INFINITY;
  if (d->kind == TRM__DEADLINE_FILE) look_into(d);
  return d->at - trm__deadline_now();
}

double trm__deadline_confirm(trm__deadline *d) {
  const char *job = getenv("SLURM_JOB_ID");
  bool ask = d->kind == TRM__DEADLINE_JOB && job &&
             trm__deadline_now() - d->asked > ASK_AGAIN;
  if (ask) ask_slurm(d, job);
  return trm__deadline_left(d);
}
