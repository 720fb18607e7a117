/* The command of a run: which kernel, with which options. */
#ifndef TRM_RUN_COMMAND_H
#define TRM_RUN_COMMAND_H

#include <trireme/comm.h>
#include <trireme/kernel.h>

#include "base/options.h"
#include "run/plan.h"

typedef struct trm__common { /* options that every kernel has */
  int64_t steps;
  int threads, keep;
  uint64_t seed;
  const char *checkpoint, *every, *output, *picture, *result, *config;
  const char *trace, *deadline, *mtbf;
  bool resume, verify_disk, verify, meter, strict, quiet;
} trm__common;

extern const trm_option trm__common_table[];

typedef struct trm__command {
  const char *name; /* borrowed */
  const trm_kernel *kernel;
  trm__options *options; /* the kernel's */
  trm__options *others;  /* those that every kernel has */
  const trm__common *want;
  trm__every every;
} trm__command;

/** Read `KERNEL [options]`, and the configuration file that they name, on rank
 * 0. Collective. Fails with a status of exit code 2. */
trm_status trm__command_read(trm__command *, const trm_comm *,
                             const trm_listed *kernels, int argc, char **argv,
                             trm__error *);
void trm__command_clear(trm__command *);

/** The text of a file of options, at most 1 MiB, for trm__options_config; free with
 * free(). Local. */
char *trm__command_file(const char *option, const char *path, trm__error *);

/** Both tables of a kernel, chained, as one command line is read into. */
void trm__command_options(trm__command *, const trm_listed *);

/** A kernel by its name; NULL and a suggestion in the error when there is none.
 */
const trm_listed *trm__kernel_find(const trm_listed *kernels, const char *name,
                                   trm__error *);

/** Steps to the end: --steps, else what the kernel says (-1: not known), else
 * 100. */
int64_t trm__command_steps(const trm__command *);

/** Options as results and checkpoints state them: the kernel's, steps (if
 * given), seed.  \param typed numbers as numbers, else all as texts */
cJSON *trm__command_json(const trm__command *, bool typed);

#endif
