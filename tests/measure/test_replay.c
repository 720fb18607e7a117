/* TEST */
/* The replay of logs that are written by hand, where the right answer is known to
 * the bit, and of simulated programs, where truths of any log are. Times are
 * multiples of powers of two. */
#include "check.h"

#include "measure/ledger.h"
#include "measure/replay.h"

enum { RANKS = 8, EVENTS = 4096, EAGER = 4096, WORLD = 77 };

typedef struct book { /* the log of one rank */
  trm__event event[EVENTS];
  int n;
  double begin, end;
  bool cut;
} book;

static book books[RANKS];

/* A window of so many ranks from 0 to `end`. */
static void window(int ranks, double end) {
  for (int r = 0; r < ranks; r++) {
    books[r].n = 0;
    books[r].begin = 0;
    books[r].end = end;
    books[r].cut = false;
  }
}

static trm__event *add(int rank, trm__happening what, trm_call call,
                       double enter, double leave) {
  trm__event *e = &books[rank].event[books[rank].n++];
  *e = (trm__event){.enter = enter,
                    .leave = leave,
                    .comm = WORLD,
                    .partner = -1,
                    .what = (uint8_t)what,
                    .call = (uint8_t)call,
                    .cause = TRM_FOR_HALO};
  return e;
}

static void work(int rank, double enter, double leave) {
  add(rank, TRM__SITE, 0, enter, leave)->name = "site";
}

static trm__event *post(int rank, trm__happening what, double at, int partner,
                        int64_t bytes, uint32_t batch) {
  trm__event *e = add(rank, what, TRM_CALL_POST, at, at);
  e->partner = partner;
  e->bytes = bytes;
  e->batch = batch;
  return e;
}

static trm__event *sends(int rank, double at, int to, int64_t bytes) {
  return post(rank, TRM__SEND, at, to, bytes, 1);
}

static trm__event *receives(int rank, double at, int from, uint32_t batch) {
  return post(rank, TRM__RECEIVE, at, from, 8, batch);
}

static trm__event *waits(int rank, double enter, double leave, uint32_t batch) {
  trm__event *e = add(rank, TRM__WAIT, TRM_CALL_WAIT, enter, leave);
  e->batch = batch;
  return e;
}

static trm__event *tests(int rank, double enter, double leave, uint32_t batch,
                         bool done) {
  trm__event *e = add(rank, TRM__TEST, TRM_CALL_TEST, enter, leave);
  e->batch = batch;
  e->bytes = done;
  return e;
}

static trm__event *meets(int rank, trm_call call, double enter, double leave) {
  return add(rank, TRM__COLLECTIVE, call, enter, leave);
}

static trm__replayed replay(int ranks, int64_t eager) {
  trm__part_events part[RANKS];
  trm__replayed result;
  for (int r = 0; r < ranks; r++)
    part[r] = (trm__part_events){books[r].n, books[r].event, books[r].begin,
                                 books[r].end, books[r].cut};
  trm__replay(ranks, part, eager, &result);
  return result;
}

static const trm__called *called(const trm__replayed *p, int rank,
                                 trm_cause cause, trm_call call) {
  return &p->called[((size_t)rank * TRM_CAUSE_COUNT + cause) * TRM_CALL_COUNT +
                    call];
}

static double waited(const trm__replayed *p, int rank) {
  double sum = 0;
  for (int c = 0; c < TRM_CAUSE_COUNT; c++)
    for (int k = 0; k < TRM_CALL_COUNT; k++)
      sum += called(p, rank, (trm_cause)c, (trm_call)k)->waiting;
  return sum;
}

static void expect(const trm__replayed *p, double wall, double ideal,
                   int64_t unmatched) {
  CHECK_SAME(p->wall, wall);
  CHECK_SAME(p->ideal, ideal);
  CHECK_INT(p->unmatched, unmatched);
}

static void expect_rank(const trm__replayed *p, int rank, double covered,
                        double busy, double waiting) {
  CHECK_SAME(p->covered[rank], covered);
  CHECK_SAME(p->busy[rank], busy);
  CHECK_SAME(waited(p, rank), waiting);
}

