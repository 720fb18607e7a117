#include "cli/check/subject.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "cli/check/differ.h"
#include "study/run/answer.h"

/* -- lines ----------------------------------------------------------------- */

static void print_line(const char *promise, const char *verdict,
                       const char *format, va_list args) {
  printf("%-11s  %-11s  ", promise, verdict);
  vprintf(format, args);
  putchar('\n');
  fflush(stdout);
}

void trm__cli_check_kept(trm__cli_check_subject *s, const char *promise,
                         const char *format, ...) {
  va_list args;
  va_start(args, format);
  print_line(promise, "kept", format, args);
  va_end(args);
  s->kept++;
}

void trm__cli_check_broken(trm__cli_check_subject *s, const char *promise,
                           const char *format, ...) {
  va_list args;
  va_start(args, format);
  print_line(promise, "broken", format, args);
  va_end(args);
  s->broken++;
}

void trm__cli_check_unchecked(trm__cli_check_subject *s, const char *promise,
                              const char *format, ...) {
  va_list args;
  va_start(args, format);
  print_line(promise, "not checked", format, args);
  va_end(args);
  s->unchecked++;
}

bool trm__cli_check_ready(trm__cli_check_subject *s, const char *promise) {
  if (s->error.status) return false;
  if (s->unrepeatable)
    trm__cli_check_unchecked(s, promise, "results are not repeatable");
  return !s->unrepeatable;
}

/* -- the reference --------------------------------------------------------- */

int64_t trm__cli_check_steps(const trm__cli_check_subject *s) {
  return trm__base_json_i64_at(s->result[0], "steps", 0);
}

double trm__cli_check_rtol(const trm__cli_check_subject *s) {
  return trm__base_json_f64_at(s->result[0], "rtol", 0);
}

char *trm__cli_check_locate(trm__cli_check_subject *s,
                            const trm__cli_check_trial *t) {
  if (!s->recorded) return NULL;
  char *name = trm__base_format("record-%02d", s->bench.launches + 1),
       *here = trm__cli_check_path(&s->bench, name),
       *there = trm__cli_check_path(&s->bench, TRM__CLI_CHECK_RECORD),
       *text = NULL;
  trm__cli_check_trial again = *t;
  trm__cli_check_outcome o;
  again.checkpoint = name;
  again.every = s->every;
  bool last = trm__cli_check_rtol(s) > 0;
  if (!trm__cli_check_launch(&s->bench, &again, &o, &s->error))
    text = trm__cli_check_difference(there, here, last, NULL);
  trm__cli_check_outcome_clear(&o);
  free(name);
  free(here);
  free(there);
  return text;
}

/* The field and the elements say more than a fingerprint; of sketches the distance
 * comes first. */
static char *located(trm__cli_check_subject *s, const trm__cli_check_trial *t,
                     char *difference) {
  char *where = trm__cli_check_locate(s, t), *both = NULL;
  if (!where) return difference;
  if (trm__cli_check_rtol(s) > 0)
    both = trm__base_format("%s; %s", difference, where);
  free(difference);
  if (!both) return where;
  free(where);
  return both;
}

char *trm__cli_check_compare(trm__cli_check_subject *s,
                             const trm__cli_check_trial *t,
                             const cJSON *against, cJSON **result) {
  trm__cli_check_outcome o;
  const cJSON *other = against ? against : s->result[0];
  trm__cli_check_launch(&s->bench, t, &o, &s->error);
  char *text = s->error.status ? NULL : trm__cli_check_failure(&s->bench, &o);
  if (!s->error.status && !text) {
    text = trm__study_answer_differs(other, o.result, s->table);
    if (text && !against) text = located(s, t, text);
  }
  if (result) {
    *result = o.result;
    o.result = NULL;
  }
  trm__cli_check_outcome_clear(&o);
  return text;
}

void trm__cli_check_subject_clear(trm__cli_check_subject *s) {
  for (int i = 0; i < s->shapes && s->result; i++) cJSON_Delete(s->result[i]);
  cJSON_Delete(s->recording);
  free(s->result);
  free(s->shape);
  free(s->unrecorded);
  *s = (trm__cli_check_subject){.shapes = 0};
}
