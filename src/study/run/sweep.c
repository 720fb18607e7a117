#include "study/run/sweep.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <trireme/clock.h>
#include <trireme/random.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/process.h"
#include "base/text.h"
#include "launch/load.h"
#include "launch/process.h"
#include "launch/template.h"
#include "study/run/answer.h"
#include "study/run/valid.h"

enum { MOST = 100, GIVE_UP = 2, GIVE_UP_LATER = 5, RECENT = 15 };
static const double QUIET = 0.05; /* share of the processors */
static const double LEVEL = 0.95;
static const double LONGEST =
    2; /* measurement of the load by others, seconds */

typedef struct tally { /* of one configuration, so far */
  int launches, counted,
      in_vain;     /* in_vain: the last ones, that do not count */
  int like;        /* the last launch that counts; -1: none */
  double *walls;   /* of its launches; owned */
  double *seconds; /* a step, of those that count; owned */
  double half;     /* of its median's interval, relative; infinite: none */
  bool enough;     /* no more are wanted */
  double wall;     /* of a launch, median; 0: none yet */
  double last;     /* seconds per step, of the last launch; 0: it is excluded */
} tally;

typedef struct sweep {
  trm__study *study;
  const char *program;
  bool quiet;
  trm__base_error *error;
  tally *tally;
  double began;    /* monotonic clock */
  double ended;    /* the launch before */
  double before;   /* spent by earlier calls, seconds */
  double patience; /* for a quiet machine, now */
  double waits[RECENT];
  int waited; /* launches so far */
  char *result, *log;
} sweep;

/* -- where it stands ------------------------------------------------------- */

static void forget(tally *t) {
  free(t->walls);
  free(t->seconds);
  *t = (tally){.like = -1, .half = INFINITY};
}

static void add(sweep *w, int launch, bool counts) {
  const trm__study_launch *l = &w->study->launch[launch];
  tally *t = &w->tally[l->config];
  size_t n = (size_t)t->launches + 1;
  t->walls = trm__base_grow(t->walls, n, sizeof *t->walls);
  t->seconds = trm__base_grow(t->seconds, n, sizeof *t->seconds);
  t->walls[t->launches++] = l->wall;
  t->in_vain = counts ? 0 : t->in_vain + 1;
  t->last = counts ? trm__study_launch_seconds(l) : 0;
  if (!counts) return;
  t->like = launch;
  t->seconds[t->counted++] = t->last;
}

/* What follows from its launches. */
static void conclude(const trm__study *s, tally *t) {
  trm__study_interval i = trm__study_checked_median(t->counted, t->seconds);
  bool check = t->counted == trm__study_next_check(t->counted);
  t->half = trm__study_interval_half(&i);
  t->wall = trm__base_median(t->launches, t->walls);
  t->enough =
      s->repeat > 0 ? t->counted >= s->repeat : check && t->half <= s->target;
}

static void count_all(sweep *w) {
  const trm__study *s = w->study;
  char **reason = trm__study_launches_validate(s, NULL);
  for (int c = 0; c < s->configs; c++) forget(&w->tally[c]);
  for (int i = 0; i < s->launches; i++) add(w, i, !reason[i]);
  for (int c = 0; c < s->configs; c++) conclude(s, &w->tally[c]);
  trm__study_reasons_free(reason, s->launches);
}

/* The last launch. All are judged again only where it may change what the others
 * are worth. */
static void count_last(sweep *w) {
  const trm__study *s = w->study;
  tally *t = &w->tally[s->launch[s->launches - 1].config];
  char *reason;
  if (!trm__study_launch_validate(s, t->like, &reason)) {
    count_all(w);
    return;
  }
  add(w, s->launches - 1, !reason);
  conclude(s, t);
  free(reason);
}

bool trm__study_sweep_reached(const trm__study *s, const trm__study_point *p) {
  if (!p->valid) return false;
  if (s->repeat > 0) return p->counted >= s->repeat;
  return p->time.level >= LEVEL &&
         trm__study_interval_half(&p->time) <= s->target;
}

/* Launches that a configuration still wants, as far as can be said now. */
static int wanted(const sweep *w, int config) {
  const trm__study *s = w->study;
  const tally *t = &w->tally[config];
  if (t->in_vain >= (t->counted ? GIVE_UP_LATER : GIVE_UP) || t->enough)
    return 0;
  if (s->repeat > 0) return s->repeat - t->counted;
  if (t->launches >= MOST) return 0;
  double times = t->half / s->target; /* it shrinks with the square root */
  bool known = isfinite(times) && times > 1;
  double goal = known ? fmin(t->counted * times * times, MOST) : 0;
  int check = trm__study_next_check((int)fmax(goal, t->counted + 1));
  return check - t->counted < MOST - t->launches ? check - t->counted
                                                 : MOST - t->launches;
}

/* -- time ------------------------------------------------------------------ */

double trm__study_sweep_spent(const trm__study *s) {
  double spent = 0;
  for (int i = 0; i < s->launches; i++)
    spent += s->launch[i].wall + s->launch[i].waited;
  return spent;
}

