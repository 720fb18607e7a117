/* Points of a study: what its launches come to. */
#include "study/run/points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"

static const double LEVEL = 0.95;
static const double TOO_GOOD = 1.1; /* efficiency */

static trm__study_interval unknown(void) {
  return (trm__study_interval){NAN, NAN, NAN, 0};
}

static trm__study_interval times(trm__study_interval i, double factor) {
  return (trm__study_interval){i.mid * factor, i.low * factor, i.high * factor,
                               i.level};
}

/* -- what is wrong --------------------------------------------------------- */

static void add_flaw(trm__study_point *p, char *clause) {
  char *longer = trm__base_format("%s%s%s", p->flaw ? p->flaw : "",
                                  p->flaw ? "; " : "", clause);
  free(p->flaw);
  free(clause);
  p->flaw = longer;
}

typedef struct own { /* launches of one configuration */
  const trm__study *study;
  char *const *reason; /* of all launches */
  int n;
  const int *index; /* n; borrowed */
} own;

static const trm__study_launch *launch_of(const own *o, int i) {
  return &o->study->launch[o->index[i]];
}

static const char *reason_of(const own *o, int i) {
  return o->reason[o->index[i]];
}

typedef struct told { /* a reason, and how many launches have it */
  const char *reason;
  int launches;
} told;

/* "2 of 7 launches: REASON", each reason once. */
static void explain(const own *o, trm__study_point *p) {
  told *list = trm__base_calloc((size_t)o->n + 1, sizeof *list);
  int n = 0;
  for (int i = 0; i < o->n; i++) {
    int k = 0;
    if (!reason_of(o, i)) continue;
    while (k < n && strcmp(list[k].reason, reason_of(o, i))) k++;
    list[k].reason = reason_of(o, i);
    list[k].launches++;
    if (k == n) n++;
  }
  for (int k = 0; k < n; k++)
    add_flaw(p, list[k].launches == o->n
                    ? trm__base_strdup(list[k].reason)
                    : trm__base_format("%d of %d launches: %s",
                                       list[k].launches, o->n, list[k].reason));
  free(list);
}

/* -- one point ------------------------------------------------------------- */

static void collect(const own *o, trm__study_point *p) {
  p->seconds = trm__base_calloc((size_t)o->n + 1, sizeof *p->seconds);
  for (int i = 0; i < o->n; i++) {
    const trm__study_launch *l = launch_of(o, i);
    p->failed += l->status != 0;
    if (!p->counted && trm__study_launch_origin(l) != TRM__ORIGIN_COUNT)
      p->origin = trm__study_launch_origin(l);
    if (reason_of(o, i)) continue;
    p->seconds[p->counted++] = trm__study_launch_seconds(l);
    p->updates = trm__study_launch_updates(l);
  }
  p->launches = o->n;
  p->valid = p->counted > 0;
}

/* What others had of the machine: one launch among many that was disturbed says
 * nothing of the rest. */
static void disturb(const own *o, trm__study_point *p) {
  double *load = trm__base_calloc((size_t)o->n + 1, sizeof *load),
         *steal = trm__base_calloc((size_t)o->n + 1, sizeof *steal);
  for (int i = 0; i < o->n; i++) {
    load[i] = launch_of(o, i)->load;
    steal[i] = launch_of(o, i)->steal;
  }
  p->load = trm__study_median_known(o->n, load);
  p->steal = trm__study_median_known(o->n, steal);
  free(load);
  free(steal);
}

/* The counted launch that is nearest to the median. */
static const trm__study_launch *middle(const own *o, double median) {
  const trm__study_launch *best = NULL;
  double nearest = INFINITY;
  for (int i = 0; i < o->n; i++) {
    if (reason_of(o, i)) continue;
    double distance = fabs(trm__study_launch_seconds(launch_of(o, i)) - median);
    if (distance < nearest) best = launch_of(o, i), nearest = distance;
  }
  return best;
}

/* So many launches as were asked for, or until they were enough. */
static void take_time(const own *o, trm__study_point *p) {
  bool looked = o->study->repeat < 1;
  p->inside = looked ? trm__study_checked_level(p->counted) : LEVEL;
  p->time = looked ? trm__study_checked_median(p->counted, p->seconds)
                   : trm__study_median_interval(p->counted, p->seconds, LEVEL);
  p->rate =
      (trm__study_interval){p->updates / p->time.mid, p->updates / p->time.high,
                            p->updates / p->time.low, p->time.level};
}

