#include "cli/check/trial.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/process.h"
#include "launch/process.h"
#include "launch/template.h"
#include "study/run/answer.h"

enum { OWN_WORDS = 16 };

static int put_checkpoints(const trm__cli_check_bench *b,
                           const trm__cli_check_trial *t, char **word, int n) {
  char *dir = trm__cli_check_path(b, t->checkpoint);
  word[n++] = trm__base_format("--checkpoint=%s", dir);
  word[n++] = trm__base_format("--every=%lld", (long long)t->every);
  word[n++] = trm__base_format("--keep=%d", TRM__CLI_CHECK_RECORDED + 1);
  if (t->resume) word[n++] = trm__base_strdup("--resume");
  free(dir);
  return n;
}

/* Words of the run, which ends with NULL; the launcher may carry them to another
 * host, so a fault is set there. */
static char **command_of(const trm__cli_check_bench *b,
                         const trm__cli_check_trial *t, const char *result) {
  char **word = trm__base_calloc((size_t)b->n_words + OWN_WORDS, sizeof *word);
  int n = 0;
  if (t->fault) {
    word[n++] = trm__base_strdup("env");
    word[n++] = trm__base_format("TRM_FAULT=%s", t->fault);
  }
  word[n++] = trm__base_strdup(t->program ? t->program : b->program);
  word[n++] = trm__base_strdup("run");
  word[n++] = trm__base_strdup(b->kernel);
  for (int i = 0; i < b->n_words && !t->resume; i++)
    word[n++] = trm__base_strdup(b->words[i]);
  if (t->word) word[n++] = trm__base_strdup(t->word);
  word[n++] = trm__base_format("--threads=%d", t->shape.threads);
  word[n++] = trm__base_strdup("--quiet");
  word[n++] = trm__base_format("--result=%s", result);
  if (t->checkpoint) put_checkpoints(b, t, word, n);
  return word;
}

/* The log does not have the command line. */
static void note(const char *path, char *const words[]) {
  FILE *file = fopen(path, "we");
  char *line = trm__launch_words_line(words);
  if (file) fprintf(file, "%s\n", line);
  if (file) fclose(file);
  free(line);
}

static trm_status start(trm__cli_check_bench *b, const trm__cli_check_trial *t,
                        char *const words[], trm__cli_check_outcome *o,
                        trm__base_error *error) {
  char *log = trm__base_format("%s/%02d.log", b->dir, b->launches),
       *line = trm__base_format("%s/%02d.command", b->dir, b->launches);
  note(line, words);
  trm__launch_end e = trm__launch_run(words, t->shape.threads, b->timeout, log);
  o->status = e.status;
  o->late = e.late;
  o->last = e.last;
  free(log);
  free(line);
  if (e.status == -1)
    return trm__base_error_set(error, TRM_EFILE, "check: %s", e.last);
  if (trm__base_signals_seen() & TRM__SIGNAL_QUIT)
    return trm__base_error_set(error, TRM_EINTERRUPTED,
                               "check: stopped by a signal");
  return TRM_OK;
}

trm_status trm__cli_check_launch(trm__cli_check_bench *b,
                                 const trm__cli_check_trial *t,
                                 trm__cli_check_outcome *o,
                                 trm__base_error *error) {
  *o = (trm__cli_check_outcome){.status = -1};
  b->launches++;
  char *result = trm__base_format("%s/%02d.jsonl", b->dir, b->launches);
  char **command = command_of(b, t, result);
  const char *template =
      trm__launch_template(b->launcher, t->shape.ranks, t->shape.threads);
  char **words = trm__launch_words(template, t->shape.ranks, t->shape.threads,
                                   command, error);
  if (words) start(b, t, words, o, error);
  if (!error->status) o->result = trm__study_answer_read(result);
  trm__launch_words_free(words);
  trm__launch_words_free(command);
  free(result);
  return error->status;
}

void trm__cli_check_outcome_clear(trm__cli_check_outcome *o) {
  free(o->last);
  cJSON_Delete(o->result);
  *o = (trm__cli_check_outcome){.status = -1};
}

/* Without the program's name, which begins messages of this program too. */
static const char *message_of(const char *program, const char *line) {
  const char *name = trm__base_path_base(program);
  size_t n = strlen(name);
  return !strncmp(line, name, n) && !strncmp(line + n, ": ", 2) ? line + n + 2
                                                                : line;
}

char *trm__cli_check_failure(const trm__cli_check_bench *b,
                             const trm__cli_check_outcome *o) {
  const char *last = message_of(b->program, o->last ? o->last : "");
  if (o->late)
    return trm__base_format(
        "no end after %s: it hangs, or needs more --timeout",
        trm__base_text_duration(b->timeout).s);
  if (o->result && (o->status == 0 || o->status == 1)) return NULL;
  return trm__base_format("exit status %d: %s", o->status, last);
}

char *trm__cli_check_path(const trm__cli_check_bench *b, const char *name) {
  return trm__base_format("%s/%s", b->dir, name);
}

trm__base_text trm__cli_check_shape_text(trm__cli_check_shape s) {
  trm__base_text text;
  snprintf(text.s, sizeof text.s, "%d rank%s x %d thread%s", s.ranks,
           s.ranks == 1 ? "" : "s", s.threads, s.threads == 1 ? "" : "s");
  return text;
}
