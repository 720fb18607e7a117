/* The verdict as people read it: where the series stands, what limits it, what that
 * costs, what to do next, what cannot be known. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/program.h"
#include "study/verdict/judge.h"
#include "launch/process.h"

static bool has_label(const trm__evidence *e) {
  return e->mode == TRM__MODE_MEMORY && e->label && *e->label;
}

trm__base_text trm__judge_place(const trm__evidence *e) {
  trm__base_text t, ranks = trm__base_text_count(e->ranks, "rank");
  trm__base_text threads = trm__base_text_count(e->threads, "thread");
  if (has_label(e))
    snprintf(t.s, sizeof t.s, "%.60s", e->label);
  else if (e->mode == TRM__MODE_THREADS)
    t = threads;
  else if (e->threads == 1)
    t = ranks;
  else
    snprintf(t.s, sizeof t.s, "%.24s x %.24s", ranks.s, threads.s);
  return t;
}

trm__base_text trm__judge_where(const trm__evidence *e) {
  trm__base_text t, place = trm__judge_place(e);
  snprintf(t.s, sizeof t.s, "%s %.60s", has_label(e) ? "at" : "on", place.s);
  return t;
}

/* -- sentences -------------------------------------------------------------- */

typedef struct trm__speech {
  char *text;
  int sentences;
} trm__speech;

/* Add a sentence, which is taken over; NULL: there is none. */
static void say(trm__speech *s, char *sentence) {
  if (!sentence || s->sentences == 5) {
    free(sentence);
    return;
  }
  char *whole = trm__base_format("%s%s%s", s->text ? s->text : "",
                                 s->text ? " " : "", sentence);
  free(s->text);
  free(sentence);
  s->text = whole;
  s->sentences++;
}

static const trm__evidence *last_of(const trm__case *c) {
  return &c->evidence[c->n - 1];
}

/* Where the series stands. */
static char *standing(const trm__case *c) {
  const trm__evidence *base = &c->evidence[0], *last = last_of(c);
  trm__base_text here = trm__judge_place(last), there = trm__judge_place(base);
  double cores = (double)last->cores / base->cores;
  if (!isfinite(c->speedup) || c->speedup <= 0) return NULL;
  if (last->mode == TRM__MODE_MEMORY)
    return trm__base_format(
        "At %s %s makes %.2f times as many updates a second as at %s.", here.s,
        c->kernel, c->speedup, there.s);
  if (last->mode == TRM__MODE_WEAK)
    return trm__base_format(
        "On %s %s does %.2f times as much work a second as on %s: "
        "an efficiency of %.0f %%.",
        here.s, c->kernel, c->speedup, there.s, 100 * c->speedup / cores);
  bool apart = c->limit == TRM__LIMIT_CHECKPOINTS;
  return trm__base_format(
      "On %s %s is %.2f times as fast as on %s%s: an efficiency of %.0f %%.",
      here.s, c->kernel, c->speedup, there.s,
      apart ? ", checkpoints apart" : "", 100 * c->speedup / cores);
}

/* Two ranks do not tell a slow one from work that is dearer for some. */
static double lost_to(const trm__case *c, const trm__losses *l) {
  double lost = l->lost[c->limit];
  if (c->limit == TRM__LIMIT_IMBALANCE) lost += l->lost[TRM__LIMIT_SLOW_RANK];
  if (c->limit == TRM__LIMIT_SLOW_RANK) lost += l->lost[TRM__LIMIT_IMBALANCE];
  return lost;
}

/* What the loss costs, and how it came about over the points. */
static char *cost(const trm__case *c) {
  if (!(c->lost > 0)) return NULL;
  char *before = NULL;
  if (c->n > 2) {
    const trm__evidence *e = &c->evidence[c->n - 2];
    double lost = lost_to(c, &c->losses[c->n - 2]);
    if (e->ledger.total > 0)
      before = trm__base_format(" (%.0f %% %s)", 100 * lost / e->ledger.total,
                                trm__judge_where(e).s);
  }
  const char *what = c->limit == TRM__LIMIT_CHECKPOINTS
                         ? "the run" /* no step is shorter without them */
                         : "the steps";
  char *text = trm__base_format(
      "That costs %.0f %% of the core time%s; without it %s would be done %.2f "
      "times as fast.",
      100 * c->lost, before ? before : "", what, c->won);
  free(before);
  return text;
}

