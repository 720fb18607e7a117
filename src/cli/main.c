#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <trireme/kernel.h>

#include "base/error.h"
#include "base/processor.h"
#include "base/program.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/help/help.h"
#include "run/setup/table.h"
#include "store/verdict/inspector.h"

static const trm__cli_command *const commands[] = {
    &trm__cli_list,     &trm__cli_help,
    &trm__cli_run,      &trm__cli_study,
    &trm__cli_report,   &trm__cli_compare,
    &trm__cli_check,    &trm__cli_ckpt,
    &trm__cli_machine,  &trm__cli_doctor,
    &trm__cli_roofline, &trm__cli_timeline,
    &trm__cli_job,      &trm__cli_status,
    &trm__cli_version,  NULL};

static int unknown(const trm__cli *cli, const char *name) {
  trm__base_nearest nearest = {.typed = name};
  for (const trm_listed *k = cli->kernels; k->name; k++)
    if (!strcmp(k->name, name))
      return trm__cli_usage("%s is a kernel; use run %s, or help %s", name,
                            name, name);
  for (const trm__cli_command *const *c = commands; *c; c++)
    trm__base_nearest_offer(&nearest, (*c)->name);
  if (nearest.word)
    return trm__cli_usage("%s: no such command; did you mean %s?", name,
                          nearest.word);
  return trm__cli_usage("%s: no such command; `%s help` shows them all", name,
                        trm__base_program_path());
}

static int dispatch(const trm__cli *cli, const char *name) {
  if (!strcmp(name, "--help") || !strcmp(name, "-h")) name = "help";
  if (!strcmp(name, "--version")) name = "version";
  const trm__cli_command *command = trm__cli_command_find(cli, name);
  if (!command) return unknown(cli, name);
  int status = command->reads_table ? trm__cli_check_table(cli, 0) : 0;
  return status ? status : command->call(cli);
}

/* A full disk behind stdout shows up at the flush, if at all. */
static int flushed(int status) {
  errno = 0;
  if (!fflush(stdout) && !ferror(stdout)) return status;
  trm__base_error_print("standard output: %s", strerror(errno ? errno : EIO));
  return trm_status_exit(TRM_EFILE);
}

/* A second process that shall look at a file, of a program whose main passes other
 * words than its own: it must not do what they say. */
static bool is_misled(int argc, char **argv) {
  return getenv(TRM__STORE_INSPECTING) &&
         (argc < 3 || strcmp(argv[2], TRM__STORE_INSPECTOR_VERB));
}

static int run_words(trm__cli *cli, int argc, char **argv) {
  if (is_misled(argc, argv)) return trm_status_exit(TRM_EUSAGE);
  if (argc < 2) {
    trm__cli_help_print(cli);
    return trm_status_exit(TRM_EUSAGE);
  }
  cli->argc = argc - 2;
  cli->argv = argv + 2;
  return dispatch(cli, argv[1]);
}

int trm_main(int argc, char **argv, const trm_listed *kernels) {
  if (!kernels)
    return trm__cli_usage(
        "trm_main got no table of kernels; expected one that ends with "
        "TRM_LIST_END");
  trm__base_processor_check();
  trm_listed *own = trm__run_table_copy(kernels);
  trm__cli cli = {.kernels = own, .commands = commands, .whole = argv};
  int status = run_words(&cli, argc, argv);
  free(own);
  return flushed(status);
}
