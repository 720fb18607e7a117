/* trireme compare of two commands: pairs of launches. */
#include "cli/compare/commands.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "launch/template.h"
#include "study/run/pairs.h"
#include "study/statistics/difference.h"

static const double NOT_QUIET = 0.05; /* share of the processors */

typedef struct commands {
  char *scratch, *result, *log; /* directory and files of the launches */
  char **words[2];              /* of the commands as typed */
  trm__study_pairing want;
  trm__study_pairs pairs;
  trm__study_interval ratio;
} commands;

/* -- temporary files -------------------------------------------------------- */

/* With a launcher that may use other hosts, in the current folder, which they share. */
static trm_status make_scratch(commands *k, const char *launcher,
                               trm__base_error *error) {
  const char *given = getenv("TMPDIR");
  const char *place = launcher && *launcher ? "." : given ? given : "/tmp";
  k->scratch = trm__base_format("%s/trireme-compare.XXXXXX", place);
  if (!mkdtemp(k->scratch)) {
    trm__base_error_set(error, TRM_EFILE, "a directory in %s: %s", place,
                        strerror(errno));
    *k->scratch = 0;
  }
  k->result = trm__base_format("%s/result.jsonl", k->scratch);
  k->log = trm__base_format("%s/log", k->scratch);
  return error->status;
}

static void remove_scratch(commands *k) {
  if (k->scratch && *k->scratch) {
    unlink(k->result);
    unlink(k->log);
    rmdir(k->scratch);
  }
  free(k->scratch);
  free(k->result);
  free(k->log);
}

/* -- words ------------------------------------------------------------------ */

static int count(char *const words[]) {
  int n = 0;
  while (words[n]) n++;
  return n;
}

/* Append words to a list; frees the old one. */
static char **append(char **words, int more, const char *const word[]) {
  int n = count(words);
  words = trm__base_grow(words, (size_t)(n + more + 1), sizeof *words);
  for (int i = 0; i < more; i++) words[n + i] = trm__base_strdup(word[i]);
  words[n + more] = NULL;
  return words;
}

/* "run heat" is a command of this program. */
static char **put_program(char **words) {
  char path[4096];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  int n = count(words);
  if (length < 0) return words;
  path[length] = 0;
  words = trm__base_grow(words, (size_t)n + 2, sizeof *words);
  memmove(words + 1, words, ((size_t)n + 1) * sizeof *words);
  words[0] = trm__base_strdup(path);
  return words;
}

/* Split like a launcher's template, whose errors begin with "--launcher". */
static trm_status split(const trm__cli_comparison *c, int side, commands *k,
                        trm__base_error *error) {
  char *const none[] = {NULL};
  trm__base_error found = {TRM_OK, ""};
  k->words[side] = trm__launch_words(c->side[side], c->ranks,
                                     c->threads ? c->threads : 1, none, &found);
  if (!k->words[side])
    return trm__base_error_set(error, found.status, "%c%s", 'A' + side,
                               found.text + strlen("--launcher"));
  if (!strcmp(k->words[side][0], "run"))
    k->words[side] = put_program(k->words[side]);
  return TRM_OK;
}

/* Is it a run of a kernel, also after mpirun? */
static bool is_run(char *const words[]) {
  for (int i = 1; words[i]; i++)
    if (!strcmp(words[i], "run")) return words[i + 1] && words[i + 1][0] != '-';
  return false;
}

static trm_status refuse_result(char *const words[], int side,
                                trm__base_error *error) {
  for (; *words; words++)
    if (!strncmp(*words, "--result", 8) && strchr("=", (*words)[8]))
      return trm__base_error_set(
          error, TRM_EUSAGE,
          "%c has its own --result; leave it out, or use --wall", 'A' + side);
  return TRM_OK;
}

static trm_status launch_words(const trm__cli_comparison *c, commands *k,
                               trm__base_error *error) {
  TRM_TRY(split(c, 0, k, error));
  TRM_TRY(split(c, 1, k, error));
  bool runs = !c->wall && is_run(k->words[0]) && is_run(k->words[1]);
  k->want.result = runs ? k->result : NULL;
  for (int side = 0; side < 2; side++) {
    if (runs) {
      TRM_TRY(refuse_result(k->words[side], side, error));
      k->words[side] = append(k->words[side], 2,
                              (const char *const[]){"--result", k->result});
    }
    const char *template =
        !c->launcher   ? "{command}"
        : *c->launcher ? c->launcher
                       : trm__launch_template(NULL, c->ranks, c->threads);
    if (!strcmp(template, "slurm"))
      template = trm__launch_template(template, c->ranks, c->threads);
    k->want.words[side] = trm__launch_words(template, c->ranks, c->threads,
                                            k->words[side], error);
    if (!k->want.words[side]) return error->status;
  }
  return TRM_OK;
}

/* -- printing --------------------------------------------------------------- */

static char *what_of(const commands *k) {
  trm__base_text pairs = trm__base_text_count(k->pairs.n, "pair");
  const cJSON *r = k->pairs.first[0];
  if (!k->want.result)
    return trm__base_format("wall time, %s of interleaved launches", pairs.s);
  return trm__base_format(
      "time per step of %s, %s x %s, %s of interleaved launches",
      trm__base_json_text_at(r, "kernel"),
      trm__base_text_count((int64_t)trm__base_json_f64_at(r, "ranks", 0),
                           "rank")
          .s,
      trm__base_text_count((int64_t)trm__base_json_f64_at(r, "threads", 0),
                           "thread")
          .s,
      pairs.s);
}

