/* trireme compare: is B slower than A? The command line, and what both forms of
 * comparing print and write. */
#include "cli/compare.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/program.h"

enum { MOST_PAIRS = 48, MOST_EVER = 100000 };

struct wanted {
  int ranks, threads;
  const char *launcher, *repeat, *budget, *target, *gate, *result;
  double confidence;
  uint64_t seed;
  bool wall, quiet;
};

static const trm_option table[] = {
    TRM_OPT(struct wanted, ranks, .default_text = "1", .min = 1, .max = 1e7,
            .help = "of each launch, through the launcher"),
    TRM_OPT(struct wanted, threads, .default_text = "1", .min = 1, .max = 4096,
            .help = "of each rank, through the launcher"),
    TRM_OPT(struct wanted, launcher, .unit = "TEMPLATE",
            .help = "such as \"mpirun -n {ranks} {command}\", or slurm; "
                    "without {command} it is appended; without --ranks, "
                    "--threads and --launcher the commands "
                    "are launched as they stand"),
    TRM_OPT(struct wanted, wall,
            .help = "compare the times of the whole commands, and no answers; "
                    "else, if both are runs, seconds of a step"),
    TRM_OPT(struct wanted, repeat, .default_text = "auto", .unit = "auto|N",
            .help = "pairs of launches; auto: looks whether it is known "
                    "after 9, 18, 36, 48 of them with --confidence 0.95, "
                    "later with more"),
    TRM_OPT(struct wanted, target, .default_text = "1%", .unit = "PERCENT",
            .help = "with --repeat auto: half width of the ratio's interval "
                    "that is enough"),
    TRM_OPT(struct wanted, budget, .unit = "30s|2m",
            .help = "no pair is begun that would outlast it"),
    TRM_OPT(struct wanted, gate, .unit = "PERCENT",
            .help = "exit status 1 when B is slower by more than that"),
    TRM_OPT(struct wanted, confidence, .default_text = "0.95", .min = 0.5,
            .max = 0.99999,
            .help = "of the gate; false alarms are 1 - this at most"),
    TRM_OPT(struct wanted, seed, .default_text = "0",
            .help = "of the order within the pairs, and of what is "
                    "resampled; 0: drawn, for two studies 1"),
    TRM_OPT(struct wanted, result, .unit = "FILE",
            .help = "append one JSON line to it; -o is short for it"),
    TRM_OPT(struct wanted, quiet, .help = "no progress"),
    TRM_OPT_END};

static const char help_text[] =
    "A and B are whole commands, each in quotes, or directories of studies.\n"
    "A command that begins with \"run\" is one of this program. {ranks} and\n"
    "{threads} in a command are replaced.\n"
    "\n"
    "Commands are launched in pairs, a coin says which one first, after a\n"
    "launch of each that does not count. What is compared is the ratio of\n"
    "times, B over A, of each pair: its median with a bootstrap interval\n"
    "(percentiles, never narrower than the exact one of order statistics),\n"
    "and Wilcoxon's signed-rank test. A difference is said to be shown where\n"
    "equals would give such pairs in 1 of 20 comparisons or less;\n"
    "--confidence is of the gate alone. Of two runs it is the time of a step,\n"
    "and they must give the same answer. With --repeat auto each look at\n"
    "the pairs spends an eighth of the allowed alarms and the last one the\n"
    "rest, so that looking often raises no more of them. Probabilities and\n"
    "intervals are corrected for it: the ratio lies in an interval of 95 %\n"
    "in 95 % of comparisons at least, whichever look was the last.\n"
    "\n"
    "Of two studies the measured points that both have are compared, and\n"
    "the geometric mean of their ratios. They were not launched in turns:\n"
    "what the machine did between them is in the ratio.\n"
    "\n"
    "Exit status: 0 when the gate passes, or stays undecided though there\n"
    "were launches enough to fail it; 1 when it fails or the answers differ;\n"
    "2 when words are wrong, a run's own too, or the kernels are two; 3 when\n"
    "a launch fails, or there are too few launches for the gate to tell; 75\n"
    "when interrupted.\n"
    "\n"
    "Options\n";

void trm__cli_compare_help(void) {
  trm__base_options *options =
      trm__base_options_new(table, sizeof(struct wanted));
  const char *me = trm__program_path(), *name = trm__program_name();
  printf("\n  %s compare 'old/%s run KERNEL' 'new/%s run KERNEL'\n", me, name,
         name);
  printf("  %s compare 'run KERNEL --n 64' 'run KERNEL --n 128'\n", me);
  printf("  %s compare STUDY-A STUDY-B --gate 3%%\n\n", me);
  fputs(help_text, stdout);
  trm__base_options_help(options, stdout);
  trm__base_options_free(&options);
}

