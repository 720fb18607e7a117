/* TEST ranks=1,3,4 */
/* Clocks of ranks: on one host all are the same, whoever asks; a skew and a drift
 * that are put in are taken out. */
#include "check_mpi.h"

#include "comm/run.h"
#include "meter/clocks.h"

/* Rank 0's clock shows 3 more and runs a 1024th faster. */
static double truth(double time) {
  return 3 + time * (1 + 0x1p-10);
}

static trm__meter_clock asked_at(double time) {
  return (trm__meter_clock){time, truth(time) - time, 0};
}

static void drift(void) {
  trm__meter_clock before = asked_at(1024), after = asked_at(3072);
  for (double t = 1000; t < 3100; t += 4)
    CHECK_SAME(trm__meter_clock_fix(&before, &after, t), truth(t));
  trm__meter_clock same = {.at = 5};
  CHECK_SAME(trm__meter_clock_fix(&same, &same, 7), 7);
  CHECK_SAME(trm__meter_clock_fix(&before, &before, 1025),
             1025 + before.offset);
}

/* All ranks of a host read one clock, so the right answer is 0: what is measured
 * must be as near as it says. */
static void measured(trm_run *run) {
  setenv("TRM_CLOCKS", "all", 1);
  for (int i = 0; i < 3; i++) {
    double since = trm_now();
    trm__meter_clock c = trm__meter_clock_ask(run);
    double until = trm_now();
    CHECK(fabs(c.offset) <= c.bound);
    CHECK(run->rank ? c.bound > 0 && c.bound < until - since : c.bound == 0);
    CHECK(c.at >= since && c.at <= until);
  }
  unsetenv("TRM_CLOCKS");
  trm__meter_clock c = trm__meter_clock_ask(run);
  CHECK_SAME(c.offset, 0);
  CHECK_SAME(c.bound, 0);
}

/* Messages are the run's own, and none goes where one clock is known to be. */
static void traffic(trm_run *run) {
  trm_counter *counter = &run->own->counter;
  trm_traffic before = counter->by[TRM_FOR_CONTROL];
  trm_traffic kernel = counter->by[TRM_FOR_KERNEL];
  trm__meter_clock_ask(run);
  CHECK_INT(counter->by[TRM_FOR_CONTROL].messages, before.messages);
  setenv("TRM_CLOCKS", "all", 1);
  trm__meter_clock_ask(run);
  CHECK_INT(counter->by[TRM_FOR_CONTROL].messages - before.messages,
            run->rank ? 32 : 32 * (run->ranks - 1));
  CHECK(!memcmp(&counter->by[TRM_FOR_KERNEL], &kernel, sizeof kernel));
  unsetenv("TRM_CLOCKS");
}

static void test(trm_run *run) {
  drift();
  measured(run);
  traffic(run);
}

int main(int argc, char **argv) {
  return check_mpi(argc, argv, test);
}
