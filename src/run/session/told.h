/* What a kernel's hooks report to the run: gauges, and the end. */
#ifndef TRM_RUN_SESSION_TOLD_H
#define TRM_RUN_SESSION_TOLD_H

#include <trireme/run.h>

typedef struct trm__run_gauge {
  const char *name; /* borrowed */
  double value;
} trm__run_gauge;

#define TRM__NOT_ENDED INT64_MIN

typedef struct trm__run_told {
  trm__run_gauge *gauges; /* owned; in the order of their first use */
  int ngauges;
  int64_t ended; /* steps given to trm_ended, or TRM__NOT_ENDED */
  bool resuming; /* in setup, before a checkpoint is read */
} trm__run_told;

/** Return the run's; created on first use. Local. */
trm__run_told *trm__run_told_of(const trm_run *);

#endif
