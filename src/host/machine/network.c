/* Messages between two ranks, and collective calls. This measures MPI, so it
 * calls MPI directly, not through the library. */
#include "host/machine/machine.h"

#include <mpi.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "comm/run.h"
#include "host/machine/pair.h"

enum { LARGEST = 4 << 20, REGIME = 10, STREAM = 16, DELAYED = 5 };

/* -- a pair: curve, LogGP, rate -------------------------------------------- */

typedef struct size_times { /* of one size: samples of PRTT's parts */
  int64_t bytes;
  trm__host_samples round_trip, stream, send, receive;
} size_times;

typedef struct network {
  trm__host_pair pair;
  int sizes, prtts;
  int64_t bytes[TRM_SIZES];
  trm__host_samples time[TRM_SIZES], rate;
  size_times prtt[2 * REGIME];
  int eager; /* number of prtts in the eager regime */
} network;

static void add_size(network *w, int64_t bytes) {
  w->prtt[w->prtts++].bytes = bytes;
}

/* Sizes of both regimes: dense towards the switch, where they are linear. */
static void choose_sizes(network *w, int64_t limit) {
  static const int parts[] = {1024, 256, 64, 16, 8, 4, 2, 1};
  int64_t top = limit < 0 ? LARGEST / 4 : limit, last = 1;
  if (limit != 0) add_size(w, 1);
  for (int i = 0; i < 8 && limit != 0; i++)
    if (top / parts[i] > last) add_size(w, last = top / parts[i]);
  w->eager = w->prtts;
  for (int64_t b = limit + 1, k = 0; limit >= 0 && k < REGIME; b *= 2, k++)
    if (b <= LARGEST / 4) add_size(w, b);
}

static bool is_eager(int64_t bytes, void *pair) {
  return trm__host_pair_returns(pair, bytes, true);
}

static bool is_buffered(int64_t bytes, void *pair) {
  return trm__host_pair_returns(pair, bytes, false);
}

/* A buffered message is eager: the search ends at the eager limit. */
static int64_t buffered_limit(trm__host_pair *pair, int64_t eager) {
  if (eager == 0) return 0;
  int64_t found =
      trm__host_eager_search(1, eager < 0 ? LARGEST : eager, is_buffered, pair);
  return found < 0 ? eager : found;
}

static void one_round(network *w) {
  trm__host_pair *pair = &w->pair;
  for (int i = 0; i < w->sizes; i++)
    trm__host_samples_add(&w->time[i], trm__host_pair_ping(pair, w->bytes[i]));
  for (int i = 0; i < w->prtts; i++) {
    size_times *t = &w->prtt[i];
    double half = trm__host_pair_ping(pair, t->bytes);
    trm__host_samples_add(&t->round_trip, 2 * half);
    trm__host_samples_add(&t->stream,
                          trm__host_pair_stream(pair, t->bytes, STREAM));
    trm__host_samples_add(
        &t->send, trm__host_pair_send(pair, t->bytes, DELAYED, 4 * half));
    trm__host_samples_add(&t->receive,
                          trm__host_pair_receive(pair, t->bytes, 4 * half));
  }
  trm__host_samples_add(&w->rate, trm__host_pair_rate(pair, 8));
}

static double best(trm__host_samples *s) {
  double value = trm__host_samples_figure(s, TRM__LOWER).best;
  trm__host_samples_clear(s);
  return value;
}

static void keep_fits(trm_machine *m, network *w) {
  trm__host_prtt t[2 * REGIME];
  for (int i = 0; i < w->prtts; i++) {
    size_times *s = &w->prtt[i];
    t[i] = (trm__host_prtt){.bytes = s->bytes};
    t[i].round_trip = best(&s->round_trip);
    t[i].stream = (best(&s->stream) - t[i].round_trip) / (STREAM - 1);
    t[i].send = best(&s->send);
    t[i].receive = best(&s->receive);
  }
  m->eager = trm__host_loggp_fit(w->eager, t);
  m->rendezvous = trm__host_loggp_fit(w->prtts - w->eager, t + w->eager);
}