static trm__study_point point_of(const own *o, const trm__study_config *c) {
  trm__study_point p = {.config = c, .cores = c->ranks * c->threads};
  p.time = p.rate = p.speedup = p.efficiency = unknown();
  p.over_serial = NAN;
  collect(o, &p);
  disturb(o, &p);
  explain(o, &p);
  if (!p.valid) {
    if (!p.launches) add_flaw(&p, trm__base_strdup("not launched yet"));
    return p;
  }
  take_time(o, &p);
  p.result = middle(o, p.time.mid)->result;
  const cJSON *memory = trm__base_json_at(p.result, "memory");
  p.resident = trm__base_json_f64_at(memory, "predicted_bytes", 0) / c->ranks;
  p.memory = trm__base_json_f64_at(memory, "peak_bytes", 0) / c->ranks;
  if (!trm__meter_ledger_read(trm__base_json_at(p.result, "ledger"), &p.ledger))
    p.ledger = (trm__meter_ledger){.total = 0};
  return p;
}

/* -- points among themselves ----------------------------------------------- */

/* Bytes that one core works on. */
static double set_of(const trm__study_point *p) {
  double bytes = p->resident > 0 ? p->resident : p->memory;
  return bytes / p->config->threads;
}

/* Read bandwidth of a core at a working set, as the machine file has it; 0: not
 * known. */
static double bandwidth_at(const trm__study *s, double bytes) {
  const cJSON *rung;
  double found = 0;
  cJSON_ArrayForEach(rung, trm__base_json_at(s->machine, "ladder")) {
    double best =
        trm__base_json_f64_at(trm__base_json_at(rung, "bandwidth"), "best", 0);
    if (best > 0) found = best;
    if (trm__base_json_f64_at(rung, "bytes", 0) >= bytes) break;
  }
  return found;
}

/* Why a point may be better than its share of cores. */
static char *why_superlinear(const trm__study *s, const trm__study_point *p,
                             const trm__study_point *base) {
  double here = set_of(p), there = set_of(base);
  double fast = bandwidth_at(s, here), slow = bandwidth_at(s, there);
  trm__base_text a = trm__base_text_bytes(here),
                 b = trm__base_text_bytes(there);
  char *head = trm__base_format("efficiency %.0f %%", 100 * p->efficiency.mid),
       *text;
  if (!(p->efficiency.level > 0))
    text = trm__base_format("%s, of few launches: more are needed", head);
  else if (p->efficiency.low <= 1)
    text = trm__base_format(
        "%s, but its interval reaches down to %.0f %%: more launches are "
        "needed",
        head, 100 * p->efficiency.low);
  else if (!(here > 0) || !(there > 0) || here > 0.9 * there)
    text = trm__base_format(
        "%s, and not because of a smaller working set: was the base disturbed?",
        head);
  else if (fast > 1.1 * slow)
    text = trm__base_format(
        "%s, likely cache: a core's %s are read at %s, the %s of the base at "
        "%s",
        head, a.s, trm__base_text_rate(fast, "B").s, b.s,
        trm__base_text_rate(slow, "B").s);
  else if (fast > 0)
    text = trm__base_format(
        "%s, yet a core's %s are read no faster than the %s of the base", head,
        a.s, b.s);
  else
    text = trm__base_format(
        "%s, likely cache: a core works on %s, that of the base on %s", head,
        a.s, b.s);
  free(head);
  return text;
}

static void relate(const trm__study *s, trm__study_point *p,
                   const trm__study_point *base) {
  double more = p->updates / base->updates,
         cores = (double)p->cores / base->cores;
  p->speedup =
      trm__study_ratio(p->counted, p->seconds, base->counted, base->seconds,
                       fmax(p->inside, base->inside), s->seed);
  p->speedup.level = fmin(p->speedup.level, LEVEL);
  if (p == base) p->speedup = (trm__study_interval){1, 1, 1, LEVEL};
  p->speedup = times(p->speedup, more);
  p->efficiency = times(p->speedup, 1 / cores);
  p->superlinear =
      p->config->mode != TRM__MODE_MEMORY && p->efficiency.mid > TOO_GOOD;
  if (p->superlinear) add_flaw(p, why_superlinear(s, p, base));
}

