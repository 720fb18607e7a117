#include "base/process.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <trireme/status.h>

#include "base/program.h"

static volatile sig_atomic_t arrived[3];
static volatile sig_atomic_t time_limit; /* seconds; 0: unlimited */
/* matching calls so far, per rule of TRM_FAULT */
static atomic_int fault_calls[32];
static int fault_my_rank = -1;

static const struct {
  int signal, bit;
} watched[] = {
    {SIGUSR1, TRM__SIGNAL_STOP}, {SIGUSR2, TRM__SIGNAL_CHECKPOINT},
    {SIGTERM, TRM__SIGNAL_QUIT}, {SIGINT, TRM__SIGNAL_QUIT},
    {SIGHUP, TRM__SIGNAL_QUIT},  /* the terminal is gone */
    {SIGXCPU, TRM__SIGNAL_QUIT}, /* the soft limit of processor time */
};

static void on_signal(int signal) {
  for (unsigned i = 0; i < sizeof watched / sizeof *watched; i++)
    if (watched[i].signal == signal) arrived[watched[i].bit >> 1] = 1;
  if (time_limit && signal != SIGUSR1 && signal != SIGUSR2)
    alarm((unsigned)time_limit);
}

static void on_alarm(int signal) {
  static const char rest[] = ": stopped by a signal while MPI started\n";
  const char *name = trm__base_program_name();
  struct iovec line[] = {{(char *)name, strlen(name)},
                         {(char *)rest, sizeof rest - 1}};
  (void)signal;
  if (!time_limit) return;
  ssize_t written = writev(STDERR_FILENO, line, 2);
  (void)written;
  _exit(trm_status_exit(TRM_EINTERRUPTED));
}

void trm__base_signals_patience(int seconds) {
  struct sigaction action = {.sa_handler = on_alarm};
  sigemptyset(&action.sa_mask);
  if (seconds > 0) sigaction(SIGALRM, &action, NULL);
  time_limit = seconds;
  if (seconds == 0) alarm(0);
}

static sigset_t watched_set(void) {
  sigset_t set;
  sigemptyset(&set);
  for (unsigned i = 0; i < sizeof watched / sizeof *watched; i++)
    sigaddset(&set, watched[i].signal);
  return set;
}

void trm__base_signals_hold(void) {
  sigset_t set = watched_set();
  sigprocmask(SIG_BLOCK, &set, NULL);
}

/* nohup: the run is to outlive its terminal. */
static bool is_ignored(int signal) {
  struct sigaction now;
  return signal == SIGHUP && !sigaction(signal, NULL, &now) &&
         now.sa_handler == SIG_IGN;
}

void trm__base_signals_install(void) {
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  sigset_t set = watched_set();
  sigemptyset(&action.sa_mask);
  for (unsigned i = 0; i < sizeof watched / sizeof *watched; i++)
    if (!is_ignored(watched[i].signal))
      sigaction(watched[i].signal, &action, NULL);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  signal(SIGXFSZ, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
}

int trm__base_signals_seen(void) {
  int bits = 0;
  for (int i = 0; i < 3; i++) bits |= arrived[i] << i;
  return bits;
}

int trm__base_signals_take(void) {
  int bits = trm__base_signals_seen();
  for (int i = 0; i < 3; i++)
    if (bits >> i & 1) arrived[i] = 0;
  return bits;
}

void trm__base_fault_rank(int rank) {
  fault_my_rank = rank;
}

static int error_number(const char *name) {
  static const struct {
    const char *name;
    int number;
  } list[] = {{"ENOSPC", ENOSPC}, {"EIO", EIO},       {"EDQUOT", EDQUOT},
              {"EINTR", EINTR},   {"EROFS", EROFS},   {"EACCES", EACCES},
              {"ENOMEM", ENOMEM}, {"ESTALE", ESTALE}, {"EAGAIN", EAGAIN},
              {"EEXIST", EEXIST}};
  for (unsigned i = 0; i < sizeof list / sizeof *list; i++)
    if (!strcmp(name, list[i].name)) return list[i].number;
  return EIO;
}

static int fire(const char *what) {
  if (!strcmp(what, "short")) return TRM__FAULT_SHORT;
  if (!strcmp(what, "flip")) return TRM__FAULT_FLIP;
  if (!strcmp(what, "kill")) raise(SIGKILL);
  if (!strcmp(what, "stop")) return raise(SIGUSR1), TRM__FAULT_NONE;
  if (!strncmp(what, "sleep", 5)) {
    usleep(1000u * (unsigned)atol(what + 5));
    return TRM__FAULT_NONE;
  }
  errno = error_number(what);
  return TRM__FAULT_ERROR;
}

int trm__base_fault(const char *op) {
  const char *rules = getenv("TRM_FAULT");
  if (!rules) return TRM__FAULT_NONE;
  char copy[512], *rest = copy;
  snprintf(copy, sizeof copy, "%s", rules);
  int result = TRM__FAULT_NONE;
  for (int i = 0; rest && i < 32; i++) {
    char *rule = strsep(&rest, ","), *name = strsep(&rule, ":");
    char *nth = rule ? strsep(&rule, ":") : NULL,
         *what = rule ? strsep(&rule, ":") : NULL;
    if (!nth || strcmp(name, op) || (rule && atoi(rule) != fault_my_rank))
      continue;
    int call = atomic_fetch_add(&fault_calls[i], 1) + 1, n = atoi(nth);
    if (call == n || (call > n && strchr(nth, '+')))
      result = fire(what ? what : "EIO");
  }
  return result;
}
