#include "cli/check/results.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/program.h"
#include "cli/check/differ.h"
#include "study/run/answer.h"

/* -- the reference --------------------------------------------------------- */

/* Bad options end with 2, a wrong result with 1; of what else happens the exit
 * status is that of a resource. */
static trm_status no_reference(trm__cli_check_subject *s,
                               const trm__cli_check_outcome *o) {
  char *why = trm__cli_check_failure(&s->bench, o);
  trm_status status = o->status == 2 ? TRM_EUSAGE : TRM_EFILE;
  trm__base_error_set(&s->error, status, "check: the first launch, on %s: %s",
                      trm__cli_check_shape_text(s->shape[0]).s, why);
  free(why);
  return status;
}

static trm_status launch_reference(trm__cli_check_subject *s) {
  trm__cli_check_outcome o;
  trm__cli_check_trial plain = {.shape = s->shape[0]};
  trm__cli_check_launch(&s->bench, &plain, &o, &s->error);
  char *why = s->error.status ? NULL : trm__cli_check_failure(&s->bench, &o);
  if (why) no_reference(s, &o);
  free(why);
  s->result[0] = o.result;
  o.result = NULL;
  trm__cli_check_outcome_clear(&o);
  return s->error.status;
}

/* Bad usage is a kernel that has no checkpoints; all else, a disk. */
static void not_recorded(trm__cli_check_subject *s, int status, char *why) {
  s->stateless = why && strstr(why, "has nothing to resume from");
  if (s->stateless)
    s->unrecorded = trm__base_strdup(
        "no field is TRM_EVOLVING and nothing is kept by trm_keep");
  else if (status == trm_status_exit(TRM_EUSAGE))
    s->unrecorded = trm__base_strdup(why);
  else if (why)
    trm__base_error_set(&s->error, TRM_EFILE,
                        "check: the launch with checkpoints: %s", why);
  free(why);
}

/* The same run, cut at every checkpoint. */
static trm_status record(trm__cli_check_subject *s) {
  trm__cli_check_outcome o;
  trm__cli_check_trial cut = {.shape = s->shape[0],
                              .checkpoint = TRM__CLI_CHECK_RECORD,
                              .every = s->every};
  trm__cli_check_launch(&s->bench, &cut, &o, &s->error);
  if (!s->error.status)
    not_recorded(s, o.status, trm__cli_check_failure(&s->bench, &o));
  s->recorded = !s->error.status && !s->unrecorded;
  s->recording = o.result;
  o.result = NULL;
  trm__cli_check_outcome_clear(&o);
  return s->error.status;
}

trm_status trm__cli_check_reference(trm__cli_check_subject *s) {
  TRM_TRY(launch_reference(s));
  s->every = (trm__cli_check_steps(s) + TRM__CLI_CHECK_RECORDED - 1) /
             TRM__CLI_CHECK_RECORDED;
  if (s->every < 1) s->every = 1;
  return TRM_OK;
}

/* -- cut steps ------------------------------------------------------------- */

static const char CUT[] = "cut steps", BITS[] = "same bits",
                  VERIFIED[] = "verified", TRAFFIC[] = "traffic",
                  UNCUT[] = "uncut";

/* "each step", "every 4 steps" */
static trm__base_text every_text(const trm__cli_check_subject *s) {
  trm__base_text text = {"each step"};
  if (s->every > 1)
    snprintf(text.s, sizeof text.s, "every %lld steps", (long long)s->every);
  return text;
}

static void print_cut_apart(trm__cli_check_subject *s, const char *text) {
  char *here = trm__cli_check_path(&s->bench, UNCUT),
       *there = trm__cli_check_path(&s->bench, TRM__CLI_CHECK_RECORD),
       *where = trm__cli_check_difference(there, here, true, NULL);
  trm__cli_check_broken(s, CUT, "with a checkpoint after %s and without: %s",
                        every_text(s).s, where ? where : text);
  free(here);
  free(there);
  free(where);
}

/* Recorded and plain results differ: does the plain one differ from itself? Its only
 * checkpoint is at the end. */
static void differs_from_itself(trm__cli_check_subject *s, const char *cut) {
  trm__cli_check_trial again = {.shape = s->shape[0],
                                .checkpoint = UNCUT,
                                .every = trm__cli_check_steps(s)};
  char *text = trm__cli_check_compare(s, &again, NULL, NULL);
  s->unrepeatable = text != NULL;
  if (s->error.status) return;
  if (!text) {
    print_cut_apart(s, cut);
    return;
  }
  trm__cli_check_broken(s, BITS, "two launches on %s: %s",
                        trm__cli_check_shape_text(s->shape[0]).s, text);
  trm__cli_check_ready(s, CUT);
  free(text);
}

/* \return the verdict is known; false: `cut steps` is kept, or cannot be checked */
static bool cut_apart(trm__cli_check_subject *s) {
  if (record(s)) return true;
  if (!s->recorded) return false;
  char *text = trm__study_answer_differs(s->result[0], s->recording, s->table);
  if (!text) return false;
  differs_from_itself(s, text);
  free(text);
  return true;
}

