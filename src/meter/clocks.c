#include "meter/clocks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "comm/run.h"
#include "comm/tags.h"

enum { EXCHANGES = 32 };

/* Rank 0 answers each request with its time. */
static void answer(const trm_comm *comm, int rank) {
  for (int i = 0; i < EXCHANGES; i++) {
    char question;
    trm_sendrecv(comm, NULL, 0, rank, &question, 1, rank, TRM__TAG_MEASURE);
    double now = trm_now();
    trm_sendrecv(comm, &now, sizeof now, rank, NULL, 0, rank, TRM__TAG_MEASURE);
  }
}

/* The answer was sent between the request and its arrival. */
static trm__meter_clock ask(const trm_comm *comm) {
  trm__meter_clock best = {.bound = HUGE_VAL};
  for (int i = 0; i < EXCHANGES; i++) {
    char question = 0;
    double theirs, sent = trm_now();
    trm_sendrecv(comm, &question, 1, 0, &theirs, sizeof theirs, 0,
                 TRM__TAG_MEASURE);
    double back = trm_now(), bound = (back - sent) / 2;
    if (bound >= best.bound) continue;
    best.at = sent + bound;
    best.offset = theirs - best.at;
    best.bound = bound;
  }
  return best;
}

static bool every_rank(void) {
  const char *text = getenv("TRM_CLOCKS");
  return text && !strcmp(text, "all");
}

/* Does this rank ask rank 0? Ranks on rank 0's host do not. */
static bool asks(const trm_run *run) {
  if (run->rank == 0) return false;
  if (every_rank()) return true;
  return run->own->host->rank == 0;
}

trm__meter_clock trm__meter_clock_ask(trm_run *run) {
  const trm_comm *comm = run->comm;
  trm_cause before = trm_comm_cause(comm, TRM_FOR_CONTROL);
  trm__meter_clock mine = {.at = trm_now()};
  char asking = asks(run), *all = trm__base_calloc((size_t)run->ranks, 1);
  trm_allgather(comm, &asking, 1, all);
  for (int r = 1; r < run->ranks; r++) {
    if (all[r] && run->rank == 0) answer(comm, r);
    if (all[r] && run->rank == r) mine = ask(comm);
  }
  free(all);
  if (!every_rank()) trm_bcast(run->own->host, &mine, sizeof mine, 0);
  trm_comm_cause_end(comm, before);
  return mine;
}

double trm__meter_clock_fix(const trm__meter_clock *before,
                            const trm__meter_clock *after, double time) {
  double span = after->at - before->at;
  double part = span > 0 ? (time - before->at) / span : 0;
  return time + before->offset + part * (after->offset - before->offset);
}
