/* The verdict on a series: its points put in order, what each lost and to what, the
 * largest loss at the largest of them. */
#include "study/verdict/verdict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "study/verdict/calls.h"
#include "study/verdict/ranks.h"
#include "study/verdict/words.h"

/* A smaller share of the core time is not worth a name. */
static const double WORTH = 0.05;

/* -- losses ----------------------------------------------------------------- */

/* Work outside sites is there on one core too: only what is more of it limits. */
static double outside(const trm__study_evidence *base,
                      const trm__study_evidence *e) {
  double before = base->work > 0 && base != e
                      ? base->ledger.parts.outside * e->work / base->work
                      : 0;
  return fmax(e->ledger.parts.outside - before, 0);
}

static trm__study_losses losses_of(const trm__study_evidence *base,
                                   const trm__study_evidence *e) {
  trm__study_losses l = {.site = NULL};
  const trm__meter_parts *p = &e->ledger.parts;
  trm__study_losses_imbalance(e, &l);
  if (base != e) trm__study_losses_useful(base, e, &l);
  trm__study_losses_calls(e, &l);
  l.lost[TRM__LIMIT_SERIAL] += p->serial;
  l.lost[TRM__LIMIT_THREAD_IMBALANCE] += p->thread_imbalance;
  l.lost[TRM__LIMIT_CHECKPOINTS] += p->checkpoint;
  l.lost[TRM__LIMIT_OUTSIDE] += outside(base, e);
  return l;
}

/* -- points ----------------------------------------------------------------- */

typedef struct series_points {   /* its points that can be judged, rising */
  int n, left_out;               /* left_out: more threads than cores */
  trm__study_evidence *evidence; /* owned */
  trm__study_losses *losses;     /* owned; against the first */
  trm__study_evidence spoilt;    /* the largest whose threads share cores */
  bool is_spoilt;
  trm__study_missing missing;
} series_points;

/* Sizes keep the order in which they were asked for. */
static int rising(const void *a, const void *b) {
  const trm__study_evidence *x = a, *y = b;
  if (x->cores != y->cores) return x->cores < y->cores ? -1 : 1;
  return x->point - y->point;
}

/* Kinds do not mix: the measured points, or else those of the next kind. */
static trm__study_origin kind_of(const trm__study_points *points, int series) {
  static const trm__study_origin order[] = {TRM__MEASURED, TRM__SIMULATED,
                                            TRM__MODELLED};
  for (int k = 0; k < 3; k++)
    for (int i = 0; i < points->n; i++) {
      const trm__study_point *p = &points->point[i];
      if (p->config->series == series && p->valid && p->origin == order[k])
        return order[k];
    }
  return TRM__MEASURED;
}

/* A budget that ended too early is no fault of the point. */
static bool is_starved(const trm__study *study, const trm__study_point *p) {
  for (int i = 0; i < study->launches; i++) {
    const trm__study_launch *l = &study->launch[i];
    if (&study->config[l->config] == p->config && !l->cut) return false;
  }
  return true;
}

static void miss(trm__study_missing *m, const trm__study *study,
                 const trm__study_evidence *e, const trm__study_point *p) {
  if (is_starved(study, p)) {
    m->starved++;
    return;
  }
  if (m->failed++) return;
  m->where = trm__study_evidence_where(e);
  m->why = p->flaw;
}

static void look(series_points *s, const trm__study *study,
                 const trm__study_evidence *e, const trm__study_point *p,
                 trm__study_origin kind) {
  if (!p->valid && !e->shared) miss(&s->missing, study, e, p);
  bool spoilt = e->shared && (!s->is_spoilt || e->cores > s->spoilt.cores);
  if (spoilt) s->spoilt = *e;
  s->is_spoilt = s->is_spoilt || e->shared;
  s->left_out += p->valid && p->origin == TRM__OVERSUBSCRIBED && !e->shared;
  if (p->valid && p->origin == kind && !e->shared) s->evidence[s->n++] = *e;
}

