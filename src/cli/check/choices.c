#include "cli/check/choices.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/options.h"

static const char CHOICES[] = "choices", DEBUG[] = "NaN halos";

typedef struct tried { /* so far */
  int same;
  char *lacking; /* "--isa avx512" that this processor has not; owned */
  char *text;    /* of the first that differs; owned */
} tried;

/* The shape for comparisons: the second, which has several ranks. */
static trm__cli_check_shape shape_of(const trm__cli_check_subject *s) {
  return s->shape[s->shapes > 1];
}

static char *word_of(const trm_option *row, const char *choice) {
  return trm__base_format("--%s=%s", trm__base_option_name(row).s, choice);
}

/* Is it what the reference ran with? */
static bool of_reference(const trm__cli_check_subject *s, const trm_option *row,
                         const char *choice) {
  const cJSON *options = trm__base_json_at(s->result[0], "options");
  return !strcmp(trm__base_json_text_at(options, row->name), choice);
}

static void try_choice(trm__cli_check_subject *s, const trm_option *row,
                       const char *choice, const cJSON *first, tried *t) {
  char *word = word_of(row, choice);
  trm__cli_check_trial trial = {.shape = shape_of(s), .word = word};
  char *text = trm__cli_check_compare(s, &trial, first, NULL);
  if (text && strstr(text, ": this processor has no ")) {
    char *longer = trm__base_format("%s%s%s", t->lacking ? t->lacking : "",
                                    t->lacking ? ", " : "", word + 2);
    free(t->lacking);
    t->lacking = longer;
  } else if (text) {
    t->text = trm__base_format("%s: %s", word, text);
  } else if (!s->error.status) {
    t->same++;
  }
  free(text);
  free(word);
}

/* Launch the first choice. \return NULL with a text: it has no result */
static cJSON *reference_choice(trm__cli_check_subject *s, const trm_option *row,
                               const char *first, tried *t) {
  cJSON *result = NULL;
  char *word = word_of(row, first);
  trm__cli_check_trial trial = {.shape = shape_of(s), .word = word};
  trm__cli_check_outcome o;
  trm__cli_check_launch(&s->bench, &trial, &o, &s->error);
  char *text = s->error.status ? NULL : trm__cli_check_failure(&s->bench, &o);
  if (text) t->text = trm__base_format("%s: %s", word, text);
  if (!text) result = o.result, o.result = NULL;
  trm__cli_check_outcome_clear(&o);
  free(text);
  free(word);
  return result;
}

static void try_option(trm__cli_check_subject *s, const trm_option *row,
                       tried *t) {
  char *list = trm__base_strdup(row->choices), *rest = list;
  const char *choice = strsep(&rest, "|");
  bool known = of_reference(s, row, choice);
  cJSON *first = known ? NULL : reference_choice(s, row, choice, t);
  while (rest && !t->text && !s->error.status)
    try_choice(s, row, strsep(&rest, "|"), first, t);
  cJSON_Delete(first);
  free(list);
}

static void print_choices(trm__cli_check_subject *s, const tried *t) {
  const char *lacking = t->lacking ? t->lacking : "",
             *head = t->lacking ? "; this processor lacks " : "";
  if (t->text)
    trm__cli_check_broken(s, CHOICES, "%s", t->text);
  else if (t->same)
    trm__cli_check_kept(s, CHOICES, "%s like the first of its option%s%s",
                        trm__base_text_count(t->same, "choice").s, head,
                        lacking);
  else if (t->lacking)
    trm__cli_check_unchecked(s, CHOICES, "this processor lacks %s", lacking);
  else
    trm__cli_check_unchecked(s, CHOICES, "no option of %s has choices",
                             s->bench.kernel);
}

void trm__cli_check_choices(trm__cli_check_subject *s) {
  tried t = {.same = 0};
  if (!trm__cli_check_ready(s, CHOICES)) return;
  for (const trm_option *row = s->table; row && row->name; row++)
    if (row->choices && !t.text && !s->error.status) try_option(s, row, &t);
  if (!s->error.status) print_choices(s, &t);
  free(t.lacking);
  free(t.text);
}

void trm__cli_check_debug(trm__cli_check_subject *s, const char *program) {
  trm__cli_check_trial t = {.shape = s->shape[s->shapes > 2 ? 2 : 0],
                            .program = program};
  if (!trm__cli_check_ready(s, DEBUG)) return;
  if (!program) {
    trm__cli_check_unchecked(s, DEBUG,
                             "no debug build given by --debug-program");
    return;
  }
  char *text = trm__cli_check_compare(s, &t, NULL, NULL);
  trm__base_text shape = trm__cli_check_shape_text(t.shape);
  if (text)
    trm__cli_check_broken(s, DEBUG, "%s on %s: %s", program, shape.s, text);
  else if (!s->error.status)
    trm__cli_check_kept(s, DEBUG, "%s on %s: the same", program, shape.s);
  free(text);
}
