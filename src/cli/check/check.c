/* trireme check: does a kernel keep what it promises? */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <trireme/kernel.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/program.h"
#include "base/text.h"
#include "cli/check/choices.h"
#include "cli/check/results.h"
#include "cli/check/resume.h"
#include "cli/check/scratch.h"
#include "cli/commands.h"
#include "cli/help/help.h"
#include "cli/words.h"
#include "launch/template.h"
#include "run/setup/command.h"
#include "study/plan/plan.h"

typedef struct check_options {
  const char *ranks, *threads, *launcher, *timeout, *debug_program, *output;
} check_options;

static const trm_option table[] = {
    TRM_OPT(check_options, ranks, .default_text = "1,2,3,5,7", .unit = "LIST",
            .help = "numbers of ranks; the first is that of the reference"),
    TRM_OPT(check_options, threads, .default_text = "1,2", .unit = "LIST",
            .help = "threads per rank: the first with all numbers of ranks, "
                    "the others with some of the smaller ones"),
    TRM_OPT(check_options, launcher, .unit = "WORDS",
            .help = "\"mpirun -n {ranks} ... {command}\", or slurm; {command} "
                    "is appended where it is missing"),
    TRM_OPT(check_options, timeout, .default_text = "2min", .unit = "TIME",
            .help = "of one launch"),
    TRM_OPT(check_options, debug_program, .unit = "FILE",
            .help = "a debug build of this program: it fills halos with NaN "
                    "before each exchange"),
    TRM_OPT(check_options, output, .unit = "DIR",
            .help = "keep results, logs and checkpoints of all launches in "
                    "this new directory; short form: -o"),
    TRM_OPT_END};

static void explain(const char *word) {
  (void)word;
  trm__cli_print_options(table, sizeof(check_options));
}

/* -- the words ------------------------------------------------------------- */

typedef struct check_command {
  const trm_listed *listed;
  trm__base_options *options;
  const check_options *want;
  trm__run_command run;
  char **words; /* of the kernel; owned */
  int n_words;
} check_command;

/* Options that a check sets for each launch, or whose files launches would share. */
static trm_status check_own(const trm__run_command *run,
                            trm__base_error *error) {
  static const char *const own[] = {"result", "output",     "picture", "trace",
                                    "resume", "checkpoint", "every",   "keep",
                                    "quiet",  "threads",    "config",  "verify",
                                    "meter",  "deadline",   "strict"};
  for (unsigned i = 0; i < sizeof own / sizeof *own; i++)
    if (trm__base_options_given(run->others, own[i]))
      return trm__base_error_set(
          error, TRM_EUSAGE,
          "--%s: not an option of a check, which sets it for each launch "
          "itself; leave it out",
          own[i]);
  return TRM_OK;
}

/* The given options of the run, each as one word. */
static void add_words(check_command *c, const trm__base_options *o) {
  c->words = trm__base_grow(c->words, (size_t)(c->n_words + o->n) + 1,
                            sizeof *c->words);
  for (int i = 0; i < o->n; i++)
    if (o->value[i].source == TRM__FROM_COMMAND)
      c->words[c->n_words++] = trm__base_format(
          "--%s=%s", trm__base_option_name(&o->table[i]).s, o->value[i].text);
}

static trm_status read_options(check_command *c, int argc, char **argv,
                               trm__base_error *error) {
  int n = 0;
  while (n < argc && strcmp(argv[n], "--")) n++;
  trm__run_command_options(&c->run, c->listed);
  c->options->next = c->run.options;
  trm_status status = trm__base_options_args(c->options, n, argv, error);
  if (!status && n < argc)
    status = trm__base_options_args(c->run.options, argc - n - 1, argv + n + 1,
                                    error);
  c->options->next = NULL;
  if (!status) status = check_own(&c->run, error);
  if (status) return status;
  add_words(c, c->run.options);
  add_words(c, c->run.others);
  return TRM_OK;
}

/* Under mpirun a check would start mpirun on each of its ranks. */
static trm_status check_alone(trm__base_error *error) {
  const char *ranks = getenv("OMPI_COMM_WORLD_SIZE");
  if (!ranks && !getenv("PMIX_RANK")) return TRM_OK;
  return trm__base_error_set(
      error, TRM_EUSAGE,
      "check runs on %s ranks; start it without mpirun or srun: it launches "
      "them itself",
      ranks ? ranks : "several");
}

static trm_status find_kernel(const trm__cli *cli, check_command *c,
                              trm__base_error *error) {
  if (cli->argc < 1 || cli->argv[0][0] == '-')
    return trm__base_error_set(error, TRM_EUSAGE,
                               "check: no kernel given; usage: check KERNEL "
                               "[options]; `%s list` shows the kernels",
                               trm__base_program_path());
  c->listed = trm__run_kernel_find(cli->kernels, cli->argv[0], error);
  return error->status;
}

static trm_status read_command(const trm__cli *cli, check_command *c,
                               trm__base_error *error) {
  c->options = trm__base_options_new(table, sizeof(check_options));
  c->want = c->options->values;
  TRM_TRY(check_alone(error));
  TRM_TRY(find_kernel(cli, c, error));
  int argc = cli->argc - 1;
  char **argv = trm__base_calloc((size_t)argc + 1, sizeof *argv);
  for (int i = 0; i < argc; i++)
    argv[i] = strcmp(cli->argv[i + 1], "-o") ? cli->argv[i + 1] : "--output";
  trm_status status = read_options(c, argc, argv, error);
  free(argv);
  return status;
}