/* The ledger that follows from a replay: all work of a window in sites. */
static trm__ledger ledger_of(const trm__replayed *p) {
  trm__ledger_rank rank[RANKS];
  for (int r = 0; r < p->ranks; r++) {
    rank[r] = (trm__ledger_rank){.threads = 1, .wall = p->covered[r]};
    rank[r].spent.serial = rank[r].spent.useful = p->busy[r];
    rank[r].spent.calls = p->covered[r] - p->busy[r];
    rank[r].waiting = waited(p, r);
  }
  return trm__ledger_of(p->ranks, rank, p->wall > 0 ? p->ideal / p->wall : 1);
}

/* -- by hand --------------------------------------------------------------- */

/* Ranks work 4, 2 and 1 and meet; the barrier takes a quarter. */
static void rank_imbalance(void) {
  const double t[] = {4, 2, 1};
  window(3, 4.25);
  for (int r = 0; r < 3; r++) {
    work(r, 0, t[r]);
    meets(r, TRM_CALL_BARRIER, t[r], 4.25);
  }
  trm__replayed p = replay(3, EAGER);
  expect(&p, 4.25, 4, 0);
  for (int r = 0; r < 3; r++) {
    expect_rank(&p, r, 4.25, t[r], 4 - t[r]);
    CHECK_SAME(p.waiting[r][0], 0);
    CHECK_SAME(p.waiting[r][1], 4 - t[r]);
    CHECK_SAME(called(&p, r, TRM_FOR_HALO, TRM_CALL_BARRIER)->seconds,
               4.25 - t[r]);
    CHECK_INT(called(&p, r, TRM_FOR_HALO, TRM_CALL_BARRIER)->calls, 1);
  }
  trm__ledger l = ledger_of(&p);
  CHECK_SAME(l.parts.rank_imbalance, 5);
  CHECK_SAME(l.parts.waiting, 0);
  CHECK_SAME(l.parts.transfer, .75);
  trm__replayed_clear(&p);
}

/* Each rank works 2 when the one before has sent; the last ends at 8. All then
 * wait for the end. */
static void pipeline(void) {
  window(4, 8);
  for (int r = 0; r < 4; r++) {
    if (r) {
      receives(r, 0, r - 1, 2);
      waits(r, 0, 2 * r, 2);
    }
    work(r, 2 * r, 2 * r + 2);
    if (r < 3) sends(r, 2 * r + 2, r + 1, 8);
    meets(r, TRM_CALL_BARRIER, 2 * r + 2, 8);
  }
  trm__replayed p = replay(4, EAGER);
  expect(&p, 8, 8, 0);
  for (int r = 0; r < 4; r++) expect_rank(&p, r, 8, 2, 6);
  trm__ledger l = ledger_of(&p);
  CHECK_SAME(l.parts.waiting, 24);
  CHECK_SAME(l.parts.rank_imbalance, 0);
  CHECK_SAME(l.efficiency.load_balance, 1);
  CHECK_SAME(l.efficiency.serialisation, .25);
  CHECK_SAME(l.efficiency.transfer, 1);
  CHECK_INT(p.nmatches, 3);
  trm__replayed_clear(&p);
}

/* The message is sent at 1, long before it is waited for; it takes until 5. */
static void slow_link(void) {
  window(2, 6);
  sends(0, 1, 1, 8);
  waits(0, 1, 1, 1);
  receives(1, 1, 0, 2);
  waits(1, 1.5, 5, 2);
  meets(0, TRM_CALL_ALLREDUCE, 6, 6);
  meets(1, TRM_CALL_ALLREDUCE, 6, 6);
  trm__replayed p = replay(2, EAGER);
  expect_rank(&p, 0, 6, 6, 0);
  expect_rank(&p, 1, 6, 2.5, 0);
  expect(&p, 6, 6, 0);
  trm__replayed_clear(&p);
  window(2, 5); /* the same, and nobody works meanwhile */
  sends(0, 1, 1, 8);
  receives(1, 1, 0, 2);
  waits(1, 1, 5, 2);
  meets(0, TRM_CALL_BARRIER, 1, 5);
  meets(1, TRM_CALL_BARRIER, 5, 5);
  p = replay(2, EAGER);
  expect_rank(&p, 0, 5, 1, 4); /* for the last to enter */
  expect_rank(&p, 1, 5, 1, 0);
  expect(&p, 5, 1, 0);
  CHECK_SAME(called(&p, 1, TRM_FOR_HALO, TRM_CALL_WAIT)->seconds, 4);
  CHECK_SAME(ledger_of(&p).efficiency.transfer, .2);
  trm__replayed_clear(&p);
}

