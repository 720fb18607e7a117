/* Points of a study: what its launches come to. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "study/valid.h"

static const double LEVEL = 0.95;
static const double TOO_GOOD = 1.1; /* efficiency */

static trm__interval unknown(void) {
  return (trm__interval){NAN, NAN, NAN, 0};
}

static trm__interval times(trm__interval i, double factor) {
  return (trm__interval){i.mid * factor, i.low * factor, i.high * factor,
                         i.level};
}

/* -- what is wrong --------------------------------------------------------- */

static void add_flaw(trm__point *p, char *clause) {
  char *longer = trm__format("%s%s%s", p->flaw ? p->flaw : "",
                             p->flaw ? "; " : "", clause);
  free(p->flaw);
  free(clause);
  p->flaw = longer;
}

/* "2 of 7 launches do not count: REASON", each reason once. */
static void explain(const trm__study *s, int config, char *const reason[],
                    trm__point *p) {
  for (int i = 0; i < s->launches; i++) {
    int same = 0;
    if (s->launch[i].config != config || !reason[i]) continue;
    for (int k = 0; k < s->launches; k++) {
      if (s->launch[k].config != config || !reason[k]) continue;
      if (strcmp(reason[k], reason[i])) continue;
      if (k < i) break; /* said before */
      same++;
    }
    if (!same) continue;
    if (same == p->launches)
      add_flaw(p, trm__strdup(reason[i]));
    else
      add_flaw(p, trm__format("%d of %d launches: %s", same, p->launches,
                              reason[i]));
  }
}

/* -- one point ------------------------------------------------------------- */

static void collect(const trm__study *s, int config, char *const reason[],
                    trm__point *p) {
  p->seconds = trm__calloc((size_t)s->launches + 1, sizeof *p->seconds);
  for (int i = 0; i < s->launches; i++) {
    const trm__launch *l = &s->launch[i];
    if (l->config != config) continue;
    p->launches++;
    p->failed += l->status != 0;
    if (!p->counted && trm__launch_origin(l) != TRM__ORIGIN_COUNT)
      p->origin = trm__launch_origin(l);
    if (reason[i]) continue;
    p->seconds[p->counted++] = trm__launch_seconds(l);
    p->updates = trm__launch_updates(l);
  }
  p->valid = p->counted > 0;
}

/* The counted launch that is nearest to the median. */
static const trm__launch *middle(const trm__study *s, int config,
                                 char *const reason[], double median) {
  const trm__launch *best = NULL;
  double nearest = INFINITY;
  for (int i = 0; i < s->launches; i++) {
    const trm__launch *l = &s->launch[i];
    if (l->config != config || reason[i]) continue;
    double distance = fabs(trm__launch_seconds(l) - median);
    if (distance < nearest) best = l, nearest = distance;
  }
  return best;
}

static trm__point point_of(const trm__study *s, int config,
                           char *const reason[]) {
  const trm__config *c = &s->config[config];
  trm__point p = {.config = c, .cores = c->ranks * c->threads};
  p.time = p.rate = p.speedup = p.efficiency = unknown();
  p.over_serial = NAN;
  collect(s, config, reason, &p);
  explain(s, config, reason, &p);
  if (!p.valid) {
    if (!p.launches) add_flaw(&p, trm__strdup("not launched yet"));
    return p;
  }
  p.time = trm__median_interval(p.counted, p.seconds, LEVEL);
  p.rate = (trm__interval){p.updates / p.time.mid, p.updates / p.time.high,
                           p.updates / p.time.low, p.time.level};
  p.result = middle(s, config, reason, p.time.mid)->result;
  const cJSON *memory = trm__json_at(p.result, "memory");
  p.resident = trm__json_f64_at(memory, "predicted_bytes", 0) / c->ranks;
  p.memory = trm__json_f64_at(memory, "peak_bytes", 0) / c->ranks;
  if (!trm__ledger_read(trm__json_at(p.result, "ledger"), &p.ledger))
    p.ledger = (trm__ledger){.total = 0};
  return p;
}

/* -- points among themselves ----------------------------------------------- */

/* Bytes that one core works on. */
static double set_of(const trm__point *p) {
  double bytes = p->resident > 0 ? p->resident : p->memory;
  return bytes / p->config->threads;
}

/* Read bandwidth of a core at a working set, as the machine file has it; 0: not
 * known. */
static double bandwidth_at(const trm__study *s, double bytes) {
  const cJSON *rung;
  double found = 0;
  cJSON_ArrayForEach(rung, trm__json_at(s->machine, "ladder")) {
    double best = trm__json_f64_at(trm__json_at(rung, "bandwidth"), "best", 0);
    if (best > 0) found = best;
    if (trm__json_f64_at(rung, "bytes", 0) >= bytes) break;
  }
  return found;
}

