#include "study/sweep.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <trireme/random.h>
#include <trireme/run.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/process.h"
#include "base/text.h"
#include "study/answer.h"
#include "study/launch.h"
#include "study/plan.h"
#include "study/valid.h"

/* Six are the fewest whose extremes enclose the median with 95 %. */
enum { FEWEST = 6, MOST = 100, GIVE_UP = 2, GIVE_UP_LATER = 5 };
static const double QUIET = 0.05; /* share of the processors */

typedef struct tally { /* of one configuration, so far */
  int launches, counted,
      in_vain;    /* in_vain: the last ones, that do not count */
  double half;    /* of its median's interval, relative; infinite: none */
  bool certain;   /* the interval is one of 95 % */
  double wall;    /* of a launch, median; 0: none yet */
  double seconds; /* a step, of the last launch; 0: it does not count */
} tally;

typedef struct sweep {
  trm__study *study;
  const trm__sweep *how;
  trm__error *error;
  tally *tally;
  double began;    /* monotonic clock */
  double before;   /* spent by earlier calls, seconds */
  double patience; /* for a quiet machine, now */
  char *result, *log;
} sweep;

/* -- where it stands ------------------------------------------------------- */

static void count_times(const trm__study *s, int config, char *const reason[],
                        tally *t) {
  double *wall = trm__calloc((size_t)s->launches + 1, sizeof *wall),
         *seconds = trm__calloc((size_t)s->launches + 1, sizeof *seconds);
  for (int i = 0; i < s->launches; i++) {
    const trm__launch *l = &s->launch[i];
    if (l->config != config) continue;
    wall[t->launches++] = l->wall;
    t->in_vain = reason[i] ? t->in_vain + 1 : 0;
    t->seconds = reason[i] ? 0 : trm__launch_seconds(l);
    if (!reason[i]) seconds[t->counted++] = t->seconds;
  }
  if (t->launches) t->wall = trm__median(t->launches, wall);
  if (t->counted) {
    trm__interval i = trm__median_interval(t->counted, seconds, 0.95);
    t->half = trm__interval_half(&i);
    t->certain = i.level >= 0.95;
  }
  free(wall);
  free(seconds);
}

static void count(sweep *w) {
  const trm__study *s = w->study;
  char **reason = trm__launches_judge(s, NULL);
  for (int c = 0; c < s->configs; c++) {
    w->tally[c] = (tally){.half = INFINITY};
    count_times(s, c, reason, &w->tally[c]);
  }
  trm__reasons_free(reason, s->launches);
}

static bool enough(const trm__study *s, int counted, double half,
                   bool certain) {
  if (s->repeat > 0) return counted >= s->repeat;
  return counted >= FEWEST && certain && half <= s->target;
}

bool trm__sweep_reached(const trm__study *s, const trm__point *p) {
  return p->valid && enough(s, p->counted, trm__interval_half(&p->time),
                            p->time.level >= 0.95);
}

/* Launches that a configuration still wants, as far as can be said now. */
static int wanted(const sweep *w, int config) {
  const trm__study *s = w->study;
  const tally *t = &w->tally[config];
  if (t->in_vain >= (t->counted ? GIVE_UP_LATER : GIVE_UP)) return 0;
  if (enough(s, t->counted, t->half, t->certain)) return 0;
  if (s->repeat > 0) return s->repeat - t->counted;
  if (t->counted < FEWEST) return FEWEST - t->counted;
  if (t->launches >= MOST) return 0;
  double times = t->half / s->target; /* it shrinks with the square root */
  int more = (int)fmin(t->counted * (times * times - 1) + 1, MOST);
  return more < 1 ? 1 : more < MOST - t->launches ? more : MOST - t->launches;
}

/* -- time ------------------------------------------------------------------ */

double trm__sweep_spent(const trm__study *s) {
  double spent = 0;
  for (int i = 0; i < s->launches; i++) spent += s->launch[i].wall;
  return spent;
}

static double left(const sweep *w) {
  if (!(w->study->budget > 0)) return INFINITY;
  return w->study->budget - w->before - (trm_now() - w->began);
}

