/* trireme study: launches of a kernel on different ranks, threads and sizes. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <trireme/kernel.h>

#include "build.h"

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/program.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/help/help.h"
#include "cli/words.h"
#include "launch/resources.h"
#include "launch/template.h"
#include "host/machine/machine.h"
#include "study/plan/plan.h"
#include "study/report/report.h"
#include "study/report/text/laws.h"
#include "study/report/text/summary.h"
#include "study/run/sweep.h"
#include "study/verdict/verdict.h"

typedef struct study_options {
  const char *mode, *ranks, *threads, *size, *repeat, *budget, *launcher,
      *timeout, *settle, *target, *output;
  int64_t cores;
  uint64_t seed;
  bool quiet;
} study_options;

static const trm_option table[] = {
    TRM_OPT(
        study_options, mode, .default_text = "strong", .unit = "LIST",
        .help = "what is varied: one or more of strong,weak,threads,memory"),
    TRM_OPT(
        study_options, ranks, .unit = "LIST",
        .help = "ranks, such as 1,2,4 (default: 1, 2, 4, ... and all cores)"),
    TRM_OPT(study_options, threads, .unit = "LIST",
            .help = "threads per rank (default: 1; for --mode threads up to "
                    "all cores)"),
    TRM_OPT(
        study_options, size, .unit = "NAME=LIST",
        .help =
            "an option of the kernel with several values, such as n=128,256"),
    TRM_OPT(study_options, repeat, .default_text = "auto", .unit = "auto|N",
            .help = "launches of each point; auto: until the target is met"),
    TRM_OPT(study_options, target, .default_text = "2%", .unit = "PERCENT",
            .help = "half width of each median's 95 % interval, relative to "
                    "the median"),
    TRM_OPT(
        study_options, budget, .default_text = "10min", .unit = "TIME",
        .help =
            "time for all launches, earlier calls included; none: no limit"),
    TRM_OPT(study_options, timeout, .default_text = "10min", .unit = "TIME",
            .help = "of one launch"),
    TRM_OPT(
        study_options, settle, .default_text = "10s", .unit = "TIME",
        .help =
            "longest wait before a launch for other processes to calm down"),
    TRM_OPT(study_options, launcher, .unit = "WORDS",
            .help = "\"mpirun -n {ranks} ... {command}\", or slurm; {command} "
                    "is appended where it is missing"),
    TRM_OPT(study_options, cores, .default_text = "0", .min = 0, .max = 1 << 20,
            .help = "cores for launches on all hosts (0: those of the Slurm "
                    "allocation, else of this host)"),
    TRM_OPT(study_options, seed, .default_text = "1", .max = 9007199254740991.,
            .help = "seed of the order of launches"),
    TRM_OPT(study_options, output, .unit = "DIR",
            .help = "directory of the study; short form: -o"),
    TRM_OPT(study_options, quiet, .help = "no progress on stderr"),
    TRM_OPT_END};

static void explain(const char *word) {
  if (!strcmp(word, "launcher"))
    printf("  %s\n", trm__launch_template(NULL, 1, 1));
  else if (!strcmp(word, "oversubscribed"))
    printf("  %s\n", trm__launch_template(NULL, INT_MAX, 1));
  else if (!strcmp(word, "slurm"))
    printf("  %s\n", trm__launch_template("slurm", 1, 1));
  else
    trm__cli_print_options(table, sizeof(study_options));
}

/* -- the words ------------------------------------------------------------- */

typedef struct command {
  const trm_listed *listed; /* NULL: that of the stored study */
  trm__base_options *options;
  const study_options *want;
  trm__study_request asked;
  int repeat;
  double target, budget, timeout, settle;
} command;

static trm_status read_time(const char *name, const char *text, double *seconds,
                            trm__base_error *error) {
  if (!strcmp(text, "none")) {
    *seconds = 0;
    return TRM_OK;
  }
  if (trm__base_text_seconds(text, seconds)) return TRM_OK;
  return trm__base_error_set(
      error, TRM_EOPTION, "--%s=%s: not a time (expected 30s, 10min or none)",
      name, text);
}

