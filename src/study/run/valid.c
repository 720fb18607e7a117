#include "study/run/valid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "study/run/answer.h"

const char *const trm__study_origin_name[] = {"measured", "oversubscribed",
                                              "simulated", "modelled"};

double trm__study_launch_seconds(const trm__study_launch *l) {
  return trm__study_answer_seconds(l->result);
}

/* A kernel that counts none does one per step. */
double trm__study_launch_updates(const trm__study_launch *l) {
  double updates =
      trm__base_json_f64_at(trm__base_json_at(l->result, "work"), "updates", 0);
  return updates > 0 ? updates / trm__study_answer_steps(l->result) : 1;
}

trm__study_origin trm__study_launch_origin(const trm__study_launch *l) {
  const char *name = trm__base_json_text_at(l->result, "origin");
  for (int i = 0; i < TRM__ORIGIN_COUNT; i++)
    if (!strcmp(name, trm__study_origin_name[i])) return (trm__study_origin)i;
  return TRM__ORIGIN_COUNT;
}

/* -- a launch by itself ---------------------------------------------------- */

static char *why_ended(const trm__study_launch *l) {
  const char *said = l->last ? l->last : "", *colon = *said ? ": " : "";
  if (l->status < 0)
    return trm__base_format("it did not start%s%s", colon, said);
  if (l->late) return trm__base_format("timed out%s%s", colon, said);
  if (l->status > 128)
    return trm__base_format("ended by signal %d%s%s", l->status - 128, colon,
                            said);
  return trm__base_format("exit status %d%s%s", l->status, colon, said);
}

/* The launch doctor's names; where threads share cores the origin says so. */
static const char *finding(const cJSON *result) {
  const cJSON *item;
  cJSON_ArrayForEach(item, trm__base_json_at(result, "doctor")) {
    const char *name = cJSON_GetStringValue(item);
    if (name && strcmp(name, "oversubscribed")) return name;
  }
  return NULL;
}

static char *why_other_shape(const trm__study_launch *l,
                             const trm__study_config *c) {
  int ranks = (int)trm__base_json_f64_at(l->result, "ranks", 0),
      threads = (int)trm__base_json_f64_at(l->result, "threads", 0);
  if (ranks == c->ranks && threads == c->threads) return NULL;
  return trm__base_format(
      "it ran on %s x %s, not on %s x %s: does the launcher use {ranks} and "
      "{threads}?",
      trm__base_text_count(ranks, "rank").s,
      trm__base_text_count(threads, "thread").s,
      trm__base_text_count(c->ranks, "rank").s,
      trm__base_text_count(c->threads, "thread").s);
}

static char *why_not(const trm__study_launch *l, const trm__study_config *c) {
  const cJSON *verified = trm__base_json_at(l->result, "verified");
  const char *found = finding(l->result);
  if (cJSON_IsFalse(verified)) return trm__base_strdup("a wrong result");
  if (l->status != 0) return why_ended(l);
  if (!l->result) return trm__base_strdup("it left no result");
  char *shape = why_other_shape(l, c);
  if (shape) return shape;
  if (!cJSON_IsTrue(verified)) return trm__base_strdup("not verified");
  if (trm__study_launch_origin(l) == TRM__ORIGIN_COUNT)
    return trm__base_format("origin unknown (\"%s\"): was it measured?",
                            trm__base_json_text_at(l->result, "origin"));
  if (found) return trm__base_format("the launch doctor found %s", found);
  double seconds = trm__study_launch_seconds(l);
  if (!isfinite(seconds) || !(seconds > 0))
    return trm__base_strdup("its steps took no time");
  return NULL;
}

/* -- launches of one problem among themselves ------------------------------ */

typedef struct answers { /* of one problem that are the same */
  int first;             /* the launch that others are compared with */
  int votes;             /* configurations most of whose launches are here */
  int more;              /* the next answers of the problem; -1: no more */
} answers;

typedef struct problem_votes {
  const trm__study *study;
  char **reason;
  int *head;   /* of a problem: its first answers; -1: none */
  int *member; /* of a launch: the answers that it is of; -1: none */
  answers *list;
  int n;
} problem_votes;

static double steps_said(const trm__study_launch *l) {
  return trm__base_json_f64_at(l->result, "steps", 0);
}

static const char *fingerprint(const trm__study_launch *l) {
  return trm__base_json_text_at(l->result, "fingerprint");
}

static double rtol_of(const trm__study_launch *a, const trm__study_launch *b) {
  return fmax(trm__base_json_f64_at(a->result, "rtol", 0),
              trm__base_json_f64_at(b->result, "rtol", 0));
}

static bool agree(const trm__study_launch *a, const trm__study_launch *b) {
  double rtol = rtol_of(a, b);
  if (steps_said(a) != steps_said(b)) return false;
  if (rtol > 0) return trm__study_answer_distance(a->result, b->result) <= rtol;
  return !strcmp(fingerprint(a), fingerprint(b));
}

