/* trireme machine: measure the performance of this machine. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/program.h"
#include "cli/commands.h"
#include "cli/help/help.h"
#include "cli/mpi.h"
#include "cli/words.h"
#include "comm/run.h"
#include "host/machine/machine.h"
#include "run/session/doctor.h"

typedef struct machine_options {
  bool quick, json;
  double seconds;
  int threads;
  const char *output, *dir, *against, *only;
} machine_options;

static const trm_option table[] = {
    TRM_OPT(machine_options, quick, .help = "take 5 s, with smaller sizes"),
    TRM_OPT(machine_options, seconds, .unit = "s", .min = 0.1, .max = 86400,
            .help = "total time (default: 30, or 5 with --quick)"),
    TRM_OPT(machine_options, threads, .unit = "threads", .min = 1, .max = 4096,
            .help = "threads per rank (default: OMP_NUM_THREADS, else the "
                    "cores of a host divided by its ranks)"),
    TRM_OPT(machine_options, output, .unit = "FILE",
            .help = "write the figures to this file, not where the other "
                    "commands look"),
    TRM_OPT(machine_options, dir, .default_text = ".", .unit = "DIR",
            .help = "directory of the disk test; none: no disk test"),
    TRM_OPT(machine_options, against, .unit = "FILE",
            .help = "an earlier file to compare with (default: the newest of "
                    "this class of hosts)"),
    TRM_OPT(machine_options, only, .unit = "LIST",
            .help = "one or more of memory,cache,flops,network,disk,noise; "
                    "written only with --output"),
    TRM_OPT(machine_options, json, .help = "print the file, not the table"),
    TRM_OPT_END};

static void explain(const char *word) {
  if (strcmp(word, "machines")) {
    trm__cli_print_options(table, sizeof(machine_options));
    return;
  }
  char *directory = trm__host_machine_directory();
  printf("  %s\n", directory);
  free(directory);
}

/* -- the request ----------------------------------------------------------- */

typedef struct machine_request {
  trm__base_options *options;
  const machine_options *want;
  trm__host_machine_plan plan;
  bool shared; /* threads share cores: the figures are not the machine's */
} machine_request;

static trm_status read_words(const trm__cli *cli, machine_request *a,
                             trm__base_error *error) {
  a->options = trm__base_options_new(table, sizeof(machine_options));
  const machine_options *w = a->want = a->options->values;
  TRM_TRY(trm__base_options_args(a->options, cli->argc, cli->argv, error));
  a->plan.quick = w->quick;
  a->plan.seconds = w->seconds > 0 ? w->seconds : w->quick ? 5 : 30;
  a->plan.directory = strcmp(w->dir, "none") ? w->dir : NULL;
  return trm__host_plan_read(w->only, &a->plan.wanted, error);
}

/* -- before and after ------------------------------------------------------ */

typedef struct machine_files {
  char *output; /* NULL: none is written */
  bool have_earlier;
  trm__host_machine_file now, earlier;
} machine_files;

static trm_status fail_with(trm_run *run, const trm__base_error *error) {
  return error->status ? trm_fail(run, error->status, "%s", error->text)
                       : TRM_OK;
}

/* Is the file written where other commands look? Only complete and valid figures are. */
static bool is_kept(const machine_request *a) {
  return !a->want->only && !a->shared;
}

/* Before half a minute is spent on measurements. */
static trm_status check_output(const machine_request *a,
                               trm__base_error *error) {
  const machine_options *w = a->want;
  if (!w->output && !is_kept(a)) return TRM_OK;
  if (!w->output && !trm__host_machine_has_place())
    return trm__base_error_set(
        error, TRM_EUSAGE,
        "machine: HOME is not set, so there is no place for the machine file; "
        "set TRIREME_MACHINES=DIR, or give --output FILE");
  trm_machine here = trm__host_machine_unknown();
  strcpy(here.written, "now");
  trm__host_classify(&here);
  char *path =
      w->output ? trm__base_strdup(w->output) : trm__host_machine_path(&here);
  if (!w->output) trm__host_machine_make_way(path);
  trm_status status = trm__host_machine_may_write(path, error);
  free(path);
  return status;
}

static trm_status find_earlier(const machine_request *a, machine_files *f,
                               trm__base_error *error) {
  trm_machine here = trm__host_machine_unknown();
  if (a->want->against) {
    f->have_earlier = true;
    return trm__host_machine_read(a->want->against, &f->earlier, error);
  }
  trm__host_classify(&here);
  char *directory = trm__host_machine_directory();
  f->have_earlier =
      trm__host_machine_best(directory, here.node_class, &f->earlier);
  free(directory);
  return TRM_OK;
}

