#include "meter/roofline.h"

#include <math.h>

#include "base/memory.h"
#include "base/text.h"

/* A rung of the ladder belongs to a cache if it is faster than memory by
 * this. */
static const double CLEARLY = 1.3;
/* A ceiling measured at another time may be exceeded by this without
 * meaning. */
static const double DRIFT = 1.05;

const char *trm__meter_roof_name(trm__meter_roof roof) {
  static const char *const names[] = {
#define TRM__ROOF(name, text) text,
      TRM__ROOFS(TRM__ROOF)
#undef TRM__ROOF
  };
  return names[roof];
}

/* -- bandwidths of the machine --------------------------------------------- */

int trm__meter_roof_measured(const trm_machine *m) {
  int hosts = m->hosts > 0 ? m->hosts : 1, cores = m->ranks * m->threads;
  return cores > hosts ? cores / hosts : 1;
}

int trm__meter_roof_cores(const trm_machine *m, int ranks, int threads,
                          int hosts) {
  int here = (ranks * threads + hosts - 1) / hosts;
  return m->cores > 0 && here > m->cores ? m->cores : here;
}

double trm__meter_roof_at(const trm_machine *m, const trm_ceiling *ceiling,
                          int cores) {
  return trm_ceiling_at(ceiling, cores, trm__meter_roof_measured(m));
}

/* Reading, triad and copy store none, a third and half of their bytes; the time
 * per byte is linear in between. */
double trm__meter_roof_memory(const trm_machine *m, int cores,
                              trm__meter_roof roof, double share) {
  bool past = roof == TRM__ROOF_STREAMED;
  const struct {
    double share;
    const trm_ceiling *ceiling;
  } known[] = {{0, &m->read},
               {1. / 3, past ? &m->triad_stream : &m->triad},
               {1. / 2, past ? &m->copy_stream : &m->copy}};
  double low = -1, below = 0; /* the nearest figure with at most this share */
  for (int i = 0; i < 3; i++) {
    double rate = trm__meter_roof_at(m, known[i].ceiling, cores);
    if (!(rate > 0)) continue;
    if (known[i].share >= share) {
      if (known[i].share == share || low < 0) return rate;
      double part = (share - low) / (known[i].share - low);
      return 1 / ((1 - part) / below + part / rate);
    }
    low = known[i].share;
    below = rate;
  }
  return low > 0 ? below : 0; /* reading says nothing about stores */
}

double trm__meter_roof_cache(const trm_machine *m, double bytes_per_core) {
  double memory = m->read.one.best;
  if (!(memory > 0) && m->rungs > 0)
    memory = m->ladder[m->rungs - 1].bandwidth.best;
  for (int i = 0; i < m->rungs; i++) {
    if (m->ladder[i].bytes < bytes_per_core) continue;
    double rate = m->ladder[i].bandwidth.best;
    return rate > CLEARLY * memory ? rate : 0;
  }
  return 0;
}

/* -- the ceilings of a run ------------------------------------------------- */

static void add(trm__meter_roofline *r, trm__meter_roof roof, double rate,
                double seconds) {
  if (!(rate > 0) || !(seconds > 0)) return;
  r->over[r->n++] = (trm__meter_over){roof, rate, seconds};
}

static void add_flops(trm__meter_roofline *r, const trm__meter_work_done *d,
                      const trm_machine *m, int cores) {
  trm__meter_roof roof = d->work.single ? TRM__ROOF_FMA_F32 : TRM__ROOF_FMA_F64;
  const trm_ceiling *peak = d->work.single ? &m->fma_f32 : &m->fma_f64;
  double rate = d->hosts * trm__meter_roof_at(m, peak, cores);
  add(r, roof, rate, d->work.flops / rate);
}

static double bytes_of(const trm_work *w) {
  return w->read_bytes + w->write_bytes;
}

static void add_memory_as(trm__meter_roofline *r, const trm__meter_work_done *d,
                          const trm_machine *m, int cores,
                          trm__meter_roof roof) {
  const trm_work *w = &d->work;
  double share = d->stated ? w->write_bytes / bytes_of(w) : 1. / 3;
  double rate = d->hosts * trm__meter_roof_memory(m, cores, roof, share);
  add(r, roof, rate, bytes_of(w) / rate);
}

static void add_memory(trm__meter_roofline *r, const trm__meter_work_done *d,
                       const trm_machine *m, int cores) {
  const trm_work *w = &d->work;
  double resident = w->resident_bytes / (d->hosts * cores);
  double cache = resident > 0 ? trm__meter_roof_cache(m, resident) : 0;
  if (!(bytes_of(w) > 0)) return;
  if (cache > 0) {
    double rate = cache * cores * d->hosts;
    add(r, TRM__ROOF_CACHE, rate, bytes_of(w) / rate);
  } else if (!d->stated) {
    add_memory_as(r, d, m, cores, TRM__ROOF_PLAIN);
    add_memory_as(r, d, m, cores, TRM__ROOF_STREAMED);
  } else if (!(w->write_bytes > 0)) {
    add_memory_as(r, d, m, cores, TRM__ROOF_READ);
  } else {
    bool past = w->streamed_bytes >= w->write_bytes / 2;
    add_memory_as(r, d, m, cores, past ? TRM__ROOF_STREAMED : TRM__ROOF_PLAIN);
  }
}