/* Only the root of a bcast is waited for, and it waits for nobody. */
static void bcast(void) {
  window(3, 4);
  meets(0, TRM_CALL_BCAST, 1, 3.5)->partner = 1;
  work(1, 0, 3);
  meets(1, TRM_CALL_BCAST, 3, 3.25)->partner = 1;
  work(2, 0, 3.75);
  meets(2, TRM_CALL_BCAST, 3.75, 4)->partner = 1;
  trm__replayed p = replay(3, EAGER);
  expect_rank(&p, 0, 4, 1.5, 2);
  expect_rank(&p, 1, 4, 3.75, 0);
  expect_rank(&p, 2, 4, 3.75, 0);
  expect(&p, 4, 3.75, 0);
  trm__replayed_clear(&p);
}

/* A sender of more than the eager limit waits until the receive is posted. */
static void late_receiver(void) {
  for (int large = 0; large < 2; large++) {
    window(2, 6);
    sends(0, 1, 1, EAGER + large);
    waits(0, 1, 5, 1);
    work(1, 0, 3);
    receives(1, 3, 0, 2);
    waits(1, 3, 5, 2);
    trm__replayed p = replay(2, EAGER);
    expect_rank(&p, 0, 6, 2, large ? 2 : 0);
    expect_rank(&p, 1, 6, 4, 0);
    expect(&p, 6, 4, 0);
    trm__replayed_clear(&p);
  }
}

/* Two messages in one wait: the later one counts. */
static void two_in_one_wait(void) {
  window(3, 8);
  work(0, 0, 2);
  sends(0, 2, 2, 8);
  work(1, 0, 6);
  sends(1, 6, 2, 8);
  receives(2, 1, 0, 9);
  receives(2, 1, 1, 9);
  waits(2, 1, 7, 9);
  trm__replayed p = replay(3, EAGER);
  expect_rank(&p, 2, 8, 2, 5);
  CHECK_SAME(p.waiting[2][2], 5);
  CHECK_INT(p.nmatches, 2);
  for (int i = 0; i < 2; i++) CHECK_INT(p.matches[i].done, 2);
  expect(&p, 8, 8, 0);
  trm__replayed_clear(&p);
}

/* A batch with the same name is started twice; the second wait is about the
 * second start alone. Two tests, one of which sees it done. */
static void started_again(void) {
  window(2, 16);
  for (int k = 0; k < 2; k++) {
    double t = 8 * k;
    sends(0, t + 1 + k, 1, 8);
    work(0, t + 1 + k, t + 7);
    waits(0, t + 7, t + 7, 1);
    receives(1, t, 0, 5);
    tests(1, t, t + .5, 5, false);
    if (k == 0) {
      waits(1, t + .5, t + 3, 5);
    } else {
      work(1, t + .5, t + 4);
      tests(1, t + 4, t + 4.5, 5, true);
    }
    waits(1, t + 7, t + 7.25, 5); /* for nothing */
  }
  trm__replayed p = replay(2, EAGER);
  CHECK_INT(p.nmatches, 2);
  CHECK_INT(p.matches[0].done, 2);
  CHECK_INT(p.matches[1].done, 7);
  CHECK_SAME(p.waiting[1][1], .5);
  CHECK_SAME(p.waiting[1][2], .5);
  CHECK_SAME(p.waiting[1][3], 0);
  CHECK_SAME(p.waiting[1][7], 0);
  expect(&p, 16, 16, 0);
  trm__replayed_clear(&p);
}

/* Messages of one call: its time is the first one's, and it is one call. */
static void posted_together(void) {
  window(2, 4);
  for (int r = 0; r < 2; r++) {
    add(r, TRM__RECEIVE, TRM_CALL_POST, 1, 2)->partner = 1 - r;
    post(r, TRM__SEND, 1, 1 - r, 8, 0);
    waits(r, 2, 3, 0);
    post(r, TRM__RECEIVE, 3, 1 - r, 8, 0);
    post(r, TRM__SEND, 3, 1 - r, 8, 0);
    waits(r, 3, 3, 0);
  }
  trm__replayed p = replay(2, EAGER);
  CHECK_INT(called(&p, 0, TRM_FOR_HALO, TRM_CALL_POST)->calls, 2);
  CHECK_SAME(called(&p, 0, TRM_FOR_HALO, TRM_CALL_POST)->seconds, 1);
  CHECK_INT(p.nmatches, 4);
  expect_rank(&p, 0, 4, 2, 0);
  expect(&p, 4, 2, 0);
  trm__replayed_clear(&p);
}