/* What a study does not say is not limited. */
static double timeout_of(const trm__study *s) {
  return s->timeout > 0 ? s->timeout : INFINITY;
}

static double patience_of(const trm__study *s) {
  return s->settle > 0 ? s->settle : 0;
}

static double left(const sweep *w) {
  if (!(w->study->budget > 0)) return INFINITY;
  return w->study->budget - w->before - (trm_now() - w->began);
}

/* From the end of a launch to that of the next one: the wait before it, and its own
 * time as before, else that of the slowest other one. */
static double estimate(const sweep *w, int config) {
  double wall = w->tally[config].wall;
  int n = w->waited < RECENT ? w->waited : RECENT;
  double wait = n ? trm__base_median(n, w->waits) : TRM__LAUNCH_LOAD_SECONDS;
  for (int c = 0; c < w->study->configs && !w->tally[config].launches; c++)
    wall = fmax(wall, w->tally[c].wall);
  return wait + wall;
}

/* Until the end, of the budget at most; *launches: those that fit. */
static double remaining(const sweep *w, int *launches) {
  double all = 0, room = left(w);
  *launches = 0;
  for (int c = 0; c < w->study->configs; c++) {
    *launches += wanted(w, c);
    all += wanted(w, c) * estimate(w, c);
  }
  if (all <= room || !(all > 0)) return all;
  *launches = (int)ceil(*launches * fmax(room, 0) / all);
  return fmax(room, 0);
}

/* -- one launch ------------------------------------------------------------ */

/* Wait for others to be quiet, measuring longer and longer: the end of the launch
 * before is in the first one. On a machine that never is, less each time.
 * \return what they use at last */
static double settle(sweep *w) {
  double until = trm_now() + w->patience, length = TRM__LAUNCH_LOAD_SECONDS;
  double load = trm__launch_load(length);
  while (load >= QUIET && trm_now() < until &&
         !(trm__base_signals_seen() & TRM__SIGNAL_QUIT)) {
    length = fmin(2 * length, LONGEST);
    load = trm__launch_load(fmax(fmin(length, until - trm_now()), 0.1));
  }
  w->patience = load < QUIET ? patience_of(w->study) : w->patience / 2;
  return load;
}

static char **command_of(const sweep *w, const trm__study_config *c) {
  char **word = trm__base_calloc((size_t)c->n_words + 8, sizeof *word);
  int n = 0;
  word[n++] = trm__base_strdup(w->program);
  word[n++] = trm__base_strdup("run");
  word[n++] = trm__base_strdup(w->study->kernel);
  for (int i = 0; i < c->n_words; i++)
    word[n++] = trm__base_strdup(c->words[i]);
  word[n++] = trm__base_format("--threads=%d", c->threads);
  word[n++] = trm__base_strdup("--quiet");
  word[n++] = trm__base_format("--result=%s", w->result);
  return word;
}

static void stamp(char began[32]) {
  time_t t = time(NULL);
  struct tm utc;
  strftime(began, 32, "%FT%TZ", gmtime_r(&t, &utc));
}

/* Run it within the time that is left. \return false: it was ended by a signal to
 * this process, or is no launch but a launcher that cannot be */
static bool launch(sweep *w, int config, double seconds, trm__study_launch *l) {
  const trm__study *s = w->study;
  const trm__study_config *c = &s->config[config];
  char **command = command_of(w, c);
  char **words = trm__launch_words(
      trm__launch_template_on(s->cores, s->launcher, c->ranks, c->threads),
      c->ranks, c->threads, command, w->error);
  trm__launch_words_free(command);
  if (!words) return false;
  unlink(w->result);
  *l = (trm__study_launch){.config = config,
                           .repeat = w->tally[config].launches};
  stamp(l->began);
  trm__launch_end e = trm__launch_run(words, c->threads, seconds, w->log);
  trm__launch_words_free(words);
  l->status = e.status;
  l->late = e.late;
  l->wall = e.wall;
  l->steal = e.steal;
  l->result = trm__study_answer_read(w->result);
  if (e.status != 0) l->last = trm__base_strdup(e.last);
  trm__launch_end_clear(&e);
  return !(trm__base_signals_seen() & TRM__SIGNAL_QUIT);
}

static void drop(trm__study_launch *l) {
  free(l->last);
  cJSON_Delete(l->result);
}

/* -- progress -------------------------------------------------------------- */

static void say(const sweep *w, int config) {
  const trm__study *s = w->study;
  const trm__study_launch *l = &s->launch[s->launches - 1];
  const tally *t = &w->tally[config];
  int more;
  double time = remaining(w, &more);
  char *what = trm__study_config_text(&s->config[config]), spread[32] = "";
  if (w->quiet) {
    free(what);
    return;
  }
  int digits = snprintf(NULL, 0, "%d", s->launches + more);
  fprintf(stderr, "[%*d/%d] %s %s  ", digits, s->launches, s->launches + more,
          s->kernel, what);
  if (isfinite(t->half))
    snprintf(spread, sizeof spread, "  %.1f %%", 100 * t->half);
  if (t->last > 0)
    fprintf(stderr, "%s per step%s", trm__base_text_duration(t->last).s,
            spread);
  else if (l->status != 0)
    fprintf(stderr, "failed: %s", l->last && *l->last ? l->last : "no word");
  else
    fprintf(stderr, "is excluded");
  fprintf(stderr, "  %s left\n", trm__base_text_duration(time).s);
  free(what);
}

