/* A picture of a timeline: rows of bars, and messages as arrows, as SVG. */
#ifndef TRM_CLI_TIMELINE_H
#define TRM_CLI_TIMELINE_H

#include <stdio.h>

typedef enum trm__bar_kind {
  TRM__BAR_SITE,
  TRM__BAR_WAITING,
  TRM__BAR_TRANSFER,
  TRM__BAR_CHECKPOINT
} trm__bar_kind;

typedef struct trm__bar { /* times in microseconds */
  int rank, thread;
  double from, to;
  trm__bar_kind kind;
  const char *name; /* borrowed */
} trm__bar;

typedef struct trm__arrow {
  int from_rank, to_rank;
  double from, to;
} trm__arrow;

typedef struct trm__timeline {
  const char *title, *note; /* borrowed */
  trm__bar *bar;
  int bars;
  trm__arrow *arrow;
  int arrows;
  double from, to; /* what is shown */
} trm__timeline;

/** Draw what lies between `from` and `to`; rows are the ranks and threads that
 * have bars. */
void trm__timeline_draw(const trm__timeline *, FILE *);

#endif