/* The best of one core of a problem; -1: none was measured. */
static int best_serial(const trm__study_points *points, int problem) {
  int best = -1;
  for (int i = 0; i < points->n; i++) {
    const trm__study_point *p = &points->point[i];
    if (!p->valid || p->cores != 1 || p->origin != TRM__MEASURED) continue;
    if (p->config->problem != problem) continue;
    if (best < 0 || p->rate.mid > points->point[best].rate.mid) best = i;
  }
  return best;
}

/* Of its own problem; where that grows with the cores, of the one it grew from. */
static double over_serial(const trm__study_points *points,
                          const trm__study_point *p) {
  int problem = p->config->problem;
  for (int i = points->n - 1; i >= 0 && p->config->mode == TRM__MODE_WEAK; i--)
    if (points->point[i].config->series == p->config->series)
      problem = points->point[i].config->problem;
  int best = best_serial(points, problem);
  return best < 0 ? NAN : p->rate.mid / points->point[best].rate.mid;
}

trm__study_points trm__study_points_of(const trm__study *s) {
  trm__study_points points = {.n = s->configs, .serial = -1};
  char **reason = trm__study_launches_validate(s, &points.wrong);
  int *order, *start;
  trm__study_order(s, &order, &start);
  points.point = trm__base_calloc((size_t)s->configs + 1, sizeof *points.point);
  for (int i = 0; i < s->configs; i++) {
    own o = {s, reason, start[i + 1] - start[i], order + start[i]};
    points.point[i] = point_of(&o, &s->config[i]);
  }
  free(order);
  free(start);
  trm__study_reasons_free(reason, s->launches);
  if (points.n) points.serial = best_serial(&points, s->config[0].problem);
  for (int i = 0; i < points.n; i++) {
    trm__study_point *p = &points.point[i];
    int base = trm__study_series_base(&points, p->config->series);
    if (!p->valid) continue;
    if (base >= 0) relate(s, p, &points.point[base]);
    p->over_serial = over_serial(&points, p);
  }
  return points;
}

void trm__study_points_clear(trm__study_points *points) {
  for (int i = 0; i < points->n; i++) {
    free(points->point[i].flaw);
    free(points->point[i].seconds);
  }
  free(points->point);
  *points = (trm__study_points){.serial = -1};
}

/* -- series ---------------------------------------------------------------- */

/* Where the first one failed, the next one takes its place. */
int trm__study_series_base(const trm__study_points *points, int series) {
  int base = -1;
  for (int i = 0; i < points->n; i++) {
    const trm__study_point *p = &points->point[i];
    if (p->config->series != series || !p->valid) continue;
    if (p->origin == TRM__MEASURED) return i;
    if (base < 0) base = i;
  }
  return base;
}

int trm__study_series_count(const trm__study_points *points) {
  int n = 0;
  for (int i = 0; i < points->n; i++)
    if (points->point[i].config->series >= n)
      n = points->point[i].config->series + 1;
  return n;
}

/* Sizes that differ within a series are not said: weak scaling's, the memory's. */
char *trm__study_series_name(const trm__study_points *points, int series) {
  const trm__study_config *first = NULL;
  for (int i = 0; i < points->n && !first; i++)
    if (points->point[i].config->series == series)
      first = points->point[i].config;
  if (!first) return trm__base_strdup("");
  const char *mode = trm__study_mode_name[first->mode],
             *label = first->label && *first->label ? first->label : NULL;
  trm__base_text ranks = trm__base_text_count(first->ranks, "rank"),
                 threads = trm__base_text_count(first->threads, "thread");
  switch (first->mode) {
    case TRM__MODE_MEMORY:
      return trm__base_format("%s, %s x %s", mode, ranks.s, threads.s);
    case TRM__MODE_THREADS:
      return trm__base_format("%s, %s%s%s", mode, ranks.s, label ? ", " : "",
                              label ? label : "");
    case TRM__MODE_WEAK:
      return trm__base_format("%s, %s%s%s", mode, threads.s,
                              label ? ", from " : "", label ? label : "");
    default:
      return trm__base_format("%s, %s%s%s", mode, threads.s, label ? ", " : "",
                              label ? label : "");
  }
}
