/* TEST */
/* The replay of logs that are written by hand, where the right answer is known to
 * the bit. Times are multiples of powers of two. */
#include "logs.h"

/* Ranks work 4, 2 and 1 and meet; the barrier takes a quarter. */
static void rank_imbalance(void) {
  const double t[] = {4, 2, 1};
  window(3, 4.25);
  for (int r = 0; r < 3; r++) {
    work(r, 0, t[r]);
    meets(r, TRM_CALL_BARRIER, t[r], 4.25);
  }
  trm__meter_replayed p = replay(3, EAGER);
  expect(&p, 4.25, 4, 0);
  for (int r = 0; r < 3; r++) {
    expect_rank(&p, r, 4.25, t[r], 4 - t[r]);
    CHECK_SAME(p.waiting[r][0], 0);
    CHECK_SAME(p.waiting[r][1], 4 - t[r]);
    CHECK_SAME(called(&p, r, TRM_FOR_HALO, TRM_CALL_BARRIER)->seconds,
               4.25 - t[r]);
    CHECK_INT(called(&p, r, TRM_FOR_HALO, TRM_CALL_BARRIER)->calls, 1);
  }
  trm__meter_ledger l = ledger_of(&p);
  CHECK_SAME(l.parts.rank_imbalance, 5);
  CHECK_SAME(l.parts.waiting, 0);
  CHECK_SAME(l.parts.transfer, .75);
  trm__meter_replayed_clear(&p);
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
  trm__meter_replayed p = replay(4, EAGER);
  expect(&p, 8, 8, 0);
  for (int r = 0; r < 4; r++) expect_rank(&p, r, 8, 2, 6);
  trm__meter_ledger l = ledger_of(&p);
  CHECK_SAME(l.parts.waiting, 24);
  CHECK_SAME(l.parts.rank_imbalance, 0);
  CHECK_SAME(l.efficiency.load_balance, 1);
  CHECK_SAME(l.efficiency.serialisation, .25);
  CHECK_SAME(l.efficiency.transfer, 1);
  CHECK_INT(p.nmatches, 3);
  trm__meter_replayed_clear(&p);
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
  trm__meter_replayed p = replay(2, EAGER);
  expect_rank(&p, 0, 6, 6, 0);
  expect_rank(&p, 1, 6, 2.5, 0);
  expect(&p, 6, 6, 0);
  trm__meter_replayed_clear(&p);
  window(2, 5); /* the same, and no rank works meanwhile */
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
  trm__meter_replayed_clear(&p);
}

/* Only the root of a bcast is waited for, and it waits for no other rank. */
static void bcast(void) {
  window(3, 4);
  meets(0, TRM_CALL_BCAST, 1, 3.5)->partner = 1;
  work(1, 0, 3);
  meets(1, TRM_CALL_BCAST, 3, 3.25)->partner = 1;
  work(2, 0, 3.75);
  meets(2, TRM_CALL_BCAST, 3.75, 4)->partner = 1;
  trm__meter_replayed p = replay(3, EAGER);
  expect_rank(&p, 0, 4, 1.5, 2);
  expect_rank(&p, 1, 4, 3.75, 0);
  expect_rank(&p, 2, 4, 3.75, 0);
  expect(&p, 4, 3.75, 0);
  trm__meter_replayed_clear(&p);
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
    trm__meter_replayed p = replay(2, EAGER);
    expect_rank(&p, 0, 6, 2, large ? 2 : 0);
    expect_rank(&p, 1, 6, 4, 0);
    expect(&p, 6, 4, 0);
    trm__meter_replayed_clear(&p);
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
  trm__meter_replayed p = replay(3, EAGER);
  expect_rank(&p, 2, 8, 2, 5);
  CHECK_SAME(p.waiting[2][2], 5);
  CHECK_INT(p.nmatches, 2);
  for (int i = 0; i < 2; i++) CHECK_INT(p.matches[i].done, 2);
  expect(&p, 8, 8, 0);
  trm__meter_replayed_clear(&p);
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
  trm__meter_replayed p = replay(2, EAGER);
  CHECK_INT(p.nmatches, 2);
  CHECK_INT(p.matches[0].done, 2);
  CHECK_INT(p.matches[1].done, 7);
  CHECK_SAME(p.waiting[1][1], .5);
  CHECK_SAME(p.waiting[1][2], .5);
  CHECK_SAME(p.waiting[1][3], 0);
  CHECK_SAME(p.waiting[1][7], 0);
  expect(&p, 16, 16, 0);
  trm__meter_replayed_clear(&p);
}

