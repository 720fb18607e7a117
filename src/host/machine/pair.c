#include "host/machine/pair.h"

#include <stdlib.h>
#include <unistd.h>

#include <trireme/run.h>

#include "base/memory.h"

enum { TAG = 2, WINDOW = 64, WINDOWS = 4 };
static const double piece = 0.5e-3; /* seconds that a ping-pong should last */

typedef struct order {
  enum { PING, STREAM, ASKED, RATE, SLEEP, LINGER, CLOSE } what;
  int times;
  int64_t bytes;
  double seconds; /* until a receive is posted */
} order;

static void put(const trm__host_pair *p, int64_t bytes) {
  MPI_Send(p->buffer, (int)bytes, MPI_BYTE, p->other, TAG, p->comm);
}

static void get(const trm__host_pair *p, int64_t bytes) {
  MPI_Recv(p->buffer, (int)bytes, MPI_BYTE, p->other, TAG, p->comm,
           MPI_STATUS_IGNORE);
}

static void tell(const trm__host_pair *p, order o) {
  MPI_Send(&o, sizeof o, MPI_BYTE, p->other, TAG, p->comm);
  get(p, 1); /* ready */
}

static void idle(double seconds) {
  double until = trm_now() + seconds;
  while (trm_now() < until) continue;
}

static double clock_cost(void) {
  double since = trm_now();
  for (int i = 0; i < 999; i++) trm_now();
  return (trm_now() - since) / 1000;
}

void trm__host_pair_open(trm__host_pair *p, MPI_Comm comm, int other,
                         int64_t largest, bool quick) {
  *p = (trm__host_pair){comm, other, trm__base_calloc((size_t)largest, 1),
                        quick, clock_cost()};
}

/* -- what the leader measures ---------------------------------------------- */

static double ping(trm__host_pair *p, int64_t bytes, int times) {
  tell(p, (order){PING, times, bytes, 0});
  double since = trm_now();
  for (int i = 0; i < times; i++) {
    put(p, bytes);
    get(p, bytes);
  }
  return (trm_now() - since) / (2 * times);
}

double trm__host_pair_ping(trm__host_pair *p, int64_t bytes) {
  double first = ping(p, bytes, 3);
  double times = piece / (2 * first);
  return ping(p, bytes, times < 2 ? 2 : times > 1000 ? 1000 : (int)times);
}

double trm__host_pair_stream(trm__host_pair *p, int64_t bytes, int n) {
  tell(p, (order){STREAM, n, bytes, 0});
  double since = trm_now();
  for (int i = 0; i < n; i++) put(p, bytes);
  get(p, bytes);
  return trm_now() - since;
}

double trm__host_pair_send(trm__host_pair *p, int64_t bytes, int n,
                           double delay) {
  double sum = 0;
  tell(p, (order){STREAM, n, bytes, 0});
  for (int i = 0; i < n; i++) {
    idle(delay);
    double since = trm_now();
    put(p, bytes);
    sum += trm_now() - since;
  }
  get(p, bytes);
  return sum / n - p->clock;
}

double trm__host_pair_receive(trm__host_pair *p, int64_t bytes, double delay) {
  tell(p, (order){ASKED, 1, bytes, 0});
  put(p, 1);
  idle(delay);
  double since = trm_now();
  get(p, bytes);
  return trm_now() - since - p->clock;
}

double trm__host_pair_rate(trm__host_pair *p, int64_t bytes) {
  MPI_Request request[WINDOW];
  tell(p, (order){RATE, WINDOWS, bytes, 0});
  double since = trm_now();
  for (int w = 0; w < WINDOWS; w++) {
    for (int i = 0; i < WINDOW; i++)
      MPI_Isend(p->buffer, (int)bytes, MPI_BYTE, p->other, TAG, p->comm,
                &request[i]);
    MPI_Waitall(WINDOW, request, MPI_STATUSES_IGNORE);
  }
  get(p, 1);
  return WINDOWS * WINDOW / (trm_now() - since);
}

/* A send that waits for its receive cannot return early. An eager one may still
 * return late, if this rank loses its core. */
bool trm__host_pair_returns(trm__host_pair *p, int64_t bytes, bool inside) {
  const double later = p->quick ? 2e-3 : 4e-3;
  int early = 0;
  for (int i = 0; i < 3; i++) {
    tell(p, (order){inside ? LINGER : SLEEP, 1, bytes, later});
    double since = trm_now();
    put(p, bytes);
    early += trm_now() - since < later / 2;
    get(p, 1);
  }
  return early >= 2;
}

void trm__host_pair_close(trm__host_pair *p) {
  tell(p, (order){CLOSE, 0, 1, 0});
  free(p->buffer);
  p->buffer = NULL;
}

/* -- what the other does --------------------------------------------------- */

static void take_windows(const trm__host_pair *p, const order *o) {
  MPI_Request request[WINDOW];
  for (int w = 0; w < o->times; w++) {
    for (int i = 0; i < WINDOW; i++)
      MPI_Irecv(p->buffer + i * o->bytes, (int)o->bytes, MPI_BYTE, p->other,
                TAG, p->comm, &request[i]);
    MPI_Waitall(WINDOW, request, MPI_STATUSES_IGNORE);
  }
  put(p, 1);
}

/* In MPI, without a receive for what is sent. */
static void linger(const trm__host_pair *p, double seconds) {
  double until = trm_now() + seconds;
  int there;
  while (trm_now() < until)
    MPI_Iprobe(p->other, TAG + 1, p->comm, &there, MPI_STATUS_IGNORE);
}

static void obey(const trm__host_pair *p, const order *o) {
  switch (o->what) {
    case PING:
      for (int i = 0; i < o->times; i++) {
        get(p, o->bytes);
        put(p, o->bytes);
      }
      break;
    case STREAM:
      for (int i = 0; i < o->times; i++) get(p, o->bytes);
      put(p, o->bytes);
      break;
    case ASKED:
      get(p, 1);
      put(p, o->bytes);
      break;
    case RATE:
      take_windows(p, o);
      break;
    case SLEEP:
    case LINGER:
      if (o->what == LINGER)
        linger(p, o->seconds);
      else
        usleep((useconds_t)(o->seconds * 1e6));
      get(p, o->bytes);
      put(p, 1);
      break;
    case CLOSE:
      break;
  }
}

void trm__host_pair_follow(MPI_Comm comm, int leader, int64_t largest) {
  trm__host_pair p = {.comm = comm, .other = leader};
  order o;
  p.buffer = trm__base_calloc((size_t)largest, 1);
  do {
    MPI_Recv(&o, sizeof o, MPI_BYTE, leader, TAG, comm, MPI_STATUS_IGNORE);
    put(&p, 1);
    obey(&p, &o);
  } while (o.what != CLOSE);
  free(p.buffer);
}
