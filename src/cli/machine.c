/* trireme machine: measure what this machine gives. */
#include <mpi.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/options.h"
#include "cli/launch.h"
#include "comm/own.h"
#include "measure/machine/machine.h"

typedef struct wanted {
  bool quick, json;
  double seconds;
  int threads;
  const char *output, *dir, *against, *only;
} wanted;

static const trm_option table[] = {
    TRM_OPT(wanted, quick, .help = "5 s and smaller sizes"),
    TRM_OPT(wanted, seconds, .unit = "s", .min = 0.1, .max = 86400,
            .help = "time for all of it; 30, or 5 with --quick"),
    TRM_OPT(wanted, threads, .unit = "threads", .min = 1, .max = 4096,
            .help = "of each rank (else OMP_NUM_THREADS, else the cores of a "
                    "host are shared out)"),
    TRM_OPT(
        wanted, output, .unit = "FILE",
        .help = "write the figures here, not where the other commands look"),
    TRM_OPT(wanted, dir, .dflt = ".", .unit = "DIR",
            .help = "directory of the disk test; none: no disk test"),
    TRM_OPT(wanted, against, .unit = "FILE",
            .help = "an earlier file to compare with; else the newest of this "
                    "class of hosts"),
    TRM_OPT(wanted, only, .unit = "LIST",
            .help = "some of memory,cache,flops,network,disk,noise; written "
                    "only with --output"),
    TRM_OPT(wanted, json, .help = "print the file, not the table"),
    TRM_OPT_END};

void trm__cli_machine_help(void) {
  trm__options *options = trm__options_new(table, sizeof(wanted));
  char *directory = trm__machine_directory();
  printf(
      "\n  mpirun -n 2 trireme machine [options]\n"
      "\nMeasures memory bandwidth, the ladder of caches, arithmetic, "
      "messages, "
      "the\ndisk and the noise of the operating system, on all ranks x threads "
      "of the\nlaunch: use all cores of the hosts you ask about. Each figure "
      "is "
      "the best of\nmany short pieces, with their median and their spread "
      "(quartiles / median).\nOn several hosts it says which one is slow.\n"
      "\nThe figures go to a file in %s\n(TRIREME_MACHINES in the environment "
      "names another place), where the other\ncommands find the newest one of "
      "their host's class: processor, cores,\nmemory, MPI.\n\nOptions\n",
      directory);
  trm__options_help(options, stdout);
  trm__options_free(&options);
  free(directory);
}

/* -- what is asked for ----------------------------------------------------- */

typedef struct asked {
  trm__options *options;
  const wanted *want;
  trm__machine_plan plan;
} asked;

static trm_status read_words(const trm__cli *cli, asked *a, trm__error *error) {
  a->options = trm__options_new(table, sizeof(wanted));
  const wanted *w = a->want = a->options->values;
  TRM_TRY(trm__options_args(a->options, cli->argc, cli->argv, error));
  a->plan.quick = w->quick;
  a->plan.seconds = w->seconds > 0 ? w->seconds : w->quick ? 5 : 30;
  a->plan.directory = strcmp(w->dir, "none") ? w->dir : NULL;
  return trm__plan_read(w->only, &a->plan.wanted, error);
}

/* Ranks of a host share its cores out, where nobody says otherwise. */
static int threads_of(const wanted *w) {
  const char *set = getenv("OMP_NUM_THREADS");
  if (w->threads > 0) return w->threads;
  if (set && *set) return 0;
  MPI_Comm host;
  int ranks, cores = omp_get_num_procs();
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL,
                      &host);
  MPI_Comm_size(host, &ranks);
  MPI_Comm_free(&host);
  /* bound to cores of its own, unless all may use all */
  bool apart = (long)cores * ranks <= sysconf(_SC_NPROCESSORS_ONLN);
  int share = apart ? cores : cores / ranks;
  MPI_Allreduce(MPI_IN_PLACE, &share, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
  return share > 0 ? share : 1;
}

/* -- before and after ------------------------------------------------------ */

typedef struct files {
  char *output; /* NULL: none is written */
  bool have_earlier;
  trm__machine_file now, earlier;
} files;

