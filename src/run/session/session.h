/* The session of a run: the state that its parts share, from options to
 * result. */
#ifndef TRM_RUN_SESSION_SESSION_H
#define TRM_RUN_SESSION_SESSION_H

#include "meter/account.h"
#include "meter/balance.h"
#include "host/checks/launch.h"
#include "meter/roofline.h"
#include "run/setup/command.h"
#include "run/session/contract.h"
#include "run/checkpoint/deadline.h"
#include "run/checkpoint/retry.h"
#include "run/session/idle.h"
#include "run/report/output.h"
#include "run/report/sketch.h"
#include "run/session/verify.h"
#include "run/session/watchdog.h"

typedef struct trm__run_seconds { /* time of each phase on the slowest rank */
  double total, setup, advance, checkpoint, verify;
} trm__run_seconds;

/* The cost of a checkpoint, and the interval that follows from it. */
typedef struct trm__run_checkpoint_interval {
  double cost; /* seconds per checkpoint, as estimated for the interval */
  enum {
    TRM__COST_GUESS,  /* from the bytes to write */
    TRM__COST_BEFORE, /* measured in the previous session */
    TRM__COST_CLOCK   /* measured in this session */
  } cost_from;
  double seconds;   /* between checkpoints; 0: not --every auto */
  double last_cost; /* seconds for the newest checkpoint; 0: none yet */
} trm__run_checkpoint_interval;

typedef struct trm__run_session {
  trm__run_command *command;
  const trm_kernel *kernel; /* the command's */
  void *options;            /* the kernel's struct */
  const trm__run_common *want;
  const trm__host_topology *topology; /* NULL: not known */
  trm_run *run;
  trm_comm *control;         /* only for agreement: separate from messages that
                                other ranks still exchange inside a hook */
  void *state;               /* the kernel's */
  trm__store_archive *store; /* NULL: no checkpoints */
  trm__store_stamp stamp;    /* of the next, or of the resumed, checkpoint */
  bool resumed, ended;       /* ended: the kernel ended the run */
  int64_t first;             /* step at the start of this session */
  int64_t step;              /* now */
  int64_t end;               /* last step; -1: not known */
  int64_t chunks;            /* of steps, begun in this session */
  double chunk_seconds;      /* time of the last chunk; 0: none yet */
  int64_t checkpoint_step;   /* of the newest checkpoint; -1: none */
  double began;              /* trm_now at the start */
  double checkpoint_time;    /* trm_now at the newest checkpoint */
  double attempt_time;       /* the same of one that may have failed */
  trm__run_retry retry;      /* checkpoints that failed since the newest */
  trm__run_checkpoint_interval interval;
  trm__run_deadline deadline;             /* on rank 0 */
  bool deadline_set;                      /* there may be one; on all ranks */
  struct trm__run_allocation *allocation; /* on rank 0, with checkpoints */
  trm__run_seconds seconds;
  double seconds_before; /* in advance, in earlier sessions */
  trm_work work; /* of this session, all ranks: stated by the kernel, else
                    counted by its sites (bytes: read) */
  double site_flops, site_bytes; /* counted by this rank inside advance */
  trm__run_contract contract;    /* traffic: stated, and sent inside advance */
  double updates;                /* of this rank */
  trm_machine machine;           /* rank 0, at the end: class, file, ceilings */
  bool machine_known;
  trm__meter_work_done done;
  trm__meter_roofline roofline; /* rank 0, at the end */
  double updates_per_step;      /* of all ranks; 0: not known */
  const char *origin;           /* measured or oversubscribed */
  trm__host_findings found;     /* problems of the launch; on rank 0 */
  trm__run_idle idle;           /* ranks that own nothing; on all ranks */
  trm_verdict verdict;
  bool verified;      /* the kernel was verified, and all checks passed */
  bool wrong;         /* a check failed */
  bool unchecked;     /* verify did not come to an end */
  char failure[1024]; /* the worst after the last step; "": none */
  uint64_t fingerprint;
  double sketch[TRM__SKETCH];
  struct {
    bool output, picture, result, trace;
  } wrote;
  trm__meter_baseline opening; /* of the account: before the first step */
  trm__meter_account
      account; /* after the last; on rank 0, without --no-meter */
  trm__meter_balance balance; /* the same, once the work is known */
} trm__run_session;

/** Check what a hook returned (hook.h) and agree on it. If this rank alone
 * failed, a watchdog ends the job instead of letting it hang. Collective. */
trm_status trm__run_hook(trm__run_session *, const char *hook, trm_status);
/** Start that watchdog; NULL when this rank did not fail. Local. */
trm__run_watchdog *trm__run_hook_watch(trm__run_session *, trm_status);

/** Replace each value by its maximum over the ranks, on the communicator for
 * agreement. Collective. */
void trm__run_session_max(trm__run_session *, double *values, int n);

/** Return the mean seconds between failures for --every auto. Local. */
double trm__run_session_mtbf(const trm__run_session *);

/** Return the maximum of a value over the ranks, counted as control traffic.
 * Collective. */
double trm__run_slowest(trm_run *, double);

/** Return updates per second of this session, or steps per second if no updates
 * are known; 0: no steps were made. Local. */
double trm__run_session_rate(const trm__run_session *, const char **unit);

#endif
