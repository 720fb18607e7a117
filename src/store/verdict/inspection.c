#include "store/verdict/inspection.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "store/file/header.h"
#include "store/input/dataset.h"
#include "store/verdict/inspector.h"

enum {
  HEADER_SECONDS = 60, /* of processor time */
  SLOWEST = 20 << 20,  /* bytes per second of processor time, for values */
};

/* An endless loop is ended by SIGPROF; waiting for a disk, or for a job that was
 * suspended, does not count. */
static void allow_seconds(int64_t seconds) {
  struct itimerval limit = {.it_value.tv_sec = seconds};
  setitimer(ITIMER_PROF, &limit, NULL);
}

static int64_t seconds_for(const trm__store_checkpoint *c) {
  int64_t seconds = HEADER_SECONDS;
  for (int i = 0; i < c->nfields; i++)
    seconds += trm__store_dataset_bytes(&c->fields[i]) / SLOWEST;
  return seconds;
}

static trm__store_verdict of_checkpoint(const char *path, bool values,
                                        trm__base_error *error) {
  trm__store_checkpoint c;
  trm__store_checkpoint_inspect(path, &c);
  allow_seconds(seconds_for(&c));
  trm__store_verdict verdict = c.verdict;
  if (c.error.status)
    *error = c.error;
  else if (values && trm__store_checkpoint_verify(&c, error))
    verdict = TRM__STORE_DAMAGED;
  trm__store_checkpoint_clear(&c);
  return verdict;
}

int trm__store_inspection(const char *what, const char *path) {
  trm__base_error error = {TRM_OK, ""};
  trm__store_verdict verdict = TRM__STORE_REWRITTEN;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  allow_seconds(HEADER_SECONDS);
  if (dprintf(TRM__STORE_INSPECTOR_REPORT, TRM__STORE_INSPECTOR_BEGUN) < 0)
    return 1;
  if (!strcmp(what, "input")) /* what else is wrong is found by who asked */
    trm__store_input_try(path);
  else
    verdict = of_checkpoint(path, !strcmp(what, "values"), &error);
  return dprintf(TRM__STORE_INSPECTOR_REPORT, "%d %d %s\n", (int)error.status,
                 (int)verdict, error.text) < 0;
}
