/* TEST ranks=2 threads=1 timeout=120 uses=trireme_preload once */
/* The wrappers count exactly when several threads call MPI at the same time, and
 * know of each thread whose calls these are. */
#include <pthread.h>

#include <trireme/kernel.h>

#include "check.h"
#include "../preload/again.h"

enum { THREADS = 4, TIMES = 200 };

/* Each thread exchanges with its peer of the other rank, on its own tag; the odd
 * ones as the library would. */
static void *exchange(void *which) {
  int tag = (int)(intptr_t)which, rank;
  double out = tag, in = 0;
  MPI_Request r[2];
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  *inside() = tag & 1;
  for (int k = 0; k < TIMES; k++)
    MPI_Sendrecv(&out, 1, MPI_DOUBLE, !rank, tag, &in, 1, MPI_DOUBLE, !rank,
                 tag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  MPI_Recv_init(&in, 1, MPI_DOUBLE, !rank, tag, MPI_COMM_WORLD, &r[0]);
  MPI_Send_init(&out, 1, MPI_DOUBLE, !rank, tag, MPI_COMM_WORLD, &r[1]);
  for (int k = 0; k < TIMES; k++) {
    MPI_Startall(2, r);
    MPI_Waitall(2, r, MPI_STATUSES_IGNORE);
  }
  MPI_Request_free(&r[0]);
  MPI_Request_free(&r[1]);
  return NULL;
}

static void check(const trm_preload_total of[], const char *whose) {
  const trm_preload_kind kinds[] = {TRM_PRELOAD_SENDRECV, TRM_PRELOAD_START};
  for (int i = 0; i < 2; i++) {
    const trm_preload_total *t = &of[kinds[i]];
    CHECK__REPORT(t->calls == THREADS / 2 * TIMES &&
                      t->messages == THREADS / 2 * TIMES &&
                      t->bytes == THREADS / 2 * TIMES * 8,
                  "%s, kind %d: %" PRId64 " calls, %" PRId64
                  " messages, %" PRId64 " bytes",
                  whose, kinds[i], t->calls, t->messages, t->bytes);
  }
  CHECK_INT(of[TRM_PRELOAD_WAIT].calls, THREADS / 2 * TIMES);
}

static void test(void) {
  pthread_t thread[THREADS];
  trm_preload_totals all;
  for (intptr_t t = 0; t < THREADS; t++)
    pthread_create(&thread[t], NULL, exchange, (void *)t);
  for (int t = 0; t < THREADS; t++) pthread_join(thread[t], NULL);
  look(&all);
  check(all.untracked, "untracked");
  check(all.inside, "inside");
}

int main(int argc, char **argv) {
  int level, rank, failed;
  if (!again_preloaded(argv)) return 1;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &level);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (level == MPI_THREAD_MULTIPLE)
    test();
  else if (!rank)
    puts("skipped: this MPI lets only one thread call it");
  MPI_Allreduce(&check_failed, &failed, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  MPI_Finalize();
  return failed > 0;
}