/* Messages of one call: its time is the first one's, and it is one call. */
static void posted_together(void) {
  window(2, 4);
  for (int r = 0; r < 2; r++) {
    add(r, TRM__EVENT_RECEIVE, TRM_CALL_POST, 1, 2)->partner = 1 - r;
    post(r, TRM__EVENT_SEND, 1, 1 - r, 8, 0);
    waits(r, 2, 3, 0);
    post(r, TRM__EVENT_RECEIVE, 3, 1 - r, 8, 0);
    post(r, TRM__EVENT_SEND, 3, 1 - r, 8, 0);
    waits(r, 3, 3, 0);
  }
  trm__meter_replayed p = replay(2, EAGER);
  CHECK_INT(called(&p, 0, TRM_FOR_HALO, TRM_CALL_POST)->calls, 2);
  CHECK_SAME(called(&p, 0, TRM_FOR_HALO, TRM_CALL_POST)->seconds, 1);
  CHECK_INT(p.nmatches, 4);
  expect_rank(&p, 0, 4, 2, 0);
  expect(&p, 4, 2, 0);
  trm__meter_replayed_clear(&p);
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
  trm__comm_event *e = sends(0, 6, 1, 8);
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
  trm__meter_replayed p = replay(4, EAGER);
  CHECK_SAME(p.waiting[0][0], 2);
  CHECK_SAME(p.waiting[1][0], 2);
  CHECK_SAME(p.waiting[2][0], 0);
  CHECK_SAME(p.waiting[3][0], 0);
  CHECK_SAME(p.waiting[1][2], 1);
  CHECK_SAME(p.waiting[1][4], .5);
  CHECK_SAME(p.waiting[1][6], 0);
  CHECK_INT(p.nmatches, 3);
  CHECK_INT(p.unmatched, 0);
  trm__meter_replayed_clear(&p);
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
  trm__meter_replayed p = replay(3, EAGER);
  expect_rank(&p, 0, 4, 3, 1);
  expect_rank(&p, 1, 2, 2, 0);
  expect_rank(&p, 2, 7, 7, 0);
  expect(&p, 7, 7, 1);
  trm__meter_replayed_clear(&p);
}

/* A collective call that one rank did not record ends the replay there. */
static void incomplete_collective(void) {
  window(3, 10);
  for (int r = 0; r < 3; r++) meets(r, TRM_CALL_ALLREDUCE, 1 + r, 4);
  for (int r = 0; r < 2; r++) meets(r, TRM_CALL_ALLREDUCE, 5 + r, 8);
  books[2].cut = true;
  trm__meter_replayed p = replay(3, EAGER);
  expect_rank(&p, 0, 5, 2, 2);
  expect_rank(&p, 1, 6, 4, 1);
  expect_rank(&p, 2, 4, 3, 0);
  expect(&p, 6, 5, 2);
  trm__meter_replayed_clear(&p);
}

/* Logs that contradict each other: each waits for what the other sends later. */
static void contradiction(void) {
  window(2, 4);
  for (int r = 0; r < 2; r++) {
    receives(r, 1, 1 - r, 2);
    waits(r, 1, 2, 2);
    sends(r, 3, 1 - r, 8);
  }
  trm__meter_replayed p = replay(2, EAGER);
  expect_rank(&p, 0, 1, 1, 0);
  expect(&p, 1, 1, 0);
  trm__meter_replayed_clear(&p);
}

/* Checkpoints are left out, and all continue together after one. */
static void checkpoint(void) {
  window(2, 12);
  for (int r = 0; r < 2; r++) {
    work(r, 0, 3);
    add(r, TRM__EVENT_CHECKPOINT, 0, 3, 8);
    work(r, 8, 10 + r);
    meets(r, TRM_CALL_BARRIER, 10 + r, 12);
  }
  trm__meter_replayed p = replay(2, EAGER);
  expect_rank(&p, 0, 7, 5, 1);
  expect_rank(&p, 1, 7, 6, 0);
  expect(&p, 7, 6, 0);
  trm__meter_replayed_clear(&p);
  window(2, 12); /* each late once, by 2: the ideal is never beyond the wall */
  add(0, TRM__EVENT_CHECKPOINT, 0, 1, 5);
  add(1, TRM__EVENT_CHECKPOINT, 0, 3, 5);
  add(0, TRM__EVENT_CHECKPOINT, 0, 8, 12);
  add(1, TRM__EVENT_CHECKPOINT, 0, 6, 12);
  p = replay(2, EAGER);
  expect(&p, 4, 4, 0);
  expect_rank(&p, 0, 4, 4, 0);
  trm__meter_replayed_clear(&p);
}

static void empty(void) {
  window(3, 0);
  trm__meter_replayed p = replay(3, EAGER);
  expect(&p, 0, 0, 0);
  trm__meter_replayed_clear(&p);
  window(3, 2);
  p = replay(3, EAGER);
  expect(&p, 2, 2, 0);
  expect_rank(&p, 2, 2, 2, 0);
  trm__meter_replayed_clear(&p);
}

static void one_rank(void) {
  window(1, 5);
  work(0, 0, 2);
  meets(0, TRM_CALL_ALLREDUCE, 2, 3);
  add(0, TRM__EVENT_UNTRACKED, TRM_CALL_UNTRACKED, 3, 3.5);
  trm__meter_replayed p = replay(1, EAGER);
  expect(&p, 5, 3.5, 0);
  expect_rank(&p, 0, 5, 3.5, 0);
  CHECK_SAME(called(&p, 0, TRM_FOR_HALO, TRM_CALL_UNTRACKED)->seconds, .5);
  trm__meter_replayed_clear(&p);
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
  return check_done();
}
