/* Progress on stderr, printed by rank 0: on a terminal one line that is rewritten, else
 * a new line every 10 s. */
#ifndef TRM_RUN_REPORT_PROGRESS_H
#define TRM_RUN_REPORT_PROGRESS_H

#include "run/session/session.h"

typedef struct trm__run_progress {
  bool on, terminal, drawn;
  double began, shown; /* trm_now */
  int64_t first;       /* step at the start */
} trm__run_progress;

trm__run_progress trm__run_progress_begin(const trm__run_session *);
void trm__run_progress_show(trm__run_progress *, const trm__run_session *);
/** Clear the line, if one is drawn. */
void trm__run_progress_end(trm__run_progress *);

#endif
