/* TEST */
/* How often checkpoints are written: Daly's formula against its own simulation. */
#include <math.h>

#include "check.h"

#include "run/checkpoint/interval.h"

/* Expected wall time for a day of work: exponential failures, restart from the last
 * checkpoint, which costs nothing itself (Daly, eq. 13). */
static double wall(double interval, double cost, double mtbf) {
  return mtbf * (exp((interval + cost) / mtbf) - 1) * 86400 / interval;
}

static void near_the_best(void) {
  static const double cost[] = {1, 30, 60}, mtbf[] = {1e4, 86400, 1e6};
  for (int i = 0; i < 3; i++)
    for (int k = 0; k < 3; k++) {
      double chosen = trm__run_interval_daly(cost[i], mtbf[k]);
      double least = 99 * cost[i];
      for (double w = 1; w < mtbf[k]; w *= 1.01)
        if (w >= least) /* no more than 1 % of the time */
          CHECK(wall(chosen, cost[i], mtbf[k]) <=
                1.001 * wall(w, cost[i], mtbf[k]));
      CHECK(cost[i] <= 0.01 * (chosen + cost[i]) * (1 + 1e-12));
    }
}

static void extremes(void) {
  CHECK(trm__run_interval_daly(0, 1e5) == 0);
  CHECK(trm__run_interval_daly(1e6, 1e3) == 99e6); /* dearer than a failure */
  double young = sqrt(2 * 1e-3 * 86400);
  CHECK(fabs(trm__run_interval_daly(1e-3, 86400) / young - 1) < 1e-3);
  CHECK(trm__run_interval_mtbf(1) == 86400);
  CHECK(trm__run_interval_mtbf(24) == 3600);
}

/* A disk that is ten times slower now and then, and a first guess that is far too low:
 * after each checkpoint all of them are within 1 % but for what it took beyond what was
 * expected, and before the next that is made up for. */
static void within_the_budget(void) {
  static const double cost[] = {2, 2, 2, 20, 2, 2, 3, 2, 2, 2};
  double spent = 0, elapsed = 5, last = 0.2;
  for (int i = 0; i < 10; i++) {
    double wait = trm__run_interval_next(last, 1, spent, elapsed);
    CHECK(wait >= trm__run_interval_daly(last, 1));
    elapsed += wait + cost[i];
    spent += cost[i];
    double beyond = fmax(cost[i] - last, 0);
    CHECK(spent - beyond <= 0.01 * elapsed * (1 + 1e-12));
    last = cost[i];
  }
  CHECK(spent <= 0.01 * elapsed * (1 + 1e-12));
  CHECK_NEAR(trm__run_interval_next(2, 1, 0, 0), 198, 1e-9);
  CHECK_NEAR(trm__run_interval_next(2, 1, 0, 1e6), 198,
             1e-9); /* no burst of them */
}

int main(void) {
  near_the_best();
  within_the_budget();
  extremes();
  return check_done();
}