/* What a program said may be long, and more than one sentence. */
static char *shortened(const char *why) {
  enum { MOST = 120 };
  const char *end = strstr(why, ". ");
  size_t n = end ? (size_t)(end - why) : strlen(why);
  if (n > MOST)
    for (n = MOST; n > 0 && ((unsigned char)why[n] & 0xc0) == 0x80;) n--;
  return trm__base_format("%.*s%s", (int)n, why, why[n] ? "..." : "");
}

static char *starved(const trm__missing *m) {
  if (!m->starved) return trm__base_strdup("");
  return trm__base_format("%s%s had no time left in the budget",
                          m->failed ? "; " : "",
                          trm__base_text_count(m->starved, "point").s);
}

/* Points that do not count are said where others do, or nobody would miss them. */
static char *missing(const trm__case *c) {
  const trm__missing *m = &c->missing;
  char *why = shortened(m->why ? m->why : "no launch of it counts");
  char *late = starved(m), *text = NULL;
  if (m->failed == 1)
    text = trm__base_format("The point %s does not count (%s)%s.", m->where.s,
                            why, late);
  else if (m->failed)
    text =
        trm__base_format("%d points do not count, the first of them %s (%s)%s.",
                         m->failed, m->where.s, why, late);
  else if (m->starved)
    text = trm__base_format("%s.", late);
  free(late);
  free(why);
  return text;
}

/* Twice the budget, as it is typed. */
static char *more_time(const trm__case *c) {
  double seconds = 2 * c->budget;
  bool minutes = seconds >= 120;
  return trm__base_format("%.0f%s", ceil(minutes ? seconds / 60 : seconds),
                          minutes ? "min" : "s");
}

/* To mend what failed needs launches anew; for lack of time it goes on. */
static char *next_of_missing(const trm__case *c) {
  if (c->missing.failed)
    return trm__base_strdup(
        "Next: mend that, and run the same study in another directory.");
  char *more = c->budget > 0 ? more_time(c) : NULL;
  char *words[] = {(char *)trm__program_path(),
                   "study",
                   "-o",
                   c->dir ? (char *)c->dir : "DIR",
                   more ? "--budget" : NULL,
                   more,
                   NULL};
  char *line = trm__words_line(words);
  char *text = trm__base_format("Next: go on with `%s`.", line);
  free(line);
  free(more);
  return text;
}

static bool is_missing(const trm__case *c) {
  return c->missing.failed || c->missing.starved;
}

/* What is missing comes first: it may be where the series ends. */
static char *next(const trm__case *c) {
  if (is_missing(c)) return next_of_missing(c);
  char *what = trm__judge_next(c);
  char *text = what ? trm__base_format("Next: %s.", what) : NULL;
  free(what);
  return text;
}

/* The loss behind the largest, where it is not much smaller. */
static char *second(const trm__case *c) {
  const trm__losses *l = &c->losses[c->n - 1];
  double total = last_of(c)->ledger.total;
  int most = TRM__LIMIT_NONE;
  for (int k = 1; k < TRM__LIMIT_COUNT; k++)
    if (k != (int)c->limit && l->lost[k] > l->lost[most]) most = k;
  double lost = total > 0 ? l->lost[most] / total : 0;
  if (most == TRM__LIMIT_NONE || lost < 0.05 || lost < 0.3 * c->lost)
    return NULL;
  return trm__base_format("A further %.0f %% of the core time goes to %s.",
                          100 * lost, trm__limit_name[most]);
}

/* Would other processes on the machine look the same? */
static bool disturbed(const trm__case *c) {
  switch (c->limit) {
    case TRM__LIMIT_NONE:
    case TRM__LIMIT_SERIAL:
    case TRM__LIMIT_DIVISION:
    case TRM__LIMIT_CHECKPOINTS:
    case TRM__LIMIT_SHARED_CORE:
    case TRM__LIMIT_STRADDLE:
      return false;
    default:
      return last_of(c)->load > 0.05 || last_of(c)->steal > 0.05;
  }
}

static char *disturbance(const trm__case *c) {
  const trm__evidence *e = last_of(c);
  trm__base_text where = trm__judge_where(e);
  bool stolen = !(e->load > 0.05) || e->steal > e->load;
  char *what = stolen
                   ? trm__base_format(
                         "While the launches %s ran the host took %.0f %% of "
                         "the cores away",
                         where.s, 100 * e->steal)
                   : trm__base_format(
                         "Before the launches %s other processes used %.0f "
                         "%% of the cores",
                         where.s, 100 * e->load);
  char *text = trm__base_format(
      "%s, which would look the same: repeat the study on a quiet machine "
      "before acting on this.",
      what);
  free(what);
  return text;
}

