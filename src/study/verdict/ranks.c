/* Losses between ranks: who works longer, and why; and work that takes longer on
 * more cores. */
#include "study/verdict/ranks.h"

#include <math.h>

/* Below this a difference between ranks is noise, as is one between points. */
static const double NOISE = 0.05;

/* -- imbalance -------------------------------------------------------------- */

static double variation(const trm__meter_spread *s) {
  return s->rank >= 0 && s->median > 0 ? (s->max - s->min) / s->median : 0;
}

/* Do unequal amounts explain that ranks worked unequally long? They differ as much,
 * and what is left for each amount differs less. */
static bool explains(const trm__meter_balance *b,
                     const trm__meter_spread *amount,
                     const trm__meter_spread *per) {
  double seen = variation(&b->useful);
  return variation(amount) > 0.5 * seen && variation(per) < 0.8 * seen;
}

/* One stands out if it lies further from the next than all others among
 * themselves, twice over. */
static bool stands_out(const trm__meter_spread *s) {
  return s->rank >= 0 && s->max > (1 + NOISE) * s->second &&
         s->max - s->second > 2 * (s->second - s->min);
}

/* The site of some ranks alone that explains what the busiest works more. */
static const char *site_of_few(const trm__study_evidence *e) {
  double more = e->balance.useful.max - e->balance.useful.min, most = 0;
  const char *name = NULL;
  for (int i = 0; i < trm__study_sites(e); i++) {
    trm__study_site s = trm__study_site_at(e, i);
    if (s.ranks < 1 || 2 * s.ranks > e->ranks || s.max <= most) continue;
    if (s.max < 0.5 * more || s.max > 2 * more) continue;
    most = s.max;
    name = s.name;
  }
  return name;
}

/* Why some ranks work longer than others. */
static trm__study_limiter unequal(const trm__study_evidence *e) {
  const trm__meter_balance *b = &e->balance;
  const trm__meter_spread *per = b->per_counted.rank >= 0  ? &b->per_counted
                                 : b->per_update.rank >= 0 ? &b->per_update
                                                           : &b->useful;
  if (b->ranks && site_of_few(e)) return TRM__LIMIT_SERIAL;
  if (explains(b, &b->updates, &b->per_update)) return TRM__LIMIT_DIVISION;
  if (stands_out(per) && !explains(b, &b->counted, &b->per_counted))
    return TRM__LIMIT_SLOW_RANK;
  return TRM__LIMIT_IMBALANCE;
}

void trm__study_losses_imbalance(const trm__study_evidence *e,
                                 trm__study_losses *l) {
  trm__study_limiter why = unequal(e);
  l->lost[why] += e->ledger.parts.rank_imbalance;
  l->one_rank = why == TRM__LIMIT_SERIAL;
  if (l->one_rank) l->site = site_of_few(e);
}

/* -- useful time that grows ------------------------------------------------- */

/* Memory binds where the roofline says so, or where bytes are what is done and
 * each core gets fewer of them. */
static bool starves(const trm__study_evidence *base,
                    const trm__study_evidence *e) {
  if (e->memory) return e->fraction > 0.4;
  if (!(e->bytes_per_s > 0) || !(base->bytes_per_s > 0)) return false;
  bool few_flops = e->flops_per_s < e->bytes_per_s;
  return few_flops && e->bytes_per_s / e->cores <
                          (1 - NOISE) * base->bytes_per_s / base->cores;
}

/* Core seconds that a site takes more than at the base, as far as it does more:
 * each rank repeats what one did there. A site that counts nothing repeats when it
 * takes as long on more cores as on few. */
static double repeated(const trm__study_evidence *base,
                       const trm__study_evidence *e,
                       const trm__study_site *now) {
  trm__study_site before = trm__study_site_named(base, now->name);
  double grown = e->work / base->work;
  if (!before.name || !(before.mean > 0) || e->cores <= base->cores) return 0;
  double more = now->mean * e->cores - before.mean * base->cores * grown;
  if (now->amount > 0 && before.amount > 0) {
    double repeats = now->amount / (before.amount * grown);
    double cost = before.mean * base->cores * grown * (repeats - 1);
    return repeats > 1 + NOISE ? fmin(more, cost) : 0;
  }
  double cores = (double)e->cores / base->cores;
  double stays = now->mean / (before.mean * grown);
  bool as_long = stays > 0.5 * (1 + 1 / cores) && !starves(base, e);
  return as_long ? more : 0;
}

/* Core seconds that ranks work longer than the others for as much work: they are
 * lost to what the others wait for. */
static double extra_cost(const trm__study_evidence *e, trm__study_limiter why) {
  const trm__meter_spread *u = &e->balance.useful;
  if (!e->balance.ranks) return 0;
  if (why == TRM__LIMIT_SLOW_RANK) return (u->max - u->second) * e->threads;
  if (why == TRM__LIMIT_IMBALANCE)
    return fmax(e->ledger.parts.useful - u->min * e->cores, 0);
  return 0;
}

void trm__study_losses_useful(const trm__study_evidence *base,
                              const trm__study_evidence *e,
                              trm__study_losses *l) {
  if (!(base->work > 0) || !(e->work > 0)) return;
  double before = base->ledger.parts.useful * e->work / base->work;
  double more = fmax(e->ledger.parts.useful - before, 0), again = 0, most = 0;
  for (int i = 0; i < trm__study_sites(e); i++) {
    trm__study_site s = trm__study_site_at(e, i);
    double seconds = repeated(base, e, &s);
    if (!(seconds > 0)) continue;
    again += seconds;
    if (seconds > most && !l->one_rank) l->site = s.name;
    most = fmax(most, seconds);
  }
  again = fmin(again, more);
  more -= again;
  l->lost[TRM__LIMIT_SERIAL] += again;
  if (starves(base, e)) {
    l->lost[TRM__LIMIT_MEMORY] += more;
    return;
  }
  trm__study_limiter why = unequal(e);
  double uneven = fmin(extra_cost(e, why), more);
  l->lost[why] += uneven;
  l->lost[TRM__LIMIT_SLOWER_CORES] += more - uneven;
}
