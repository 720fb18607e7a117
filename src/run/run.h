/* A run of a kernel from its command line to its result. */
#ifndef TRM_RUN_RUN_H
#define TRM_RUN_RUN_H

#include "measure/account.h"
#include "measure/balance.h"
#include "measure/launch/launch.h"
#include "measure/roofline.h"
#include "run/command.h"
#include "run/deadline.h"
#include "run/output.h"
#include "run/sketch.h"
#include "run/verify.h"
#include "run/watchdog.h"

/** Run `KERNEL [options]`. Collective over `world`, with MPI started.
 * \return exit status of the process, the same on all ranks */
int trm__run(MPI_Comm world, const trm_listed *kernels, int argc, char **argv);

typedef struct trm__seconds { /* spent in, on the slowest rank */
  double total, setup, advance, checkpoint, verify;
} trm__seconds;

typedef struct
    trm__saving { /* what a checkpoint costs, and how often one is due */
  double cost;    /* seconds that one takes, and how that is known: a guess; */
  enum {          /* one of the session before; one of this session */
         TRM__COST_GUESS,
         TRM__COST_BEFORE,
         TRM__COST_CLOCK
  } from;
  double interval; /* seconds between two, chosen by it; 0: not --every auto */
  double last; /* seconds that the newest took, later than that; 0: none yet */
} trm__saving;

typedef struct trm__session {
  trm__command *command;
  const trm_kernel *kernel; /* the command's */
  void *options;            /* the kernel's struct */
  const trm__common *want;
  trm_run *run;
  trm_comm *control;   /* for agreement alone: it must not meet what
                          other ranks are still doing inside a hook */
  void *state;         /* the kernel's */
  trm__store *store;   /* NULL: no checkpoints */
  trm__stamp stamp;    /* of the next checkpoint; or of that resumed */
  bool resumed, ended; /* ended: by itself */
  int64_t first, step,
      end;                /* at the start of this session; now; -1: not known */
  int64_t chunks;         /* of steps, begun in this session */
  double chunk_seconds;   /* that the last one took; 0: none yet */
  int64_t saved;          /* step of the newest checkpoint; -1: none */
  double began, saved_at; /* trm_now at start; at the newest checkpoint */
  trm__saving saving;
  trm__deadline deadline; /* on rank 0 */
  bool deadline_set;      /* there may be one; on all ranks */
  struct trm__slot *slot; /* rank 0, with checkpoints: slot.h */
  trm__seconds seconds;
  double seconds_before;         /* in advance, in the sessions before */
  trm_traffic sent;              /* by this rank inside advance */
  trm_work work;                 /* of this session and all ranks: as the kernel
                                    states, else as its sites counted (bytes: read) */
  double site_flops, site_bytes; /* counted by this rank inside advance */
  trm_tally stated;              /* by the model for this rank: messages */
  double updates;                /* of this rank */
  trm_machine machine;           /* rank 0, at the end: class, file; ceilings */
  bool machine_known;
  trm__done done;
  trm__roofline roofline;  /* rank 0, at the end */
  double updates_per_step; /* of all ranks; 0: not known */
  const char *origin;      /* measured, oversubscribed */
  trm__findings found;     /* wrong with the launch; on rank 0 */
  trm_verdict verdict;
  bool verified; /* the kernel was asked, and all checks passed */
  bool wrong;    /* a check failed */
  uint64_t fingerprint;
  double sketch[TRM__SKETCH];
  struct {
    bool output, picture, result, trace;
  } wrote;
  trm__opening opening; /* of the account: before the first step */
  trm__account account; /* after the last; on rank 0, without --no-meter */
  trm__balance balance; /* the same, once the work is known */
} trm__session;

/* -- session.c ------------------------------------------------------------- */

/** Agree on what a hook said. A failure of this rank alone cannot hang the job:
 * a watchdog ends it. Collective. */
trm_status trm__hook(trm__session *, trm_status);
/** That watchdog alone; NULL when this rank did not fail. Local. */
trm__watchdog *trm__hook_watch(trm__session *, trm_status);

