/* A picture of a timeline: rows of bars, and messages as arrows, as SVG. */
#ifndef TRM_CLI_TIMELINE_DRAW_H
#define TRM_CLI_TIMELINE_DRAW_H

#include <stdio.h>

typedef enum trm__cli_bar_kind {
  TRM__CLI_BAR_SITE,
  TRM__CLI_BAR_WAITING,
  TRM__CLI_BAR_TRANSFER,
  TRM__CLI_BAR_CHECKPOINT
} trm__cli_bar_kind;

typedef struct trm__cli_bar { /* times in microseconds */
  int rank, thread;
  double from, to;
  trm__cli_bar_kind kind;
  const char *name; /* borrowed */
} trm__cli_bar;

typedef struct trm__cli_arrow {
  int from_rank, to_rank;
  double from, to;
} trm__cli_arrow;

typedef struct trm__cli_timeline_picture {
  const char *title, *note; /* borrowed */
  trm__cli_bar *bar;
  int bars;
  trm__cli_arrow *arrow;
  int arrows;
  double from, to; /* shown range, us */
} trm__cli_timeline_picture;

/** Draw what lies between `from` and `to`; rows are the ranks and threads that
 * have bars. */
void trm__cli_timeline_draw(const trm__cli_timeline_picture *, FILE *);

#endif
