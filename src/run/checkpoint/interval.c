#include "run/checkpoint/interval.h"

#include <math.h>

static const double DAY = 86400;
static const double SHARE = 0.01; /* of the time, at most */

double trm__run_interval_daly(double cost, double mtbf) {
  if (!(cost > 0)) return 0;
  double work = mtbf;
  if (cost < 2 * mtbf) {
    double r = cost / (2 * mtbf);
    work = sqrt(2 * cost * mtbf) * (1 + sqrt(r) / 3 + r / 9) - cost;
  }
  return fmax(work, cost * (1 - SHARE) / SHARE);
}

double trm__run_interval_next(double cost, double mtbf, double spent,
                              double elapsed) {
  double within = (spent + cost) / SHARE - elapsed - cost;
  return fmax(trm__run_interval_daly(cost, mtbf), within);
}

double trm__run_interval_mtbf(int hosts) {
  return DAY / (hosts > 1 ? hosts : 1);
}