static const trm__study_config *config_of(const trm__study *s, int launch) {
  return &s->config[s->launch[launch].config];
}

/* "1 rank x 1 thread", free with free(). */
static char *shape_of(const trm__study *s, int launch) {
  const trm__study_config *c = config_of(s, launch);
  return trm__base_format("%s x %s", trm__base_text_count(c->ranks, "rank").s,
                          trm__base_text_count(c->threads, "thread").s);
}

/* One comparison a launch where all answers are the same. */
static void gather(problem_votes *a) {
  const trm__study *s = a->study;
  for (int i = 0; i < s->launches; i++) {
    if (a->reason[i]) continue;
    int *link = &a->head[config_of(s, i)->problem];
    while (*link >= 0 &&
           !agree(&s->launch[a->list[*link].first], &s->launch[i]))
      link = &a->list[*link].more;
    if (*link < 0) {
      *link = a->n;
      a->list[a->n++] = (answers){.first = i, .more = -1};
    }
    a->member[i] = *link;
  }
}

/* A configuration has one vote, however often it was launched; none where its own
 * launches are of two minds. */
static void vote(problem_votes *a) {
  const trm__study *s = a->study;
  int *n = trm__base_calloc((size_t)a->n + 1, sizeof *n), *order, *start;
  trm__study_order(s, &order, &start);
  for (int k = 0; k < s->launches; k++) order[k] = a->member[order[k]];
  for (int c = 0; c < s->configs; c++) {
    int best = -1;
    bool tie = false;
    for (int k = start[c]; k < start[c + 1]; k++)
      if (order[k] >= 0) n[order[k]]++;
    for (int k = start[c]; k < start[c + 1]; k++) {
      int mine = order[k];
      if (mine < 0 || mine == best) continue;
      if (best >= 0 && n[mine] == n[best]) tie = true;
      if (best < 0 || n[mine] > n[best]) best = mine, tie = false;
    }
    if (best >= 0 && !tie) a->list[best].votes++;
    for (int k = start[c]; k < start[c + 1]; k++)
      if (order[k] >= 0) n[order[k]] = 0;
  }
  free(n);
  free(start);
  free(order);
}

/* The answers of a problem with most votes; -1: several have as many. */
static int majority(const problem_votes *a, int head) {
  int best = head;
  bool tie = false;
  for (int k = a->list[head].more; k >= 0; k = a->list[k].more) {
    int more = a->list[k].votes - a->list[best].votes;
    if (more == 0) tie = true;
    if (more > 0) best = k, tie = false;
  }
  return tie ? -1 : best;
}

static char *why_differs(const trm__study *s, int launch, int other) {
  const trm__study_launch *l = &s->launch[launch], *o = &s->launch[other];
  char *where = shape_of(s, other), *text;
  double rtol = rtol_of(l, o);
  if (steps_said(l) != steps_said(o))
    text = trm__base_format("%g steps, but %g on %s", steps_said(l),
                            steps_said(o), where);
  else if (rtol > 0)
    text = trm__base_format(
        "its sketch differs by %.2g from that of %s (rtol %.2g)",
        trm__study_answer_distance(l->result, o->result), where, rtol);
  else
    text = trm__base_format("fingerprint %s, but %s on %s", fingerprint(l),
                            fingerprint(o), where);
  free(where);
  return text;
}

/* "answers differ: aa on 1 rank x 1 thread, bb on 2 ranks x 1 thread" */
static char *why_undecided(const problem_votes *a, int head) {
  const trm__study *s = a->study;
  const trm__study_launch *first = &s->launch[a->list[head].first];
  char *text = trm__base_strdup("answers differ:");
  for (int k = head; k >= 0; k = a->list[k].more) {
    const trm__study_launch *l = &s->launch[a->list[k].first];
    char *shape = shape_of(s, a->list[k].first), *steps = NULL, *apart = NULL;
    if (steps_said(l) != steps_said(first))
      steps = trm__base_format(" after %g steps, not %g", steps_said(l),
                               steps_said(first));
    else if (k != head && rtol_of(l, first) > 0)
      apart =
          trm__base_format(" (sketches differ by %.2g, rtol %.2g)",
                           trm__study_answer_distance(l->result, first->result),
                           rtol_of(l, first));
    char *longer = trm__base_format("%s%s %s on %s%s%s", text,
                                    k == head ? "" : ",", fingerprint(l), shape,
                                    steps ? steps : "", apart ? apart : "");
    free(text);
    free(shape);
    free(steps);
    free(apart);
    text = longer;
  }
  return text;
}