static trm_status read_repeat(const char *text, int *repeat,
                              trm__base_error *error) {
  char *end;
  long n = strtol(text, &end, 10);
  *repeat = 0;
  if (!strcmp(text, "auto")) return TRM_OK;
  if (*end || end == text || n < 1 || n > 1000000)
    return trm__base_error_set(
        error, TRM_EOPTION,
        "--repeat=%s: expected auto or a count from 1 to 1e6", text);
  *repeat = (int)n;
  return TRM_OK;
}

/* Options that a study sets for each launch, or whose files launches would overwrite. */
static trm_status check_own(const trm__run_command *run,
                            trm__base_error *error) {
  static const char *const own[] = {"result", "output",  "picture", "trace",
                                    "resume", "threads", "quiet",   "config"};
  for (unsigned i = 0; i < sizeof own / sizeof *own; i++)
    if (trm__base_options_given(run->others, own[i]))
      return trm__base_error_set(
          error, TRM_EUSAGE,
          "--%s: not an option of a study, which sets it for "
          "each launch itself; leave it out",
          own[i]);
  return TRM_OK;
}

/* The given options of the run, each as one word. */
static int words_of(const trm__base_options *o, char **word, int n) {
  for (int i = 0; i < o->n; i++)
    if (o->value[i].source == TRM__FROM_COMMAND)
      word[n++] = trm__base_format(
          "--%s=%s", trm__base_option_name(&o->table[i]).s, o->value[i].text);
  return n;
}

static trm_status read_problem(command *c, const trm__run_command *run,
                               trm__base_error *error) {
  char **word = trm__base_calloc(
      (size_t)run->options->n + (size_t)run->others->n + 1, sizeof *word);
  int n = words_of(run->others, word, words_of(run->options, word, 0));
  trm__study_problem_read(c->listed, n, word, &c->asked.problem, error);
  for (int i = 0; i < n; i++) free(word[i]);
  free(word);
  return error->status;
}

/* Words before `--` are of the study and the kernel, those after it of the kernel. */
static trm_status read_options(command *c, int argc, char **argv,
                               trm__base_error *error) {
  int n = 0;
  trm__run_command run = {.name = NULL};
  while (n < argc && strcmp(argv[n], "--")) n++;
  if (!c->listed) {
    if (n < argc)
      return trm__base_error_set(error, TRM_EUSAGE,
                                 "study: options after -- belong to a kernel; "
                                 "usage: study KERNEL ...");
    return trm__base_options_args(c->options, argc, argv, error);
  }
  trm__run_command_options(&run, c->listed);
  c->options->next = run.options;
  trm_status status = trm__base_options_args(c->options, n, argv, error);
  if (!status && n < argc)
    status =
        trm__base_options_args(run.options, argc - n - 1, argv + n + 1, error);
  c->options->next = NULL;
  if (!status) status = check_own(&run, error);
  if (!status) status = read_problem(c, &run, error);
  trm__run_command_clear(&run);
  return status;
}

static bool given(const command *c, const char *name) {
  return trm__base_options_given(c->options, name);
}

/* Without a kernel a study is resumed as planned. */
static trm_status check_bare(const command *c, trm__base_error *error) {
  static const char *const plan[] = {"mode", "ranks",    "threads",
                                     "size", "launcher", "seed"};
  if (!c->want->output)
    return trm__base_error_set(
        error, TRM_EUSAGE,
        "study: no kernel given; usage: study KERNEL --mode "
        "strong -o DIR; `%s list` shows the kernels",
        trm__base_program_path());
  for (int i = 0; i < 6; i++)
    if (given(c, plan[i]))
      return trm__base_error_set(
          error, TRM_EUSAGE,
          "study --%s: no kernel given; usage: study KERNEL "
          "--%s ..., or -o DIR alone to resume",
          plan[i], plan[i]);
  return TRM_OK;
}

