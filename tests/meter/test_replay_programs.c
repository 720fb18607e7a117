/* TEST */
/* The replay of the logs of simulated programs, where truths of any log are known,
 * and the ideal time is that of the same program on a free network. */
#include <trireme/kernel.h>

#include "logs.h"

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
    trm__comm_event *e = receives(r, at, (r - by + m->ranks) % m->ranks, 4);
    e->leave = at + m->net.overhead;
    e->tag = tag;
    e = post(r, TRM__EVENT_SEND, e->leave, (r + by) % m->ranks, bytes, 4);
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

static void check_truths(const trm__meter_replayed *p) {
  trm__meter_ledger l = ledger_of(p);
  double sum = 0;
#define TRM__PART(name, text) \
  CHECK(l.parts.name >= 0);   \
  sum += l.parts.name;
  TRM__PARTS(TRM__PART)
#undef TRM__PART
  CHECK_NEAR(sum, l.total, 1e-12 * l.total);
  CHECK(p->ideal > 0 && p->ideal <= p->wall);
  const trm__meter_efficiencies *e = &l.efficiency;
  CHECK(e->serialisation <= 1 && e->transfer <= 1 && e->load_balance <= 1);
  CHECK_NEAR(e->mpi, e->load_balance * e->serialisation * e->transfer, 1e-12);
  for (int r = 0; r < p->ranks; r++) {
    CHECK(p->busy[r] <= p->covered[r] && p->covered[r] <= p->wall);
    for (int i = 0; i < books[r].n; i++) {
      const trm__comm_event *event = &books[r].event[i];
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
    trm__meter_replayed p = replay(real.ranks, EAGER);
    check_truths(&p);
    drawn = seed;
    simulate(&ideal, 1 + trial % 40);
    trm__meter_replayed q = replay(real.ranks, EAGER);
    check_truths(&q);
    CHECK_SAME(q.ideal, q.wall);
    CHECK_SAME(ledger_of(&q).parts.transfer, 0);
    CHECK_SAME(p.ideal, q.wall);
    CHECK_INT(p.unmatched + q.unmatched, 0);
    trm__meter_replayed_clear(&p);
    trm__meter_replayed_clear(&q);
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
    trm__meter_replayed p = replay(m.ranks, EAGER);
    CHECK(p.ideal <= p.wall && p.ideal >= 0);
    for (int r = 0; r < m.ranks; r++) {
      CHECK(p.covered[r] <= books[r].end);
      CHECK(p.busy[r] >= 0 && p.busy[r] <= p.covered[r]);
      CHECK(waited(&p, r) <= p.covered[r] - p.busy[r] + 1e-12);
    }
    trm__meter_replayed_clear(&p);
  }
}

int main(void) {
  programs();
  truncated_programs();
  return check_done();
}