/* -- printing and writing --------------------------------------------------- */

void trm__compare_say(const char *label, const char *text) {
  enum { INDENT = 12 };
  printf("  %-*s", INDENT - 2, label);
  trm__base_text_wrap(stdout, text, INDENT, INDENT);
}

void trm__compare_say_gate(const trm__rule *rule, const char *like,
                           const trm__look *look) {
  if (isnan(rule->gate)) return;
  trm__base_text gate = trm__base_text_limit(100 * rule->gate);
  trm__base_text sure = trm__base_text_limit(100 * rule->confidence);
  char *text;
  if (look->alarm)
    text = trm__base_format(
        "failed: B is slower than A by more than %s %%; were it slower by just "
        "that, %s would come up with a probability of %.2g.",
        gate.s, like, look->slower);
  else if (look->cleared)
    text = trm__base_format(
        "passed: B is not slower by more than %s %%, with %s %% confidence.",
        gate.s, sure.s);
  else
    text = trm__base_format(
        "undecided: that B is slower by more than %s %% is not shown with %s "
        "%% "
        "confidence; nor is the contrary.",
        gate.s, sure.s);
  trm__compare_say("gate", text);
  free(text);
}

static void add_interval(cJSON *object, const char *name,
                         const trm__interval *interval) {
  cJSON *item = cJSON_AddObjectToObject(object, name);
  trm__base_json_f64(item, "mid", interval->mid);
  trm__base_json_f64(item, "low", interval->low);
  trm__base_json_f64(item, "high", interval->high);
  trm__base_json_f64(item, "level", interval->level);
}

static void add_gate(cJSON *json, const trm__rule *rule,
                     const trm__look *look) {
  if (isnan(rule->gate)) {
    cJSON_AddNullToObject(json, "gate");
    return;
  }
  cJSON *gate = cJSON_AddObjectToObject(json, "gate");
  trm__base_json_f64(gate, "limit", rule->gate);
  trm__base_json_f64(gate, "confidence", rule->confidence);
  trm__base_json_f64(gate, "probability", look->slower);
  cJSON_AddBoolToObject(gate, "alarm", look->alarm);
  cJSON_AddBoolToObject(gate, "cleared", look->cleared);
}

cJSON *trm__compare_json(const trm__comparison *c, const trm__interval *ratio,
                         const trm__look *look) {
  char host[65] = "", written[32];
  time_t now = time(NULL);
  struct tm utc;
  gethostname(host, sizeof host - 1);
  strftime(written, sizeof written, "%FT%TZ", gmtime_r(&now, &utc));
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "schema", "trireme.compare/1");
  cJSON_AddStringToObject(json, "a", c->side[0]);
  cJSON_AddStringToObject(json, "b", c->side[1]);
  cJSON_AddStringToObject(json, "host", host);
  cJSON_AddStringToObject(json, "written", written);
  trm__base_json_u64(json, "seed", c->seed);
  add_interval(json, "ratio", ratio);
  trm__base_json_f64(json, "probability", look->differs);
  add_gate(json, &c->rule, look);
  return json;
}

trm_status trm__compare_append(const char *path, const cJSON *json,
                               trm__base_error *error) {
  char *line = trm__base_json_line(json);
  FILE *file = fopen(path, "ae");
  bool good = file && fprintf(file, "%s\n", line) > 0;
  if (file && fclose(file)) good = false;
  free(line);
  if (good) return TRM_OK;
  return trm__base_error_set(error, TRM_EFILE,
                             "--result %s: %s; the line was not appended", path,
                             strerror(errno));
}

/* -- the command line ------------------------------------------------------- */

