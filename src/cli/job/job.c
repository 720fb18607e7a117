/* trireme job: a batch script for a run, with its requirements and the reasons. MPI is
 * started on this one process, as sizes may come from a file; nothing is computed. */
#include <limits.h>
#include <math.h>
#include <mpi.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <trireme/kernel.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/program.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/job/reasons.h"
#include "cli/mpi.h"
#include "cli/words.h"
#include "host/machine/machine.h"
#include "run/session/hook.h"

typedef struct job_options {
  int64_t ranks, threads;
  const char *time, *site;
  int format;
} job_options;

static const trm_option table[] = {
    TRM_OPT(job_options, ranks, .default_text = "1", .min = 1, .max = 1e6,
            .help = "MPI ranks, of all hosts together"),
    TRM_OPT(job_options, threads, .default_text = "1", .min = 1, .max = 4096,
            .help = "threads, and cores, per rank"),
    TRM_OPT(
        job_options, time, .default_text = "auto", .unit = "6h",
        .help =
            "time to request; auto: from the work model and the machine file"),
    TRM_OPT(job_options, site, .unit = "FILE",
            .help = "description of the cluster, in lines name = value"),
    TRM_OPT(job_options, format, .default_text = "slurm",
            .choices = "slurm|pbs|lsf", .help = "the batch system"),
    TRM_OPT_END};

static const trm_option site_table[] = {
    TRM_OPT(trm__launch_site, partition, .unit = "NAME", .help = "or queue"),
    TRM_OPT(trm__launch_site, account, .unit = "NAME", .help = "or project"),
    TRM_OPT(trm__launch_site, modules, .unit = "WORDS", .help = "to load"),
    TRM_OPT(trm__launch_site, launcher, .default_text = "auto",
            .choices = "auto|srun|mpirun", .help = "auto: whichever works"),
    TRM_OPT(trm__launch_site, directive, .unit = "WORDS",
            .help = "one more line for the batch system, such as --qos=long"),
    TRM_OPT(trm__launch_site, cores, .min = 1, .max = 1e6, .help = "of a host"),
    TRM_OPT(trm__launch_site, memory, .unit = "GiB", .min = 0.1, .max = 1e6,
            .help = "memory of a host for jobs"),
    TRM_OPT(trm__launch_site, max_time, .unit = "24h",
            .help = "longest time that a job may request"),
    TRM_OPT(trm__launch_site, machine, .unit = "FILE",
            .help = "machine file of its hosts, by the subcommand machine"),
    TRM_OPT_END};

static void job_help(void) {
  trm__base_options *options =
      trm__base_options_new(table, sizeof(job_options));
  trm__base_options *site =
      trm__base_options_new(site_table, sizeof(trm__launch_site));
  printf(
      "\n  %s job KERNEL --ranks 64 --threads 4 [--] [options of the "
      "run]\n"
      "\nPrints a batch script for this run, ready to be submitted. Hosts, "
      "memory and\ntime follow from the kernel's work model and from the "
      "machine file; its\ncomments give the reasons. With --checkpoint DIR the "
      "run continues in\nfurther jobs until it is done.\n\nOptions\n",
      trm__base_program_path());
  trm__base_options_help(options, stdout);
  puts("\nLines of the site file, without the dashes");
  trm__base_options_help(site, stdout);
  trm__base_options_free(&site);
  trm__base_options_free(&options);
}

/* -- sorting options ------------------------------------------------------- */

typedef struct word_list {
  int n;
  char **word;
} word_list;

static void push(word_list *to, char *word) {
  to->word = trm__base_grow(to->word, (size_t)to->n + 2, sizeof *to->word);
  to->word[to->n++] = word;
  to->word[to->n] = NULL;
}

/* Is it "--name" or "--name=..." of a row? Then also whether a value follows. */
static bool is_row(const trm_option *rows, const char *word, bool *follows) {
  char name[32];
  if (strncmp(word, "--", 2)) return false;
  size_t n = strcspn(word + 2, "=");
  if (n >= sizeof name) return false;
  memcpy(name, word + 2, n);
  name[n] = 0;
  *follows = !word[2 + n];
  for (; rows->name; rows++)
    if (trm__base_text_same_name(rows->name, name)) return true;
  return false;
}

/* Put the words that name a row, with their values, into `ours`, all others and those
 * after "--" into `others`. */
static void split(const trm_option *rows, int n, char **word, word_list *ours,
                  word_list *others) {
  bool follows = false;
  push(ours, NULL), ours->n = 0; /* an empty list */
  push(others, NULL), others->n = 0;
  bool all = false;
  for (int i = 0; i < n; i++) {
    if (!all && !strcmp(word[i], "--")) {
      all = true;
      continue;
    }
    if (all || !is_row(rows, word[i], &follows)) {
      push(others, word[i]);
      continue;
    }
    push(ours, word[i]);
    if (follows && i + 1 < n) push(ours, word[++i]);
  }
}

