/* The command of a run: which kernel, with which options. */
#ifndef TRM_RUN_SETUP_COMMAND_H
#define TRM_RUN_SETUP_COMMAND_H

#include "base/options.h"
#include "run/session/plan.h"

/* Of <trireme/comm.h> and <trireme/kernel.h>, which include MPI's header. */
struct trm_comm;
struct trm_kernel;
struct trm_listed;

typedef struct trm__run_common { /* options that every kernel has */
  int64_t steps;
  int threads, keep;
  uint64_t seed;
  const char *checkpoint, *every, *output, *picture, *result, *config;
  const char *trace, *deadline, *mtbf;
  bool resume, verify_disk, verify, meter, strict, quiet;
} trm__run_common;

extern const trm_option trm__run_common_table[];

typedef struct trm__run_command {
  const char *name; /* borrowed */
  const struct trm_kernel *kernel;
  trm__base_options *options; /* the kernel's */
  trm__base_options *others;  /* those that every kernel has */
  const trm__run_common *want;
  trm__run_every every;
} trm__run_command;

/** Read `KERNEL [options]`, and the configuration file that they name, on rank
 * 0. Collective. Fails with a status of exit code 2. */
trm_status trm__run_command_read(trm__run_command *, const struct trm_comm *,
                                 const struct trm_listed *kernels, int argc,
                                 char **argv, trm__base_error *);
void trm__run_command_clear(trm__run_command *);

/** The text of a file of options, at most 1 MiB, for trm__base_options_config; free with
 * free(). Local. */
char *trm__run_command_file(const char *option, const char *path,
                            trm__base_error *);

/** Both tables of a kernel, chained, as one command line is read into. */
void trm__run_command_options(trm__run_command *, const struct trm_listed *);

/** A kernel by its name; NULL and a suggestion in the error when there is none.
 */
const struct trm_listed *trm__run_kernel_find(const struct trm_listed *kernels,
                                              const char *name,
                                              trm__base_error *);

/** Steps to the end: --steps, else what the kernel says (-1: not known), else
 * 100. */
int64_t trm__run_command_steps(const trm__run_command *);

/** What an update is of: the kernel's unit, else "update". Pure. */
const char *trm__run_command_unit(const struct trm_kernel *);

/** Options as results and checkpoints state them: the kernel's, steps (if
 * given), seed.  \param typed numbers as numbers, else all as texts */
cJSON *trm__run_command_json(const trm__run_command *, bool typed);

#endif
