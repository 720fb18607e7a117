/* TEST ranks=13 split */
/* The account of logs that are put into the meters by hand, on all ranks: what is
 * planted lands on its own line, shares of the windows hold for the whole run, and
 * names and clocks arrive as they were. Times are multiples of powers of two. */
#include "check_mpi.h"

#include "comm/run.h"
#include "meter/account.h"

static const char *const STAGE = "stage";

/* A meter as if the run had just begun at 0. */
static trm__comm_meter *fresh(trm_run *run) {
  trm__comm_meter *m = run->own->meter;
  trm__comm_window_open(run->own->meter, 0, 0, 5);
  trm__comm_window_close(run->own->meter, 5);
  m->windows = 1;
  m->stride = 1;
  m->window[0].begin = m->window[0].end = 0;
  m->window[0].n = 0;
  m->window[0].lost = 0;
  m->spent = (trm__comm_spent){.began = 0};
  memset(m->shown.calls, 0, sizeof m->shown.calls);
  return m;
}

static trm__comm_event *add(trm__comm_meter *m, trm__comm_event_kind what,
                            trm_call call, double enter, double leave) {
  trm__comm_window *w = &m->window[0];
  trm__comm_event *e = &w->events[w->n++];
  *e = (trm__comm_event){.enter = enter,
                         .leave = leave,
                         .comm = 3,
                         .partner = -1,
                         .what = (uint8_t)what,
                         .call = (uint8_t)call,
                         .cause = TRM_FOR_HALO};
  if (what == TRM__EVENT_SITE) {
    e->name = STAGE;
    m->spent.serial += leave - enter;
    m->spent.useful += leave - enter;
  } else {
    m->spent.calls += leave - enter;
    m->shown.calls[TRM_FOR_HALO][call].seconds += leave - enter;
    m->shown.calls[TRM_FOR_HALO][call].calls++;
  }
  if (leave > w->end) m->spent.wall = w->end = leave;
  return e;
}

/* Each rank works 2 after the one before; then all meet. */
static void chain(const trm_run *run, trm__comm_meter *m) {
  int r = run->rank, n = run->ranks;
  if (r) {
    add(m, TRM__EVENT_RECEIVE, TRM_CALL_POST, 0, 0)->partner = r - 1;
    add(m, TRM__EVENT_WAIT, TRM_CALL_WAIT, 0, 2 * r);
  }
  add(m, TRM__EVENT_SITE, 0, 2 * r, 2 * r + 2);
  if (r < n - 1)
    add(m, TRM__EVENT_SEND, TRM_CALL_POST, 2 * r + 2, 2 * r + 2)->partner =
        r + 1;
  add(m, TRM__EVENT_COLLECTIVE, TRM_CALL_BARRIER, 2 * r + 2, 2 * n);
}

/* Rank r works r + 1; a barrier that takes 1 by itself. */
static void uneven(const trm_run *run, trm__comm_meter *m) {
  int r = run->rank, n = run->ranks;
  add(m, TRM__EVENT_SITE, 0, 0, r + 1);
  add(m, TRM__EVENT_COLLECTIVE, TRM_CALL_ALLREDUCE, r + 1, n + 1);
}

/* What sites did before the loop is not of the loop. */
static void sites(trm_run *run) {
  fresh(run);
  TRM_WORK(run, "before", 2, 3) {
  }
  trm__meter_baseline opening = trm__meter_account_open(run);
  for (int k = 0; k < 3; k++) TRM_WORK(run, "before", 2, 3) {
    }
  if (run->rank == 0) TRM_WORK(run, "alone", 1, 1) {
    }
  trm__meter_account a;
  trm__meter_account_make(run, &opening, NULL, &a);
  for (int i = 0; i < a.sites; i++) {
    const trm__meter_site_account *s = &a.site[i];
    bool alone = !strcmp(s->name, "alone");
    if (!alone && strcmp(s->name, "before")) continue;
    int64_t other = alone ? 1 : run->ranks;
    CHECK_INT(s->loop_ranks, other);
    CHECK_INT(s->loop_entries, alone ? 1 : 3 * other);
    CHECK_INT(s->entries - s->loop_entries, alone ? 0 : other);
    CHECK(s->loop_mean >= 0 && s->loop_mean <= s->mean);
    CHECK(s->loop_max >= 0 && s->loop_max <= s->max);
  }
  CHECK(run->rank || a.sites >= 2);
  trm__meter_account_clear(&a);
  trm__meter_baseline_clear(&opening);
}

/* The whole run was `times` as long as the window. */
static void stretch(trm__comm_meter *m, double times) {
  m->spent.wall *= times;
  m->spent.serial *= times;
  m->spent.useful *= times;
  m->spent.calls *= times;
  for (int k = 0; k < TRM_CALL_COUNT; k++)
    m->shown.calls[TRM_FOR_HALO][k].seconds *= times;
}

static trm__meter_account account_of(trm_run *run) {
  trm__meter_baseline opening = {.clock = {0, 0, 0}};
  trm__meter_account a;
  trm__meter_account_make(run, &opening, NULL, &a);
  return a;
}

