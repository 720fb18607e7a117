/* TEST */
/* The arithmetic of the ledger: what is planted lands on its own line, to the
 * bit. All times are sums of powers of two. */
#include <trireme/kernel.h>

#include "check.h"

#include "meter/ledger.h"
#include "meter/ledger_rank.h"

/* A rank that begins with so many threads and ends after `wall`. */
static trm__meter_ledger_rank rank_of(int threads, double wall) {
  return (trm__meter_ledger_rank){.threads = threads, .wall = wall};
}

/* One parallel region, in which thread t works for useful[t]. */
static void region(trm__meter_ledger_rank *r, double wall,
                   const double useful[]) {
  double longest = 0;
  r->spent.region += wall;
  for (int t = 0; t < r->threads; t++) {
    longest = fmax(longest, useful[t]);
    r->spent.region_useful += useful[t];
    r->spent.useful += useful[t];
  }
  r->spent.region_longest += longest;
}

static void alone(trm__meter_ledger_rank *r, double wall) {
  r->spent.serial += wall;
  r->spent.useful += wall;
}

static void call(trm__meter_ledger_rank *r, double wall, double waiting) {
  r->spent.calls += wall;
  r->waiting += waiting;
}

static double sum(const trm__meter_parts *p) {
  double s = 0;
#define TRM__PART(name, text) s += p->name;
  TRM__PARTS(TRM__PART)
#undef TRM__PART
  return s;
}

/* All parts, in the order of TRM__PARTS. */
static void expect_parts(const trm__meter_ledger *l, const double want[8]) {
  int i = 0;
#define TRM__PART(name, text) CHECK_SAME(l->parts.name, want[i++]);
  TRM__PARTS(TRM__PART)
#undef TRM__PART
  CHECK_SAME(sum(&l->parts), l->total);
}

/* In the order of TRM__EFFICIENCIES. */
static void expect_efficiencies(const trm__meter_ledger *l,
                                const double want[10]) {
  int i = 0;
#define TRM__EFFICIENCY(name) CHECK_NEAR(l->efficiency.name, want[i++], 1e-15);
  TRM__EFFICIENCIES(TRM__EFFICIENCY)
#undef TRM__EFFICIENCY
}

static void expect_said(const trm__meter_ledger *l, const char *part) {
  char *text = trm__meter_ledger_sentence(l);
  CHECK__REPORT(strstr(text, part) != NULL, "\"%s\" lacks \"%s\"", text, part);
  free(text);
}