/* Ranks 0 and 2 meet without 1 and 3; all four meet at the end. The n-th message
 * of a channel is told apart from those of another tag or communicator. */
static void split_communicators(void) {
  window(4, 8);
  for (int r = 0; r < 4; r++) {
    double at = 1 + r;
    meets(r, TRM_CALL_BARRIER, at, r % 2 ? 4 : 3)->comm = 10 + r % 2u;
  }
  sends(0, 4, 1, 8)->tag = 2;
  sends(0, 5, 1, 8)->tag = 1;
  trm__event *e = sends(0, 6, 1, 8);
  e->comm = 5;
  e->tag = 2;
  receives(1, 4, 0, 2)->tag = 1;
  waits(1, 4, 5.5, 2);
  e = receives(1, 5.5, 0, 3);
  e->comm = 5;
  e->tag = 2;
  waits(1, 5.5, 7, 3);
  receives(1, 7, 0, 4)->tag = 2;
  waits(1, 7, 7, 4);
  for (int r = 0; r < 4; r++) meets(r, TRM_CALL_ALLGATHER, 7, 8);
  trm__replayed p = replay(4, EAGER);
  CHECK_SAME(p.waiting[0][0], 2);
  CHECK_SAME(p.waiting[1][0], 2);
  CHECK_SAME(p.waiting[2][0], 0);
  CHECK_SAME(p.waiting[3][0], 0);
  CHECK_SAME(p.waiting[1][2], 1);
  CHECK_SAME(p.waiting[1][4], .5);
  CHECK_SAME(p.waiting[1][6], 0);
  CHECK_INT(p.nmatches, 3);
  CHECK_INT(p.unmatched, 0);
  trm__replayed_clear(&p);
}

/* The log of rank 1 was full at 2: what rank 0 gets from it later is not known,
 * nor what rank 2 gets from rank 0 after that. */
static void truncated(void) {
  window(3, 10);
  work(1, 0, 1);
  sends(1, 1, 0, 8);
  work(1, 1, 2);
  books[1].cut = true;
  receives(0, 0, 1, 2);
  waits(0, 0, 1, 2);
  receives(0, 4, 1, 3);
  waits(0, 4, 5, 3);
  sends(0, 6, 2, 8);
  receives(2, 7, 0, 2);
  waits(2, 7, 7, 2);
  work(2, 7, 10);
  trm__replayed p = replay(3, EAGER);
  expect_rank(&p, 0, 4, 3, 1);
  expect_rank(&p, 1, 2, 2, 0);
  expect_rank(&p, 2, 7, 7, 0);
  expect(&p, 7, 7, 1);
  trm__replayed_clear(&p);
}

/* A collective call that one rank did not record ends the replay there. */
static void incomplete_collective(void) {
  window(3, 10);
  for (int r = 0; r < 3; r++) meets(r, TRM_CALL_ALLREDUCE, 1 + r, 4);
  for (int r = 0; r < 2; r++) meets(r, TRM_CALL_ALLREDUCE, 5 + r, 8);
  books[2].cut = true;
  trm__replayed p = replay(3, EAGER);
  expect_rank(&p, 0, 5, 2, 2);
  expect_rank(&p, 1, 6, 4, 1);
  expect_rank(&p, 2, 4, 3, 0);
  expect(&p, 6, 5, 2);
  trm__replayed_clear(&p);
}

/* Logs that contradict each other: each waits for what the other sends later. */
static void contradiction(void) {
  window(2, 4);
  for (int r = 0; r < 2; r++) {
    receives(r, 1, 1 - r, 2);
    waits(r, 1, 2, 2);
    sends(r, 3, 1 - r, 8);
  }
  trm__replayed p = replay(2, EAGER);
  expect_rank(&p, 0, 1, 1, 0);
  expect(&p, 1, 1, 0);
  trm__replayed_clear(&p);
}

