/* TEST ranks=1,3,4 threads=1,2 */
/* The meter: tallies, events, windows and what is spent where. */
#include <time.h>

#include <trireme/kernel.h>

#include "check_mpi.h"

#include "comm/meter.h"
#include "comm/run.h"

enum { TAG = 7 };

static void size_classes(void) {
  const int64_t size[] = {0, 1, 3, 4, 15, 16, 63, 64, 4095, 4096, 65536};
  const int class[] = {0, 0, 0, 1, 1, 2, 2, 3, 5, 6, 8};
  for (int i = 0; i < 11; i++) CHECK_INT(trm_size_class(size[i]), class[i]);
  CHECK_INT(trm_size_class((int64_t)1 << 30), 15);
  CHECK_INT(trm_size_class(INT64_MAX), 15);
}

static void pass_on(const trm_comm *comm, int64_t bytes) {
  char *out = calloc((size_t)bytes, 1), *in = calloc((size_t)bytes, 1);
  trm_sendrecv(comm, out, bytes, (comm->rank + 1) % comm->ranks, in, bytes,
               (comm->rank + comm->ranks - 1) % comm->ranks, TAG);
  free(out);
  free(in);
}

static trm_tally total(const trm_tally by[TRM_CAUSE_COUNT][TRM_SIZE_CLASSES]) {
  trm_tally sum = {0, 0};
  for (int c = 0; c < TRM_CAUSE_COUNT; c++)
    for (int k = 0; k < TRM_SIZE_CLASSES; k++) {
      sum.messages += by[c][k].messages;
      sum.bytes += by[c][k].bytes;
    }
  return sum;
}

/* Messages of a split communicator are booked on ranks of the run. */
static void tallies(trm_run *run) {
  trm_comm *reversed = trm_comm_split(run->comm, 0, -run->rank);
  trm_meter before = trm_meter_read(run);
  trm_tally *to = calloc((size_t)run->ranks, sizeof *to);
  memcpy(to, before.to, (size_t)run->ranks * sizeof *to);
  pass_on(reversed, 5);
  pass_on(reversed, 70);
  trm_meter after = trm_meter_read(run);
  int sent = run->ranks > 1 ? 2 : 0;
  int next = (run->rank + run->ranks - 1) % run->ranks;
  CHECK_INT(after.sent[TRM_FOR_KERNEL][1].messages -
                before.sent[TRM_FOR_KERNEL][1].messages,
            sent / 2);
  CHECK_INT(after.sent[TRM_FOR_KERNEL][3].bytes -
                before.sent[TRM_FOR_KERNEL][3].bytes,
            sent * 35);
  CHECK_INT(total(after.received).bytes - total(before.received).bytes,
            sent ? 75 : 0);
  for (int r = 0; r < run->ranks; r++)
    CHECK_INT(after.to[r].messages - to[r].messages, r == next ? sent : 0);
  CHECK_INT(total(after.sent).messages,
            run->own->counter.by[TRM_FOR_KERNEL].messages);
  free(to);
  trm_comm_free(&reversed);
}

static int64_t lowest(const trm_comm *comm, int64_t value) {
  trm_allreduce(comm, &value, 1, TRM_I64, TRM_MIN);
  return value;
}

/* All members know a communicator by one number, and others by another. */
static void names(trm_run *run) {
  trm_comm *half = trm_comm_split(run->comm, run->rank % 2, run->rank);
  trm_comm *again = trm_comm_split(run->comm, run->rank % 2, run->rank);
  CHECK_INT(lowest(half, half->id), half->id);
  CHECK_INT(lowest(run->comm, run->comm->id), run->comm->id);
  CHECK(half->id != again->id);
  CHECK(half->id != run->comm->id);
  int64_t mine = half->id, theirs[64];
  trm_allgather(run->comm, &mine, sizeof mine, theirs);
  for (int r = 0; r < run->ranks; r++)
    CHECK((theirs[r] == mine) == (r % 2 == run->rank % 2));
  trm_comm_free(&again);
  trm_comm_free(&half);
}