static void lands(trm_run *run, bool is_chain, double times) {
  double n = run->ranks, t = run->threads;
  trm__comm_meter *m = fresh(run);
  if (is_chain)
    chain(run, m);
  else
    uneven(run, m);
  stretch(m, times);
  trm__meter_account a = account_of(run);
  if (run->rank == 0) {
    const trm__meter_parts *p = &a.ledger.parts;
    double useful = is_chain ? 2 * n : n * (n + 1) / 2;
    double waiting = is_chain ? 2 * n * (n - 1) : 0;
    double imbalance = is_chain ? 0 : n * (n - 1) / 2;
    CHECK_NEAR(p->useful, times * useful, 1e-12 * n * n);
    CHECK_NEAR(p->serial, times * useful * (t - 1), 1e-12 * n * n);
    CHECK_NEAR(p->waiting, times * t * waiting, 1e-12 * n * n);
    CHECK_NEAR(p->rank_imbalance, times * t * imbalance, 1e-12 * n * n);
    CHECK_NEAR(p->transfer, is_chain ? 0 : times * t * n, 1e-12 * n * n);
    CHECK_NEAR(p->outside, 0, 1e-12 * n * n);
    CHECK_SAME(a.seconds, is_chain ? 2 * n : n + 1);
    CHECK_SAME(a.ideal, is_chain ? 2 * n : n);
    CHECK_INT(a.unmatched, 0);
    CHECK_INT(a.windows, 1);
    CHECK_INT(a.steps, 5);
    const trm__meter_called *c =
        &a.call[TRM_FOR_HALO][is_chain ? TRM_CALL_WAIT : TRM_CALL_ALLREDUCE];
    CHECK_INT(c->calls, is_chain ? n - 1 : n);
    CHECK_NEAR(c->waiting, times * (is_chain ? n * (n - 1) : imbalance), 1e-9);
  }
  trm__meter_account_clear(&a);
}

/* Names and times of all ranks as rank 0 sees them, from clocks that are off. */
static void views(trm_run *run) {
  trm__comm_meter *m = fresh(run);
  double off = run->rank * 256;
  trm__meter_clock clock[2] = {{0, off, 0}, {1024, off + 1, 0}};
  TRM_WORK(run, STAGE, 0, 0) m->window[0].lost = 0;
  m->window[0].n = 0;
  add(m, TRM__EVENT_SITE, 0, 512, 1024);
  add(m, TRM__EVENT_SITE, 0, 1024, 1024)->name = "nowhere else";
  if (run->rank == 1) m->window[0].lost = 1;
  trm__meter_record record[16] = {{.threads = 0}};
  trm_site_total site[16];
  for (int r = 0; r < run->ranks; r++) {
    record[r].sites = trm_site_totals(run, site, 16);
    record[r].site = site;
  }
  trm__meter_window_view v;
  trm__meter_window_gather(run, 0, clock, record, true, &v);
  CHECK_INT(v.ranks, run->rank ? 0 : run->ranks);
  for (int r = 0; r < v.ranks; r++) {
    const trm__comm_event *e = v.part[r].events;
    CHECK_INT(v.part[r].n, 2);
    CHECK_INT(v.part[r].cut, r == 1);
    CHECK_TEXT(e[0].name, STAGE);
    CHECK_TEXT(e[1].name, "site");
    CHECK_SAME(e[0].enter, 512.5 + r * 256);
    CHECK_SAME(e[0].leave, 1025 + r * 256);
    CHECK_INT(v.marks[r], 0);
  }
  trm__meter_window_view_clear(&v);
}

/* Ring messages, counted on both sides and between the right ranks. */
static void tallies(trm_run *run) {
  int n = run->ranks, next = (run->rank + 1) % n,
      before = (run->rank + n - 1) % n;
  char out[100] = {0}, in[100];
  fresh(run);
  memset(run->own->meter->to, 0, (size_t)n * sizeof *run->own->meter->to);
  memset(run->own->meter->shown.sent, 0, sizeof run->own->meter->shown.sent);
  memset(run->own->meter->shown.received, 0,
         sizeof run->own->meter->shown.received);
  trm_sendrecv(run->comm, out, 10 + run->rank, next, in, 10 + before, before,
               1);
  trm__meter_account a = account_of(run);
  if (run->rank == 0 && n > 1) {
    int64_t messages = 0, bytes = 0;
    for (int k = 0; k < TRM_SIZE_CLASSES; k++) {
      const trm_tally *sent = &a.sent[TRM_FOR_KERNEL][k];
      messages += sent->messages;
      bytes += sent->bytes;
      CHECK(!memcmp(sent, &a.received[TRM_FOR_KERNEL][k], sizeof *sent));
    }
    CHECK_INT(messages, n);
    CHECK_INT(bytes, 10 * n + n * (n - 1) / 2);
    int found = 0;
    for (int i = 0; i < a.partners; i++) {
      const trm__meter_partner *p = &a.partner[i];
      if (i) CHECK(p->bytes <= p[-1].bytes);
      found += p->to == (p->from + 1) % n && p->bytes == 10 + p->from;
    }
    CHECK(found >= n - 1); /* rank 0 has been sent the records of the rest */
    CHECK_INT(a.partners_left, 0);
    cJSON *json = trm__meter_account_json(&a);
    CHECK_INT(cJSON_GetArraySize(cJSON_GetObjectItem(json, "partners")),
              a.partners);
    CHECK_INT(cJSON_GetArraySize(cJSON_GetObjectItem(json, "sites")), a.sites);
    cJSON_Delete(json);
  }
  trm__meter_account_clear(&a);
}

static void test(trm_run *run) {
  for (int times = 1; times <= 8; times *= 8) {
    lands(run, true, times);
    lands(run, false, times);
  }
  views(run);
  tallies(run);
  sites(run);
}

int main(int argc, char **argv) {
  return check_mpi(argc, argv, test);
}
