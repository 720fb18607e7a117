#include "run/setup/command.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <trireme/comm.h>
#include <trireme/kernel.h>

#include "base/memory.h"
#include "base/program.h"

const trm_option trm__run_common_table[] = {
    TRM_OPT(trm__run_common, steps, .unit = "steps", .min = 0, .max = -1,
            .may_change = true,
            .help = TRM__RUN_STEPS_HELP " (default: the kernel's, else 100)"),
    TRM_OPT(trm__run_common, threads, .unit = "threads", .min = 1, .max = 4096,
            .may_change = true,
            .help = "OpenMP threads per rank (default: OMP_NUM_THREADS, else "
                    "the available cores)"),
    TRM_OPT(trm__run_common, seed, .default_text = "1",
            .help = "seed of all random numbers"),
    TRM_OPT(trm__run_common, checkpoint, .unit = "DIR", .may_change = true,
            .help = "write checkpoints to this directory, also at the end"),
    TRM_OPT(trm__run_common, every, .default_text = "10min",
            .unit = "N|30s|auto", .may_change = true,
            .help = "checkpoint interval in steps or time; auto: Daly's "
                    "optimum, at most 1 % of the time"),
    TRM_OPT(trm__run_common, mtbf, .unit = "24h", .may_change = true,
            .help = "mean time between failures for --every auto (default: 24h "
                    "/ hosts)"),
    TRM_OPT(trm__run_common, deadline, .unit = "6h|auto|FILE",
            .may_change = true,
            .help = "stop in time with a last checkpoint and exit status 75; "
                    "auto: before the Slurm job ends"),
    TRM_OPT(trm__run_common, keep, .default_text = "2", .min = 1, .max = 1e6,
            .may_change = true,
            .help = "number of checkpoints to keep, the newest"),
    TRM_OPT(trm__run_common, resume, .may_change = true,
            .help = "continue from the newest valid checkpoint, on any number "
                    "of ranks"),
    TRM_OPT(trm__run_common, restart, .may_change = true,
            .help = "start at step 0 although there are, or were, checkpoints; "
                    "they are renamed *.abandoned (with --resume: if none of "
                    "them is valid)"),
    TRM_OPT(trm__run_common, verify_disk, .may_change = true,
            .help = "read checkpoints back from the disk, not from memory"),
    TRM_OPT(trm__run_common, input_fill, .unit = "X",
            .help = "value for missing cells and NaN of input files (default: "
                    "they are refused)"),
    TRM_OPT(trm__run_common, output, .unit = "FILE.h5", .may_change = true,
            .help = "write the final fields, with FILE.xdmf for ParaView"),
    TRM_OPT(trm__run_common, picture, .unit = "FILE.png", .may_change = true,
            .help = "draw the middle slice of the first field"),
    TRM_OPT(trm__run_common, result, .unit = "FILE.jsonl", .may_change = true,
            .help = "append the result, one JSON line"),
    TRM_OPT(trm__run_common, config, .unit = "FILE", .may_change = true,
            .help = "read options from a file: name = value, # comment"),
    TRM_OPT(trm__run_common, verify, .default_text = "true", .may_change = true,
            .help = "do not check the result"),
    TRM_OPT(trm__run_common, meter, .default_text = "true", .may_change = true,
            .help = "no clocks in sites and calls, no ledger"),
    TRM_OPT(trm__run_common, trace, .unit = "FILE.json", .may_change = true,
            .help = "write a timeline for Perfetto"),
    TRM_OPT(trm__run_common, strict, .may_change = true,
            .help = "refuse to run if `doctor` finds a problem"),
    TRM_OPT(trm__run_common, quiet, .may_change = true,
            .help = "no progress on stderr"),
    TRM_OPT_END};

const trm_listed *trm__run_kernel_find(const trm_listed *kernels,
                                       const char *name,
                                       trm__base_error *error) {
  trm__base_nearest nearest = {.typed = name};
  for (const trm_listed *k = kernels; k->name; k++) {
    if (!strcmp(k->name, name)) return k;
    trm__base_nearest_offer(&nearest, k->name);
  }
  if (nearest.word)
    trm__base_error_set(error, TRM_EUSAGE,
                        "%s: no such kernel; did you mean %s?", name,
                        nearest.word);
  else
    trm__base_error_set(error, TRM_EUSAGE,
                        "%s: no such kernel; `%s list` shows them all", name,
                        trm__base_program_path());
  return NULL;
}

void trm__run_command_options(trm__run_command *command,
                              const trm_listed *listed) {
  const trm_kernel *kernel = listed->kernel;
  command->name = listed->name;
  command->kernel = kernel;
  command->options =
      trm__base_options_new(kernel->options, kernel->options_size);
  command->others =
      trm__base_options_new(trm__run_common_table, sizeof(trm__run_common));
  command->options->next = command->others;
  command->want = command->others->values;
}

void trm__run_command_clear(trm__run_command *command) {
  trm__base_options_free(&command->options);
  trm__base_options_free(&command->others);
}

static const trm__base_option_value *value_of(const trm__base_options *o,
                                              const char *name) {
  int i = 0;
  while (strcmp(o->table[i].name, name)) i++;
  return &o->value[i];
}

/* -- the configuration file ------------------------------------------------ */