static trm_status read_values(command *c, trm__base_error *error) {
  const study_options *w = c->want;
  trm__study_request *a = &c->asked;
  if (!w->output)
    return trm__base_error_set(error, TRM_EUSAGE,
                               "study: no directory given; add -o DIR, a new "
                               "directory or that of a study to resume");
  TRM_TRY(trm__study_plan_modes(w->mode, &a->modes, error));
  if (w->ranks)
    TRM_TRY(trm__study_plan_counts("--ranks", w->ranks, TRM__STUDY_RANKS_MAX,
                                   &a->ranks, error));
  if (w->threads)
    TRM_TRY(trm__study_plan_counts("--threads", w->threads,
                                   TRM__STUDY_THREADS_MAX, &a->threads, error));
  TRM_TRY(read_repeat(w->repeat, &c->repeat, error));
  if (!trm__base_text_share(w->target, &c->target) || !(c->target > 0))
    return trm__base_error_set(
        error, TRM_EOPTION, "--target=%s: expected a share such as 2%% or 0.02",
        w->target);
  TRM_TRY(read_time("budget", w->budget, &c->budget, error));
  TRM_TRY(read_time("timeout", w->timeout, &c->timeout, error));
  return read_time("settle", w->settle, &c->settle, error);
}

/* Under mpirun a study would start mpirun on each of its ranks. */
static trm_status check_alone(trm__base_error *error) {
  const char *ranks = getenv("OMPI_COMM_WORLD_SIZE");
  if (!ranks && !getenv("PMIX_RANK")) return TRM_OK;
  return trm__base_error_set(
      error, TRM_EUSAGE,
      "study runs on %s ranks; start it without mpirun or "
      "srun: it launches them itself",
      ranks ? ranks : "several");
}

static trm_status read_command(const trm__cli *cli, command *c,
                               trm__base_error *error) {
  int argc = cli->argc;
  char **argv = trm__base_calloc((size_t)argc + 1, sizeof *argv);
  for (int i = 0; i < argc; i++)
    argv[i] = strcmp(cli->argv[i], "-o") ? cli->argv[i] : "--output";
  int named = argc > 0 && argv[0][0] != '-';
  c->options = trm__base_options_new(table, sizeof(study_options));
  c->want = c->options->values;
  trm_status status = check_alone(error);
  if (!status && named) {
    c->listed = trm__run_kernel_find(cli->kernels, argv[0], error);
    status = error->status;
  }
  if (!status) status = read_options(c, argc - named, argv + named, error);
  if (!status && !named) status = check_bare(c, error);
  if (!status) status = read_values(c, error);
  free(argv);
  return status;
}

/* -- the study ------------------------------------------------------------- */

static cJSON *machine_json(void) {
  trm_machine m;
  trm__host_machine_file file = {.host = NULL};
  trm__base_error ignored = {TRM_OK, ""};
  cJSON *json = NULL;
  if (trm_machine_find(&m) && !trm__host_machine_read(m.file, &file, &ignored))
    json = trm__host_machine_json(&file);
  trm__host_machine_clear(&file);
  return json;
}

static cJSON *build_json(void) {
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "commit", TRM_BUILD_COMMIT);
  cJSON_AddStringToObject(json, "compiler", TRM_BUILD_COMPILER);
  cJSON_AddStringToObject(json, "flags", TRM_BUILD_FLAGS);
  return json;
}

static void describe(const command *c, trm__study *s) {
  char host[64] = "";
  time_t t = time(NULL);
  struct tm utc;
  gethostname(host, sizeof host - 1);
  host[strcspn(host, ".")] = 0;
  s->dir = trm__base_strdup(c->want->output);
  s->kernel = trm__base_strdup(c->listed->name);
  s->launcher = c->want->launcher ? trm__base_strdup(c->want->launcher) : NULL;
  s->host = trm__base_strdup(host);
  s->seed = c->want->seed;
  s->target = c->target;
  s->budget = c->budget;
  s->repeat = c->repeat;
  s->timeout = c->timeout;
  s->settle = c->settle;
  s->cores = (int)c->want->cores;
  strftime(s->began, sizeof s->began, "%FT%TZ", gmtime_r(&t, &utc));
}

/* Free memory differs between calls: a resumed study keeps the value it was planned
 * with. */
static void size_up(const trm__study *there, trm__study *s) {
  long cache = sysconf(_SC_LEVEL2_CACHE_SIZE);
  s->memory = there->memory > 0 ? there->memory : trm__launch_memory();
  s->cache = there->cache > 0 ? there->cache
             : cache > 0      ? (double)cache
                              : 1 << 20;
}

