/* How busy the processors of this host are. Local. */
#ifndef TRM_LAUNCH_LOAD_H
#define TRM_LAUNCH_LOAD_H

#include <stdbool.h>

/** Measure the part of the processors that processes use, for the given number of seconds.
 * \return 0 to 1; -1: unknown */
double trm__launch_load(double seconds);
/* Seconds of a first measurement: one clock tick is then 2.5 % of two processors. */
#define TRM__LAUNCH_LOAD_SECONDS 0.2

typedef struct
    trm__launch_ticks { /* of all processors since the host started */
  bool known;
  double busy, stolen, all;
} trm__launch_ticks;

trm__launch_ticks trm__launch_ticks_now(void);
/** Return the part of the time since then that the hypervisor took away; -1: unknown. */
double trm__launch_stolen(const trm__launch_ticks *since);

#endif