static void print_cut(trm__cli_check_subject *s) {
  if (s->recorded && trm__cli_check_steps(s) < 2)
    trm__cli_check_unchecked(
        s, CUT, "the run has only %s",
        trm__base_text_count(trm__cli_check_steps(s), "step").s);
  else if (s->recorded)
    trm__cli_check_kept(s, CUT, "the same with a checkpoint after %s of %lld",
                        every_text(s).s, (long long)trm__cli_check_steps(s));
  else
    trm__cli_check_unchecked(s, CUT, "%s", s->unrecorded);
}

/* -- all shapes ------------------------------------------------------------ */

/* "1x1, 2x1, 3x2 ranks x threads" of those with a result */
static char *shapes_text(const trm__cli_check_subject *s) {
  char *text = trm__base_strdup("");
  for (int i = 0; i < s->shapes; i++) {
    if (!s->result[i]) continue;
    char *longer = trm__base_format("%s%s%dx%d", text, *text ? ", " : "",
                                    s->shape[i].ranks, s->shape[i].threads);
    free(text);
    text = longer;
  }
  char *whole = trm__base_format("%s ranks x threads", text);
  free(text);
  return whole;
}

/* The first check that failed; NULL: none. Free with free(). */
static char *wrong(const cJSON *result) {
  const cJSON *check;
  if (!cJSON_IsFalse(trm__base_json_at(result, "verified"))) return NULL;
  cJSON_ArrayForEach(check, trm__base_json_at(result, "checks")) {
    if (!cJSON_IsFalse(trm__base_json_at(check, "pass"))) continue;
    return trm__base_format(
        "%s: %s, expected %s within %s", trm__base_json_text_at(check, "what"),
        trm__base_text_f64(trm__base_json_f64_at(check, "got", 0)).s,
        trm__base_text_f64(trm__base_json_f64_at(check, "want", 0)).s,
        trm__base_text_f64(trm__base_json_f64_at(check, "tol", 0)).s);
  }
  return trm__base_strdup("wrong result");
}

/* Of each shape: NULL, or what its launch lacks or shows. */
typedef struct shape_texts {
  char **wrong, **other;
} shape_texts;

static void launch_shape(trm__cli_check_subject *s, int i, shape_texts *t) {
  trm__cli_check_trial trial = {.shape = s->shape[i]};
  char *text = NULL;
  if (i > 0 && !s->unrepeatable) {
    text = trm__cli_check_compare(s, &trial, NULL, &s->result[i]);
  } else if (i > 0) {
    trm__cli_check_outcome o;
    trm__cli_check_launch(&s->bench, &trial, &o, &s->error);
    text = s->error.status ? NULL : trm__cli_check_failure(&s->bench, &o);
    s->result[i] = o.result;
    o.result = NULL;
    trm__cli_check_outcome_clear(&o);
  }
  if (s->result[i]) {
    t->wrong[i] = wrong(s->result[i]);
    t->other[i] = text;
  } else {
    t->wrong[i] = text;
  }
}

static int idle(const trm__cli_check_subject *s) {
  int64_t most = 0;
  for (int i = 0; i < s->shapes; i++) {
    int64_t n = trm__base_json_i64_at(s->result[i], "idle_ranks", 0);
    if (n > most) most = n;
  }
  return (int)most;
}

/* The first shape with a text. \return its index, -1: there is none */
static int first_of(const trm__cli_check_subject *s, char *const *text) {
  for (int i = 0; i < s->shapes; i++)
    if (text[i]) return i;
  return -1;
}

static void print_verified(trm__cli_check_subject *s, const shape_texts *t) {
  int i = first_of(s, t->wrong);
  char *all = shapes_text(s);
  if (i >= 0)
    trm__cli_check_broken(s, VERIFIED, "%s: %s",
                          trm__cli_check_shape_text(s->shape[i]).s,
                          t->wrong[i]);
  else if (!cJSON_IsTrue(trm__base_json_at(s->result[0], "verified")))
    trm__cli_check_unchecked(s, VERIFIED,
                             "%s compares its result with no expected value",
                             s->bench.kernel);
  else if (idle(s))
    trm__cli_check_kept(s, VERIFIED, "on %s, with up to %s idle", all,
                        trm__base_text_count(idle(s), "rank").s);
  else
    trm__cli_check_kept(s, VERIFIED,
                        "on %s; no rank was idle: a smaller problem would "
                        "test that too",
                        all);
  free(all);
}

static int count_results(const trm__cli_check_subject *s) {
  int n = 0;
  for (int i = 0; i < s->shapes; i++) n += s->result[i] != NULL;
  return n;
}