/* Checkpoints are left out, and after one all go on together. */
static void checkpoint(void) {
  window(2, 12);
  for (int r = 0; r < 2; r++) {
    work(r, 0, 3);
    add(r, TRM__CHECKPOINT, 0, 3, 8);
    work(r, 8, 10 + r);
    meets(r, TRM_CALL_BARRIER, 10 + r, 12);
  }
  trm__replayed p = replay(2, EAGER);
  expect_rank(&p, 0, 7, 5, 1);
  expect_rank(&p, 1, 7, 6, 0);
  expect(&p, 7, 6, 0);
  trm__replayed_clear(&p);
  window(2, 12); /* each late once, by 2: the ideal is never beyond the wall */
  add(0, TRM__CHECKPOINT, 0, 1, 5);
  add(1, TRM__CHECKPOINT, 0, 3, 5);
  add(0, TRM__CHECKPOINT, 0, 8, 12);
  add(1, TRM__CHECKPOINT, 0, 6, 12);
  p = replay(2, EAGER);
  expect(&p, 4, 4, 0);
  expect_rank(&p, 0, 4, 4, 0);
  trm__replayed_clear(&p);
}

static void empty(void) {
  window(3, 0);
  trm__replayed p = replay(3, EAGER);
  expect(&p, 0, 0, 0);
  trm__replayed_clear(&p);
  window(3, 2);
  p = replay(3, EAGER);
  expect(&p, 2, 2, 0);
  expect_rank(&p, 2, 2, 2, 0);
  trm__replayed_clear(&p);
}

static void one_rank(void) {
  window(1, 5);
  work(0, 0, 2);
  meets(0, TRM_CALL_ALLREDUCE, 2, 3);
  add(0, TRM__BESIDE, TRM_CALL_BESIDE, 3, 3.5);
  trm__replayed p = replay(1, EAGER);
  expect(&p, 5, 3.5, 0);
  expect_rank(&p, 0, 5, 3.5, 0);
  CHECK_SAME(called(&p, 0, TRM_FOR_HALO, TRM_CALL_BESIDE)->seconds, .5);
  trm__replayed_clear(&p);
}

/* -- simulated programs ---------------------------------------------------- */

/* A network as LogP has it: each message takes `latency` and its bytes; who sends
 * or receives spends `overhead`. */
typedef struct network {
  double latency, overhead, per_byte;
} network;

static uint64_t drawn;

static int below(int n) {
  return (int)(trm_random(3, 5, drawn++) % (uint64_t)n);
}

static const double TICK = 0x1p-10;

typedef struct machine {
  int ranks;
  network net;
  double now[RANKS];
} machine;

static void compute(machine *m, int rank) {
  double t = TICK * below(64);
  if (below(2)) work(rank, m->now[rank], m->now[rank] + t);
  m->now[rank] += t;
}

/* A ring shift or a permutation by messages, each rank one of each. */
static void shift(machine *m) {
  double arrived[RANKS];
  int by = 1 + below(m->ranks - 1), bytes = below(100), tag = below(3);
  for (int r = 0; r < m->ranks; r++) {
    compute(m, r);
    double at = m->now[r];
    trm__event *e = receives(r, at, (r - by + m->ranks) % m->ranks, 4);
    e->leave = at + m->net.overhead;
    e->tag = tag;
    e = post(r, TRM__SEND, e->leave, (r + by) % m->ranks, bytes, 4);
    e->leave += m->net.overhead;
    e->tag = tag;
    m->now[r] = e->leave;
    arrived[(r + by) % m->ranks] =
        e->enter + m->net.latency + m->net.per_byte * bytes;
    if (below(2)) compute(m, r);
  }
  for (int r = 0; r < m->ranks; r++) {
    double enter = m->now[r];
    m->now[r] = fmax(enter, arrived[r]) + m->net.overhead;
    waits(r, enter, m->now[r], 4);
  }
}

/* From each rank to the next, in turn. */
static void sweep(machine *m) {
  double arrived = 0;
  for (int r = 0; r < m->ranks; r++) {
    if (r) {
      receives(r, m->now[r], r - 1, 6);
      double enter = m->now[r];
      m->now[r] = fmax(enter, arrived) + m->net.overhead;
      waits(r, enter, m->now[r], 6);
    }
    compute(m, r);
    if (r == m->ranks - 1) break;
    arrived = m->now[r] + m->net.latency;
    sends(r, m->now[r], r + 1, 8)->leave += m->net.overhead;
    m->now[r] += m->net.overhead;
    waits(r, m->now[r], m->now[r], 1);
  }
}

