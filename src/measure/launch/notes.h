/* Findings as they are made: equal ones of several ranks and hosts become one
 * line. */
#ifndef TRM_MEASURE_LAUNCH_NOTES_H
#define TRM_MEASURE_LAUNCH_NOTES_H

#include "measure/launch/launch.h"

typedef struct trm__note {
  trm__ailment code;
  bool host;          /* of the host as a whole */
  char *what, *right; /* owned */
  int n, *rank;       /* owned: that have it, rising */
} trm__note;

typedef struct trm__notes {
  int ranks, hosts;
  const trm__facts *facts;
  int n;
  trm__note *list;
} trm__notes;

/** Note that a rank, or the host that it stands for, has something; what and
 * right are taken over. */
void trm__note_rank(trm__notes *, trm__ailment, int rank, char *what,
                    char *right);
void trm__note_host(trm__notes *, trm__ailment, int rank, char *what,
                    char *right);

/** Write the lines and clear the notes. */
void trm__notes_end(trm__notes *, trm__findings *);

#endif