static series_points series_of(const trm__study *study,
                               const trm__study_points *points, int series) {
  series_points s = {.n = 0};
  trm__study_origin kind = kind_of(points, series);
  size_t most = (size_t)points->n + 1;
  s.evidence = trm__base_calloc(most, sizeof *s.evidence);
  s.losses = trm__base_calloc(most, sizeof *s.losses);
  for (int i = 0; i < points->n; i++) {
    if (points->point[i].config->series != series) continue;
    trm__study_evidence e = trm__study_evidence_of(study, points, i);
    look(&s, study, &e, &points->point[i], kind);
  }
  if (s.n > 1) qsort(s.evidence, (size_t)s.n, sizeof *s.evidence, rising);
  for (int i = 0; i < s.n; i++)
    s.losses[i] = losses_of(&s.evidence[0], &s.evidence[i]);
  return s;
}

/* Core seconds of as much work, at the base and here. */
static double efficiency(const trm__study_evidence *base,
                         const trm__study_evidence *e) {
  double before = base->ledger.total / base->work,
         now = e->ledger.total / e->work;
  return before > 0 && now > 0 && isfinite(before) ? before / now : NAN;
}

/* From the launches, or else from the ledgers, without an interval. */
static void find_speedup(const trm__study_points *points,
                         const series_points *s, trm__study_case *c) {
  const trm__study_evidence *base = &s->evidence[0],
                            *last = &s->evidence[s->n - 1];
  const trm__study_interval *measured = &points->point[last->point].speedup;
  c->speedup = measured->mid;
  if (c->speedup > 0 && isfinite(c->speedup)) {
    c->speedup_low = measured->low;
    c->speedup_high = measured->high;
    return;
  }
  c->speedup = efficiency(base, last) * last->cores / base->cores;
}

/* -- the verdict ------------------------------------------------------------ */

static void take_largest(const series_points *s, trm__study_verdict *j) {
  const trm__study_evidence *last = &s->evidence[s->n - 1];
  const trm__study_losses *l = &s->losses[s->n - 1];
  int most = TRM__LIMIT_NONE + 1;
  j->point = last->point;
  if (!(last->ledger.total > 0)) return;
  for (int k = most + 1; k < TRM__LIMIT_COUNT; k++)
    if (l->lost[k] > l->lost[most]) most = k;
  double lost = fmin(l->lost[most] / last->ledger.total, 0.99);
  if (lost < WORTH) return;
  j->limit = (trm__study_limiter)most;
  j->lost = lost;
}

/* Threads on one core void the point: it is compared with the first that counts. */
static void take_spoilt(series_points *s, trm__study_verdict *j) {
  j->limit = s->spoilt.straddles ? TRM__LIMIT_STRADDLE : TRM__LIMIT_SHARED_CORE;
  j->point = s->spoilt.point;
  if (s->n > 0) {
    double e = efficiency(&s->evidence[0], &s->spoilt);
    if (e < 1) j->lost = 1 - e;
  }
  if (s->n == 0)
    s->evidence[s->n++] = s->spoilt;
  else if (s->spoilt.cores > s->evidence[0].cores) {
    s->evidence[1] = s->spoilt;
    s->losses[1] = (trm__study_losses){.lost = {0}};
    s->n = 2;
  }
}

trm__study_verdict trm__study_judge(const trm__study *study,
                                    const trm__study_points *points,
                                    int series) {
  trm__study_verdict j = {.limit = TRM__LIMIT_NONE, .won = 1, .point = -1};
  series_points s = series_of(study, points, series);
  if (s.is_spoilt)
    take_spoilt(&s, &j);
  else if (s.n > 1)
    take_largest(&s, &j);
  else if (s.n == 1)
    j.point = s.evidence[0].point;
  j.won = 1 / (1 - j.lost);
  trm__study_case c = {.kernel = study->kernel,
                       .n = s.n,
                       .evidence = s.evidence,
                       .losses = s.losses,
                       .limit = j.limit,
                       .lost = j.lost,
                       .won = j.won,
                       .speedup = NAN,
                       .left_out = s.left_out,
                       .missing = s.missing,
                       .dir = study->dir,
                       .budget = study->budget,
                       .launcher = study->launcher};
  if (s.n > 1) find_speedup(points, &s, &c);
  j.text = trm__study_case_text(&c);
  free(s.evidence);
  free(s.losses);
  return j;
}

void trm__study_verdict_clear(trm__study_verdict *j) {
  free(j->text);
  *j = (trm__study_verdict){.point = -1};
}
