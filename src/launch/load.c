#include "launch/load.h"

#include <stdio.h>
#include <time.h>

static void nap(double seconds) {
  struct timespec t = {(time_t)seconds, 0};
  t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
  nanosleep(&t, NULL);
}

trm__launch_ticks trm__launch_ticks_now(void) {
  double t[8] = {0}; /* user nice system idle iowait irq softirq steal */
  trm__launch_ticks sum = {.known = false};
  FILE *file = fopen("/proc/stat", "re");
  if (!file) return sum;
  int n = fscanf(file, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &t[0], &t[1],
                 &t[2], &t[3], &t[4], &t[5], &t[6], &t[7]);
  fclose(file);
  sum.known = n == 8;
  for (int i = 0; i < 8; i++) sum.all += t[i];
  sum.stolen = t[7];
  sum.busy = sum.all - t[3] - t[4] - t[7];
  return sum;
}

double trm__launch_load(double seconds) {
  trm__launch_ticks before = trm__launch_ticks_now();
  nap(seconds);
  trm__launch_ticks after = trm__launch_ticks_now();
  double all = after.all - before.all;
  if (!before.known || !after.known || !(all > 0)) return -1;
  return (after.busy - before.busy) / all;
}

double trm__launch_stolen(const trm__launch_ticks *before) {
  trm__launch_ticks after = trm__launch_ticks_now();
  double all = after.all - before->all;
  if (!before->known || !after.known || !(all > 0)) return -1;
  return (after.stolen - before->stolen) / all;
}
