/* How busy the processors of this host are. Local. */
#ifndef TRM_LAUNCH_LOAD_H
#define TRM_LAUNCH_LOAD_H

#include <stdbool.h>

/** Share of the processors that others use now; takes that many seconds to measure.
 * -1: not known. */
double trm__launch_load(double seconds);
/* Seconds of a first measurement: on two processors a tick of the clock is 2.5 %. */
#define TRM__LAUNCH_LOAD_SECONDS 0.2

typedef struct
    trm__launch_ticks { /* of all processors since the host started */
  bool known;
  double busy, stolen, all;
} trm__launch_ticks;

trm__launch_ticks trm__launch_ticks_now(void);
/** Share of the time since then that the hypervisor took away; -1: not known. */
double trm__launch_stolen(const trm__launch_ticks *since);

#endif
