/* Which host is slow. Pure. */
#include "host/machine/machine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static const double least = 0.05;

/* How much slower than another, as a fraction of the other. */
static double behind(int figure, double value, double other) {
  return trm__host_figure_rows[figure].better == TRM__HIGHER
             ? 1 - value / other
             : value / other - 1;
}

typedef struct others { /* of one figure */
  int n;
  double median, sigma, spread;
} others;

/* Of all hosts but one; of all where `without` is -1. */
static others look_at_others(int hosts, const trm__host_node host[], int figure,
                             int without) {
  others o = {0};
  double *value = trm__base_calloc((size_t)hosts, sizeof *value),
         *spread = trm__base_calloc((size_t)hosts, sizeof *spread);
  for (int h = 0; h < hosts; h++) {
    const trm_figure *f = &host[h].figure[figure];
    if (h == without || !(f->median > 0)) continue;
    value[o.n] = f->median;
    spread[o.n++] = f->spread;
  }
  trm__base_sort(o.n, value);
  trm__base_sort(o.n, spread);
  o.median = trm__base_quantile(o.n, value, 0.5);
  o.spread = trm__base_quantile(o.n, spread, 0.5);
  for (int i = 0; i < o.n; i++) value[i] = fabs(value[i] - o.median);
  trm__base_sort(o.n, value);
  if (o.n) o.sigma = 1.4826 * trm__base_quantile(o.n, value, 0.5) / o.median;
  free(value);
  free(spread);
  return o;
}

static double largest(double a, double b, double c, double d) {
  return fmax(fmax(a, b), fmax(c, d));
}

/* Compare one figure of one host; true and *slow when it is slow. */
static bool is_slow(const trm_figure *f, const others *o,
                    trm__host_slow_hosts_state *slow) {
  if (!(f->median > 0) || o->n < 1) return false;
  double fraction = behind(slow->figure, f->median, o->median);
  if (fraction <= largest(least, 3 * o->sigma, f->spread, o->spread))
    return false;
  slow->percent = 100 * fraction;
  slow->value = f->median;
  slow->other = o->median;
  return true;
}

int trm__host_slow_hosts(int hosts, const trm__host_node host[],
                         trm__host_slow_hosts_state *slow, int capacity) {
  int n = 0;
  for (int h = 0; h < hosts; h++)
    for (int i = 0; i < TRM__FIGURE_COUNT && n < capacity; i++) {
      others o = look_at_others(hosts, host, i, h);
      slow[n] = (trm__host_slow_hosts_state){.host = h, .figure = i};
      n += is_slow(&host[h].figure[i], &o, &slow[n]);
    }
  return n;
}

static const trm__host_node *find(int hosts, const trm__host_node host[],
                                  const char *name) {
  for (int h = 0; h < hosts; h++)
    if (!strcmp(host[h].name, name)) return &host[h];
  return NULL;
}

int trm__host_slow_since(int hosts, const trm__host_node host[],
                         int earlier_hosts, const trm__host_node earlier[],
                         trm__host_slow_hosts_state *slow, int capacity) {
  int n = 0;
  for (int h = 0; h < hosts; h++) {
    const trm__host_node *same = find(earlier_hosts, earlier, host[h].name);
    for (int i = 0; i < TRM__FIGURE_COUNT && n < capacity; i++) {
      others o = look_at_others(same ? 1 : earlier_hosts, same ? same : earlier,
                                i, -1);
      slow[n] =
          (trm__host_slow_hosts_state){.host = h, .figure = i, .before = true};
      n += is_slow(&host[h].figure[i], &o, &slow[n]);
    }
  }
  return n;
}