/* Leave out the options that the script adds itself. */
static word_list repeated(const word_list *run) {
  static const trm_option valued[] = {
      {.name = "checkpoint"}, {.name = "deadline"}, {.name = NULL}};
  static const trm_option flag[] = {{.name = "resume"}, {.name = NULL}};
  word_list left = {0}, dropped = {0}, kept = {0};
  bool follows;
  split(valued, run->n, run->word, &dropped, &left);
  push(&kept, NULL), kept.n = 0;
  for (int i = 0; i < left.n; i++)
    if (!is_row(flag, left.word[i], &follows)) push(&kept, left.word[i]);
  free(dropped.word);
  free(left.word);
  return kept;
}

/* -- the cluster ----------------------------------------------------------- */

typedef struct cluster {
  trm__base_options *site;
  const trm__launch_site *is; /* the site's values */
  trm_machine machine;
  bool known; /* the machine */
} cluster;

static trm_status read_machine(cluster *c, trm__base_error *error) {
  trm__host_machine_file file;
  if (!c->is->machine) {
    c->known = trm_machine_find(&c->machine);
    return TRM_OK;
  }
  TRM_TRY(trm__host_machine_read(c->is->machine, &file, error));
  c->machine = file.machine;
  snprintf(c->machine.file, sizeof c->machine.file, "%s", c->is->machine);
  c->known = true;
  trm__host_machine_clear(&file);
  return TRM_OK;
}

static trm_status read_cluster(const char *path, cluster *c,
                               trm__base_error *error) {
  trm_status status = TRM_OK;
  c->site = trm__base_options_new(site_table, sizeof(trm__launch_site));
  c->is = c->site->values;
  if (path) {
    char *text = trm__run_command_file("site", path, error);
    status = error->status;
    if (!status) status = trm__base_options_config(c->site, path, text, error);
    free(text);
  }
  return status ? status : read_machine(c, error);
}

/* Part of a host's memory for jobs, unless a site file states it. */
static const double SHARE = 0.9;

static trm__run_hosts hosts_of(const cluster *c) {
  trm__run_hosts h = {.cores = c->is->cores,
                      .memory = c->is->memory * (1 << 30)};
  if (h.cores < 1 && c->known) h.cores = c->machine.cores;
  if (!(h.memory > 0) && c->known) h.memory = SHARE * c->machine.memory_bytes;
  return h;
}

/* A job that fits on no host would wait in the queue forever. */
static trm_status check_room(const trm__cli_job_request *job,
                             trm__base_error *error) {
  const trm__run_estimate *n = &job->estimate;
  const trm__run_hosts *h = &job->host;
  if (h->cores > 0 && n->threads > h->cores)
    return trm__base_error_set(
        error, TRM_EOPTION, "--threads=%d: hosts have %s (%s)", n->threads,
        trm__base_text_count(h->cores, "core").s, job->known_from);
  if (h->memory > 0 && n->memory > h->memory)
    return trm__base_error_set(
        error, TRM_EOPTION,
        "a rank needs %s, a host has %s for jobs; use more --ranks",
        trm__base_text_bytes(n->memory).s, trm__base_text_bytes(h->memory).s);
  return TRM_OK;
}

/* -- time ------------------------------------------------------------------ */

static char *why_unknown(const trm__cli_job_request *job, const cluster *c) {
  const char *name = job->command->name;
  if (!job->command->kernel->work)
    return trm__base_format("%s has no work model; give --time", name);
  if (job->estimate.steps < 1)
    return trm__base_format(
        "the number of steps of %s is unknown; give --steps, or --time", name);
  return trm__base_format(
      "%s %s; run `mpirun ... %s machine` there, or give --time",
      c->known ? "the machine file lacks figures:" : "no machine file in",
      c->machine.file, trm__base_program_path());
}

/* What a run takes is not known: a script to be edited is more use than none. */
static double default_time(const trm__cli_job_request *job) {
  const double hour = 3600;
  return job->script.most < hour ? job->script.most : hour;
}

static trm_status read_time(const char *option, const char *text, double least,
                            double *seconds, trm__base_error *error) {
  if (trm__base_text_seconds(text, seconds) && *seconds >= least) return TRM_OK;
  return trm__base_error_set(
      error, TRM_EOPTION, "%s=%s: not a time (expected 6h, 30min or similar)",
      option, text);
}

static trm_status find_time(trm__cli_job_request *job, const char *text,
                            const cluster *c, trm__base_error *error) {
  const char *limit = c->is->max_time;
  job->script.most = INFINITY;
  if (strcmp(text, "auto"))
    TRM_TRY(read_time("--time", text, 1, &job->asked, error));
  if (limit)
    TRM_TRY(read_time("max_time", limit, 60, &job->script.most, error));
  job->script.time = job->asked > 0 ? job->asked : job->estimate.seconds;
  if (!(job->script.time > 0)) {
    job->guessed = why_unknown(job, c);
    job->script.time = default_time(job);
  }
  if (job->script.time <= job->script.most) return TRM_OK;
  if (!job->command->want->checkpoint)
    return trm__base_error_set(
        error, TRM_EOPTION,
        "%s: %s is more than max_time=%s; give --checkpoint "
        "DIR to continue in the next job",
        job->command->name, trm__base_text_duration(job->script.time).s, limit);
  job->script.time = job->script.most;
  return TRM_OK;
}

