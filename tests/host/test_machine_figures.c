/* TEST */
/* Figures from known samples, and how subjects share the time. */
#include "check.h"
#include "host/machine/machine.h"

static trm_figure figure_of(int n, const double value[],
                            trm__host_better better) {
  trm__host_samples s = {0};
  for (int i = 0; i < n; i++) trm__host_samples_add(&s, value[i]);
  trm_figure f = trm__host_samples_figure(&s, better);
  trm__host_samples_clear(&s);
  return f;
}

static void test_figures(void) {
  const double odd[] = {5, 1, 4, 2, 3}, even[] = {8, 2, 4, 6},
               bad[] = {NAN, 7, INFINITY, 0, -3};
  trm_figure f = figure_of(5, odd, TRM__HIGHER);
  CHECK_SAME(f.best, 5);
  CHECK_SAME(f.median, 3);
  CHECK_SAME(f.spread, (4. - 2.) / 3.);
  f = figure_of(5, odd, TRM__LOWER);
  CHECK_SAME(f.best, 1);
  CHECK_SAME(f.median, 3);
  f = figure_of(4, even, TRM__LOWER);
  CHECK_SAME(f.best, 2);
  CHECK_SAME(f.median, 5);
  CHECK_SAME(f.spread, (6.5 - 3.5) / 5);
  f = figure_of(5, bad, TRM__HIGHER); /* only the 7 is a sample */
  CHECK_SAME(f.best, 7);
  CHECK_SAME(f.median, 7);
  CHECK_SAME(f.spread, 0);
  f = figure_of(0, odd, TRM__HIGHER);
  CHECK_SAME(f.best, 0);
  CHECK_SAME(f.median, 0);
}

/* More samples than the first room, in the worst order. */
static void test_many(void) {
  trm__host_samples s = {0};
  for (int i = 1000; i > 0; i--) trm__host_samples_add(&s, i);
  trm_figure f = trm__host_samples_figure(&s, TRM__LOWER);
  CHECK_INT(s.n, 1000);
  CHECK_SAME(f.best, 1);
  CHECK_SAME(f.median, 500.5);
  CHECK_SAME(trm__base_quantile(s.n, s.value, 0), 1);
  CHECK_SAME(trm__base_quantile(s.n, s.value, 1), 1000);
  trm__host_samples_clear(&s);
}

/* Each row names the figure that it says it names. */
static void test_rows(void) {
  trm_machine m = {0};
  m.triad.all.best = 1;
  m.disk_read.median = 2;
  int found = 0;
  for (int i = 0; i < TRM__FIGURE_COUNT; i++) {
    const char *name = trm__host_figure_rows[i].name;
    if (!strcmp(name, "triad.all"))
      found += trm__host_figure_in(&m, i) == &m.triad.all;
    if (!strcmp(name, "disk_read"))
      found += trm__host_figure_in(&m, i) == &m.disk_read;
    if (!strcmp(name, "latency"))
      found += trm__host_figure_rows[i].better == TRM__LOWER;
  }
  CHECK_INT(found, 3);
}

/* Whatever is wanted, the shares use up all of the time, each after its weight. */
static void test_shares(void) {
  const unsigned all = (1u << TRM__SUBJECT_COUNT) - 1;
  for (unsigned wanted = 1; wanted <= all; wanted++) {
    double left = 30;
    for (int s = 0; s < TRM__SUBJECT_COUNT; s++)
      if (wanted >> s & 1)
        left -= trm__host_plan_share(wanted, (trm__host_subject)s, left);
    CHECK_NEAR(left, 0, 1e-9);
  }
  CHECK_NEAR(trm__host_plan_share(all, TRM__ON_MEMORY, 30), 7.5, 1e-12);
  CHECK_SAME(trm__host_plan_share(all, TRM__ON_NOISE, -1), 0); /* overdrawn */
}

static void test_words(void) {
  unsigned wanted;
  trm__base_error error = {TRM_OK, ""};
  CHECK_STATUS(trm__host_plan_read(NULL, &wanted, &error), TRM_OK);
  CHECK_INT(wanted, (1 << TRM__SUBJECT_COUNT) - 1);
  CHECK_STATUS(trm__host_plan_read("noise,memory", &wanted, &error), TRM_OK);
  CHECK_INT(wanted, 1 << TRM__ON_NOISE | 1 << TRM__ON_MEMORY);
  CHECK_STATUS(trm__host_plan_read("memory,netwrk", &wanted, &error),
               TRM_EOPTION);
  CHECK(strstr(error.text, "\"netwrk\"") && strstr(error.text, "network"));
  error.status = TRM_OK;
  CHECK_STATUS(trm__host_plan_read("", &wanted, &error), TRM_EOPTION);
  error.status = TRM_OK;
  CHECK_STATUS(trm__host_plan_read("memory,", &wanted, &error), TRM_EOPTION);
}

static void test_ceiling(void) {
  trm_ceiling c = {.one = {.best = 30}, .all = {.best = 50}};
  CHECK_SAME(trm_ceiling_at(&c, 1, 4), 30);
  CHECK_SAME(trm_ceiling_at(&c, 2, 4), 50);
  CHECK_SAME(trm_ceiling_at(&c, 4, 4), 50);
  CHECK_SAME(trm_ceiling_at(&c, 5, 4), 0);
  c.all.best = 400;
  CHECK_SAME(trm_ceiling_at(&c, 3, 16), 90);
}

int main(void) {
  test_figures();
  test_many();
  test_rows();
  test_shares();
  test_words();
  test_ceiling();
  return check_done();
}