static void together(machine *m) {
  double latest = 0, enter[RANKS];
  int root = below(3) ? -1 : below(m->ranks);
  for (int r = 0; r < m->ranks; r++) {
    compute(m, r);
    enter[r] = m->now[r];
    latest = fmax(latest, enter[r]);
  }
  for (int r = 0; r < m->ranks; r++) {
    double from = root < 0 ? latest : enter[root];
    m->now[r] = fmax(enter[r], from) + 2 * m->net.latency;
    meets(r, root < 0 ? TRM_CALL_ALLREDUCE : TRM_CALL_BCAST, enter[r],
          m->now[r])
        ->partner = root;
  }
}

static void simulate(machine *m, int phases) {
  window(m->ranks, 0);
  for (int i = 0; i < phases; i++) {
    int kind = below(m->ranks > 1 ? 3 : 1);
    if (kind == 0) together(m);
    if (kind == 1) shift(m);
    if (kind == 2) sweep(m);
  }
  compute(m, 0);
  for (int r = 0; r < m->ranks; r++) books[r].end = m->now[r] + TICK;
}

static void check_truths(const trm__replayed *p) {
  trm__ledger l = ledger_of(p);
  double sum = 0;
#define TRM__PART(name, text) \
  CHECK(l.parts.name >= 0);   \
  sum += l.parts.name;
  TRM__PARTS(TRM__PART)
#undef TRM__PART
  CHECK_NEAR(sum, l.total, 1e-12 * l.total);
  CHECK(p->ideal > 0 && p->ideal <= p->wall);
  const trm__efficiencies *e = &l.efficiency;
  CHECK(e->serialisation <= 1 && e->transfer <= 1 && e->load_balance <= 1);
  CHECK_NEAR(e->mpi, e->load_balance * e->serialisation * e->transfer, 1e-12);
  for (int r = 0; r < p->ranks; r++) {
    CHECK(p->busy[r] <= p->covered[r] && p->covered[r] <= p->wall);
    for (int i = 0; i < books[r].n; i++) {
      const trm__event *event = &books[r].event[i];
      CHECK(p->waiting[r][i] >= 0 &&
            p->waiting[r][i] <= event->leave - event->enter);
    }
  }
}

/* The ideal time is that of the very same program on a free network: simulated
 * again with the same seed. */
static void programs(void) {
  for (int trial = 0; trial < 300; trial++) {
    machine real = {.ranks = 1 + trial % RANKS,
                    .net = {TICK * (trial % 7), TICK * (trial % 3),
                            TICK / 16 * (trial % 5)}};
    machine ideal = {.ranks = real.ranks};
    uint64_t seed = drawn;
    simulate(&real, 1 + trial % 40);
    trm__replayed p = replay(real.ranks, EAGER);
    check_truths(&p);
    drawn = seed;
    simulate(&ideal, 1 + trial % 40);
    trm__replayed q = replay(real.ranks, EAGER);
    check_truths(&q);
    CHECK_SAME(q.ideal, q.wall);
    CHECK_SAME(ledger_of(&q).parts.transfer, 0);
    CHECK_SAME(p.ideal, q.wall);
    CHECK_INT(p.unmatched + q.unmatched, 0);
    trm__replayed_clear(&p);
    trm__replayed_clear(&q);
  }
}

/* The same with logs that end anywhere: nothing hangs, all is counted once. */
static void truncated_programs(void) {
  for (int trial = 0; trial < 300; trial++) {
    machine m = {.ranks = 2 + trial % (RANKS - 1), .net = {TICK, TICK, 0}};
    simulate(&m, 1 + trial % 40);
    for (int r = 0; r < m.ranks; r++) {
      if (below(3)) continue;
      books[r].n = below(books[r].n + 1);
      books[r].cut = true;
    }
    trm__replayed p = replay(m.ranks, EAGER);
    CHECK(p.ideal <= p.wall && p.ideal >= 0);
    for (int r = 0; r < m.ranks; r++) {
      CHECK(p.covered[r] <= books[r].end);
      CHECK(p.busy[r] >= 0 && p.busy[r] <= p.covered[r]);
      CHECK(waited(&p, r) <= p.covered[r] - p.busy[r] + 1e-12);
    }
    trm__replayed_clear(&p);
  }
}

int main(void) {
  rank_imbalance();
  pipeline();
  slow_link();
  bcast();
  late_receiver();
  two_in_one_wait();
  started_again();
  posted_together();
  split_communicators();
  truncated();
  incomplete_collective();
  contradiction();
  checkpoint();
  empty();
  one_rank();
  programs();
  truncated_programs();
  return check_done();
}
