/* A study judged: what tests of the verdict have in common. */
#ifndef TRM_TESTS_JUDGED_H
#define TRM_TESTS_JUDGED_H

#include "check.h"

#include "study/verdict/verdict.h"
#include "synthetic.h"

typedef struct verdict { /* of a study's only series */
  trm__study study;
  trm__study_points points;
  trm__study_verdict judged;
} verdict;

static inline verdict judge(trm__study study) {
  verdict v = {.study = study};
  v.points = trm__study_points_of(&v.study);
  v.judged = trm__study_judge(&v.study, &v.points, 0);
  return v;
}

static inline void forget(verdict *v) {
  trm__study_verdict_clear(&v->judged);
  trm__study_points_clear(&v->points);
  trm__study_clear(&v->study);
}

static inline int sentences(const char *text) {
  int n = 0;
  for (const char *c = text; *c; c++) n += *c == '.' && (c[1] == ' ' || !c[1]);
  return n;
}

/* Is it told to do something? */
static inline bool told(const char *next) {
  static const char *const verbs[] = {
      "combine", "distribute", "fix", "give", "measure", "put",  "repeat ",
      "replace", "resume",     "run", "send", "use",     "write"};
  for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
    if (!strncmp(next, verbs[i], strlen(verbs[i]))) return true;
  return false;
}

/* Sentences, with figures, that say what to do next. */
static inline void well_said(const verdict *v) {
  const char *text = v->judged.text;
  CHECK(text && *text);
  if (!text) return;
  CHECK__REPORT(sentences(text) >= 2 && sentences(text) <= 6,
                "%d sentences: %s", sentences(text), text);
  const char *next = strstr(text, "Next: ");
  CHECK__REPORT(next && told(next + 6), "nothing next: %s", text);
  CHECK__REPORT(
      !strstr(text, "nan") && !strstr(text, "inf ") && !strstr(text, "(null)"),
      "no figure: %s", text);
}

static inline void named(const verdict *v, trm__study_limiter want,
                         const char *where) {
  CHECK__REPORT(v->judged.limit == want, "%s: %s, want %s: %s", where,
                trm__study_limiter_name[v->judged.limit],
                trm__study_limiter_name[want], v->judged.text);
}

static inline trm__study read_recorded(const char *name) {
  const char *source = getenv("TRIREME_SOURCE");
  char *path = trm__base_format("%s/tests/study/verdict/%s.jsonl",
                                source ? source : ".", name);
  trm__study study = recorded_study(path, TRM__MODE_STRONG);
  CHECK__REPORT(study.launches >= 2, "%s: %d results", path, study.launches);
  free(path);
  return study;
}

static inline void says(trm__study study, trm__study_limiter limit,
                        const char *text) {
  verdict v = judge(study);
  named(&v, limit, text);
  well_said(&v);
  CHECK__REPORT(v.judged.text && strstr(v.judged.text, text), "want \"%s\": %s",
                text, v.judged.text);
  forget(&v);
}

#endif