static void keep_curve(trm_machine *m, network *w) {
  double seconds[TRM_SIZES];
  m->sizes = w->sizes;
  for (int i = 0; i < w->sizes; i++) {
    m->message[i].bytes = w->bytes[i];
    m->message[i].time = trm__host_samples_figure(&w->time[i], TRM__LOWER);
    seconds[i] = m->message[i].time.best;
    trm__host_samples_clear(&w->time[i]);
  }
  m->curve_switch = trm__host_curve_switch(w->sizes, w->bytes, seconds);
  m->message_rate = trm__host_samples_figure(&w->rate, TRM__HIGHER);
  trm__host_samples_clear(&w->rate);
}

/* Rank 0 leads, its partner follows, all others sleep. */
static void measure_pair(trm__host_stage *stage, int partner, double until) {
  const trm_run *run = stage->run;
  network w = {0};
  for (int64_t b = 1; b <= LARGEST; b *= 2) w.bytes[w.sizes++] = b;
  if (run->rank == 0) {
    trm__host_pair_open(&w.pair, run->comm->mpi, partner, LARGEST,
                        stage->quick);
    stage->machine->eager_limit =
        trm__host_eager_search(1, LARGEST, is_eager, &w.pair);
    stage->machine->buffered_limit =
        buffered_limit(&w.pair, stage->machine->eager_limit);
    choose_sizes(&w, stage->machine->eager_limit);
    for (int r = 0; r < 3 || trm_now() < until; r++) one_round(&w);
    trm__host_pair_close(&w.pair);
    keep_curve(stage->machine, &w);
    keep_fits(stage->machine, &w);
  } else if (run->rank == partner)
    trm__host_pair_follow(run->comm->mpi, 0, LARGEST);
  trm__host_wait_asleep(run->comm, 0);
}

/* -- collective calls ------------------------------------------------------ */

typedef struct call {
  const char *name;
  int64_t bytes;
} call;
static const call calls[] = {{"barrier", 0},      {"allreduce", 8},
                             {"allreduce", 4096}, {"allreduce", 1 << 20},
                             {"alltoall", 8},     {"alltoall", 4096},
                             {"alltoall", 65536}};
enum { CALLS = sizeof calls / sizeof *calls, BUFFER = 1 << 20 };

static void call_once(const trm_run *run, const call *c, char *buffer,
                      char *other) {
  MPI_Comm mpi = run->comm->mpi;
  if (c->name[0] == 'b')
    MPI_Barrier(mpi);
  else if (c->name[2] == 'l' && c->name[3] == 'r')
    MPI_Allreduce(buffer, other, (int)(c->bytes / 8), MPI_DOUBLE, MPI_SUM, mpi);
  else
    MPI_Alltoall(buffer, (int)c->bytes, MPI_BYTE, other, (int)c->bytes,
                 MPI_BYTE, mpi);
}

/* Calls of one kind for about 1 ms; seconds per call on the slowest rank. */
static double call_again(trm_run *run, const call *c, char *buffer, char *other,
                         double expected) {
  int times = expected > 0 ? (int)(1e-3 / expected) : 1;
  times = times < 1 ? 1 : times > 200 ? 200 : times;
  MPI_Barrier(run->comm->mpi);
  double since = trm_now();
  for (int i = 0; i < times; i++) call_once(run, c, buffer, other);
  return trm_max(run, trm_now() - since) / times;
}

static void measure_calls(trm__host_stage *stage) {
  trm_run *run = stage->run;
  trm_machine *m = stage->machine;
  const int64_t all = 65536 * (int64_t)run->ranks,
                room = all > BUFFER ? all : BUFFER;
  char *buffer = trm__base_calloc((size_t)room, 1),
       *other = trm__base_calloc((size_t)room, 1);
  trm__host_samples time[CALLS] = {{0}};
  double expected[CALLS] = {0};
  for (int r = 0; trm__host_turn(stage, r); r++)
    for (int c = 0; c < CALLS; c++) {
      expected[c] = call_again(run, &calls[c], buffer, other, expected[c]);
      if (r > 0)
        trm__host_samples_add(&time[c], expected[c]); /* the first connects */
    }
  m->collectives = CALLS;
  for (int c = 0; c < CALLS; c++) {
    snprintf(m->collective[c].name, sizeof m->collective[c].name, "%s",
             calls[c].name);
    m->collective[c].bytes = calls[c].bytes;
    m->collective[c].time = trm__host_samples_figure(&time[c], TRM__LOWER);
    trm__host_samples_clear(&time[c]);
  }
  free(buffer);
  free(other);
}