/* A fit may have no latency: that of messages with a handshake, whose overhead
 * is all of their time. */
static bool is_fitted(const trm_loggp *p) {
  return p->overhead + p->latency + p->gap_per_byte > 0;
}

/* LogGP, one message after the other; ranks are taken to send alike. */
static void add_network(trm__meter_roofline *r, const trm__meter_work_done *d,
                        const trm_machine *m) {
  if (d->work.messages < 1 || d->ranks < 2) return;
  double messages = (double)d->work.messages / d->ranks;
  double bytes = (double)d->work.message_bytes / d->ranks;
  bool eager = bytes / messages <= (double)m->eager_limit;
  const trm_loggp *p = eager ? &m->eager : &m->rendezvous;
  if (!is_fitted(p)) p = eager ? &m->rendezvous : &m->eager;
  double seconds =
      messages * (p->overhead + p->latency) + bytes * p->gap_per_byte;
  add(r, TRM__ROOF_NETWORK, bytes / seconds, seconds);
}

/* -- which binds ----------------------------------------------------------- */

static int find(const trm__meter_roofline *r, trm__meter_roof roof) {
  for (int i = 0; i < r->n; i++)
    if (r->over[i].roof == roof) return i;
  return -1;
}

/* Where it is not known how values are stored, the lower ceiling is taken
 * unless it was exceeded. */
static int other_of(const trm__meter_roofline *r,
                    const trm__meter_work_done *d) {
  int low = find(r, TRM__ROOF_PLAIN), high = find(r, TRM__ROOF_STREAMED);
  if (low < 0 || high < 0) return -1;
  if (r->over[low].rate > r->over[high].rate) {
    int swap = low;
    low = high;
    high = swap;
  }
  return r->over[low].seconds > DRIFT * d->seconds ? low : high;
}

static void bind(trm__meter_roofline *r, const trm__meter_work_done *d) {
  int other = other_of(r, d);
  for (int i = 0; i < r->n; i++) {
    if (i == other || r->over[i].seconds <= r->seconds) continue;
    r->binds = i;
    r->seconds = r->over[i].seconds;
  }
  bool memory = r->binds >= 0 && (r->over[r->binds].roof == TRM__ROOF_PLAIN ||
                                  r->over[r->binds].roof == TRM__ROOF_STREAMED);
  r->other = memory ? other : -1;
  r->fraction = r->seconds / d->seconds;
}

trm__meter_roofline trm__meter_roofline_of(const trm__meter_work_done *d,
                                           const trm_machine *m) {
  trm__meter_roofline r = {.binds = -1, .other = -1};
  if (!(d->seconds > 0)) return r;
  r.flops_per_s = d->work.flops / d->seconds;
  r.bytes_per_s = bytes_of(&d->work) / d->seconds;
  r.intensity = r.bytes_per_s > 0 ? d->work.flops / bytes_of(&d->work) : 0;
  if (!m) return r;
  int cores = trm__meter_roof_cores(m, d->ranks, d->threads, d->hosts);
  if (cores > trm__meter_roof_measured(m))
    return r; /* what binds is not known */
  add_flops(&r, d, m, cores);
  add_memory(&r, d, m, cores);
  add_network(&r, d, m);
  bind(&r, d);
  return r;
}

/* -- in words -------------------------------------------------------------- */

static char *one(const trm__meter_over *o, const trm__meter_work_done *d) {
  double fraction = o->seconds / d->seconds;
  if (o->roof == TRM__ROOF_NETWORK)
    return trm__base_format(
        "%.2f of the network (its messages take at least %s)", fraction,
        trm__base_text_duration(o->seconds).s);
  bool flops = o->roof == TRM__ROOF_FMA_F64 || o->roof == TRM__ROOF_FMA_F32;
  const char *unit = flops ? "flop" : "B";
  return trm__base_format("%.2f of %s (%s of %s)", fraction,
                          trm__meter_roof_name(o->roof),
                          trm__base_text_rate(o->rate * fraction, unit).s,
                          trm__base_text_rate(o->rate, unit).s);
}

char *trm__meter_roofline_sentence(const trm__meter_roofline *r,
                                   const trm__meter_work_done *d) {
  if (r->binds < 0) return NULL;
  char *first = one(&r->over[r->binds], d);
  char *second =
      r->other < 0 ? trm__base_strdup("") : one(&r->over[r->other], d);
  const char *drift =
      r->fraction > 1 ? "; above 1: the machine was slower when measured" : "";
  char *text = trm__base_format("%s%s%s%s", first, *second ? ", or " : "",
                                second, drift);
  free(first);
  free(second);
  return text;
}
