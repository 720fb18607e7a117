#include "study/problem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static void add_word(trm__problem *p, char *word) {
  p->word = trm__grow(p->word, (size_t)p->n + 2, sizeof *p->word);
  p->word[p->n++] = word;
  p->word[p->n] = NULL;
}

static bool read_words(trm__problem *p, trm__error *error) {
  trm__command_options(&p->command, p->listed);
  return !trm__options_args(p->command.options, p->n, p->word, error);
}

bool trm__problem_read(const trm_listed *listed, int n, char *const word[],
                       trm__problem *p, trm__error *error) {
  *p = (trm__problem){.listed = listed};
  for (int i = 0; i < n; i++) add_word(p, trm__strdup(word[i]));
  return read_words(p, error);
}

void trm__problem_clear(trm__problem *p) {
  for (int i = 0; i < p->n; i++) free(p->word[i]);
  free(p->word);
  trm__command_clear(&p->command);
  *p = (trm__problem){.listed = NULL};
}

/* Is a word "--name=..." of this option? */
static bool names(const char *word, const char *name) {
  size_t n = strcspn(word, "=");
  char *own = trm__format("%.*s", (int)(n - 2), word + 2);
  bool same = trm__text_same_name(own, name);
  free(own);
  return same;
}

static void set_word(trm__problem *p, const char *name, const char *value) {
  trm_option row = {.name = name};
  char *word = trm__format("--%s=%s", trm__option_name(&row).s, value);
  for (int i = 0; i < p->n; i++)
    if (names(p->word[i], name)) {
      free(p->word[i]);
      p->word[i] = word;
      return;
    }
  add_word(p, word);
}

static void copy_words(const trm__problem *from, trm__problem *to) {
  *to = (trm__problem){.listed = from->listed};
  for (int i = 0; i < from->n; i++) add_word(to, trm__strdup(from->word[i]));
}

bool trm__problem_with(const trm__problem *p, const char *name,
                       const char *value, trm__problem *to, trm__error *error) {
  copy_words(p, to);
  set_word(to, name, value);
  return read_words(to, error);
}

/* -- growing --------------------------------------------------------------- */

static bool is_whole(const trm_option *row) {
  return row->type == TRM_I32 || row->type == TRM_I64 || row->type == TRM_U64;
}

/* A text or a choice does not grow, whatever its row says. */
static bool grows(const trm_option *row) {
  return row->weak != 0 && !row->choices &&
         (is_whole(row) || row->type == TRM_F64);
}

static double number_of(const trm__problem *p, const trm_option *row) {
  char *text = trm__value_text(row, p->command.options->values);
  double value = strtod(text, NULL);
  free(text);
  return value;
}

bool trm__problem_grows(const trm__problem *p) {
  const trm__options *o = p->command.options;
  for (int i = 0; i < o->n; i++)
    if (grows(&o->table[i])) return true;
  return false;
}

bool trm__problem_grown(const trm__problem *p, double cores, bool clamp,
                        trm__problem *to, trm__error *error) {
  const trm__options *o = p->command.options;
  copy_words(p, to);
  for (int i = 0; i < o->n && cores != 1; i++) {
    const trm_option *row = &o->table[i];
    if (!grows(row)) continue;
    double value = number_of(p, row) * pow(cores, row->weak);
    if (clamp && row->min < row->max)
      value = fmin(fmax(value, row->min), row->max);
    if (is_whole(row)) value = round(value);
    char *text = is_whole(row) ? trm__format("%.0f", value)
                               : trm__strdup(trm__text_f64(value).s);
    set_word(to, row->name, text);
    free(text);
  }
  return read_words(to, error);
}

char *trm__problem_label(const trm__problem *p, const char *name) {
  const trm__options *o = p->command.options;
  char *label = trm__strdup("");
  for (int i = 0; i < o->n; i++) {
    const trm_option *row = &o->table[i];
    if (!grows(row) && !(name && trm__text_same_name(row->name, name)))
      continue;
    char *text = trm__value_text(row, o->values);
    char *longer = trm__format("%s%s%s=%s", label, *label ? " " : "",
                               trm__option_name(row).s, text);
    free(label);
    free(text);
    label = longer;
  }
  return label;
}

/* -- work ------------------------------------------------------------------ */

int64_t trm__problem_steps(const trm__problem *p) {
  return trm__command_steps(&p->command);
}

/* Where a kernel completes its options from a file, one that is named may decide
 * the sizes. */
static bool is_complete(const trm__problem *p) {
  const trm__options *o = p->command.options;
  if (!p->listed->kernel->resolve) return true;
  for (int i = 0; i < o->n; i++) {
    const trm_option *row = &o->table[i];
    if (row->type != TRM_TEXT || row->choices) continue;
    char *text = trm__value_text(row, o->values);
    bool named = *text && strpbrk(text, "./");
    free(text);
    if (named) return false;
  }
  return true;
}

bool trm__problem_share(const trm__problem *p, int ranks, int threads,
                        trm__share *share) {
  const trm_kernel *kernel = p->listed->kernel;
  *share = (trm__share){.updates = 0};
  if (!kernel->work || !is_complete(p)) return false;
  int64_t steps = trm__problem_steps(p);
  if (steps < 1) steps = 1;
  for (int rank = 0; rank < ranks; rank++) {
    trm_span span = {ranks, rank, threads, 0, steps};
    trm_work work = {.updates = 0};
    kernel->work(p->command.options->values, &span, &work);
    share->updates = fmax(share->updates, work.updates / (double)steps);
    share->resident = fmax(share->resident, work.resident_bytes);
    share->all_resident += work.resident_bytes;
  }
  return share->updates > 0;
}