enum { CONFIG_MAX = 1 << 20 };

char *trm__run_command_file(const char *option, const char *path,
                            trm__base_error *error) {
  FILE *file = fopen(path, "r");
  char *text = trm__base_calloc(CONFIG_MAX + 1, 1);
  errno = errno ? errno : EIO;
  size_t n = file ? fread(text, 1, CONFIG_MAX, file) : 0;
  if (!file || ferror(file))
    trm__base_error_set(error, TRM_EINPUT, "--%s=%s: %s; expected a text file",
                        option, path, strerror(errno));
  else if (n == CONFIG_MAX || memchr(text, 0, n))
    trm__base_error_set(
        error, TRM_EINPUT,
        "--%s=%s: not a text file (expected lines name = value)", option, path);
  if (file) fclose(file);
  return text;
}

static trm_status read_config(trm__run_command *command, const trm_comm *comm,
                              trm__base_error *error) {
  const char *path = command->want->config;
  if (!path) return TRM_OK;
  char *text = comm->rank == 0 ? trm__run_command_file("config", path, error)
                               : trm__base_calloc(CONFIG_MAX + 1, 1);
  trm_bcast(comm, error, sizeof *error, 0);
  trm_bcast(comm, text, CONFIG_MAX, 0);
  trm_status status = error->status;
  if (!status)
    status = trm__base_options_config(command->options, path, text, error);
  if (!status && value_of(command->others, "config")->in_config)
    status = trm__base_error_set(error, TRM_EUSAGE,
                                 "%s: a configuration file cannot name another",
                                 path);
  free(text);
  return status;
}

/* -- the command ----------------------------------------------------------- */

static trm_status requires_checkpoint(const trm__run_command *c,
                                      const char *name,
                                      trm__base_error *error) {
  if (!trm__base_options_given(c->others, name)) return TRM_OK;
  trm_option row = {.name = name};
  return trm__base_error_set(error, TRM_EUSAGE,
                             "--%s requires --checkpoint DIR",
                             trm__base_option_name(&row).s);
}

static trm_status check_mtbf(const char *text, trm__base_error *error) {
  double seconds;
  if (!text || (trm__base_text_seconds(text, &seconds) && seconds > 0))
    return TRM_OK;
  return trm__base_error_set(
      error, TRM_EOPTION, "--mtbf=%s: expected a time such as 24h or 7d", text);
}

static trm_status check_fill(const char *text, trm__base_error *error) {
  char *end = NULL;
  if (!text || (isfinite(strtod(text, &end)) && end > text && !*end))
    return TRM_OK;
  return trm__base_error_set(error, TRM_EOPTION,
                             "--input-fill=%s: expected a finite number", text);
}

static trm_status check(trm__run_command *c, trm__base_error *error) {
  TRM_TRY(check_fill(c->want->input_fill, error));
  TRM_TRY(trm__run_every_read(c->want->every, &c->every, error));
  TRM_TRY(check_mtbf(c->want->mtbf, error));
  if (c->want->checkpoint) return TRM_OK;
  TRM_TRY(requires_checkpoint(c, "resume", error));
  TRM_TRY(requires_checkpoint(c, "restart", error));
  TRM_TRY(requires_checkpoint(c, "every", error));
  TRM_TRY(requires_checkpoint(c, "keep", error));
  TRM_TRY(requires_checkpoint(c, "mtbf", error));
  TRM_TRY(requires_checkpoint(c, "deadline", error));
  return requires_checkpoint(c, "verify_disk", error);
}

trm_status trm__run_command_read(trm__run_command *command,
                                 const trm_comm *comm,
                                 const trm_listed *kernels, int argc,
                                 char **argv, trm__base_error *error) {
  *command = (trm__run_command){.name = NULL};
  if (argc < 1 || argv[0][0] == '-')
    return trm__base_error_set(
        error, TRM_EUSAGE,
        "run: no kernel given; usage: run KERNEL [options]; `%s list` "
        "shows the kernels",
        trm__base_program_path());
  const trm_listed *listed = trm__run_kernel_find(kernels, argv[0], error);
  if (!listed) return TRM_EUSAGE;
  trm__run_command_options(command, listed);
  TRM_TRY(trm__base_options_args(command->options, argc - 1, argv + 1, error));
  TRM_TRY(read_config(command, comm, error));
  return check(command, error);
}

int64_t trm__run_command_steps(const trm__run_command *c) {
  if (value_of(c->others, "steps")->text) return c->want->steps;
  return c->kernel->steps ? c->kernel->steps(c->options->values) : 100;
}

const char *trm__run_command_unit(const trm_kernel *kernel) {
  return kernel->unit && *kernel->unit ? kernel->unit : "update";
}

cJSON *trm__run_command_json(const trm__run_command *c, bool typed) {
  static const char *const repeated[] = {"steps", "seed", "input_fill"};
  cJSON *json = trm__base_options_json(c->options, typed);
  cJSON *others = trm__base_options_json(c->others, typed);
  for (int i = 0; i < 3; i++) {
    cJSON *item = cJSON_DetachItemFromObjectCaseSensitive(others, repeated[i]);
    if (item) cJSON_AddItemToObject(json, repeated[i], item);
  }
  cJSON_Delete(others);
  return json;
}
