#include "meter/balance.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/memory.h"

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Values below 0 stand for ranks without one. */
static trm__meter_spread spread_of(int ranks, const double value[]) {
  double *sorted = trm__base_calloc((size_t)ranks, sizeof *sorted);
  trm__meter_spread s = {.rank = -1};
  int n = 0;
  for (int r = 0; r < ranks; r++) {
    if (value[r] < 0) continue;
    if (s.rank < 0 || value[r] > value[s.rank]) s.rank = r;
    sorted[n++] = value[r];
  }
  qsort(sorted, (size_t)n, sizeof *sorted, by_value);
  if (n > 0) {
    s.min = sorted[0];
    s.median = (sorted[n / 2] + sorted[(n - 1) / 2]) / 2;
    s.second = sorted[n > 1 ? n - 2 : 0];
    s.max = sorted[n - 1];
  }
  free(sorted);
  return s;
}

/* Time per unit of work; below 0 without work. */
static double per(double seconds, double amount) {
  return amount > 0 ? seconds / amount : -1;
}

trm__meter_balance trm__meter_balance_of(int ranks,
                                         const trm__meter_portion p[]) {
  trm__meter_balance b = {.ranks = ranks};
  size_t n = (size_t)ranks;
  double *column = trm__base_calloc(5 * n, sizeof *column), updates = 0,
         counted = 0;
  for (int r = 0; r < ranks; r++) {
    updates += p[r].updates;
    counted += p[r].counted;
  }
  for (size_t r = 0; r < n; r++) {
    column[r] = p[r].useful;
    column[n + r] = updates > 0 ? p[r].updates : -1;
    column[2 * n + r] = counted > 0 ? p[r].counted : -1;
    column[3 * n + r] = per(p[r].useful, p[r].updates);
    column[4 * n + r] = per(p[r].useful, p[r].counted);
  }
  b.useful = spread_of(ranks, column);
  b.updates = spread_of(ranks, column + n);
  b.counted = spread_of(ranks, column + 2 * n);
  b.per_update = spread_of(ranks, column + 3 * n);
  b.per_counted = spread_of(ranks, column + 4 * n);
  free(column);
  return b;
}

/* -- JSON ------------------------------------------------------------------ */

#define TRM__SPREADS(X) \
  X(useful)             \
  X(updates)            \
  X(counted)            \
  X(per_update)         \
  X(per_counted)

static void add_spread(cJSON *json, const char *name,
                       const trm__meter_spread *s) {
  if (s->rank < 0) {
    cJSON_AddNullToObject(json, name);
    return;
  }
  cJSON *item = cJSON_AddObjectToObject(json, name);
  trm__base_json_f64(item, "min", s->min);
  trm__base_json_f64(item, "median", s->median);
  trm__base_json_f64(item, "second", s->second);
  trm__base_json_f64(item, "max", s->max);
  trm__base_json_i64(item, "rank", s->rank);
}

cJSON *trm__meter_balance_json(const trm__meter_balance *b) {
  cJSON *json = cJSON_CreateObject();
#define TRM__SPREAD(name) add_spread(json, #name, &b->name);
  TRM__SPREADS(TRM__SPREAD)
#undef TRM__SPREAD
  return json;
}

static trm__meter_spread read_spread(const cJSON *json, const char *name) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);
  return (trm__meter_spread){trm__base_json_f64_at(item, "min", 0),
                             trm__base_json_f64_at(item, "median", 0),
                             trm__base_json_f64_at(item, "second", 0),
                             trm__base_json_f64_at(item, "max", 0),
                             trm__base_json_int_at(item, "rank", -1)};
}

bool trm__meter_balance_read(const cJSON *json, int ranks,
                             trm__meter_balance *b) {
  *b = (trm__meter_balance){.ranks = ranks};
#define TRM__SPREAD(name) b->name = read_spread(json, #name);
  TRM__SPREADS(TRM__SPREAD)
#undef TRM__SPREAD
  if (b->useful.rank < 0) b->ranks = 0;
  return b->ranks > 0;
}