/* Of the next launch: of its own before, else of the slowest other one. */
static double estimate(const sweep *w, int config) {
  double slowest = 0;
  if (w->tally[config].wall > 0) return w->tally[config].wall;
  for (int c = 0; c < w->study->configs; c++)
    slowest = fmax(slowest, w->tally[c].wall);
  return slowest;
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

/* Wait for others to be quiet. On a machine that never is, less each time. */
static void settle(sweep *w) {
  double until = trm_now() + w->patience;
  bool quiet = trm__launch_load(0.1) < QUIET;
  while (!quiet && trm_now() < until &&
         !(trm__signals_seen() & TRM__SIGNAL_QUIT))
    quiet = trm__launch_load(0.5) < QUIET;
  w->patience = quiet ? w->how->settle : w->patience / 2;
}

static char **command_of(const sweep *w, const trm__config *c) {
  char **word = trm__calloc((size_t)c->n_words + 8, sizeof *word);
  int n = 0;
  word[n++] = trm__strdup(w->how->program);
  word[n++] = trm__strdup("run");
  word[n++] = trm__strdup(w->study->kernel);
  for (int i = 0; i < c->n_words; i++) word[n++] = trm__strdup(c->words[i]);
  word[n++] = trm__format("--threads=%d", c->threads);
  word[n++] = trm__strdup("--quiet");
  word[n++] = trm__format("--result=%s", w->result);
  return word;
}

static void stamp(char began[32]) {
  time_t t = time(NULL);
  struct tm utc;
  strftime(began, 32, "%FT%TZ", gmtime_r(&t, &utc));
}

/* Run it within the time that is left. \return false: it was ended by a signal to
 * this process, or is no launch but a launcher that cannot be */
static bool launch(sweep *w, int config, double seconds, trm__launch *l) {
  const trm__study *s = w->study;
  const trm__config *c = &s->config[config];
  char **command = command_of(w, c);
  char **words = trm__launch_words(
      trm__launch_template_on(s->cores, s->launcher, c->ranks, c->threads),
      c->ranks, c->threads, command, w->error);
  trm__words_free(command);
  if (!words) return false;
  unlink(w->result);
  *l = (trm__launch){.config = config, .repeat = w->tally[config].launches};
  stamp(l->began);
  trm__ended e = trm__launch_run(words, c->threads, seconds, w->log);
  trm__words_free(words);
  l->status = e.status;
  l->wall = e.wall;
  l->load = e.load;
  l->steal = e.steal;
  l->result = trm__answer_read(w->result);
  if (e.status != 0) l->last = trm__strdup(e.last);
  trm__ended_clear(&e);
  return !(trm__signals_seen() & TRM__SIGNAL_QUIT);
}

static void drop(trm__launch *l) {
  free(l->last);
  cJSON_Delete(l->result);
}

/* -- progress -------------------------------------------------------------- */

static void say(const sweep *w, int config) {
  const trm__study *s = w->study;
  const trm__launch *l = &s->launch[s->launches - 1];
  const tally *t = &w->tally[config];
  int more;
  double time = remaining(w, &more);
  char *what = trm__config_text(&s->config[config]), spread[32] = "";
  if (w->how->quiet) {
    free(what);
    return;
  }
  int digits = snprintf(NULL, 0, "%d", s->launches + more);
  fprintf(stderr, "[%*d/%d] %s %s  ", digits, s->launches, s->launches + more,
          s->kernel, what);
  if (isfinite(t->half))
    snprintf(spread, sizeof spread, "  %.1f %%", 100 * t->half);
  if (t->seconds > 0)
    fprintf(stderr, "%s a step%s", trm__text_duration(t->seconds).s, spread);
  else if (l->status != 0)
    fprintf(stderr, "failed: %s", l->last && *l->last ? l->last : "no word");
  else
    fprintf(stderr, "does not count");
  fprintf(stderr, "  %s left\n", trm__text_duration(time).s);
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

static double expense(const trm__config *c) {
  return c->work > 0 ? c->work : INFINITY;
}

/* Those that want more and are furthest behind, in an order of their lots, which
 * is the same for a study that goes on in the middle of a round. In the first round
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
  trm__launch l;
  settle(w);
  double seconds = fmin(w->how->timeout, limit(w));
  if (trm__signals_seen() & TRM__SIGNAL_QUIT) return TRM_STOPPED;
  if (!launch(w, config, seconds, &l)) {
    if (w->error->status) return w->error->status;
    drop(&l);
    return TRM_STOPPED;
  }
  *cut = l.status == 124 && seconds < w->how->timeout;
  if (*cut && w->tally[config].launches) { /* no fault of its own */
    drop(&l);
    return TRM_OK;
  }
  if (*cut) {
    free(l.last);
    l.last = trm__format("the budget leaves it no more than %s",
                         trm__text_duration(seconds).s);
    *cut = left(w) <= 0;
  }
  if (!trm__study_append(w->study, &l, w->error)) return w->error->status;
  count(w);
  say(w, config);
  return TRM_OK;
}

static trm_status rounds(sweep *w) {
  drawn *order = trm__calloc((size_t)w->study->configs, sizeof *order);
  trm_status status = TRM_OK;
  bool cut = false;
  int n;
  while (!status && !cut && (n = next_round(w, order)) > 0)
    for (int i = 0; i < n && !status && !cut; i++)
      if (fits(w, order[i].config)) status = one(w, order[i].config, &cut);
  free(order);
  return status;
}

trm_status trm__sweep_run(trm__study *s, const trm__sweep *how,
                          trm__error *error) {
  sweep w = {.study = s,
             .how = how,
             .error = error,
             .tally = trm__calloc((size_t)s->configs, sizeof(tally)),
             .began = trm_now(),
             .before = trm__sweep_spent(s),
             .patience = how->settle};
  char *dir = realpath(s->dir, NULL); /* a launcher may go elsewhere */
  w.result = trm__format("%s/launch.jsonl", dir ? dir : s->dir);
  w.log = trm__format("%s/launch.log", dir ? dir : s->dir);
  trm__signals_install();
  count(&w);
  trm_status status = rounds(&w);
  unlink(w.result);
  free(dir);
  free(w.result);
  free(w.log);
  free(w.tally);
  return status;
}