static trm_status plan(command *c, const trm__study *there, trm__study *s,
                       trm__base_error *error) {
  describe(c, s);
  size_up(there, s);
  c->asked.size = c->want->size;
  c->asked.cores = s->cores > 0 ? s->cores : trm__launch_available_cores();
  c->asked.hosts = trm__launch_hosts(c->asked.cores);
  c->asked.memory = s->memory;
  c->asked.cache = s->cache;
  TRM_TRY(trm__study_plan(&c->asked, s, error));
  char *const nothing[] = {NULL};
  char **words = trm__launch_words(trm__launch_template(s->launcher, 1, 1), 1,
                                   1, nothing, error);
  trm__launch_words_free(words);
  return error->status;
}

static bool put(double *to, double value) {
  bool changed = !(*to == value); /* true for NaN: not given */
  *to = value;
  return changed;
}

static bool put_count(int *to, int value) {
  bool changed = *to != value;
  *to = value;
  return changed;
}

/* Take over options that a later call may change. \return true: one changed */
static bool renew(const command *c, trm__study *s) {
  bool changed = false;
  if (given(c, "budget")) changed |= put(&s->budget, c->budget);
  if (given(c, "target")) changed |= put(&s->target, c->target);
  if (given(c, "timeout") || isnan(s->timeout))
    changed |= put(&s->timeout, c->timeout);
  if (given(c, "settle") || isnan(s->settle))
    changed |= put(&s->settle, c->settle);
  if (given(c, "repeat")) changed |= put_count(&s->repeat, c->repeat);
  if (given(c, "cores")) changed |= put_count(&s->cores, (int)c->want->cores);
  return changed;
}

/* -- resuming ------------------------------------------------------------- */

static bool is_there(const char *dir) {
  char *path = trm__base_format("%s/study.json", dir);
  bool there = access(path, F_OK) == 0;
  free(path);
  return there;
}

/* Without --seed the stored order of launches is kept. */
static char *difference_of(const command *c, const trm__study *there,
                           const trm__study *planned) {
  if (!c->listed) return NULL;
  char *text = trm__study_plan_difference(there, planned);
  if (text || !given(c, "seed") || there->seed == c->want->seed) return text;
  return trm__base_format("--seed %llu there, %llu here",
                          (unsigned long long)there->seed,
                          (unsigned long long)c->want->seed);
}

static const cJSON *first_result(const trm__study *s) {
  for (int i = 0; i < s->launches; i++)
    if (s->launch[i].result) return s->launch[i].result;
  return NULL;
}

/* Launches of two builds are not comparable. */
static trm_status check_build(const trm__study *s, trm__base_error *error) {
  const cJSON *result = first_result(s),
              *old = s->build ? s->build : trm__base_json_at(result, "build");
  if (!result || !old) return TRM_OK;
  cJSON *mine = build_json();
  for (const cJSON *b = mine->child; b && !error->status; b = b->next) {
    const char *here = cJSON_GetStringValue(b),
               *there = trm__base_json_text_at(old, b->string);
    if (strcmp(there, here))
      trm__base_error_set(
          error, TRM_EUSAGE,
          "%s: its launches are of another build (%s %s there, %s here); use "
          "that build, or another -o; `%s report %s` draws what is there",
          s->dir, b->string, there, here, trm__base_program_path(), s->dir);
  }
  cJSON_Delete(mine);
  return error->status;
}

/* Before the first result the build may change. */
static bool take_build(trm__study *s) {
  if (first_result(s)) return false;
  cJSON_Delete(s->build);
  s->build = build_json();
  return true;
}

static trm_status resume_study(const trm__cli *cli, const command *c,
                               const trm__study *planned, trm__study *s,
                               trm__base_error *error) {
  char *difference = difference_of(c, s, planned);
  if (difference)
    trm__base_error_set(
        error, TRM_EUSAGE,
        "%s: contains another study (%s); choose another -o, or "
        "resume that one with `%s study -o %s` alone",
        s->dir, difference, trm__base_program_path(), s->dir);
  else
    trm__run_kernel_find(cli->kernels, s->kernel, error);
  free(difference);
  if (error->status || check_build(s, error)) return error->status;
  bool taken = take_build(s);
  if ((renew(c, s) || taken) && !trm__study_rewrite(s, error))
    return error->status;
  if (!c->want->quiet)
    fprintf(stderr, "%s: resumed after %s\n", s->dir,
            trm__base_text_count(s->launches, "launch").s);
  return TRM_OK;
}

