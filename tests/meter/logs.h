/* Logs of a few ranks, made by hand or by a simulation, and their replay. */
#ifndef TRM_TESTS_LOGS_H
#define TRM_TESTS_LOGS_H

#include "check.h"

#include "meter/ledger.h"
#include "meter/ledger_rank.h"
#include "meter/replay.h"

enum { RANKS = 8, EVENTS = 4096, EAGER = 4096, WORLD = 77 };

typedef struct book { /* the log of one rank */
  trm__comm_event event[EVENTS];
  int n;
  double begin, end;
  bool cut;
} book;

static book books[RANKS];

/* A window of so many ranks from 0 to `end`. */
static inline void window(int ranks, double end) {
  for (int r = 0; r < ranks; r++) {
    books[r].n = 0;
    books[r].begin = 0;
    books[r].end = end;
    books[r].cut = false;
  }
}

static inline trm__comm_event *add(int rank, trm__comm_event_kind what,
                                   trm_call call, double enter, double leave) {
  trm__comm_event *e = &books[rank].event[books[rank].n++];
  *e = (trm__comm_event){.enter = enter,
                         .leave = leave,
                         .comm = WORLD,
                         .partner = -1,
                         .what = (uint8_t)what,
                         .call = (uint8_t)call,
                         .cause = TRM_FOR_HALO};
  return e;
}

static inline void work(int rank, double enter, double leave) {
  add(rank, TRM__EVENT_SITE, 0, enter, leave)->name = "site";
}

static inline trm__comm_event *post(int rank, trm__comm_event_kind what,
                                    double at, int partner, int64_t bytes,
                                    uint32_t batch) {
  trm__comm_event *e = add(rank, what, TRM_CALL_POST, at, at);
  e->partner = partner;
  e->bytes = bytes;
  e->batch = batch;
  return e;
}

static inline trm__comm_event *sends(int rank, double at, int to,
                                     int64_t bytes) {
  return post(rank, TRM__EVENT_SEND, at, to, bytes, 1);
}

static inline trm__comm_event *receives(int rank, double at, int from,
                                        uint32_t batch) {
  return post(rank, TRM__EVENT_RECEIVE, at, from, 8, batch);
}

static inline trm__comm_event *waits(int rank, double enter, double leave,
                                     uint32_t batch) {
  trm__comm_event *e = add(rank, TRM__EVENT_WAIT, TRM_CALL_WAIT, enter, leave);
  e->batch = batch;
  return e;
}

static inline trm__comm_event *tests(int rank, double enter, double leave,
                                     uint32_t batch, bool done) {
  trm__comm_event *e = add(rank, TRM__EVENT_TEST, TRM_CALL_TEST, enter, leave);
  e->batch = batch;
  e->bytes = done;
  return e;
}

static inline trm__comm_event *meets(int rank, trm_call call, double enter,
                                     double leave) {
  return add(rank, TRM__EVENT_COLLECTIVE, call, enter, leave);
}

static inline trm__meter_replayed replay(int ranks, int64_t eager) {
  trm__meter_part_events part[RANKS];
  trm__meter_replayed result;
  for (int r = 0; r < ranks; r++)
    part[r] = (trm__meter_part_events){
        books[r].n, books[r].event, books[r].begin, books[r].end, books[r].cut};
  trm__meter_replay(ranks, part, eager, &result);
  return result;
}

static inline const trm__meter_called *called(const trm__meter_replayed *p,
                                              int rank, trm_cause cause,
                                              trm_call call) {
  return &p->called[((size_t)rank * TRM_CAUSE_COUNT + cause) * TRM_CALL_COUNT +
                    call];
}

static inline double waited(const trm__meter_replayed *p, int rank) {
  double sum = 0;
  for (int c = 0; c < TRM_CAUSE_COUNT; c++)
    for (int k = 0; k < TRM_CALL_COUNT; k++)
      sum += called(p, rank, (trm_cause)c, (trm_call)k)->waiting;
  return sum;
}

static inline void expect(const trm__meter_replayed *p, double wall,
                          double ideal, int64_t unmatched) {
  CHECK_SAME(p->wall, wall);
  CHECK_SAME(p->ideal, ideal);
  CHECK_INT(p->unmatched, unmatched);
}

static inline void expect_rank(const trm__meter_replayed *p, int rank,
                               double covered, double busy, double waiting) {
  CHECK_SAME(p->covered[rank], covered);
  CHECK_SAME(p->busy[rank], busy);
  CHECK_SAME(waited(p, rank), waiting);
}

/* The ledger that follows from a replay: all work of a window in sites. */
static inline trm__meter_ledger ledger_of(const trm__meter_replayed *p) {
  trm__meter_ledger_rank rank[RANKS];
  for (int r = 0; r < p->ranks; r++) {
    rank[r] = (trm__meter_ledger_rank){.threads = 1, .wall = p->covered[r]};
    rank[r].spent.serial = rank[r].spent.useful = p->busy[r];
    rank[r].spent.calls = p->covered[r] - p->busy[r];
    rank[r].waiting = waited(p, r);
  }
  return trm__meter_ledger_of(p->ranks, rank,
                              p->wall > 0 ? p->ideal / p->wall : 1);
}

#endif
