/* The verdict as people read it: where the series stands, what limits it, what that
 * costs, what to do next, what cannot be known. */
#include "study/verdict/words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/program.h"
#include "launch/template.h"
#include "study/verdict/causes.h"

/* -- sentences -------------------------------------------------------------- */

typedef struct speech {
  char *text;
  int sentences;
} speech;

/* Add a sentence, which is taken over; NULL: there is none. */
static void say(speech *s, char *sentence) {
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

static const trm__study_evidence *last_of(const trm__study_case *c) {
  return &c->evidence[c->n - 1];
}

/* An interval of less than 2 % is in the report; wider ones belong to the
 * sentence. */
static bool is_wide(const trm__study_case *c) {
  return c->speedup_high > 1.02 * c->speedup_low && c->speedup_low > 0;
}

static trm__base_text interval(double low, double high) {
  trm__base_text t = {""};
  if (low > 0) snprintf(t.s, sizeof t.s, " [%.3g to %.3g]", low, high);
  return t;
}

/* Strong scaling, and threads: as fast as a factor above one says. */
static char *faster(const trm__study_case *c, const char *here,
                    const char *there, double efficiency) {
  bool slower = c->speedup < 1, wide = is_wide(c);
  double low = wide ? c->speedup_low : 0, high = wide ? c->speedup_high : 0;
  trm__base_text range =
      slower && wide ? interval(1 / high, 1 / low) : interval(low, high);
  const char *except =
      c->limit == TRM__LIMIT_CHECKPOINTS ? ", checkpoints excluded" : "";
  if (wide && low < 1 && high > 1)
    return trm__base_format(
        "Whether %s is faster on %s than on %s%s is not shown: the speed-up is "
        "%.3g%s (parallel efficiency %.0f %%).",
        c->kernel, here, there, except, c->speedup, interval(low, high).s,
        100 * efficiency);
  return trm__base_format(
      "%s is %.3g times%s %s on %s than on %s%s (parallel efficiency %.0f %%).",
      c->kernel, slower ? 1 / c->speedup : c->speedup, range.s,
      slower ? "slower" : "faster", here, there, except, 100 * efficiency);
}

/* Where the series stands. */
static char *standing(const trm__study_case *c) {
  const trm__study_evidence *base = &c->evidence[0], *last = last_of(c);
  trm__base_text here = trm__study_evidence_place(last),
                 there = trm__study_evidence_place(base);
  double cores = (double)last->cores / base->cores;
  if (!isfinite(c->speedup) || c->speedup <= 0) return NULL;
  trm__base_text range =
      is_wide(c) ? interval(c->speedup_low, c->speedup_high) : interval(0, 0);
  if (last->mode == TRM__MODE_MEMORY)
    return trm__base_format(
        "At %s %s makes %.2f times%s as many updates per second as at %s.",
        here.s, c->kernel, c->speedup, range.s, there.s);
  if (last->mode == TRM__MODE_WEAK)
    return trm__base_format(
        "On %s %s does %.2f times%s as much work per second as on %s (parallel "
        "efficiency %.0f %%).",
        here.s, c->kernel, c->speedup, range.s, there.s,
        100 * c->speedup / cores);
  return faster(c, here.s, there.s, c->speedup / cores);
}

/* Two ranks do not tell a slow one from work that is dearer for some. */
static double lost_to(const trm__study_case *c, const trm__study_losses *l) {
  double lost = l->lost[c->limit];
  if (c->limit == TRM__LIMIT_IMBALANCE) lost += l->lost[TRM__LIMIT_SLOW_RANK];
  if (c->limit == TRM__LIMIT_SLOW_RANK) lost += l->lost[TRM__LIMIT_IMBALANCE];
  return lost;
}

/* What the loss costs, and how it came about over the points. */
static char *cost(const trm__study_case *c) {
  if (!(c->lost > 0)) return NULL;
  char *before = NULL;
  if (c->n > 2) {
    const trm__study_evidence *e = &c->evidence[c->n - 2];
    double lost = lost_to(c, &c->losses[c->n - 2]);
    if (e->ledger.total > 0)
      before = trm__base_format(" (%.0f %% %s)", 100 * lost / e->ledger.total,
                                trm__study_evidence_where(e).s);
  }
  const char *what = c->limit == TRM__LIMIT_CHECKPOINTS
                         ? "the run" /* no step is shorter without them */
                         : "the time loop";
  char *text = trm__base_format(
      "It costs %.0f %% of the core time%s; without it %s could be up to %.2f "
      "times faster.",
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

static char *starved(const trm__study_missing *m) {
  if (!m->starved) return trm__base_strdup("");
  return trm__base_format("%s%s did not fit in the budget",
                          m->failed ? "; " : "",
                          trm__base_text_count(m->starved, "point").s);
}

/* Excluded points are reported next to the valid ones. */
static char *missing(const trm__study_case *c) {
  const trm__study_missing *m = &c->missing;
  char *why = shortened(m->why ? m->why : "none of its launches is valid");
  char *late = starved(m), *text = NULL;
  if (m->failed == 1)
    text = trm__base_format("The point %s is excluded (%s)%s.", m->where.s, why,
                            late);
  else if (m->failed)
    text =
        trm__base_format("%d points are excluded, the first of them %s (%s)%s.",
                         m->failed, m->where.s, why, late);
  else if (m->starved)
    text = trm__base_format("%s.", late);
  free(late);
  free(why);
  return text;
}

/* Twice the budget, as it is typed. */
static char *more_time(const trm__study_case *c) {
  double seconds = 2 * c->budget;
  bool minutes = seconds >= 120;
  return trm__base_format("%.0f%s", ceil(minutes ? seconds / 60 : seconds),
                          minutes ? "min" : "s");
}

/* What failed has to be launched again; what lacked time is resumed. */
static char *next_of_missing(const trm__study_case *c) {
  if (c->missing.failed)
    return trm__base_strdup(
        "Next: fix that, and run the same study in another directory.");
  char *more = c->budget > 0 ? more_time(c) : NULL;
  char *words[] = {(char *)trm__base_program_path(),
                   "study",
                   "-o",
                   c->dir ? (char *)c->dir : "DIR",
                   more ? "--budget" : NULL,
                   more,
                   NULL};
  char *line = trm__launch_words_line(words);
  char *text = trm__base_format("Next: resume it with `%s`.", line);
  free(line);
  free(more);
  return text;
}

static bool is_missing(const trm__study_case *c) {
  return c->missing.failed || c->missing.starved;
}

/* What is missing comes first: it may be where the series ends. */
static char *next(const trm__study_case *c) {
  if (is_missing(c)) return next_of_missing(c);
  char *what = trm__study_case_next(c);
  char *text = what ? trm__base_format("Next: %s.", what) : NULL;
  free(what);
  return text;
}

/* The loss behind the largest, where it is not much smaller. */
static char *second(const trm__study_case *c) {
  const trm__study_losses *l = &c->losses[c->n - 1];
  double total = last_of(c)->ledger.total;
  int most = TRM__LIMIT_NONE;
  for (int k = 1; k < TRM__LIMIT_COUNT; k++)
    if (k != (int)c->limit && l->lost[k] > l->lost[most]) most = k;
  double lost = total > 0 ? l->lost[most] / total : 0;
  if (most == TRM__LIMIT_NONE || lost < 0.05 || lost < 0.3 * c->lost)
    return NULL;
  return trm__base_format("Another %.0f %% of the core time is lost to %s.",
                          100 * lost, trm__study_limiter_name[most]);
}

/* Would other processes on the machine look the same? */
static bool disturbed(const trm__study_case *c) {
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

static char *disturbance(const trm__study_case *c) {
  const trm__study_evidence *e = last_of(c);
  trm__base_text where = trm__study_evidence_where(e);
  bool stolen = !(e->load > 0.05) || e->steal > e->load;
  char *what = stolen ? trm__base_format(
                            "While the launches %s ran the hypervisor took "
                            "away %.0f %% of the cores",
                            where.s, 100 * e->steal)
                      : trm__base_format(
                            "Before the launches %s other processes used %.0f "
                            "%% of the cores",
                            where.s, 100 * e->load);
  char *text = trm__base_format(
      "%s, which would look the same; repeat the study on a quiet machine "
      "before acting on this.",
      what);
  free(what);
  return text;
}

static char *caveat(const trm__study_case *c) {
  if (disturbed(c)) return disturbance(c);
  if (c->left_out > 0)
    return trm__base_format("%s with more threads than cores %s excluded.",
                            trm__base_text_count(c->left_out, "point").s,
                            c->left_out == 1 ? "was" : "were");
  if (c->n == 2 && c->limit != TRM__LIMIT_NONE)
    return trm__base_strdup("Two points show a loss but not how it grows.");
  return NULL;
}

/* -- special cases ---------------------------------------------------------- */

/* One point says where its own time went, and nothing of scaling. */
static char *one_point(const trm__study_case *c) {
  const trm__study_evidence *e = &c->evidence[0];
  char *spent = e->ledger.total > 0 ? trm__meter_ledger_sentence(&e->ledger)
                                    : trm__base_strdup("It has no ledger.");
  char *gap = missing(c);
  char *then = gap ? next_of_missing(c)
                   : trm__base_format("Next: measure a second point, %s.",
                                      e->mode == TRM__MODE_MEMORY
                                          ? "of another size"
                                          : "on twice the cores");
  char *text = trm__base_format(
      "Only one point is valid, %s: it does not show how %s scales. %s%s%s %s",
      trm__study_evidence_where(e).s, c->kernel, spent, gap ? " " : "",
      gap ? gap : "", then);
  free(gap);
  free(then);
  free(spent);
  return text;
}

static void nothing_lost(const trm__study_case *c, speech *s) {
  const trm__study_evidence *last = last_of(c);
  trm__base_text where = trm__study_evidence_where(last);
  double efficiency = c->speedup * c->evidence[0].cores / last->cores;
  if (!(last->ledger.total > 0)) {
    say(s,
        trm__base_format(
            "The bottleneck is unknown: the run %s left no ledger.", where.s));
    say(s, trm__base_strdup("Next: repeat the study without --no-meter."));
    return;
  }
  if (efficiency < 0.9)
    say(s, trm__base_format(
               "No single loss reaches 5 %% of the core time %s; many "
               "small ones add up.",
               where.s));
  else
    say(s, trm__base_strdup(
               "No bottleneck was measured: no loss reaches 5 % of the "
               "core time."));
  say(s, missing(c));
  if (is_missing(c))
    say(s, next_of_missing(c));
  else if (last->mode == TRM__MODE_MEMORY)
    say(s, trm__base_strdup("Next: measure larger sizes."));
  else if (last->mode == TRM__MODE_WEAK)
    say(s, trm__base_strdup(
               "Next: measure twice the cores, to find where scaling ends."));
  else
    say(s,
        trm__base_strdup("Next: measure twice the cores or a smaller size, to "
                         "find where scaling ends."));
}

static char *no_point(const trm__study_case *c) {
  const trm__study_missing *m = &c->missing;
  if (m->starved && !m->failed) {
    char *then = next_of_missing(c);
    char *text = trm__base_format(
        "The budget left no time for the points of this series, so the "
        "bottleneck of %s is unknown. %s",
        c->kernel, then);
    free(then);
    return text;
  }
  char *why = shortened(c->left_out ? "they have more threads than cores"
                        : m->why    ? m->why
                                    : "there is none yet");
  char *text = trm__base_format(
      "No point of this series is valid (%s), so the bottleneck of %s is "
      "unknown. Next: %s.",
      why, c->kernel,
      c->left_out ? "use at most as many ranks x threads as there are cores"
                  : "fix that, and run the same study in another directory");
  free(why);
  return text;
}

char *trm__study_case_text(const trm__study_case *c) {
  speech s = {NULL, 0};
  if (c->n == 0) return no_point(c);
  if (c->n == 1 && c->limit == TRM__LIMIT_NONE) return one_point(c);
  if (c->n > 1) say(&s, standing(c));
  if (c->limit == TRM__LIMIT_NONE) {
    nothing_lost(c, &s);
  } else {
    say(&s, trm__study_case_cause(c));
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