static void all_useful(void) {
  trm__meter_ledger_rank r = rank_of(1, 8);
  alone(&r, 8);
  trm__meter_ledger l = trm__meter_ledger_of(1, &r, 1);
  CHECK_SAME(l.total, 8);
  expect_parts(&l, (double[]){8, 0, 0, 0, 0, 0, 0, 0});
  expect_efficiencies(&l, (double[]){1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  expect_said(&l, "no loss reaches");
}

/* Four threads work 8, 4, 4 and 8; the join takes half a second more. */
static void thread_imbalance(void) {
  trm__meter_ledger_rank r = rank_of(4, 8.5);
  region(&r, 8.5, (double[]){8, 4, 4, 8});
  trm__meter_ledger l = trm__meter_ledger_of(1, &r, 1);
  CHECK_SAME(l.total, 34);
  expect_parts(&l, (double[]){24, 10, 0, 0, 0, 0, 0, 0});
  expect_efficiencies(
      &l, (double[]){24. / 34, 1, 1, 1, 1, 24. / 34, 1, 26. / 34, 24. / 26, 1});
  expect_said(&l, "thread imbalance, 29 %");
}

static void serial_section(void) {
  trm__meter_ledger_rank r = rank_of(4, 10);
  region(&r, 8, (double[]){8, 8, 8, 8});
  alone(&r, 2);
  trm__meter_ledger l = trm__meter_ledger_of(1, &r, 1);
  expect_parts(&l, (double[]){34, 0, 6, 0, 0, 0, 0, 0});
  expect_efficiencies(&l, (double[]){.85, 1, 1, 1, 1, .85, .85, 1, 1, 1});
  expect_said(&l, "serial sections, 15 %");
}

/* Ranks of two threads work 8, 6 and 4 and meet at a barrier that takes a
 * quarter of a second by itself. */
static void rank_imbalance(void) {
  trm__meter_ledger_rank r[3];
  const double work[] = {8, 6, 4};
  for (int i = 0; i < 3; i++) {
    r[i] = rank_of(2, 8.25);
    region(&r[i], work[i], (double[]){work[i], work[i]});
    call(&r[i], 8.25 - work[i], 8 - work[i]);
  }
  trm__meter_ledger l = trm__meter_ledger_of(3, r, 1);
  CHECK_SAME(l.total, 49.5);
  expect_parts(&l, (double[]){36, 0, 0, 12, 0, 1.5, 0, 0});
  expect_efficiencies(
      &l, (double[]){36 / 49.5, 36 / 49.5, 6. / 8, 8 / 8.25, 1, 1, 1, 1, 1, 1});
  expect_said(&l, "rank imbalance, 24 %");
}

/* A pipeline: each rank works 2 in its turn, for which the others wait. */
static void chain(void) {
  trm__meter_ledger_rank r[3];
  for (int i = 0; i < 3; i++) {
    r[i] = rank_of(1, 6);
    alone(&r[i], 2);
    call(&r[i], 4, 4);
  }
  trm__meter_ledger l = trm__meter_ledger_of(3, r, 1);
  expect_parts(&l, (double[]){6, 0, 0, 0, 12, 0, 0, 0});
  expect_efficiencies(&l,
                      (double[]){1. / 3, 1. / 3, 1, 1. / 3, 1, 1, 1, 1, 1, 1});
  expect_said(&l, "waiting, 67 %");
}

/* Calls without waiting; the network that costs nothing needs half the time. */
static void slow_link(void) {
  trm__meter_ledger_rank r[2];
  for (int i = 0; i < 2; i++) {
    r[i] = rank_of(1, 8);
    alone(&r[i], 4);
    call(&r[i], 4, 0);
  }
  trm__meter_ledger l = trm__meter_ledger_of(2, r, .5);
  expect_parts(&l, (double[]){8, 0, 0, 0, 0, 8, 0, 0});
  expect_efficiencies(&l, (double[]){.5, .5, 1, 1, .5, 1, 1, 1, 1, 1});
  expect_said(&l, "transfer, 50 %");
}

/* A rank waits 4: 1 of it because the other worked 1 more, the rest otherwise.
 * Each of two threads. */
static void both_kinds_of_waiting(void) {
  trm__meter_ledger_rank r[2] = {rank_of(2, 8), rank_of(2, 8)};
  region(&r[0], 4, (double[]){4, 4});
  call(&r[0], 4, 4);
  region(&r[1], 5, (double[]){5, 5});
  call(&r[1], 3, 2);
  trm__meter_ledger l = trm__meter_ledger_of(2, r, .875);
  expect_parts(&l, (double[]){18, 0, 0, 2, 10, 2, 0, 0});
  expect_efficiencies(
      &l, (double[]){9. / 16, 9. / 16, .9, 5. / 7, .875, 1, 1, 1, 1, 1});
}

/* Checkpoints are a part of their own and in no efficiency. */
static void checkpoints(void) {
  trm__meter_ledger_rank r[2] = {rank_of(2, 16), rank_of(2, 16)};
  for (int i = 0; i < 2; i++) {
    region(&r[i], 8, (double[]){8, 8});
    r[i].spent.checkpoint = 8;
  }
  trm__meter_ledger l = trm__meter_ledger_of(2, r, 1);
  expect_parts(&l, (double[]){32, 0, 0, 0, 0, 0, 32, 0});
  expect_efficiencies(&l, (double[]){1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  expect_said(&l, "checkpoint, 50 %");
}

/* A rank that ends early, and work that stands in no site. */
static void outside(void) {
  trm__meter_ledger_rank r[2] = {rank_of(1, 8), rank_of(1, 6)};
  alone(&r[0], 7);
  alone(&r[1], 6);
  trm__meter_ledger l = trm__meter_ledger_of(2, r, 1);
  expect_parts(&l, (double[]){13, 0, 0, 0, 0, 0, 0, 3});
  expect_efficiencies(
      &l, (double[]){.8125, .875, .875, 1, 1, 13. / 14, 1, 1, 1, 13. / 14});
  expect_said(&l, "outside");
}

/* Ranks with different numbers of threads: a call costs all of them. */
static void uneven_threads(void) {
  trm__meter_ledger_rank r[2] = {rank_of(1, 8), rank_of(3, 8)};
  alone(&r[0], 8);
  region(&r[1], 4, (double[]){4, 4, 4});
  call(&r[1], 4, 4);
  trm__meter_ledger l = trm__meter_ledger_of(2, r, 1);
  CHECK_SAME(l.cores, 4);
  expect_parts(&l, (double[]){20, 0, 0, 12, 0, 0, 0, 0});
}

/* Another thread works in background: 1 while the first is in a site, 3 while it
 * is in calls, 2 of its region, 1 of a checkpoint and 1 outside. */
static void background(void) {
  trm__meter_ledger_rank r = rank_of(2, 16);
  alone(&r, 4);
  call(&r, 4, 2);
  region(&r, 4, (double[]){4, 2});
  r.spent.checkpoint = 2;
  r.spent.others = (struct trm__others){
      .serial = 1, .calls = 3, .region = 2, .checkpoint = 1, .all = 8};
  r.spent.useful += 8;
  trm__meter_ledger l = trm__meter_ledger_of(1, &r, 1);
  expect_parts(&l, (double[]){18, 0, 3, 0, 2.5, 2.5, 3, 3});
  CHECK_SAME(l.efficiency.openmp_balance, 1);
  CHECK_SAME(l.efficiency.openmp_fork, 1);
  CHECK_NEAR(l.efficiency.openmp_serial, 17. / 20, 1e-15);
  CHECK_NEAR(l.efficiency.openmp_outside, 14. / 17, 1e-15);
}

static void nothing(void) {
  trm__meter_ledger_rank r[3] = {rank_of(2, 0), rank_of(2, 0), rank_of(2, 0)};
  trm__meter_ledger l = trm__meter_ledger_of(3, r, 1);
  expect_parts(&l, (double[]){0, 0, 0, 0, 0, 0, 0, 0});
  expect_efficiencies(&l, (double[]){1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  expect_said(&l, "No time");
}

/* Clocks that explain more than there was, and negative remainders. */
static void no_part_is_negative(void) {
  trm__meter_ledger_rank r[2] = {rank_of(2, 1), rank_of(2, .5)};
  region(&r[0], .75, (double[]){.95, .95});
  call(&r[0], .3, .4);
  call(&r[1], .6, -.1);
  r[1].spent.checkpoint = .2;
  trm__meter_ledger l = trm__meter_ledger_of(2, r, 1);
#define TRM__PART(name, text) CHECK(l.parts.name >= 0);
  TRM__PARTS(TRM__PART)
#undef TRM__PART
  CHECK_NEAR(sum(&l.parts), l.total, 1e-15 * l.total);
#define TRM__EFFICIENCY(name) \
  CHECK(l.efficiency.name >= 0 && l.efficiency.name <= 1);
  TRM__EFFICIENCIES(TRM__EFFICIENCY)
#undef TRM__EFFICIENCY
}

static double unit(void) {
  static uint64_t k;
  return trm_random_uniform(11, 0, k++);
}

/* Any figures at all: the parts are parts of the whole. */
static void random_ledgers(void) {
  for (int trial = 0; trial < 2000; trial++) {
    trm__meter_ledger_rank r[5];
    int ranks = 1 + (int)(5 * unit());
    for (int i = 0; i < ranks; i++) {
      r[i] = rank_of(1 + (int)(4 * unit()), unit());
      double left = r[i].wall, part[4];
      for (int p = 0; p < 4; p++) left -= part[p] = left * unit();
      region(&r[i], part[0],
             (double[]){part[0] * unit(), part[0] * unit(), part[0] * unit(),
                        part[0] * unit()});
      alone(&r[i], part[1]);
      call(&r[i], part[2], part[2] * unit());
      r[i].spent.checkpoint = part[3];
    }
    trm__meter_ledger l = trm__meter_ledger_of(ranks, r, 1e-3 + .999 * unit());
    CHECK_NEAR(sum(&l.parts), l.total, 1e-12 * l.total);
#define TRM__PART(name, text) CHECK(l.parts.name >= 0);
    TRM__PARTS(TRM__PART)
#undef TRM__PART
    const trm__meter_efficiencies *e = &l.efficiency;
    CHECK_NEAR(e->parallel, e->openmp * e->mpi, 1e-15);
    CHECK(e->parallel > 0 && e->parallel <= 1);
  }
}

static char *printed(const trm__meter_ledger *l, int width) {
  char *text;
  size_t size;
  FILE *to = open_memstream(&text, &size);
  trm__meter_ledger_print(l, to, 3, width);
  fclose(to);
  return text;
}

static int count(const char *line, char c) {
  int n = 0;
  for (; *line && *line != '\n'; line++) n += *line == c;
  return n;
}

/* The bar is exactly as wide as asked, a part as wide as it is large. */
static void bar(void) {
  trm__meter_ledger_rank r = rank_of(4, 10);
  region(&r, 5, (double[]){5, 4, 3, 4});
  alone(&r, 2);
  call(&r, 1, 0);
  r.spent.checkpoint = 1;
  trm__meter_ledger l = trm__meter_ledger_of(1, &r, 1);
  expect_parts(&l, (double[]){18, 4, 6, 0, 0, 4, 4, 4});
  for (int width = 1; width < 90; width++) {
    char *text = printed(&l, width);
    CHECK_INT(strcspn(text, "\n"), 3 + width);
    CHECK(fabs(count(text, '#') - .45 * width) < 1);
    CHECK(fabs(count(text, 'c') - .1 * width) < 1);
    CHECK(fabs(count(text, 's') - .15 * width) < 1);
    free(text);
  }
  char *text = printed(&l, 40);
  CHECK_INT(count(text, '#'), 18);
  CHECK_INT(count(text, 't'), 4);
  CHECK_INT(count(text, 's'), 6);
  CHECK_INT(count(text, 'r') + count(text, 'w'), 0);
  CHECK_INT(count(text, 'x'), 4);
  CHECK_INT(count(text, 'c'), 4);
  CHECK_INT(count(text, '.'), 4);
  CHECK(strstr(text, "\n   s serial sections    15.0 %  6.000 core s\n"));
  free(text);
}

static void json(void) {
  trm__meter_ledger_rank r[2] = {rank_of(3, 1. / 3), rank_of(2, .3)};
  region(&r[0], .1, (double[]){.1, .07, .03});
  call(&r[1], .2, .11);
  trm__meter_ledger l = trm__meter_ledger_of(2, r, .7), back;
  cJSON *made = trm__meter_ledger_json(&l);
  char *text = cJSON_PrintUnformatted(made);
  cJSON *read = cJSON_Parse(text);
  CHECK(trm__meter_ledger_read(read, &back));
  CHECK(!memcmp(&l, &back, sizeof l));
  cJSON_DeleteItemFromObject(cJSON_GetObjectItem(read, "parts"), "waiting");
  CHECK(!trm__meter_ledger_read(read, &back));
  CHECK(!trm__meter_ledger_read(NULL, &back));
  cJSON_Delete(made);
  cJSON_Delete(read);
  free(text);
}

int main(void) {
  all_useful();
  thread_imbalance();
  serial_section();
  rank_imbalance();
  chain();
  slow_link();
  both_kinds_of_waiting();
  checkpoints();
  outside();
  uneven_threads();
  background();
  nothing();
  no_part_is_negative();
  random_ledgers();
  bar();
  json();
  return check_done();
}
