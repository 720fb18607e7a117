/* trireme compare: is B slower than A? The command line, and what both forms of
 * comparing print and write. */

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/options.h"
#include "base/program.h"
#include "cli/commands.h"
#include "cli/help/help.h"
#include "cli/compare/commands.h"
#include "cli/compare/studies.h"

enum { MOST_PAIRS = 48, MOST_EVER = 100000 };

struct compare_options {
  int ranks, threads;
  const char *launcher, *repeat, *budget, *target, *gate, *result;
  double confidence;
  uint64_t seed;
  bool wall, quiet;
};

static const trm_option table[] = {
    TRM_OPT(struct compare_options, ranks, .default_text = "1", .min = 1,
            .max = 1e7, .help = "ranks of each launch, for the launcher"),
    TRM_OPT(struct compare_options, threads, .default_text = "1", .min = 1,
            .max = 4096, .help = "threads per rank, for the launcher"),
    TRM_OPT(struct compare_options, launcher, .unit = "TEMPLATE",
            .help =
                "such as \"mpirun -n {ranks} {command}\", or slurm; {command} "
                "is appended where it is missing; without --ranks, --threads "
                "and --launcher the commands are launched as they stand"),
    TRM_OPT(struct compare_options, wall,
            .help = "compare wall times of the commands, and no answers "
                    "(default, if both are runs: seconds per step)"),
    TRM_OPT(struct compare_options, repeat, .default_text = "auto",
            .unit = "auto|N",
            .help =
                "pairs of launches; auto: the stopping rule is checked after "
                "9, 18, 36 and 48 pairs (later for a --confidence above 0.95)"),
    TRM_OPT(struct compare_options, target, .default_text = "1%",
            .unit = "PERCENT",
            .help = "with --repeat auto: half width of the ratio's interval at "
                    "which to stop"),
    TRM_OPT(struct compare_options, budget, .unit = "30s|2m",
            .help = "time for all pairs; none is started that would exceed it"),
    TRM_OPT(struct compare_options, gate, .unit = "PERCENT",
            .help = "exit status 1 when B is slower by more than that"),
    TRM_OPT(
        struct compare_options, confidence, .default_text = "0.95", .min = 0.5,
        .max = 0.99999,
        .help = "of the gate: the false alarm rate is at most 1 minus this"),
    TRM_OPT(struct compare_options, seed, .default_text = "0",
            .help = "seed of the order within pairs and of resampling (0: "
                    "random; for two studies 1)"),
    TRM_OPT(struct compare_options, result, .unit = "FILE",
            .help = "append one JSON line to this file; short form: -o"),
    TRM_OPT(struct compare_options, quiet, .help = "no progress"),
    TRM_OPT_END};

static void explain(const char *word) {
  (void)word;
  trm__cli_print_options(table, sizeof(struct compare_options));
}

/* -- the command line ------------------------------------------------------- */

static trm_status read_rule(const struct compare_options *w,
                            trm__cli_comparison *c, trm__base_error *error) {
  trm__study_rule *rule = &c->rule;
  *rule = (trm__study_rule){
      .level = 0.95, .confidence = w->confidence, .gate = NAN};
  if (!trm__base_text_share(w->target, &rule->target))
    return trm__base_error_set(error, TRM_EOPTION,
                               "--target %s: expected a share such as 1%%",
                               w->target);
  if (w->gate && !trm__base_text_share(w->gate, &rule->gate))
    return trm__base_error_set(
        error, TRM_EOPTION, "--gate %s: expected a share such as 3%%", w->gate);
  rule->sequential = !strcmp(w->repeat, "auto");
  rule->most = MOST_PAIRS;
  if (rule->sequential) return TRM_OK;
  char *end;
  long n = strtol(w->repeat, &end, 10);
  if (*end || end == w->repeat || n < 1 || n > MOST_EVER)
    return trm__base_error_set(
        error, TRM_EOPTION,
        "--repeat %s: expected auto, or a number of pairs from 1 to %d",
        w->repeat, MOST_EVER);
  rule->most = (int)n;
  int least = trm__study_rule_least(rule->confidence);
  if (w->gate && n < least)
    return trm__base_error_set(
        error, TRM_EOPTION,
        "--repeat %ld: so few pairs cannot fail the gate at "
        "--confidence %g; use %d or more",
        n, w->confidence, least);
  return TRM_OK;
}

/* A seed from clock and process. Two studies use a fixed one, so that the same files give
 * the same answer. */