static void talk(trm_run *run) {
  double value = 1;
  int p = run->ranks;
  static char out[100], in[100];
  trm_batch batch = {0};
  if (p > 1) {
    trm_recv_init(run->comm, in, 100, (run->rank + p - 1) % p, TAG, &batch);
    trm_send_init(run->comm, out, 100, (run->rank + 1) % p, TAG, &batch);
    for (int k = 0; k < 2; k++) {
      trm_batch_start(&batch);
      trm_batch_wait(&batch);
    }
  }
  trm_allreduce(run->comm, &value, 1, TRM_F64, TRM_SUM);
  trm_bcast(run->comm, &value, sizeof value, p - 1);
  TRM_PARALLEL(run, "both", 0, 0) {
  }
  TRM_WORK(run, "alone", 0, 0) {
  }
  trm_batch_free(&batch);
}

static void check_order(const trm__comm_window *w) {
  double last = w->begin;
  for (int i = 0; i < w->n; i++) {
    CHECK(w->events[i].enter >= last);
    CHECK(w->events[i].leave >= w->events[i].enter);
    last = w->events[i].enter;
  }
  CHECK(w->end >= last);
}

/* The mark of each other thread in a window in a window: `n`, the first of them within. */
static int check_marks(const trm__comm_meter *m, int window, int n, double from,
                       double to) {
  int threads = 0;
  for (trm__comm_thread *t = trm__comm_threads_last(m->threads); t;
       t = t->next) {
    if (t->index == 0) continue;
    const trm__comm_mark *mark = t->mark + window * TRM__WINDOW_SPANS;
    CHECK_INT(t->marks[window], n);
    CHECK(mark->enter >= from && mark->leave <= to);
    threads++;
  }
  return threads;
}

static void events(trm_run *run) {
  const trm__comm_meter *m = run->own->meter;
  int64_t chunk = 0;
  trm__comm_window_open(run->own->meter, chunk, 10, 3);
  talk(run);
  trm__comm_window_close(run->own->meter, 2);
  const trm__comm_window *w = &m->window[0];
  const trm__comm_event *e = w->events;
  CHECK_INT(m->windows, 1);
  CHECK_INT(w->first, 10);
  CHECK_INT(w->steps, 2);
  CHECK_INT(w->lost, 0);
  CHECK_INT(w->n, run->ranks > 1 ? 10 : 4);
  check_order(w);
  if (run->ranks > 1) {
    CHECK_INT(e[0].what, TRM__EVENT_RECEIVE);
    CHECK_INT(e[0].partner, (run->rank + run->ranks - 1) % run->ranks);
    CHECK_INT(e[1].what, TRM__EVENT_SEND);
    CHECK_INT(e[1].bytes, 100);
    CHECK_INT(e[1].tag, TAG);
    CHECK_INT(e[2].what, TRM__EVENT_WAIT);
    CHECK_INT(e[2].batch, e[1].batch);
    CHECK_INT(e[4].batch, e[1].batch);
    CHECK_SAME(e[1].leave, e[1].enter);
    CHECK_SAME(e[1].enter, e[0].enter);
    e += 6;
  }
  CHECK_INT(e[0].what, TRM__EVENT_COLLECTIVE);
  CHECK_INT(e[0].call, TRM_CALL_ALLREDUCE);
  CHECK_INT(e[0].bytes, 8);
  CHECK_INT(e[1].call, TRM_CALL_BCAST);
  CHECK_INT(e[1].partner, run->ranks - 1);
  CHECK_INT(e[2].what, TRM__EVENT_REGION);
  CHECK_TEXT(e[2].name, "both");
  CHECK_INT(e[3].what, TRM__EVENT_SITE);
  CHECK_TEXT(e[3].name, "alone");
  CHECK_INT(check_marks(m, 0, 1, e[2].enter, e[2].leave), run->threads - 1);
}

/* Sites whose number tells the chunk. */
static void fill(trm_run *run, int64_t chunk) {
  trm__comm_window_open(run->own->meter, chunk, 100 * chunk, 1);
  for (int k = 0; k <= chunk % 5; k++) TRM_PARALLEL(run, "fill", 0, 0) {
    }
  trm__comm_window_close(run->own->meter, 1);
}