/* -- the command ----------------------------------------------------------- */

static trm_status resolve(trm__run_command *command, trm__base_error *error) {
  trm_run *run;
  if (!command->kernel->resolve) return TRM_OK;
  trm_status status = trm_run_new(MPI_COMM_WORLD, 1, command->want->seed, &run);
  if (status == TRM_OK)
    status = trm__run_hook_status(
        run, command->name, "resolve",
        command->kernel->resolve(run, command->options->values));
  if (status) trm__base_error_set(error, status, "%s", trm_message(run));
  trm_run_free(&run);
  return status;
}

/* The script sets the deadline itself. */
static trm_status check_deadline(const trm__run_command *command,
                                 trm__base_error *error) {
  const char *deadline = command->want->deadline;
  if (!deadline || !strcmp(deadline, "auto")) return TRM_OK;
  return trm__base_error_set(
      error, TRM_EOPTION,
      "--deadline=%s: a job ends when its --time is over; "
      "use --deadline auto, or none",
      deadline);
}

static void describe(trm__cli_job_request *job) {
  trm__launch_script *s = &job->script;
  const trm__run_estimate *n = &job->estimate;
  s->name = job->command->name;
  s->checkpoint = job->command->want->checkpoint;
  s->ranks = n->ranks;
  s->threads = n->threads;
  s->hosts = n->hosts;
  s->per_host = n->per_host;
  s->memory = n->resident > 0 ? n->memory : 0;
}

static trm_status print(trm__cli_job_request *job, const job_options *want,
                        cluster *c, trm__base_error *error) {
  char driver[PATH_MAX];
  ssize_t n = readlink("/proc/self/exe", driver, sizeof driver - 1);
  if (n < 0)
    return trm__base_error_set(
        error, TRM_EFILE,
        "/proc/self/exe: the program's own path is not known");
  driver[n] = 0;
  TRM_TRY(check_deadline(job->command, error));
  TRM_TRY(read_cluster(want->site, c, error));
  job->script.driver = driver;
  job->script.batch = (trm__launch_batch)want->format;
  job->script.site = c->is;
  job->host = hosts_of(c);
  job->known_from =
      c->is->cores > 0 || !c->known ? want->site : c->machine.file;
  job->estimate =
      trm__run_estimate_of(job->command, (int)want->ranks, (int)want->threads,
                           &job->host, c->known ? &c->machine : NULL);
  TRM_TRY(check_room(job, error));
  TRM_TRY(find_time(job, want->time, c, error));
  describe(job);
  trm__cli_job_explain(job);
  trm__launch_script_print(&job->script);
  return TRM_OK;
}

static trm_status make(const trm__cli *cli, const word_list *ours,
                       const word_list *run, trm__base_error *error) {
  trm_counter counter = {.cause = TRM_FOR_CONTROL};
  trm__base_options *options =
      trm__base_options_new(table, sizeof(job_options));
  trm__run_command command = {.name = NULL};
  trm_comm *comm = trm_comm_new(MPI_COMM_WORLD, &counter);
  word_list kept = repeated(run);
  cluster c = {.site = NULL};
  trm__cli_job_request job = {
      .command = &command,
      .script = {.word = kept.word + (kept.n > 0), .whole = cli->whole}};
  trm_status status =
      trm__base_options_args(options, ours->n, ours->word, error);
  if (!status)
    status = trm__run_command_read(&command, comm, cli->kernels, run->n,
                                   run->word, error);
  if (!status) status = resolve(&command, error);
  if (!status) status = print(&job, options->values, &c, error);
  trm__cli_job_clear(&job);
  trm__base_options_free(&c.site);
  free(kept.word);
  trm_comm_free(&comm);
  trm__run_command_clear(&command);
  trm__base_options_free(&options);
  return status;
}

static int job(const trm__cli *cli) {
  trm__base_error error = {TRM_OK, ""};
  word_list ours = {0}, run = {0};
  int ranks;
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  if (ranks > 1)
    return trm__cli_usage("job: start it without mpirun, with --ranks %d",
                          ranks);
  split(table, cli->argc, cli->argv, &ours, &run);
  trm_status status = make(cli, &ours, &run, &error);
  if (status) trm__base_error_print("%s", error.text);
  free(ours.word);
  free(run.word);
  return trm_status_exit(status);
}

static int job_main(const trm__cli *cli) {
  if (trm__cli_wants_help(cli)) {
    job_help();
    return 0;
  }
  return trm__cli_mpi(cli, job);
}

const trm__cli_command trm__cli_job = {
    "job",    "KERNEL [options]", "print a batch script for a run",
    job_main, job_help,           true};
