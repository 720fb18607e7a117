#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/program.h"
#include "base/text.h"
#include "cli/cli.h"
#include "run/table.h"

const trm__subcommand trm__subcommands[] = {
    {"list", "", "the kernels", trm__cli_list, NULL, true},
    {"help", "[KERNEL|COMMAND|TOPIC]", "options; a topic", trm__cli_help, NULL,
     true},
    {"run", "KERNEL [options]", "run a kernel, under mpirun or alone",
     trm__cli_run, trm__cli_run_help, false},
    {"study", "KERNEL --mode ... -o DIR", "how it scales, and why not further",
     trm__cli_study, trm__cli_study_help, true},
    {"report", "DIR... [-o DIR]", "page, pictures and tables of studies",
     trm__cli_report, trm__cli_report_help, true},
    {"compare", "A B [options]", "is B slower than A? commands, or studies",
     trm__cli_compare, trm__cli_compare_help, true},
    {"ckpt", "ls|show|verify|diff ...", "look at checkpoints", trm__cli_ckpt,
     NULL, false},
    {"machine", "[options]", "measure what this machine gives, under mpirun",
     trm__cli_machine, trm__cli_machine_help, false},
    {"doctor", "[KERNEL options]", "is this launch a good one? under mpirun",
     trm__cli_doctor, trm__cli_doctor_help, false},
    {"roofline", "RESULT... -o FILE.svg", "draw results under their ceilings",
     trm__cli_roofline, trm__cli_roofline_help, false},
    {"timeline", "TRACE.json -o FILE.svg", "draw what run --trace wrote",
     trm__cli_timeline, trm__cli_timeline_help, false},
    {"job", "KERNEL [options]", "print a batch script for a run", trm__cli_job,
     trm__cli_job_help, true},
    {"status", "DIR", "where a run with checkpoints is", trm__cli_status,
     trm__cli_status_help, false},
    {"version", "", "version, build and libraries", trm__cli_version, NULL,
     false},
    {NULL, NULL, NULL, NULL, NULL, false}};

int trm__cli_usage(const char *format, ...) {
  va_list args;
  va_start(args, format);
  char *text = NULL;
  if (vasprintf(&text, format, args) >= 0) trm__error_print("%s", text);
  free(text);
  va_end(args);
  return trm_status_exit(TRM_EUSAGE);
}

int trm__cli_table(const trm__cli *cli, int rank) {
  trm__base_error error = {TRM_OK, ""};
  if (!trm__run_table_check(cli->kernels, &error)) return 0;
  if (rank == 0) trm__error_print("%s", error.text);
  return trm_status_exit(error.status);
}

static int unknown(const char *name, const trm_listed *kernels) {
  trm__base_nearest nearest = {.typed = name};
  for (const trm_listed *k = kernels; k->name; k++)
    if (!strcmp(k->name, name))
      return trm__cli_usage("%s is a kernel; want run %s, or help %s", name,
                            name, name);
  for (const trm__subcommand *c = trm__subcommands; c->name; c++)
    trm__base_nearest_offer(&nearest, c->name);
  if (nearest.word)
    return trm__cli_usage("%s: no such command; did you mean %s?", name,
                          nearest.word);
  return trm__cli_usage("%s: no such command; `%s help` shows them all", name,
                        trm__program_path());
}

static int dispatch(trm__cli *cli, const char *name) {
  if (!strcmp(name, "--help") || !strcmp(name, "-h")) name = "help";
  if (!strcmp(name, "--version")) name = "version";
  for (const trm__subcommand *c = trm__subcommands; c->name; c++)
    if (!strcmp(c->name, name)) {
      int status = c->reads_table ? trm__cli_table(cli, 0) : 0;
      return status ? status : c->call(cli);
    }
  return unknown(name, cli->kernels);
}

/* A full disk behind stdout shows up at the flush, if at all. */
static int flushed(int status) {
  errno = 0;
  if (!fflush(stdout) && !ferror(stdout)) return status;
  trm__error_print("standard output: %s", strerror(errno ? errno : EIO));
  return trm_status_exit(TRM_EFILE);
}

int trm_main(int argc, char **argv, const trm_listed *kernels) {
  trm__cli cli = {.kernels = kernels, .whole = argv};
  if (!kernels)
    return trm__cli_usage(
        "trm_main got no table of kernels; want one that ends with "
        "TRM_LIST_END");
  if (argc < 2) {
    trm__cli_help(&cli);
    return flushed(trm_status_exit(TRM_EUSAGE));
  }
  cli.argc = argc - 2;
  cli.argv = argv + 2;
  return flushed(dispatch(&cli, argv[1]));
}