static void print_same_bits(trm__cli_check_subject *s) {
  int n = count_results(s);
  double rtol = trm__cli_check_rtol(s);
  if (s->stateless)
    trm__cli_check_unchecked(s, BITS, "%s", s->unrecorded);
  else if (n < 2)
    trm__cli_check_unchecked(s, BITS, "there is only one result");
  else if (rtol > 0)
    trm__cli_check_kept(s, BITS,
                        "sketches of %d results agree within the rtol of %.3g",
                        n, rtol);
  else
    trm__cli_check_kept(s, BITS, "fingerprint %s in %d results",
                        trm__base_json_text_at(s->result[0], "fingerprint"), n);
}

static void print_bits(trm__cli_check_subject *s, const shape_texts *t) {
  int i = first_of(s, t->other);
  s->apart = i >= 0;
  if (s->unrepeatable) return;
  if (s->apart)
    trm__cli_check_broken(
        s, BITS, "%s against %s: %s", trm__cli_check_shape_text(s->shape[i]).s,
        trm__cli_check_shape_text(s->shape[0]).s, t->other[i]);
  else
    print_same_bits(s);
}

void trm__cli_check_results(trm__cli_check_subject *s) {
  size_t n = (size_t)s->shapes;
  shape_texts t = {trm__base_calloc(n, sizeof *t.wrong),
                   trm__base_calloc(n, sizeof *t.other)};
  bool apart = cut_apart(s);
  for (int i = 0; i < s->shapes && !s->error.status; i++)
    launch_shape(s, i, &t);
  if (!s->error.status) {
    print_verified(s, &t);
    print_bits(s, &t);
    if (!apart) print_cut(s);
  }
  for (int i = 0; i < s->shapes; i++) {
    free(t.wrong[i]);
    free(t.other[i]);
  }
  free(t.wrong);
  free(t.other);
}

/* -- traffic --------------------------------------------------------------- */

/* Appends "messages 12, stated 8" where a number differs, or is not zero. */
static char *put_number(char *text, const char *kind, const char *what,
                        const cJSON *counted, const cJSON *stated) {
  double n = cJSON_GetNumberValue(counted),
         m = stated ? cJSON_GetNumberValue(stated) : 0;
  if (n == m) return text;
  char *longer =
      trm__base_format("%s%s%s%s%s counted %.0f, stated %.0f", text,
                       *text ? "; " : "", kind, *kind ? " " : "", what, n, m);
  free(text);
  return longer;
}

/* What was counted and not stated, kind by kind; "": nothing. Free with free(). */
static char *traffic_differs(const cJSON *result) {
  const cJSON *counted = trm__base_json_at(result, "counted"),
              *stated = trm__base_json_at(result, "stated"), *part, *kind;
  char *text = trm__base_strdup("");
  cJSON_ArrayForEach(part, counted) {
    const cJSON *own = trm__base_json_at(stated, part->string);
    if (!strcmp(part->string, "ranks_that_differ")) continue;
    if (!cJSON_IsObject(part))
      text = put_number(text, "", part->string, part, own);
    else
      cJSON_ArrayForEach(kind, part) text =
          put_number(text, kind->string, part->string, kind,
                     trm__base_json_at(own, kind->string));
  }
  return text;
}

/* Calls of MPI that passed the library by; seen only by the wrappers. */
static double untracked(const cJSON *result) {
  const cJSON *call;
  double n = 0;
  cJSON_ArrayForEach(
      call, trm__base_json_at(trm__base_json_at(result, "meter"), "calls")) {
    if (!strcmp(trm__base_json_text_at(call, "call"), "untracked"))
      n += trm__base_json_f64_at(call, "calls", 0);
  }
  return n;
}

/* Free with free(); NULL: as stated */
static char *traffic_breaks(const cJSON *result) {
  double beside = untracked(result);
  if (beside > 0)
    return trm__base_format("%.0f calls of MPI bypass the library", beside);
  char *text = traffic_differs(result);
  double ranks = trm__base_json_f64_at(trm__base_json_at(result, "counted"),
                                       "ranks_that_differ", 0);
  bool stated = cJSON_IsObject(trm__base_json_at(result, "stated"));
  char *line = NULL;
  if (!stated && *text)
    line = trm__base_format("sends and states nothing: %s", text);
  else if (ranks > 0)
    line = trm__base_format("%s sent other than stated: %s",
                            trm__base_text_count((int64_t)ranks, "rank").s,
                            *text ? text : "sums over the ranks agree");
  free(text);
  return line;
}

void trm__cli_check_traffic(trm__cli_check_subject *s) {
  char *text = NULL;
  int at = 0;
  if (s->error.status) return;
  for (int i = 0; i < s->shapes && !text; i++) {
    text = s->result[i] ? traffic_breaks(s->result[i]) : NULL;
    at = i;
  }
  if (text)
    trm__cli_check_broken(s, TRAFFIC, "%s: %s",
                          trm__cli_check_shape_text(s->shape[at]).s, text);
  else
    trm__cli_check_kept(
        s, TRAFFIC,
        "messages, bytes and collective calls of each rank as stated");
  free(text);
}
