/* Progress on stderr: one line, rewritten on a terminal, a new one every 10 s
 * otherwise. Rank 0 prints. */
#ifndef TRM_RUN_PROGRESS_H
#define TRM_RUN_PROGRESS_H

#include "run/run.h"

typedef struct trm__progress {
  bool on, terminal, drawn;
  double began, shown; /* trm_now */
  int64_t first;       /* step at the begin */
} trm__progress;

trm__progress trm__progress_begin(const trm__session *);
void trm__progress_show(trm__progress *, const trm__session *);
/** Clear the line, if one is drawn. */
void trm__progress_end(trm__progress *);

#endif