static uint64_t drawn_seed(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  uint64_t bits = (uint64_t)t.tv_sec * 1000000007u + (uint64_t)t.tv_nsec;
  return (bits ^ (uint64_t)getpid() << 40) & INT64_MAX;
}

static trm_status read_wanted(const trm__base_options *options,
                              trm__cli_comparison *c, trm__base_error *error) {
  const struct compare_options *w = options->values;
  bool launched = trm__base_options_given(options, "ranks") ||
                  trm__base_options_given(options, "threads") || w->launcher;
  TRM_TRY(read_rule(w, c, error));
  if (w->budget &&
      (!trm__base_text_seconds(w->budget, &c->budget) || c->budget <= 0))
    return trm__base_error_set(
        error, TRM_EOPTION,
        "--budget %s: not a time (expected 30s, 2m or similar)", w->budget);
  c->ranks = w->ranks;
  c->threads = launched ? w->threads : 0;
  c->launcher = w->launcher ? w->launcher : launched ? "" : NULL;
  c->seed = w->seed;
  c->wall = w->wall;
  c->quiet = w->quiet;
  c->output = w->result;
  return TRM_OK;
}

/* -- which form ------------------------------------------------------------- */

static bool is_directory(const char *path) {
  struct stat status;
  return !stat(path, &status) && S_ISDIR(status.st_mode);
}

/* Options of launching do not apply to two studies. */
static trm_status refuse_launching(const trm__base_options *options,
                                   trm__base_error *error) {
  static const char *const names[] = {"ranks",  "threads", "launcher", "wall",
                                      "repeat", "target",  "budget"};
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
    if (trm__base_options_given(options, names[i]))
      return trm__base_error_set(
          error, TRM_EUSAGE, "--%s applies to commands; these are two studies",
          names[i]);
  return TRM_OK;
}

/* Before hours are spent on launches. */
static trm_status can_be_written(const char *path, trm__base_error *error) {
  bool there = !access(path, F_OK);
  FILE *file = fopen(path, "ae");
  if (!file)
    return trm__base_error_set(error, TRM_EFILE, "--result %s: %s", path,
                               strerror(errno));
  fclose(file);
  if (!there) unlink(path);
  return TRM_OK;
}

static trm_status compare(const trm__base_options *options,
                          trm__cli_comparison *c, bool *alarm,
                          trm__base_error *error) {
  TRM_TRY(read_wanted(options, c, error));
  bool study_a = is_directory(c->side[0]), study_b = is_directory(c->side[1]);
  if (study_a != study_b)
    return trm__base_error_set(
        error, TRM_EUSAGE,
        "%s is a directory and %s is not; give two studies, or two commands",
        c->side[study_b], c->side[study_a]);
  if (study_a) TRM_TRY(refuse_launching(options, error));
  if (!c->seed) c->seed = study_a ? 1 : drawn_seed();
  if (c->output) TRM_TRY(can_be_written(c->output, error));
  if (!study_a) return trm__cli_compare_commands(c, alarm, error);
  c->rule.most = 0;
  return trm__cli_compare_studies(c, alarm, error);
}

static int compare_main(const trm__cli *cli) {
  trm__base_error error = {TRM_OK, ""};
  bool alarm = false;
  if (cli->argc > 0 &&
      (!strcmp(cli->argv[0], "--help") || !strcmp(cli->argv[0], "-h"))) {
    return trm__cli_help_command(&trm__cli_compare);
  }
  if (cli->argc < 2 || cli->argv[0][0] == '-' || cli->argv[1][0] == '-')
    return trm__cli_usage(
        "compare: usage: compare A B [options], each a command in quotes or "
        "the directory of a study; see `help compare`");
  trm__cli_comparison c = {.cli = cli, .side = {cli->argv[0], cli->argv[1]}};
  for (int i = 2; i < cli->argc; i++)
    if (!strcmp(cli->argv[i], "-o")) cli->argv[i] = "--result";
  trm__base_options *options =
      trm__base_options_new(table, sizeof(struct compare_options));
  if (!trm__base_options_args(options, cli->argc - 2, cli->argv + 2, &error))
    compare(options, &c, &alarm, &error);
  trm__base_options_free(&options);
  if (!error.status) return alarm ? trm_status_exit(TRM_EVERIFY) : 0;
  trm__base_error_print("%s", error.text);
  return trm_status_exit(error.status);
}

const trm__cli_command trm__cli_compare = {
    "compare",
    "A B [options]",
    "is B slower than A? two commands, or two studies",
    compare_main,
    explain,
    true};