/* Why a point may be better than its share of cores. */
static char *why_superlinear(const trm__study *s, const trm__point *p,
                             const trm__point *base) {
  double here = set_of(p), there = set_of(base);
  double fast = bandwidth_at(s, here), slow = bandwidth_at(s, there);
  trm__text a = trm__text_bytes(here), b = trm__text_bytes(there);
  char *head = trm__format("efficiency %.0f %%", 100 * p->efficiency.mid),
       *text;
  if (!(p->efficiency.level > 0))
    text = trm__format("%s, of few launches: want more", head);
  else if (p->efficiency.low <= 1)
    text = trm__format(
        "%s, yet its interval reaches down to %.0f %%: want more "
        "launches",
        head, 100 * p->efficiency.low);
  else if (!(here > 0) || !(there > 0) || here > 0.9 * there)
    text = trm__format(
        "%s, and not for a smaller working set: was the base "
        "disturbed?",
        head);
  else if (fast > 1.1 * slow)
    text = trm__format(
        "%s, likely cache: a core's %s are read at %s, the %s of "
        "the base at %s",
        head, a.s, trm__text_rate(fast, "B").s, b.s,
        trm__text_rate(slow, "B").s);
  else if (fast > 0)
    text = trm__format(
        "%s, yet a core's %s are read no faster than the %s of "
        "the base",
        head, a.s, b.s);
  else
    text = trm__format(
        "%s, likely cache: a core works on %s, that of the base "
        "on %s",
        head, a.s, b.s);
  free(head);
  return text;
}

static void relate(const trm__study *s, trm__point *p, const trm__point *base) {
  double more = p->updates / base->updates,
         cores = (double)p->cores / base->cores;
  p->speedup = trm__ratio(p->counted, p->seconds, base->counted, base->seconds,
                          LEVEL, s->seed);
  if (p == base) p->speedup = (trm__interval){1, 1, 1, LEVEL};
  p->speedup = times(p->speedup, more);
  p->efficiency = times(p->speedup, 1 / cores);
  p->superlinear =
      p->config->mode != TRM__MODE_MEMORY && p->efficiency.mid > TOO_GOOD;
  if (p->superlinear) add_flaw(p, why_superlinear(s, p, base));
}

/* The best of one core of a problem; -1: none was measured. */
static int best_serial(const trm__points *points, int problem) {
  int best = -1;
  for (int i = 0; i < points->n; i++) {
    const trm__point *p = &points->point[i];
    if (!p->valid || p->cores != 1 || p->origin != TRM__MEASURED) continue;
    if (p->config->problem != problem) continue;
    if (best < 0 || p->rate.mid > points->point[best].rate.mid) best = i;
  }
  return best;
}

/* Of its own problem; where that grows with the cores, of the one it grew from. */
static double over_serial(const trm__points *points, const trm__point *p) {
  int problem = p->config->problem;
  for (int i = points->n - 1; i >= 0 && p->config->mode == TRM__MODE_WEAK; i--)
    if (points->point[i].config->series == p->config->series)
      problem = points->point[i].config->problem;
  int best = best_serial(points, problem);
  return best < 0 ? NAN : p->rate.mid / points->point[best].rate.mid;
}

trm__points trm__points_of(const trm__study *s) {
  trm__points points = {.n = s->configs, .serial = -1};
  char **reason = trm__launches_judge(s, &points.wrong);
  points.point = trm__calloc((size_t)s->configs + 1, sizeof *points.point);
  for (int i = 0; i < s->configs; i++) points.point[i] = point_of(s, i, reason);
  trm__reasons_free(reason, s->launches);
  if (points.n) points.serial = best_serial(&points, s->config[0].problem);
  for (int i = 0; i < points.n; i++) {
    trm__point *p = &points.point[i];
    int base = trm__series_base(&points, p->config->series);
    if (!p->valid) continue;
    if (base >= 0) relate(s, p, &points.point[base]);
    p->over_serial = over_serial(&points, p);
  }
  return points;
}

void trm__points_clear(trm__points *points) {
  for (int i = 0; i < points->n; i++) {
    free(points->point[i].flaw);
    free(points->point[i].seconds);
  }
  free(points->point);
  *points = (trm__points){.serial = -1};
}

/* -- series ---------------------------------------------------------------- */

int trm__series_base(const trm__points *points, int series) {
  for (int i = 0; i < points->n; i++)
    if (points->point[i].config->series == series)
      return points->point[i].valid ? i : -1;
  return -1;
}

int trm__series_count(const trm__points *points) {
  int n = 0;
  for (int i = 0; i < points->n; i++)
    if (points->point[i].config->series >= n)
      n = points->point[i].config->series + 1;
  return n;
}

/* Sizes that differ within a series are not said: weak scaling's, the memory's. */
char *trm__series_name(const trm__points *points, int series) {
  const trm__config *first = NULL;
  for (int i = 0; i < points->n && !first; i++)
    if (points->point[i].config->series == series)
      first = points->point[i].config;
  if (!first) return trm__strdup("");
  const char *mode = trm__mode_name[first->mode],
             *label = first->label && *first->label ? first->label : NULL;
  trm__text ranks = trm__text_count(first->ranks, "rank"),
            threads = trm__text_count(first->threads, "thread");
  switch (first->mode) {
    case TRM__MODE_MEMORY:
      return trm__format("%s, %s x %s", mode, ranks.s, threads.s);
    case TRM__MODE_THREADS:
      return trm__format("%s, %s%s%s", mode, ranks.s, label ? ", " : "",
                         label ? label : "");
    case TRM__MODE_WEAK:
      return trm__format("%s, %s%s%s", mode, threads.s, label ? ", from " : "",
                         label ? label : "");
    default:
      return trm__format("%s, %s%s%s", mode, threads.s, label ? ", " : "",
                         label ? label : "");
  }
}