static char *caveat(const trm__case *c) {
  if (disturbed(c)) return disturbance(c);
  if (c->left_out > 0)
    return trm__base_format("%s on more cores than there are %s left out.",
                            trm__base_text_count(c->left_out, "point").s,
                            c->left_out == 1 ? "was" : "were");
  if (c->n == 2 && c->limit != TRM__LIMIT_NONE)
    return trm__base_strdup("Two points show a loss, not how it grows.");
  return NULL;
}

/* -- special cases ---------------------------------------------------------- */

/* One point says where its own time went, and nothing of scaling. */
static char *one_point(const trm__case *c) {
  const trm__evidence *e = &c->evidence[0];
  char *spent = e->ledger.total > 0 ? trm__meter_ledger_sentence(&e->ledger)
                                    : trm__base_strdup("It has no ledger.");
  char *gap = missing(c);
  char *then = gap ? next_of_missing(c)
                   : trm__base_format("Next: measure a second point, %s.",
                                      e->mode == TRM__MODE_MEMORY
                                          ? "of another size"
                                          : "on twice the cores");
  char *text = trm__base_format(
      "One point counts, %s: how %s scales cannot be known from it. %s%s%s "
      "%s",
      trm__judge_where(e).s, c->kernel, spent, gap ? " " : "", gap ? gap : "",
      then);
  free(gap);
  free(then);
  free(spent);
  return text;
}

static void nothing_lost(const trm__case *c, trm__speech *s) {
  const trm__evidence *last = last_of(c);
  trm__base_text where = trm__judge_where(last);
  double efficiency = c->speedup * c->evidence[0].cores / last->cores;
  if (!(last->ledger.total > 0)) {
    say(s,
        trm__base_format("What limits it cannot be known: the run %s left no "
                         "ledger.",
                         where.s));
    say(s, trm__base_strdup("Next: repeat the study without --no-meter."));
    return;
  }
  if (efficiency < 0.9)
    say(s, trm__base_format(
               "No single loss reaches 5 %% of the core time %s: they add up "
               "from many.",
               where.s));
  else
    say(s, trm__base_strdup(
               "Nothing that was measured limits it: no loss reaches 5 % of "
               "the core time."));
  say(s, missing(c));
  if (is_missing(c))
    say(s, next_of_missing(c));
  else if (last->mode == TRM__MODE_MEMORY)
    say(s, trm__base_strdup("Next: measure larger sizes."));
  else if (last->mode == TRM__MODE_WEAK)
    say(s, trm__base_strdup(
               "Next: measure twice the cores, to find where it ends."));
  else
    say(s,
        trm__base_strdup("Next: measure twice the cores or a smaller size, to "
                         "find where it ends."));
}

static char *no_point(const trm__case *c) {
  const trm__missing *m = &c->missing;
  if (m->starved && !m->failed) {
    char *then = next_of_missing(c);
    char *text = trm__base_format(
        "The budget left no time for the points of this series: what limits "
        "%s cannot be known. %s",
        c->kernel, then);
    free(then);
    return text;
  }
  char *why = shortened(c->left_out ? "they are on more cores than there are"
                        : m->why    ? m->why
                                    : "there is none yet");
  char *text = trm__base_format(
      "No point of this series counts (%s): what limits %s cannot be known. "
      "Next: %s.",
      why, c->kernel,
      c->left_out ? "ask for no more ranks x threads than there are cores"
                  : "mend that, and run the same study in another directory");
  free(why);
  return text;
}

char *trm__judge_words(const trm__case *c) {
  trm__speech s = {NULL, 0};
  if (c->n == 0) return no_point(c);
  if (c->n == 1 && c->limit == TRM__LIMIT_NONE) return one_point(c);
  if (c->n > 1) say(&s, standing(c));
  if (c->limit == TRM__LIMIT_NONE) {
    nothing_lost(c, &s);
  } else {
    say(&s, trm__judge_cause(c));
    say(&s, cost(c));
    say(&s, missing(c));
    say(&s, next(c));
    char *behind = disturbed(c) ? NULL : second(c);
    say(&s, behind ? behind : caveat(c));
    return s.text;
  }
  say(&s, caveat(c));
  return s.text;
}