static trm_status prepare(trm_run *run, const machine_request *a,
                          machine_files *f) {
  trm__base_error error = {TRM_OK, ""};
  const bool disk = a->plan.wanted >> TRM__ON_DISK & 1;
  if (run->rank == 0 && !check_output(a, &error)) find_earlier(a, f, &error);
  if (!error.status && run->own->host->rank == 0 && a->plan.directory && disk)
    trm__host_disk_may_write(a->plan.directory, &error);
  return trm_agree(run, fail_with(run, &error));
}

static void print(const machine_request *a, const machine_files *f) {
  if (!a->want->json) {
    trm__host_machine_print(stdout, &f->now,
                            f->have_earlier ? &f->earlier : NULL);
    return;
  }
  cJSON *json = trm__host_machine_json(&f->now);
  char *text = cJSON_Print(json);
  puts(text ? text : "null");
  cJSON_free(text);
  cJSON_Delete(json);
}

static trm_status finish(trm_run *run, const machine_request *a,
                         machine_files *f) {
  const machine_options *w = a->want;
  trm__base_error error = {TRM_OK, ""};
  if (run->rank != 0) return TRM_OK;
  if (w->output)
    f->output = trm__base_strdup(w->output);
  else if (is_kept(a))
    f->output = trm__host_machine_path(&f->now.machine);
  FILE *to = w->json ? stderr : stdout;
  print(a, f);
  if (f->output && !trm__host_machine_write(f->output, &f->now, &error))
    fprintf(to, "\nwritten to %s\n", f->output);
  if (!f->output && a->shared)
    fputs("\nnot written: threads share cores; use fewer, or --output FILE\n",
          to);
  return fail_with(run, &error);
}

static void check_launch(trm_run *run, const trm__host_topology *topology,
                         machine_request *a) {
  const trm__run_common common = {.threads = a->want->threads};
  const trm__run_command command = {.want = &common};
  trm__host_findings found;
  trm__host_facts *facts =
      trm__run_doctor_check(run, &command, topology, &found);
  if (run->rank == 0) trm__run_doctor_warn(&found);
  a->shared = found.shared;
  trm_bcast(run->comm, &a->shared, sizeof a->shared, 0);
  trm__host_facts_free(&facts, run->ranks);
  trm__host_findings_clear(&found);
}

static trm_status measure(trm_run *run, const machine_request *a) {
  machine_files f = {.output = NULL};
  trm_status status = prepare(run, a, &f);
  if (!status) status = trm__host_machine_measure(run, &a->plan, &f.now);
  if (!status) status = trm_agree(run, finish(run, a, &f));
  trm__host_machine_clear(&f.now);
  trm__host_machine_clear(&f.earlier);
  free(f.output);
  return status;
}

/* -- the command ----------------------------------------------------------- */

static int say(int rank, trm_status status, const char *text) {
  if (status && rank == 0) {
    fflush(stdout);
    trm__base_error_print("%s", text);
  }
  return trm_status_exit(status);
}

static int measure_with(machine_request *a, const trm__host_topology *topology,
                        int threads) {
  trm_run *run = NULL;
  trm_status status = trm_run_new(MPI_COMM_WORLD, threads, 1, &run);
  if (!status) {
    check_launch(run, topology, a);
    status = measure(run, a);
  }
  int code = say(run ? run->rank : 0, status,
                 run ? trm_message(run) : "MPI does not start");
  trm_run_free(&run);
  return code;
}

static int body(const trm__cli *cli) {
  trm_counter counter = {.cause = TRM_FOR_CONTROL};
  trm_comm *comm = trm_comm_new(MPI_COMM_WORLD, &counter);
  machine_request a = {.want = NULL};
  trm__base_error error = {TRM_OK, ""};
  int code = say(comm->rank, read_words(cli, &a, &error), error.text);
  const trm__run_common common = {.threads = a.want->threads};
  trm__host_topology *topology = trm__host_topology_load();
  int threads =
      error.status ? 1 : trm__run_doctor_threads(&common, topology, comm);
  trm_comm_free(&comm);
  if (!error.status) code = measure_with(&a, topology, threads);
  trm__host_topology_free(&topology);
  trm__base_options_free(&a.options);
  return code;
}

static int machine_main(const trm__cli *cli) {
  if (!trm__cli_wants_help(cli)) return trm__cli_mpi(cli, body);
  return trm__cli_help_command(&trm__cli_machine);
}

const trm__cli_command trm__cli_machine = {
    "machine",
    "[options]",
    "measure the performance of this machine, under mpirun",
    machine_main,
    explain,
    false};
