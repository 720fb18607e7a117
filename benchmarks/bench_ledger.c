/* Losses that are planted with real sleeps, and what the ledger finds of them:
 *
 *   mpirun -n RANKS bench_ledger [THREADS [STEPS]]
 *
 * Each should land on its own line. A sleep takes a little longer than asked: what
 * is wanted is what the sleeps took, by a clock of their own. */
#include <omp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <trireme/kernel.h>

#include "comm/run.h"
#include "meter/account.h"

static const double UNIT = 0.016; /* seconds of one sleep */
enum { TAG = 5, LARGE = 4 << 20, CHUNK = 4 };

typedef struct plant {
  trm_run *run;
  char *data;    /* LARGE bytes */
  double wanted; /* core seconds of this rank */
} plant;

static double sleep_for(double seconds) {
  double since = trm_now();
  nanosleep(
      &(struct timespec){(time_t)seconds,
                         (long)(1e9 * (seconds - (double)(time_t)seconds))},
      NULL);
  return trm_now() - since;
}

/* All threads of the rank work, thread 0 by so much longer. */
static double work(trm_run *run, double seconds, double longer) {
  double first = 0, others = 0;
  TRM_PARALLEL(run, "work", 0, 0) {
    if (omp_get_thread_num() == 0)
      first = sleep_for(seconds + longer);
    else {
      double took = sleep_for(seconds);
#pragma omp atomic
      others += took;
    }
  }
  return (run->threads - 1) * first - others;
}

static void thread_imbalance(plant *p) {
  p->wanted += work(p->run, UNIT, UNIT);
}

static void serial_section(plant *p) {
  double took = 0;
  TRM_WORK(p->run, "alone", 0, 0) took = sleep_for(UNIT);
  p->wanted += (p->run->threads - 1) * took;
}

/* Rank 0 works most; the others meet it at a barrier. */
static void rank_imbalance(plant *p) {
  trm_run *run = p->run;
  double since = trm_now();
  work(run, UNIT * (run->ranks - run->rank), 0);
  double took = trm_now() - since;
  p->wanted -= run->threads * took;
  trm_barrier(run->comm);
  trm_bcast(run->comm, &took, sizeof took, 0);
  p->wanted += run->threads * took;
}

/* Each rank works when the one before it has. */
static void late_sender(plant *p) {
  trm_run *run = p->run;
  const trm_comm *comm = run->comm;
  bool first = run->rank == 0, last = run->rank == run->ranks - 1;
  double token = 0, since = trm_now();
  trm_sendrecv(comm, NULL, 0, 0, &token, first ? 0 : sizeof token,
               run->rank - 1, TAG);
  double began = trm_now();
  work(run, UNIT, 0);
  double ended = trm_now();
  trm_sendrecv(comm, &token, last ? 0 : sizeof token, run->rank + 1, NULL, 0, 0,
               TAG);
  trm_barrier(comm);
  p->wanted += run->threads * (began - since + trm_now() - ended);
}

/* The receive is posted, but its rank works on without a call: the message stays
 * on its way, and the sender in its wait. Four units of it, because the barrier before
 * it is transfer too. */
static void slow_link(plant *p) {
  trm_run *run = p->run;
  const trm_comm *comm = run->comm;
  trm_batch batch = {0};
  if (run->rank == 1) trm_irecv(comm, p->data, LARGE, 0, TAG, &batch);
  trm_barrier(comm);
  if (run->rank == 0) {
    double since = trm_now();
    trm_isend(comm, p->data, LARGE, 1, TAG, &batch);
    trm_batch_wait(&batch);
    p->wanted += run->threads * (trm_now() - since);
  } else if (run->rank == 1) {
    work(run, 4 * UNIT, 0);
    double since = trm_now();
    trm_batch_wait(&batch);
    p->wanted += run->threads * (trm_now() - since);
  }
  trm_batch_free(&batch);
}

enum { CASES = 5 };
static const struct {
  const char *name;
  void (*step)(plant *);
  int ranks, threads; /* that it needs */
  size_t part;
} cases[CASES] = {
    {"thread imbalance", thread_imbalance, 1, 2,
     offsetof(trm__meter_parts, thread_imbalance)},
    {"serial sections", serial_section, 1, 2,
     offsetof(trm__meter_parts, serial)},
    {"rank imbalance", rank_imbalance, 2, 1,
     offsetof(trm__meter_parts, rank_imbalance)},
    {"waiting", late_sender, 2, 1, offsetof(trm__meter_parts, waiting)},
    {"transfer", slow_link, 2, 1, offsetof(trm__meter_parts, transfer)}};

static trm__meter_account run_case(plant *p, int c, int steps) {
  trm_run *run = p->run;
  trm__meter_account account;
  run->own->meter->windows = 0;
  run->own->meter->stride = 1;
  trm_barrier(run->comm);
  trm__meter_baseline opening = trm__meter_account_open(run);
  trm_barrier(run->comm);
  trm__comm_meter_begin(run->own->meter);
  for (int k = 0; k < steps; k += CHUNK) {
    trm__comm_window_open(run->own->meter, k / CHUNK, k, CHUNK);
    for (int i = 0; i < CHUNK; i++) cases[c].step(p);
    trm__comm_window_close(run->own->meter, CHUNK);
  }
  trm__comm_meter_end(run->own->meter, run->threads);
  trm__meter_account_make(run, &opening, NULL, &account);
  return account;
}

/* The line of the planted loss; the whole ledger shows where the rest went. */
static void report(const trm__meter_account *a, int c, double wanted) {
  double got =
      *(const double *)((const char *)&a->ledger.parts + cases[c].part);
  double off = 100 * (got / wanted - 1);
  printf("%-17s %9.4f %9.4f %7.3f  %s\n", cases[c].name, got, wanted,
         got / wanted, off > -5 && off < 5 ? "within 5 %" : "OFF");
  trm__meter_ledger_print(&a->ledger, stdout, 4, 64);
}

int main(int argc, char **argv) {
  int level;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level);
  const int threads = argc > 1 ? atoi(argv[1]) : 2;
  const int steps = argc > 2 ? atoi(argv[2]) : 40;
  plant p = {.data = calloc(LARGE, 1)};
  if (trm_run_new(MPI_COMM_WORLD, threads, 1, &p.run) != TRM_OK) return 3;
  const int rank = p.run->rank;
  if (!rank)
    printf("%d ranks x %d threads, %d steps; core seconds\n%-17s %9s %9s %7s\n",
           p.run->ranks, threads, steps, "planted", "got", "want", "ratio");
  for (int c = 0; c < CASES; c++) {
    if (p.run->ranks < cases[c].ranks || threads < cases[c].threads) continue;
    p.wanted = 0;
    trm__meter_account account = run_case(&p, c, steps);
    trm_allreduce(p.run->comm, &p.wanted, 1, TRM_F64, TRM_SUM);
    if (!rank) report(&account, c, p.wanted);
    trm__meter_account_clear(&account);
  }
  trm_run_free(&p.run);
  free(p.data);
  MPI_Finalize();
  return 0;
}