static trm_status fail_with(trm_run *run, const trm__error *error) {
  return error->status ? trm_fail(run, error->status, "%s", error->text)
                       : TRM_OK;
}

/* The output must be possible before half a minute is spent. */
static trm_status check_output(const asked *a, trm__error *error) {
  const wanted *w = a->want;
  if (w->only && !w->output) return TRM_OK;
  trm_machine here = trm__machine_unknown();
  strcpy(here.written, "now");
  trm__classify(&here);
  char *path = w->output ? trm__strdup(w->output) : trm__machine_path(&here);
  trm_status status = trm__machine_may_write(path, error);
  free(path);
  return status;
}

static trm_status find_earlier(const asked *a, files *f, trm__error *error) {
  trm_machine here = trm__machine_unknown();
  if (a->want->against) {
    f->have_earlier = true;
    return trm__machine_read(a->want->against, &f->earlier, error);
  }
  trm__classify(&here);
  char *directory = trm__machine_directory();
  f->have_earlier =
      trm__machine_newest(directory, here.node_class, &f->earlier);
  free(directory);
  return TRM_OK;
}

static trm_status prepare(trm_run *run, const asked *a, files *f) {
  trm__error error = {TRM_OK, ""};
  const bool disk = a->plan.wanted >> TRM__ON_DISK & 1;
  if (run->rank == 0 && !check_output(a, &error)) find_earlier(a, f, &error);
  if (!error.status && run->own->host->rank == 0 && a->plan.directory && disk)
    trm__disk_may_write(a->plan.directory, &error);
  return trm_agree(run, fail_with(run, &error));
}

static void print(const asked *a, const files *f) {
  if (!a->want->json) {
    trm__machine_print(stdout, &f->now, f->have_earlier ? &f->earlier : NULL);
    return;
  }
  cJSON *json = trm__machine_json(&f->now);
  char *text = cJSON_Print(json);
  puts(text ? text : "null");
  cJSON_free(text);
  cJSON_Delete(json);
}

static trm_status finish(trm_run *run, const asked *a, files *f) {
  const wanted *w = a->want;
  trm__error error = {TRM_OK, ""};
  if (run->rank != 0) return TRM_OK;
  if (w->output)
    f->output = trm__strdup(w->output);
  else if (!w->only)
    f->output = trm__machine_path(&f->now.machine);
  print(a, f);
  if (f->output && !trm__machine_write(f->output, &f->now, &error))
    fprintf(w->json ? stderr : stdout, "\nwritten to %s\n", f->output);
  return fail_with(run, &error);
}

static trm_status measure(trm_run *run, const asked *a) {
  files f = {.output = NULL};
  trm_status status = prepare(run, a, &f);
  if (!status) status = trm__machine_measure(run, &a->plan, &f.now);
  if (!status) status = trm_agree(run, finish(run, a, &f));
  trm__machine_clear(&f.now);
  trm__machine_clear(&f.earlier);
  free(f.output);
  return status;
}

/* -- the whole ------------------------------------------------------------- */

static int say(int rank, trm_status status, const char *text) {
  if (status && rank == 0) {
    fflush(stdout);
    fprintf(stderr, "trireme: %s\n", text);
  }
  return trm_status_exit(status);
}

static int body(const trm__cli *cli) {
  int rank;
  asked a = {.want = NULL};
  trm_run *run = NULL;
  trm__error error = {TRM_OK, ""};
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  int code = say(rank, read_words(cli, &a, &error), error.text);
  if (!error.status) {
    trm_status status =
        trm_run_new(MPI_COMM_WORLD, threads_of(a.want), 1, &run);
    if (!status) status = measure(run, &a);
    code = say(rank, status, run ? trm_message(run) : "MPI does not start");
    trm_run_free(&run);
  }
  trm__options_free(&a.options);
  return code;
}

int trm__cli_machine(const trm__cli *cli) {
  if (!trm__cli_wants_help(cli)) return trm__cli_mpi(cli, body);
  trm__cli_machine_help();
  return 0;
}
