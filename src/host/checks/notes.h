/* Collects findings: equal ones of several ranks and hosts become one line. */
#ifndef TRM_HOST_CHECKS_NOTES_H
#define TRM_HOST_CHECKS_NOTES_H

#include "host/checks/launch.h"

typedef struct trm__host_note {
  trm__host_finding_code code;
  bool host;          /* of the host as a whole */
  char *what, *right; /* owned */
  int n, *rank;       /* owned: ranks that have it, ascending */
} trm__host_note;

typedef struct trm__host_notes {
  int ranks, hosts;
  const trm__host_facts *facts;
  int n;
  trm__host_note *list;
} trm__host_notes;

/** Note a finding of a rank, or of its whole host; takes ownership of `what`
 * and `right`. */
void trm__host_note_rank(trm__host_notes *, trm__host_finding_code, int rank,
                         char *what, char *right);
void trm__host_note_host(trm__host_notes *, trm__host_finding_code, int rank,
                         char *what, char *right);

/** Write the lines and clear the notes. */
void trm__host_notes_end(trm__host_notes *, trm__host_findings *);

#endif