static trm_status open_study(const trm__cli *cli, command *c, trm__study *s,
                             trm__base_error *error) {
  trm__study planned = {.dir = NULL};
  const char *dir = c->want->output;
  bool there = !c->listed || is_there(dir);
  if (there && !trm__study_load(dir, s, error)) return error->status;
  if (c->listed) plan(c, s, &planned, error);
  if (there) {
    if (!error->status) resume_study(cli, c, &planned, s, error);
    trm__study_clear(&planned);
    return error->status;
  }
  *s = planned;
  s->machine = machine_json();
  s->build = build_json();
  if (!error->status) trm__study_save(s, error);
  return error->status;
}

/* -- the end --------------------------------------------------------------- */

static void print_verdicts(const trm__study *s,
                           const trm__study_points *points) {
  for (int i = 0; i < trm__study_series_count(points); i++) {
    trm__study_verdict judged = trm__study_judge(s, points, i);
    char *name = trm__study_series_name(points, i);
    if (judged.text && *judged.text) {
      int at = printf("\nverdict, %s: ", name) - 1;
      trm__base_text_wrap(stdout, judged.text, 2, at);
    }
    free(name);
    trm__study_verdict_clear(&judged);
  }
}

/* \return TRM_EVERIFY: no point is valid, a result is wrong, or answers differ */
static trm_status finish(const trm__study *s, trm__base_error *error) {
  trm__study_points points = trm__study_points_of(s);
  int valid = 0;
  for (int i = 0; i < points.n; i++) valid += points.point[i].valid;
  trm__study_print(stdout, s, &points);
  print_verdicts(s, &points);
  if (trm__study_report_write(1, s, NULL, s->dir, error))
    printf("\nreport: %s/report.html\n", s->dir);
  if (!valid)
    trm__base_error_set(error, TRM_EVERIFY,
                        "%s: no launch is valid; the table gives the reasons",
                        s->dir);
  else if (points.wrong)
    trm__base_error_set(
        error, TRM_EVERIFY,
        "%s: %s gave a wrong result, or an answer that differs from "
        "the others; see the table",
        s->dir, trm__base_text_count(points.wrong, "launch").s);
  trm__study_points_clear(&points);
  return error->status;
}

static trm_status sweep(const command *c, trm__study *s,
                        trm__base_error *error) {
  char program[PATH_MAX];
  ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
  if (n < 0)
    return trm__base_error_set(
        error, TRM_EFILE,
        "/proc/self/exe: the program's own name is not known");
  program[n] = 0;
  trm_status status = trm__study_sweep(s, program, c->want->quiet, error);
  if (status != TRM_STOPPED) return status ? status : finish(s, error);
  return trm__base_error_set(error, TRM_STOPPED,
                             "stopped after %s; resume with: %s study -o %s",
                             trm__base_text_count(s->launches, "launch").s,
                             trm__base_program_path(), s->dir);
}

static int study_main(const trm__cli *cli) {
  trm__base_error error = {TRM_OK, ""};
  command c = {.listed = NULL};
  trm__study s = {.dir = NULL};
  if (trm__cli_wants_help(cli)) return trm__cli_help_command(&trm__cli_study);
  trm_status status = read_command(cli, &c, &error);
  if (!status) status = open_study(cli, &c, &s, &error);
  if (!status) status = sweep(&c, &s, &error);
  if (status) {
    fflush(stdout);
    trm__base_error_print("%s", error.text);
  }
  trm__study_clear(&s);
  trm__study_request_clear(&c.asked);
  trm__base_options_free(&c.options);
  return trm_status_exit(status);
}

const trm__cli_command trm__cli_study = {
    "study",
    "KERNEL --mode ... -o DIR",
    "measure how a kernel scales, and name what limits it",
    study_main,
    explain,
    true};