static void clear_command(check_command *c) {
  for (int i = 0; i < c->n_words; i++) free(c->words[i]);
  free(c->words);
  if (c->listed) trm__run_command_clear(&c->run);
  trm__base_options_free(&c->options);
}

/* -- what is checked ------------------------------------------------------- */

/* All ranks with the first number of threads; every second one of the smaller half
 * with each other. */
static void take_shapes(trm__cli_check_subject *s, const trm__study_counts *r,
                        const trm__study_counts *t) {
  s->shape = trm__base_calloc((size_t)(r->n * t->n), sizeof *s->shape);
  s->result = trm__base_calloc((size_t)(r->n * t->n), sizeof *s->result);
  for (int j = 0; j < t->n; j++)
    for (int i = 0; i < (j ? r->n / 2 + 1 : r->n); i += j ? 2 : 1)
      s->shape[s->shapes++] = (trm__cli_check_shape){r->count[i], t->count[j]};
}

static trm_status read_shapes(const check_options *w, trm__cli_check_subject *s,
                              trm__base_error *error) {
  trm__study_counts ranks = {.n = 0}, threads = {.n = 0};
  trm_status status = trm__study_plan_counts(
      "--ranks", w->ranks, TRM__STUDY_RANKS_MAX, &ranks, error);
  if (!status)
    status = trm__study_plan_counts("--threads", w->threads,
                                    TRM__STUDY_THREADS_MAX, &threads, error);
  if (!status) take_shapes(s, &ranks, &threads);
  free(ranks.count);
  free(threads.count);
  return status;
}

static trm_status read_timeout(const char *text, double *seconds,
                               trm__base_error *error) {
  if (trm__base_text_seconds(text, seconds) && *seconds > 0) return TRM_OK;
  return trm__base_error_set(error, TRM_EOPTION,
                             "--timeout=%s: not a time (expected 30s or 2min)",
                             text);
}

static trm_status check_template(const char *launcher, trm__base_error *error) {
  char nothing[] = "true", *command[] = {nothing, NULL};
  char **words = trm__launch_words(trm__launch_template(launcher, 1, 1), 1, 1,
                                   command, error);
  trm__launch_words_free(words);
  return error->status;
}

static trm_status check_debug_program(const char *path,
                                      trm__base_error *error) {
  if (!path || !access(path, X_OK)) return TRM_OK;
  return trm__base_error_set(error, TRM_EOPTION,
                             "--debug-program=%s: %s; expected a program", path,
                             strerror(errno));
}

static trm_status read_subject(const check_command *c,
                               trm__cli_check_subject *s,
                               trm__base_error *error) {
  const check_options *w = c->want;
  s->table = c->listed->kernel->options;
  s->bench.kernel = c->listed->name;
  s->bench.launcher = w->launcher;
  s->bench.words = c->words;
  s->bench.n_words = c->n_words;
  TRM_TRY(read_shapes(w, s, error));
  TRM_TRY(check_template(w->launcher, error));
  TRM_TRY(check_debug_program(w->debug_program, error));
  return read_timeout(w->timeout, &s->bench.timeout, error);
}

/* -- checking -------------------------------------------------------------- */

static trm_status check_all(trm__cli_check_subject *s, const char *debug) {
  TRM_TRY(trm__cli_check_reference(s));
  trm__cli_check_results(s);
  trm__cli_check_resume(s);
  trm__cli_check_traffic(s);
  trm__cli_check_choices(s);
  trm__cli_check_debug(s, debug);
  return s->error.status;
}

static trm_status conclude(const trm__cli_check_subject *s) {
  printf("%s: %d kept, %d broken, %d not checked, %s\n", s->bench.kernel,
         s->kept, s->broken, s->unchecked,
         trm__base_text_count(s->bench.launches, "launch").s);
  return s->broken ? TRM_EVERIFY : TRM_OK;
}

static trm_status check_in(const check_command *c, trm__cli_check_subject *s,
                           trm__base_error *error) {
  char program[PATH_MAX];
  ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
  if (n < 0)
    return trm__base_error_set(
        error, TRM_EFILE,
        "/proc/self/exe: the program's own name is not known");
  program[n] = 0;
  s->bench.program = program;
  trm_status status = check_all(s, c->want->debug_program);
  *error = s->error;
  return status ? status : conclude(s);
}

static trm_status check_kernel(const trm__cli *cli, check_command *c,
                               trm__cli_check_subject *s,
                               trm__base_error *error) {
  TRM_TRY(read_command(cli, c, error));
  TRM_TRY(read_subject(c, s, error));
  char *dir = NULL;
  TRM_TRY(trm__cli_check_scratch_make(c->want->output, c->want->launcher, &dir,
                                      error));
  s->bench.dir = dir;
  trm_status status = check_in(c, s, error);
  if (!c->want->output) trm__cli_check_scratch_remove(dir);
  free(dir);
  return status;
}

static int check_main(const trm__cli *cli) {
  trm__base_error error = {TRM_OK, ""};
  check_command c = {.listed = NULL};
  trm__cli_check_subject s = {.shapes = 0};
  if (trm__cli_wants_help(cli)) return trm__cli_help_command(&trm__cli_check);
  trm_status status = check_kernel(cli, &c, &s, &error);
  fflush(stdout);
  if (error.status) trm__base_error_print("%s", error.text);
  trm__cli_check_subject_clear(&s);
  clear_command(&c);
  return trm_status_exit(status);
}

const trm__cli_command trm__cli_check = {
    "check",
    "KERNEL [options]",
    "check that a kernel keeps its promises",
    check_main,
    explain,
    true};
