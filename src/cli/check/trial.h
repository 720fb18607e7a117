/* One launch of the kernel that is checked, and what came of it. */
#ifndef TRM_CLI_CHECK_TRIAL_H
#define TRM_CLI_CHECK_TRIAL_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

enum { TRM__CLI_CHECK_RECORDED = 32 }; /* checkpoints of a run, at most */

typedef struct trm__cli_check_bench { /* what all launches share; borrows */
  const char *kernel;
  const char *program;  /* path */
  const char *launcher; /* template; NULL: mpirun */
  char *const *words;   /* options of the kernel */
  int n_words;
  double timeout;  /* seconds; 0: no limit */
  const char *dir; /* of results, logs and checkpoints */
  int launches;    /* so far */
} trm__cli_check_bench;

typedef struct trm__cli_check_shape {
  int ranks, threads;
} trm__cli_check_shape;

typedef struct trm__cli_check_trial { /* zero: a plain run; borrows */
  trm__cli_check_shape shape;
  const char *program;    /* NULL: that of the bench */
  const char *fault;      /* value of TRM_FAULT; NULL: none */
  const char *checkpoint; /* directory below that of the bench; NULL: none */
  int64_t every;          /* steps between its checkpoints, which all stay */
  bool resume;            /* options come from the checkpoint */
  const char *word;       /* a further option; NULL: none */
} trm__cli_check_trial;

typedef struct trm__cli_check_outcome {
  int status;    /* as of trm__launch_run */
  bool late;     /* it was ended after the timeout */
  char *last;    /* its last line; owned */
  cJSON *result; /* NULL: it wrote none; owned */
} trm__cli_check_outcome;

/** Launch the program. Local. Fails only where no further launch can work: the
 * launcher cannot be started, or a signal ended this program. */
trm_status trm__cli_check_launch(trm__cli_check_bench *,
                                 const trm__cli_check_trial *,
                                 trm__cli_check_outcome *, trm__base_error *);
void trm__cli_check_outcome_clear(trm__cli_check_outcome *);

/** Return what went wrong in a launch, "exit status 3: LINE"; NULL: it made a
 * result. A wrong result is a result. Free with free(). */
char *trm__cli_check_failure(const trm__cli_check_bench *,
                             const trm__cli_check_outcome *);

/** Return the path of a directory of checkpoints; free with free(). */
char *trm__cli_check_path(const trm__cli_check_bench *, const char *name);

/** "3 ranks x 2 threads" */
trm__base_text trm__cli_check_shape_text(trm__cli_check_shape);

#endif