/* -- links between hosts --------------------------------------------------- */

typedef struct link_seen {
  trm_figure latency, bandwidth;
} link_seen;

/* One pair of hosts: the lower one leads and reports the result. */
static link_seen measure_link(const trm_comm *leaders, int other) {
  enum { SMALL = 8, LARGE = 1 << 20, TIMES = 20 };
  link_seen seen;
  if (leaders->rank > other) {
    trm__host_pair_follow(leaders->mpi, other, LARGE);
    MPI_Recv(&seen, sizeof seen, MPI_BYTE, other, 0, leaders->mpi,
             MPI_STATUS_IGNORE);
    return seen;
  }
  trm__host_pair pair;
  trm__host_samples small = {0}, large = {0};
  trm__host_pair_open(&pair, leaders->mpi, other, LARGE, true);
  for (int i = 0; i < TIMES; i++) {
    trm__host_samples_add(&small, trm__host_pair_ping(&pair, SMALL));
    trm__host_samples_add(&large, LARGE / trm__host_pair_ping(&pair, LARGE));
  }
  trm__host_pair_close(&pair);
  seen = (link_seen){trm__host_samples_figure(&small, TRM__LOWER),
                     trm__host_samples_figure(&large, TRM__HIGHER)};
  trm__host_samples_clear(&small);
  trm__host_samples_clear(&large);
  MPI_Send(&seen, sizeof seen, MPI_BYTE, other, 0, leaders->mpi);
  return seen;
}

static void keep_link(trm_machine *m, link_seen seen) {
  if (!m->link_latency.median || seen.latency.median < m->link_latency.median)
    m->link_latency = seen.latency;
  if (seen.bandwidth.median > m->link_bandwidth.median)
    m->link_bandwidth = seen.bandwidth;
}

/* Neighbours on a ring of hosts, in three rounds so that no host is in two
 * pairs at once. A slow link affects each neighbour on one side only, and the
 * better side counts. */
static void measure_links(trm__host_stage *stage) {
  trm_comm *leaders = trm_comm_split(stage->run->comm, stage->leader ? 0 : -1,
                                     stage->host_index);
  if (leaders) {
    const int h = leaders->rank, n = leaders->ranks;
    int even = h % 2 ? h - 1 : h + 1, odd = h % 2 ? h + 1 : h - 1;
    if (even < n) keep_link(stage->machine, measure_link(leaders, even));
    if (odd >= 0 && odd < n)
      keep_link(stage->machine, measure_link(leaders, odd));
    if (n > 2 && (h == 0 || h == n - 1))
      keep_link(stage->machine, measure_link(leaders, h ? 0 : n - 1));
    trm_barrier(leaders);
  }
  trm__host_wait_asleep(stage->host, 0);
  trm_comm_free(&leaders);
}

/* -- the whole ------------------------------------------------------------- */

/* The first rank of another host, else the second rank. */
static int find_partner(const trm__host_stage *stage) {
  const trm_run *run = stage->run;
  int *host = trm__base_calloc((size_t)run->ranks, sizeof *host), partner = 1;
  trm_allgather(run->comm, &stage->host_index, sizeof *host, host);
  for (int r = run->ranks - 1; r > 0; r--)
    if (host[r] != host[0]) partner = r;
  free(host);
  return partner;
}

trm_status trm__host_measure_network(trm__host_stage *stage) {
  if (stage->run->ranks < 2) return TRM_OK;
  double now = trm_now();
  measure_pair(stage, find_partner(stage), now + 0.6 * (stage->until - now));
  if (stage->hosts > 1) measure_links(stage);
  measure_calls(stage);
  return TRM_OK;
}
