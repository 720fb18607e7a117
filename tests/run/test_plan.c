/* TEST */
/* When the run looks up: about twice a second, at checkpoints, at the end. */
#include "check.h"

#include "run/session/plan.h"
#include "run/session/verify.h"

static void reads_every(void) {
  trm__run_every every;
  trm__base_error error = {TRM_OK, ""};
  CHECK_STATUS(trm__run_every_read("1000", &every, &error), TRM_OK);
  CHECK(every.steps == 1000 && every.seconds == 0);
  CHECK_STATUS(trm__run_every_read("1e6", &every, &error), TRM_OK);
  CHECK(every.steps == 1000000);
  CHECK_STATUS(trm__run_every_read("30s", &every, &error), TRM_OK);
  CHECK(every.steps == 0 && every.seconds == 30);
  CHECK_STATUS(trm__run_every_read("auto", &every, &error), TRM_OK);
  CHECK(every.automatic && every.steps == 0 && every.seconds == 0);
  static const char *const bad[] = {"",   "0",  "-3", "0s",  "2.5",
                                    "5k", "1e", "s",  "inf", "30 x"};
  for (int i = 0; i < 10; i++) {
    trm__base_error refused = {TRM_OK, ""};
    CHECK_STATUS(trm__run_every_read(bad[i], &every, &refused), TRM_EOPTION);
  }
}

static void plans(void) {
  trm__run_plan p = {.end = -1};
  CHECK_INT(trm__run_plan_steps(&p), 1); /* nothing is known yet */
  p = (trm__run_plan){.end = -1, .last = 1, .last_seconds = 1e-6};
  CHECK_INT(trm__run_plan_steps(&p), 8); /* grows, but not at once */
  p = (trm__run_plan){.end = -1, .last = 1000, .last_seconds = 1};
  CHECK_INT(trm__run_plan_steps(&p), 500); /* half a second */
  p = (trm__run_plan){.end = -1, .last = 10, .last_seconds = 60};
  CHECK_INT(trm__run_plan_steps(&p), 1);
  p = (trm__run_plan){
      .step = 990, .end = 1000, .last = 1000, .last_seconds = 1};
  CHECK_INT(trm__run_plan_steps(&p), 10);
  p.every.steps = 7; /* 994 is the next multiple */
  CHECK_INT(trm__run_plan_steps(&p), 4);
  p = (trm__run_plan){.end = -1,
                      .every = {0, 30, false},
                      .since_checkpoint = 29.9,
                      .last = 1000,
                      .last_seconds = 1};
  CHECK_INT(trm__run_plan_steps(&p) / 10, 10); /* a tenth of a second */
  p.since_checkpoint = 31;
  CHECK_INT(trm__run_plan_steps(&p), 1);
  p = (trm__run_plan){.end = -1, .last = INT64_MAX, .last_seconds = 0};
  CHECK_INT(trm__run_plan_steps(&p), INT64_MAX);
}

static void is_due(void) {
  trm__run_plan p = {.step = 14, .every = {7, 0, false}};
  CHECK(trm__run_plan_due(&p));
  p.step = 15;
  CHECK(!trm__run_plan_due(&p));
  p = (trm__run_plan){
      .step = 15, .every = {0, 30, false}, .since_checkpoint = 30};
  CHECK(trm__run_plan_due(&p));
  p.since_checkpoint = 29;
  CHECK(!trm__run_plan_due(&p));
  p.every = (trm__run_every){0, 0, false};
  CHECK(!trm__run_plan_due(&p));
}

/* Before a deadline one is timed early, where nothing is known of what one takes. */
static void is_timed(void) {
  trm__run_plan p = {
      .step = 15, .every = {1000, 0, false}, .since_checkpoint = 60};
  p.left = 540;
  p.deadline = true;
  CHECK(!trm__run_plan_due(&p)); /* it is known */
  p.guessed = true;
  CHECK(trm__run_plan_due(&p));
  p.since_checkpoint = 59;
  CHECK(!trm__run_plan_due(&p));
  p.since_checkpoint = 1e9;
  p.left = INFINITY;
  CHECK(!trm__run_plan_due(&p));
  p.left = 540;
  p.deadline = false;
  CHECK(!trm__run_plan_due(&p));
}

/* The last checkpoint before a deadline begins in time, and chunks shrink to it. */
static void keeps_deadlines(void) {
  trm__run_plan p = {
      .end = -1, .last = 100, .last_seconds = 1, .checkpoint_seconds = 3};
  CHECK_NEAR(trm__run_plan_margin(&p), 2 * 3 + 2 * 0.01 + 1, 1e-12);
  p.left = 0;
  CHECK(!trm__run_plan_late(&p)); /* there is none */
  p.deadline = true;
  CHECK(trm__run_plan_late(&p));
  p.left = 7.03;
  CHECK(!trm__run_plan_late(&p));
  CHECK_INT(trm__run_plan_steps(&p), 1); /* no more than what is left */
  p.left = 7.12;
  CHECK_INT(trm__run_plan_steps(&p), 10);
  p.left = 1000;
  CHECK_INT(trm__run_plan_steps(&p), 50);
  p.left = INFINITY;
  CHECK(!trm__run_plan_late(&p));
}

static void judges(void) {
  trm_verdict v = {NULL, 0};
  trm_expect(&v, "near", 1.0, 1.5, 0.5);
  trm_expect(&v, "equal", 2.0, 2.0, 0);
  CHECK(trm__run_verdict_failed(&v) == NULL);
  trm_expect(&v, "not a number", NAN, 0, 1);
  trm_expect(&v, "far", 1.0, 1.5, 0.25);
  CHECK_TEXT(trm__run_verdict_failed(&v)->what, "not a number");
  CHECK(!v.checks[3].pass);
  trm__run_verdict_clear(&v);
  CHECK_INT(v.n, 0);
}

int main(void) {
  reads_every();
  plans();
  is_due();
  is_timed();
  keeps_deadlines();
  judges();
  return check_done();
}