static void say_side(const trm__cli_comparison *c, const commands *k,
                     int side) {
  char name[2] = {(char)('A' + side), 0};
  const trm__study_check *check = &k->pairs.check;
  trm__study_interval t =
      trm__study_median_interval(k->pairs.n, k->pairs.seconds[side],
                                 trm__study_rule_level(&c->rule, check));
  t = trm__study_rule_stated(&c->rule, check, t);
  trm__cli_compare_print(name, c->side[side]);
  char *text = trm__base_format(
      "%s (%.3g %%: %s to %s)", trm__base_text_duration(t.mid).s, 100 * t.level,
      trm__base_text_duration(t.low).s, trm__base_text_duration(t.high).s);
  trm__cli_compare_print("",
                         t.level > 0 ? text : trm__base_text_duration(t.mid).s);
  free(text);
}

static void say_quiet(const trm__study_pairs *p) {
  if (p->load <= NOT_QUIET && p->steal <= NOT_QUIET) return;
  char *text = trm__base_format(
      "this machine was not quiet: other processes used %.0f %% of its "
      "processors, the hypervisor took away %.0f %% of its time",
      100 * fmax(0, p->load), 100 * fmax(0, p->steal));
  trm__cli_compare_print("note", text);
  free(text);
}

/* Problems that the first run of a side found in its launch. */
static void say_doctor(const cJSON *result, int side) {
  const cJSON *item;
  cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(result, "doctor")) {
    const char *name = cJSON_GetStringValue(item);
    char *text = trm__base_format("the launch doctor found for %c: %s",
                                  'A' + side, name);
    trm__cli_compare_print("note", text);
    free(text);
  }
}

static void say(const trm__cli_comparison *c, const commands *k) {
  char *what = what_of(k);
  trm__base_text count = trm__base_text_count(k->pairs.n, "pair");
  printf("compare: %s\n", what);
  say_side(c, k, 0);
  say_side(c, k, 1);
  char *text = trm__study_difference_text(
      &k->ratio, count.s, "pairs like these", k->pairs.check.differs);
  trm__cli_compare_print("verdict", text);
  if (k->pairs.n >= trm__study_rule_least(c->rule.confidence))
    trm__cli_compare_print_gate(&c->rule, "such pairs", &k->pairs.check);
  if (k->pairs.check.part < 1)
    trm__cli_compare_print(
        "note",
        "probabilities and intervals are corrected for repeated checks");
  say_quiet(&k->pairs);
  for (int side = 0; side < 2; side++) say_doctor(k->pairs.first[side], side);
  free(what);
  free(text);
}

/* -- writing ---------------------------------------------------------------- */

static cJSON *json_of(const trm__cli_comparison *c, const commands *k) {
  const trm__study_pairs *p = &k->pairs;
  cJSON *json = trm__cli_compare_json(c, &k->ratio, &p->check);
  cJSON_AddStringToObject(json, "what",
                          k->want.result ? "seconds a step" : "wall seconds");
  trm__base_json_i64(json, "ranks", c->ranks);
  trm__base_json_i64(json, "threads", c->threads);
  if (p->first[0])
    cJSON_AddStringToObject(json, "fingerprint",
                            trm__base_json_text_at(p->first[0], "fingerprint"));
  trm__base_json_f64(json, "load", p->load);
  trm__base_json_f64(json, "steal", p->steal);
  trm__base_json_f64(json, "part", p->check.part);
  cJSON *pairs = cJSON_AddArrayToObject(json, "pairs");
  for (int i = 0; i < p->n; i++) {
    cJSON *pair = cJSON_CreateObject();
    cJSON_AddStringToObject(pair, "first", p->b_first[i] ? "b" : "a");
    trm__base_json_f64(pair, "a", p->seconds[0][i]);
    trm__base_json_f64(pair, "b", p->seconds[1][i]);
    cJSON_AddItemToArray(pairs, pair);
  }
  return json;
}

/* -- the command ------------------------------------------------------------ */

static trm_status conclude(const trm__cli_comparison *c, commands *k,
                           bool *alarm, trm__base_error *error) {
  const trm__study_pairs *p = &k->pairs;
  k->ratio = trm__study_paired_ratio(p->n, p->seconds[0], p->seconds[1],
                                     trm__study_rule_level(&c->rule, &p->check),
                                     c->seed);
  k->ratio = trm__study_rule_stated(&c->rule, &p->check, k->ratio);
  say(c, k);
  *alarm = p->check.alarm;
  if (c->output) {
    cJSON *json = json_of(c, k);
    trm__cli_compare_append(c->output, json, error);
    cJSON_Delete(json);
  }
  int least = trm__study_rule_least(c->rule.confidence);
  if (!isnan(c->rule.gate) && p->n < least)
    trm__base_error_set(
        error, TRM_EFILE,
        "--budget was used up after %s; the gate needs %d or more "
        "at --confidence %g",
        trm__base_text_count(p->n, "pair").s, least, c->rule.confidence);
  return error->status;
}

trm_status trm__cli_compare_commands(const trm__cli_comparison *c, bool *alarm,
                                     trm__base_error *error) {
  commands k = {.want = {.threads = c->threads,
                         .budget = c->budget,
                         .seed = c->seed,
                         .rule = c->rule,
                         .kernels = c->cli->kernels,
                         .quiet = c->quiet}};
  if (!make_scratch(&k, c->launcher, error) && !launch_words(c, &k, error)) {
    k.want.log = k.log;
    if (!trm__study_pairs_measure(&k.want, &k.pairs, error))
      conclude(c, &k, alarm, error);
    trm__study_pairs_clear(&k.pairs);
  }
  remove_scratch(&k);
  for (int side = 0; side < 2; side++) {
    trm__launch_words_free(k.words[side]);
    trm__launch_words_free(k.want.words[side]);
  }
  return error->status;
}