/* -- rounds ---------------------------------------------------------------- */

/* Would it end before the budget does? A first launch may try if anything is
 * left. */
static bool fits(const sweep *w, int config) {
  double room = left(w);
  return w->tally[config].launches ? estimate(w, config) <= room : room > 0;
}

typedef struct drawn { /* a configuration with its lot */
  int config;
  double first; /* what goes before lots */
  uint64_t lot;
} drawn;

static int by_lot(const void *a, const void *b) {
  const drawn *x = a, *y = b;
  if (x->first != y->first) return x->first < y->first ? -1 : 1;
  return (x->lot > y->lot) - (x->lot < y->lot);
}

static double expense(const trm__study_config *c) {
  return c->work > 0 ? c->work : INFINITY;
}

/* Those that want more and are furthest behind, in an order of their lots, which
 * is the same for a study that is resumed in the middle of a round. In the first round
 * the cheapest go first, as the work model has it: a budget that is too short for
 * all of them is enough for most. */
static int next_round(const sweep *w, drawn *order) {
  const trm__study *s = w->study;
  int n = 0, round = -1;
  for (int c = 0; c < s->configs; c++) {
    int launches = w->tally[c].launches;
    if (!wanted(w, c) || !fits(w, c) || (n > 0 && launches > round)) continue;
    if (launches != round) n = 0;
    round = launches;
    order[n++] = (drawn){c, launches ? 0 : expense(&s->config[c]),
                         trm_random(s->seed, (uint64_t)round, (uint64_t)c)};
  }
  qsort(order, (size_t)n, sizeof *order, by_lot);
  return n;
}

/* While others wait for their first launch, one may have half of what is left. */
static double limit(const sweep *w) {
  int waiting = 0;
  for (int c = 0; c < w->study->configs; c++) waiting += !w->tally[c].launches;
  return fmax(waiting > 1 ? left(w) / 2 : left(w), 0.1);
}

/* \return TRM_OK, TRM_STOPPED or what is wrong; *cut: the budget ended it */
static trm_status one(sweep *w, int config, bool *cut) {
  trm__study_launch l = {.last = NULL};
  double load = settle(w), timeout = timeout_of(w->study);
  double seconds = fmin(timeout, limit(w)), begins = trm_now();
  if (trm__base_signals_seen() & TRM__SIGNAL_QUIT) return TRM_STOPPED;
  if (!launch(w, config, seconds, &l)) {
    drop(&l);
    return w->error->status ? w->error->status : TRM_STOPPED;
  }
  l.load = load;
  l.waited = begins - w->ended;
  w->waits[w->waited++ % RECENT] = l.waited;
  w->ended = begins + l.wall;
  *cut = l.late && seconds < timeout;
  if (*cut && w->tally[config].launches) { /* no fault of its own */
    drop(&l);
    return TRM_OK;
  }
  l.cut = *cut;
  if (*cut) {
    free(l.last);
    l.last = trm__base_format("the budget leaves it at most %s",
                              trm__base_text_duration(seconds).s);
    *cut = left(w) <= 0;
  }
  if (!trm__study_append(w->study, &l, w->error)) return w->error->status;
  count_last(w);
  say(w, config);
  return TRM_OK;
}

static trm_status rounds(sweep *w) {
  drawn *order = trm__base_calloc((size_t)w->study->configs, sizeof *order);
  trm_status status = TRM_OK;
  bool cut = false;
  int n;
  while (!status && !cut && (n = next_round(w, order)) > 0)
    for (int i = 0; i < n && !status && !cut; i++)
      if (fits(w, order[i].config)) status = one(w, order[i].config, &cut);
  free(order);
  return status;
}

trm_status trm__study_sweep(trm__study *s, const char *program, bool quiet,
                            trm__base_error *error) {
  sweep w = {.study = s,
             .program = program,
             .quiet = quiet,
             .error = error,
             .tally = trm__base_calloc((size_t)s->configs, sizeof(tally)),
             .began = trm_now(),
             .ended = trm_now(),
             .before = trm__study_sweep_spent(s),
             .patience = patience_of(s)};
  char *dir = realpath(s->dir, NULL); /* a launcher may go elsewhere */
  w.result = trm__base_format("%s/launch.jsonl", dir ? dir : s->dir);
  w.log = trm__base_format("%s/launch.log", dir ? dir : s->dir);
  trm__base_signals_install();
  count_all(&w);
  trm_status status = rounds(&w);
  for (int c = 0; c < s->configs; c++) forget(&w.tally[c]);
  unlink(w.result);
  free(dir);
  free(w.result);
  free(w.log);
  free(w.tally);
  return status;
}
