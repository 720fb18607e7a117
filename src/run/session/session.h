/* The session of a run: all that its parts share, from options to result. */
#ifndef TRM_RUN_SESSION_SESSION_H
#define TRM_RUN_SESSION_SESSION_H

#include "meter/account.h"
#include "meter/balance.h"
#include "host/checks/launch.h"
#include "meter/roofline.h"
#include "run/setup/command.h"
#include "run/session/contract.h"
#include "run/checkpoint/deadline.h"
#include "run/session/idle.h"
#include "run/report/output.h"
#include "run/report/sketch.h"
#include "run/session/verify.h"
#include "run/session/watchdog.h"

typedef struct trm__run_seconds { /* spent in, on the slowest rank */
  double total, setup, advance, checkpoint, verify;
} trm__run_seconds;

typedef struct
    trm__run_checkpoint_interval { /* what a checkpoint costs, and how often one is due */
  double cost; /* seconds that one takes, and how that is known: a guess; */
  enum {       /* one of the session before; one of this session */
         TRM__COST_GUESS,
         TRM__COST_BEFORE,
         TRM__COST_CLOCK
  } from;
  double interval; /* seconds between two, chosen by it; 0: not --every auto */
  double last; /* seconds that the newest took, later than that; 0: none yet */
} trm__run_checkpoint_interval;

typedef struct trm__run_session {
  trm__run_command *command;
  const trm_kernel *kernel; /* the command's */
  void *options;            /* the kernel's struct */
  const trm__run_common *want;
  const trm__host_topology *topology; /* NULL: not known */
  trm_run *run;
  trm_comm *control;         /* for agreement alone: it must not meet what
                          other ranks are still doing inside a hook */
  void *state;               /* the kernel's */
  trm__store_archive *store; /* NULL: no checkpoints */
  trm__store_stamp stamp;    /* of the next checkpoint; or of that resumed */
  bool resumed, ended;       /* ended: by itself */
  int64_t first, step,
      end;                /* at the start of this session; now; -1: not known */
  int64_t chunks;         /* of steps, begun in this session */
  double chunk_seconds;   /* that the last one took; 0: none yet */
  int64_t saved;          /* step of the newest checkpoint; -1: none */
  double began, saved_at; /* trm_now at start; at the newest checkpoint */
  trm__run_checkpoint_interval saving;
  trm__run_deadline deadline;       /* on rank 0 */
  bool deadline_set;                /* there may be one; on all ranks */
  struct trm__run_allocation *slot; /* rank 0, with checkpoints: slot.h */
  trm__run_seconds seconds;
  double seconds_before;         /* in advance, in the sessions before */
  trm_work work;                 /* of this session and all ranks: as the kernel
                                    states, else as its sites counted (bytes: read) */
  double site_flops, site_bytes; /* counted by this rank inside advance */
  trm__run_contract promise;     /* traffic: stated, and sent inside advance */
  double updates;                /* of this rank */
  trm_machine machine;           /* rank 0, at the end: class, file; ceilings */
  bool machine_known;
  trm__meter_work_done done;
  trm__meter_roofline roofline; /* rank 0, at the end */
  double updates_per_step;      /* of all ranks; 0: not known */
  const char *origin;           /* measured, oversubscribed */
  trm__host_findings found;     /* wrong with the launch; on rank 0 */
  trm__run_idle idle;           /* ranks that own nothing; on all ranks */
  trm_verdict verdict;
  bool verified; /* the kernel was asked, and all checks passed */
  bool wrong;    /* a check failed */
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

/** Agree on what a hook returned, once that is checked (hook.h). A failure of this rank alone cannot hang the job:
 * a watchdog ends it. Collective. */
trm_status trm__run_hook(trm__run_session *, const char *hook, trm_status);
/** That watchdog alone; NULL when this rank did not fail. Local. */
trm__run_watchdog *trm__run_hook_watch(trm__run_session *, trm_status);

/** The largest of each number over the ranks, on the communicator for
 * agreement. Collective. */
void trm__run_session_max(trm__run_session *, double *values, int n);

/** Seconds between failures that --every auto counts with. Local. */
double trm__run_session_mtbf(const trm__run_session *);

/** The largest of one number a rank, as the run's own traffic. Collective. */
double trm__run_slowest(trm_run *, double);

/** Updates per second of this session, or steps; 0: nothing was advanced. */
double trm__run_session_rate(const trm__run_session *, const char **unit);

#endif