/* Where no answer has most votes it is unknown which one is right. */
static int compare(const trm__study *s, int problems, char **reason) {
  size_t launches = (size_t)s->launches + 1;
  problem_votes a = {
      .study = s,
      .reason = reason,
      .head = trm__base_calloc((size_t)problems + 1, sizeof(int)),
      .member = trm__base_calloc(launches, sizeof(int)),
      .list = trm__base_calloc(launches, sizeof(answers))};
  int differ = 0;
  for (int p = 0; p < problems; p++) a.head[p] = -1;
  for (int i = 0; i < s->launches; i++) a.member[i] = -1;
  gather(&a);
  vote(&a);
  for (int i = 0; i < s->launches; i++) {
    if (a.member[i] < 0) continue;
    int head = a.head[config_of(s, i)->problem], best = majority(&a, head);
    if (best == a.member[i]) continue;
    reason[i] = best < 0 ? why_undecided(&a, head)
                         : why_differs(s, i, a.list[best].first);
    differ++;
  }
  free(a.head);
  free(a.member);
  free(a.list);
  return differ;
}

/* -- launches of one configuration ----------------------------------------- */

/* All kinds of points are kept apart: a study that went on elsewhere may have
 * launches of two kinds. */
static void compare_origins(const trm__study *s, char **reason) {
  int *first = trm__base_calloc((size_t)s->configs + 1, sizeof *first);
  for (int c = 0; c < s->configs; c++) first[c] = -1;
  for (int i = 0; i < s->launches; i++) {
    int *of = &first[s->launch[i].config];
    if (reason[i]) continue;
    trm__study_origin mine = trm__study_launch_origin(&s->launch[i]);
    if (*of < 0)
      *of = (int)mine;
    else if (*of != (int)mine)
      reason[i] = trm__base_format("%s, while the first launch was %s",
                                   trm__study_origin_name[mine],
                                   trm__study_origin_name[*of]);
  }
  free(first);
}

/* -- the whole study ------------------------------------------------------- */

/* What two launches were not on, or of, alike; NULL: nothing. */
static const char *other_place(const trm__study_launch *a,
                               const trm__study_launch *b, const char **here,
                               const char **there) {
  static const char *const names[][3] = {
      {"machine", "class", "another machine"},
      {"build", "commit", "another build"},
      {"build", "compiler", "another compiler"},
      {"build", "flags", "other flags of the compiler"}};
  for (int i = 0; i < 4; i++) {
    *here = trm__base_json_text_at(trm__base_json_at(a->result, names[i][0]),
                                   names[i][1]);
    *there = trm__base_json_text_at(trm__base_json_at(b->result, names[i][0]),
                                    names[i][1]);
    if (strcmp(*here, *there)) return names[i][2];
  }
  return NULL;
}

/* A study that is resumed elsewhere, or after another build, does not mix them. */
static void compare_places(const trm__study *s, char **reason) {
  const trm__study_launch *first = NULL;
  const char *here, *there;
  for (int i = 0; i < s->launches; i++) {
    const trm__study_launch *l = &s->launch[i];
    if (reason[i]) continue;
    if (!first) first = l;
    const char *what = other_place(l, first, &here, &there);
    if (what) reason[i] = trm__base_format("%s: %s, not %s", what, here, there);
  }
}

char **trm__study_launches_validate(const trm__study *s, int *wrong) {
  char **reason = trm__base_calloc((size_t)s->launches + 1, sizeof *reason);
  int problems = 0, n = 0;
  for (int i = 0; i < s->launches; i++) {
    reason[i] = why_not(&s->launch[i], config_of(s, i));
    n += cJSON_IsFalse(trm__base_json_at(s->launch[i].result, "verified"));
  }
  compare_places(s, reason);
  for (int c = 0; c < s->configs; c++)
    if (s->config[c].problem >= problems) problems = s->config[c].problem + 1;
  n += compare(s, problems, reason);
  compare_origins(s, reason);
  if (wrong) *wrong = n;
  return reason;
}

/* A launch that fails by itself leaves the rest as it is, as does one more of what
 * counts already: its answer, which has most votes, can only get more. Sketches are
 * held against the first of their kind: only the same one is surely of it. */
bool trm__study_launch_validate(const trm__study *s, int like, char **reason) {
  const trm__study_launch *l = &s->launch[s->launches - 1];
  const char *here, *there;
  *reason = why_not(l, config_of(s, s->launches - 1));
  if (*reason) return true;
  if (like < 0) return false;
  const trm__study_launch *known = &s->launch[like];
  return !other_place(l, known, &here, &there) && agree(l, known) &&
         (rtol_of(l, known) == 0 ||
          trm__study_answer_distance(l->result, known->result) == 0) &&
         trm__study_launch_origin(l) == trm__study_launch_origin(known);
}

void trm__study_reasons_free(char **reason, int n) {
  for (int i = 0; i < n; i++) free(reason[i]);
  free(reason);
}