static trm_status read_rule(const struct wanted *w, trm__comparison *c,
                            trm__base_error *error) {
  trm__rule *rule = &c->rule;
  *rule = (trm__rule){.level = 0.95, .confidence = w->confidence, .gate = NAN};
  if (!trm__base_text_share(w->target, &rule->target))
    return trm__base_error_set(
        error, TRM_EOPTION, "--target %s: want a share such as 1%%", w->target);
  if (w->gate && !trm__base_text_share(w->gate, &rule->gate))
    return trm__base_error_set(error, TRM_EOPTION,
                               "--gate %s: want a share such as 3%%", w->gate);
  rule->looks = !strcmp(w->repeat, "auto");
  rule->most = MOST_PAIRS;
  if (rule->looks) return TRM_OK;
  char *end;
  long n = strtol(w->repeat, &end, 10);
  if (*end || end == w->repeat || n < 1 || n > MOST_EVER)
    return trm__base_error_set(error, TRM_EOPTION,
                               "--repeat %s: want auto, or pairs from 1 to %d",
                               w->repeat, MOST_EVER);
  rule->most = (int)n;
  int least = trm__compare_least(rule->confidence);
  if (w->gate && n < least)
    return trm__base_error_set(
        error, TRM_EOPTION,
        "--repeat %ld: so few pairs cannot fail the gate at --confidence %g; "
        "want %d or more",
        n, w->confidence, least);
  return TRM_OK;
}

/* A number that nobody chose. Two studies need none: without a coin to be thrown
 * the same files give the same answer. */
static uint64_t drawn_seed(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  uint64_t bits = (uint64_t)t.tv_sec * 1000000007u + (uint64_t)t.tv_nsec;
  return (bits ^ (uint64_t)getpid() << 40) & INT64_MAX;
}

static trm_status read_wanted(const trm__base_options *options,
                              trm__comparison *c, trm__base_error *error) {
  const struct wanted *w = options->values;
  bool launched = trm__base_options_given(options, "ranks") ||
                  trm__base_options_given(options, "threads") || w->launcher;
  TRM_TRY(read_rule(w, c, error));
  if (w->budget &&
      (!trm__base_text_seconds(w->budget, &c->budget) || c->budget <= 0))
    return trm__base_error_set(error, TRM_EOPTION,
                               "--budget %s: want a time such as 30s or 2m",
                               w->budget);
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

/* Options that say how to launch mean nothing for what was launched. */
static trm_status refuse_launching(const trm__base_options *options,
                                   trm__base_error *error) {
  static const char *const names[] = {"ranks",  "threads", "launcher", "wall",
                                      "repeat", "target",  "budget"};
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
    if (trm__base_options_given(options, names[i]))
      return trm__base_error_set(
          error, TRM_EUSAGE,
          "--%s is for commands; these are two studies, launched already",
          names[i]);
  return TRM_OK;
}

/* Known before hours are spent on launches. */
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

static trm_status compare(const trm__base_options *options, trm__comparison *c,
                          bool *alarm, trm__base_error *error) {
  TRM_TRY(read_wanted(options, c, error));
  bool study_a = is_directory(c->side[0]), study_b = is_directory(c->side[1]);
  if (study_a != study_b)
    return trm__base_error_set(
        error, TRM_EUSAGE,
        "%s is a directory and %s is not; want two studies, or two commands",
        c->side[study_b], c->side[study_a]);
  if (study_a) TRM_TRY(refuse_launching(options, error));
  if (!c->seed) c->seed = study_a ? 1 : drawn_seed();
  if (c->output) TRM_TRY(can_be_written(c->output, error));
  if (!study_a) return trm__compare_commands(c, alarm, error);
  c->rule.most = 0;
  return trm__compare_directories(c, alarm, error);
}

int trm__cli_compare(const trm__cli *cli) {
  trm__base_error error = {TRM_OK, ""};
  bool alarm = false;
  if (cli->argc > 0 &&
      (!strcmp(cli->argv[0], "--help") || !strcmp(cli->argv[0], "-h"))) {
    trm__cli_compare_help();
    return 0;
  }
  if (cli->argc < 2 || cli->argv[0][0] == '-' || cli->argv[1][0] == '-')
    return trm__cli_usage(
        "compare: want A B, each a command in quotes or the directory of a "
        "study, then options; `help compare` explains");
  trm__comparison c = {.cli = cli, .side = {cli->argv[0], cli->argv[1]}};
  for (int i = 2; i < cli->argc; i++)
    if (!strcmp(cli->argv[i], "-o")) cli->argv[i] = "--result";
  trm__base_options *options =
      trm__base_options_new(table, sizeof(struct wanted));
  if (!trm__base_options_args(options, cli->argc - 2, cli->argv + 2, &error))
    compare(options, &c, &alarm, &error);
  trm__base_options_free(&options);
  if (!error.status) return alarm ? trm_status_exit(TRM_EVERIFY) : 0;
  trm__error_print("%s", error.text);
  return trm_status_exit(error.status);
}