/** The largest of each number over the ranks, on the communicator for
 * agreement. Collective. */
void trm__session_max(trm__session *, double *values, int n);

/** Seconds between failures that --every auto counts with. Local. */
double trm__session_mtbf(const trm__session *);

/** The largest of one number a rank, as the run's own traffic. Collective. */
double trm__slowest(trm_run *, double);

/* -- doctor.c -------------------------------------------------------------- */

/** Say what is wrong with the launch, a line each, and label the result; with
 * --strict that is an error. After resolve. Collective. */
trm_status trm__doctor(trm__session *);

/* -- loop.c ---------------------------------------------------------------- */

/** Advance to the end, or until a signal. TRM_STOPPED and TRM_EINTERRUPTED say
 * how to go on in the run's message. Collective. */
trm_status trm__loop(trm__session *);

/* -- ledger.c -------------------------------------------------------------- */

/** Refuse a --trace that cannot be written. Collective. */
trm_status trm__ledger_check(trm__session *);
/** Note what the ledger starts from. Before the first step. Collective. */
void trm__ledger_open(trm__session *);
/** Make the ledger, and the timeline of --trace. After the last step.
 * Collective. Fails with TRM_EFILE. */
trm_status trm__ledger_make(trm__session *);
/** Compare what the ranks were given. After the total work is known. Collective. */
void trm__ledger_balance(trm__session *);
/** Add `ledger` and `meter` to a result. */
void trm__ledger_add(const trm__session *, cJSON *);

/* -- save.c ---------------------------------------------------------------- */

/** Open the directory of checkpoints; with --resume, before setup, take options
 * and seed from the newest valid set. Collective. */
trm_status trm__save_open(trm__session *);
/** Refuse options that the set does not go with. After resolve. Local. */
trm_status trm__save_compare(trm__session *);
/** Read the fields of the set. After setup. Collective. */
trm_status trm__save_restore(trm__session *);
/** Bring the stamp up to date. Local. */
void trm__save_stamp(trm__session *);
/** Write a checkpoint, unless the newest is of this very step. Collective. */
trm_status trm__save(trm__session *);

/* -- saving.c -------------------------------------------------------------- */

/** Take what a checkpoint takes from the session before, or guess it from the bytes, and
 * choose how often one is due. After restore, before the status is renewed. Collective. */
void trm__saving_begin(trm__session *);
/** The same from the checkpoint that was just written. Collective. */
void trm__saving_learn(trm__session *);
/** Add `checkpoints` to a result or a status. */
void trm__saving_add(const trm__session *, cJSON *);

/* -- result.c -------------------------------------------------------------- */

/** What the kernel's model states for so many steps from `first`, summed over
 * all ranks. Collective. */
void trm__result_work(trm__session *, int64_t steps);
/** Append the result to a file. Collective. */
trm_status trm__result_write(trm__session *, const char *path);
/** Updates a second of this session, or steps; 0: nothing was advanced. */
double trm__session_rate(const trm__session *, const char **unit);

/* -- roofline.c ------------------------------------------------------------ */

/** Compare what was done with the machine's ceilings. After the total work is
 * known. Local to rank 0. */
void trm__roofline_find(trm__session *);
/** "roofline" and "machine" of the result. */
void trm__roofline_add(const trm__session *, cJSON *result);
/** The line of the summary; free with free(). NULL: nothing to say. */
char *trm__roofline_say(const trm__session *);

/* -- summary.c ------------------------------------------------------------- */

/** Print what is run, and what came of it, on stdout; rank 0. */
void trm__summary_head(const trm__session *);
void trm__summary_resumed(const trm__session *);
/** How often it saves and when it stops for its deadline, with the reasons.
 * \param margin seconds before the deadline at which it stops */
void trm__summary_plan(const trm__session *, double margin);
void trm__summary(const trm__session *);
/** How often it saved, of a session that stops early. */
void trm__summary_saving(const trm__session *);

#endif
