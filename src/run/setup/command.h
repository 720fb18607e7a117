/* The command of a run: kernel and options. */
#ifndef TRM_RUN_SETUP_COMMAND_H
#define TRM_RUN_SETUP_COMMAND_H

#include "base/options.h"
#include "run/session/plan.h"

/* Of <trireme/comm.h> and <trireme/kernel.h>, which include MPI's header. */
struct trm_comm;
struct trm_kernel;
struct trm_listed;

typedef struct trm__run_common { /* options of every kernel */
  int64_t steps;
  int threads, keep;
  uint64_t seed;
  const char *checkpoint, *every, *output, *picture, *result, *config;
  const char *trace, *deadline, *mtbf, *input_fill;
  bool resume, restart, verify_disk, verify, meter, strict, quiet;
} trm__run_common;

extern const trm_option trm__run_common_table[];
#define TRM__RUN_STEPS_HELP \
  "total number of steps, including those before a resume"

typedef struct trm__run_command {
  const char *name; /* borrowed */
  const struct trm_kernel *kernel;
  trm__base_options *options; /* the kernel's */
  trm__base_options *others;  /* those of every kernel */
  const trm__run_common *want;
  trm__run_every every;
} trm__run_command;

/** Read `KERNEL [options]`, and on rank 0 the configuration file that they name.
 * Collective. Fails with TRM_EUSAGE, TRM_EOPTION or TRM_EINPUT. */
trm_status trm__run_command_read(trm__run_command *, const struct trm_comm *,
                                 const struct trm_listed *kernels, int argc,
                                 char **argv, trm__base_error *);
void trm__run_command_clear(trm__run_command *);

/** Read a file of options, at most 1 MiB, for trm__base_options_config; free with free().
 * Local. Fails with TRM_EINPUT. */
char *trm__run_command_file(const char *option, const char *path,
                            trm__base_error *);

/** Create the options of a kernel and those of every kernel, chained. Local. */
void trm__run_command_options(trm__run_command *, const struct trm_listed *);

/** Find a kernel by its name. Pure.
 * \return NULL: there is none; the error suggests a name */
const struct trm_listed *trm__run_kernel_find(const struct trm_listed *kernels,
                                              const char *name,
                                              trm__base_error *);

/** Return the steps of the run: --steps, else the kernel's (-1: unknown), else 100.
 * Pure. */
int64_t trm__run_command_steps(const trm__run_command *);

/** Return the unit of an update: the kernel's, else "update". Pure. */
const char *trm__run_command_unit(const struct trm_kernel *);

/** Return the options for results and checkpoints: the kernel's, steps (if given), seed.
 * Pure.  \param typed numbers as numbers, else all as text */
cJSON *trm__run_command_json(const trm__run_command *, bool typed);

#endif
