/* TEST */
/* What the ranks were given and took: sums of powers of two, to the bit. */
#include "check.h"

#include "base/json.h"
#include "meter/balance.h"

static void expect(const trm__meter_spread *s, double min, double median,
                   double second, double max, int rank) {
  CHECK_SAME(s->min, min);
  CHECK_SAME(s->median, median);
  CHECK_SAME(s->second, second);
  CHECK_SAME(s->max, max);
  CHECK_INT(s->rank, rank);
}

static void several(void) {
  const trm__meter_portion p[] = {{4, 8, 16}, {2, 8, 4}, {8, 4, 32}, {0, 0, 0}};
  trm__meter_balance b = trm__meter_balance_of(4, p);
  CHECK_INT(b.ranks, 4);
  expect(&b.useful, 0, 3, 4, 8, 2);
  expect(&b.updates, 0, 6, 8, 8, 0);
  expect(&b.counted, 0, 10, 16, 32, 2);
  expect(&b.per_update, 0.25, 0.5, 0.5, 2, 2); /* three ranks have updates */
  expect(&b.per_counted, 0.25, 0.25, 0.25, 0.5, 1);
}

static void one(void) {
  trm__meter_balance b =
      trm__meter_balance_of(1, &(trm__meter_portion){2, 0, 0});
  expect(&b.useful, 2, 2, 2, 2, 0);
  CHECK_INT(b.updates.rank, -1);
  CHECK_INT(b.per_update.rank, -1);
  CHECK_INT(b.per_counted.rank, -1);
}

static void read_back(void) {
  const trm__meter_portion p[] = {{1, 3, 0}, {5, 7, 0}, {2, 1, 0}};
  trm__meter_balance b = trm__meter_balance_of(3, p), again;
  cJSON *json = trm__meter_balance_json(&b);
  char *line = trm__base_json_line(json);
  cJSON *parsed = cJSON_Parse(line);
  CHECK(trm__meter_balance_read(parsed, 3, &again));
  CHECK_INT(again.ranks, 3);
  expect(&again.useful, 1, 2, 2, 5, 1);
  expect(&again.per_update, b.per_update.min, b.per_update.median,
         b.per_update.second, b.per_update.max, b.per_update.rank);
  CHECK_INT(again.counted.rank, -1);
  CHECK(!trm__meter_balance_read(NULL, 3, &again));
  CHECK_INT(again.ranks, 0);
  cJSON_Delete(parsed);
  cJSON_Delete(json);
  free(line);
}

int main(void) {
  several();
  one();
  read_back();
  return check_done();
}
