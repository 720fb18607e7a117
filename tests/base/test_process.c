/* TEST */
/* Signals that wait to be taken, and operations that fail when told to. */
#include "check.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"

static void signals(void) {
  trm__base_signals_hold();
  raise(SIGUSR1); /* would end this process */
  CHECK_INT(trm__base_signals_take(), 0);
  trm__base_signals_install();
  CHECK_INT(trm__base_signals_take(), TRM__SIGNAL_STOP);
  raise(SIGUSR1);
  raise(SIGUSR2);
  raise(SIGUSR2);
  CHECK_INT(trm__base_signals_seen(),
            TRM__SIGNAL_STOP | TRM__SIGNAL_CHECKPOINT);
  CHECK_INT(trm__base_signals_take(),
            TRM__SIGNAL_STOP | TRM__SIGNAL_CHECKPOINT);
  CHECK_INT(trm__base_signals_seen(), 0);
  raise(SIGTERM);
  CHECK_INT(trm__base_signals_take(), TRM__SIGNAL_QUIT);
  raise(SIGINT);
  CHECK_INT(trm__base_signals_take(), TRM__SIGNAL_QUIT);
  raise(SIGXFSZ);
  raise(SIGPIPE);
  CHECK_INT(trm__base_signals_take(), 0);
}

static void no_faults(void) {
  unsetenv("TRM_FAULT");
  for (int i = 0; i < 5; i++)
    CHECK_INT(trm__base_fault("write"), TRM__FAULT_NONE);
}

/* Rules count the calls of their own operation. */
static void faults(void) {
  setenv("TRM_FAULT",
         "write:2:ENOSPC,read:3+:short,fsync:1:flip:4,open:1::5,sync:1", 1);
  trm__base_fault_rank(4);
  CHECK_INT(trm__base_fault("write"), TRM__FAULT_NONE);
  errno = 0;
  CHECK_INT(trm__base_fault("write"), TRM__FAULT_ERROR);
  CHECK_INT(errno, ENOSPC);
  CHECK_INT(trm__base_fault("write"), TRM__FAULT_NONE);
  CHECK_INT(trm__base_fault("writev"), TRM__FAULT_NONE);
  CHECK_INT(trm__base_fault("read"), TRM__FAULT_NONE);
  CHECK_INT(trm__base_fault("read"), TRM__FAULT_NONE);
  CHECK_INT(trm__base_fault("read"), TRM__FAULT_SHORT);
  CHECK_INT(trm__base_fault("read"), TRM__FAULT_SHORT);
  CHECK_INT(trm__base_fault("fsync"), TRM__FAULT_FLIP);
  CHECK_INT(trm__base_fault("open"), TRM__FAULT_NONE); /* another rank's */
  CHECK_INT(trm__base_fault("sync"), TRM__FAULT_ERROR);
  CHECK_INT(errno, EIO);
}

static void kill_oneself(void) {
  int status;
  fflush(NULL);
  pid_t child = fork();
  if (!child) {
    setenv("TRM_FAULT", "rename:1:kill", 1);
    trm__base_fault("rename");
    _exit(0);
  }
  waitpid(child, &status, 0);
  CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

int main(void) {
  signals();
  no_faults();
  kill_oneself(); /* rules are told apart by their place: before others count */
  faults();
  return check_done();
}