static void windows(trm_run *run) {
  const trm__comm_meter *m = run->own->meter;
  for (int64_t chunk = 1; chunk < 100; chunk++) fill(run, chunk);
  /* 100 chunks in at most 16 windows: every 8th */
  CHECK_INT(m->stride, 8);
  CHECK_INT(m->windows, 13);
  for (int w = 1; w < m->windows; w++) {
    CHECK_INT(m->window[w].chunk, 8 * w);
    CHECK_INT(m->window[w].first, 800 * w);
    CHECK_INT(m->window[w].n, 8 * w % 5 + 1);
    check_marks(m, w, m->window[w].n, m->window[w].begin, m->window[w].end);
  }
}

static void full(trm_run *run) {
  const trm__comm_meter *m = run->own->meter;
  trm__comm_window_open(run->own->meter, 104, 0, 1);
  for (int k = 0; k < TRM__WINDOW_EVENTS + 5; k++) TRM_WORK(run, "f", 0, 0) {
    }
  trm__comm_window_close(run->own->meter, 1);
  const trm__comm_window *w = &m->window[m->windows - 1];
  CHECK_INT(w->chunk, 104);
  CHECK_INT(w->n, TRM__WINDOW_EVENTS);
  CHECK_INT(w->lost, 5);
}

static void nap(void) {
  nanosleep(&(struct timespec){0, 20000000}, NULL);
}

/* A sleep is at least as long as it was asked to be: lower bounds are exact. */
static void spending(trm_run *run) {
  const double slept = 0.0199;
  const trm__comm_spent *s = &run->own->meter->spent;
  trm__comm_meter_begin(run->own->meter);
  TRM_WORK(run, "nap", 0, 0) {
    nap();
  }
  TRM_PARALLEL(run, "naps", 0, 0) {
    nap();
  }
  trm__comm_meter_checkpoint(run->own->meter);
  TRM_WORK(run, "nap", 0, 0) {
    nap();
  }
  trm_barrier(run->comm);
  trm__comm_meter_checkpoint_end(run->own->meter);
  trm_barrier(run->comm);
  trm__comm_meter_end(run->own->meter, run->threads);
  CHECK(s->serial >= slept && s->region >= slept && s->checkpoint >= slept);
  CHECK(s->region_useful >= slept * run->threads);
  CHECK(s->region_longest >= slept && s->region_longest <= s->region);
  CHECK(s->region_useful <= s->region * run->threads);
  CHECK_NEAR(s->useful, s->serial + s->region_useful, 1e-12);
  CHECK(s->serial + s->region + s->calls + s->checkpoint <= s->wall);
  CHECK(s->wall - s->checkpoint - s->calls - s->serial >= slept);
  trm__comm_spent over = *s;
  TRM_WORK(run, "nap", 0, 0) {
  }
  CHECK(!memcmp(&over, s, sizeof over));
}

/* Without clocks: tallies alone. */
static void off(trm_run *run) {
  const trm__comm_meter *m = run->own->meter;
  int used = m->windows;
  trm_meter before = trm_meter_read(run);
  trm__comm_meter_switch(run->own->meter, false);
  trm__comm_meter_begin(run->own->meter);
  trm__comm_window_open(run->own->meter, 112, 0, 1);
  talk(run);
  trm__comm_window_close(run->own->meter, 1);
  trm__comm_meter_end(run->own->meter, run->threads);
  trm_meter after = trm_meter_read(run);
  CHECK_INT(m->windows, used);
  CHECK_SAME(m->spent.useful, 0);
  CHECK_SAME(m->spent.calls, 0);
  CHECK_SAME(after.calls[TRM_FOR_KERNEL][TRM_CALL_BCAST].seconds,
             before.calls[TRM_FOR_KERNEL][TRM_CALL_BCAST].seconds);
  CHECK_INT(after.calls[TRM_FOR_KERNEL][TRM_CALL_BCAST].calls,
            before.calls[TRM_FOR_KERNEL][TRM_CALL_BCAST].calls + 1);
  CHECK_INT(total(after.sent).messages - total(before.sent).messages,
            run->ranks > 1 ? 2 : 0);
}

static void test(trm_run *run) {
  size_classes();
  tallies(run);
  names(run);
  events(run);
  windows(run);
  full(run);
  spending(run);
  off(run);
}

int main(int argc, char **argv) {
  return check_mpi(argc, argv, test);
}
