/* A checkpoint against plain POSIX output of the same bytes, in turns.
 *
 *   mpirun -n 2 --bind-to core build/benchmarks/bench_checkpoint DIR [MiB] [rounds]
 *
 * Written: every rank writes its share to a file of its own and calls fsync,
 * against a checkpoint of one field with digest, fsync and read-back. Read: every
 * rank reads its share, against a resume with its digest; the page cache is
 * dropped before ("cold") or not ("warm"). Memory is touched, and one round of
 * each is run, before anything counts. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <trireme/kernel.h>

#include "store/store.h"

enum {
  WRITE,
  SAVE,
  READ_COLD,
  LOAD_COLD,
  READ_WARM,
  LOAD_WARM,
  KINDS,
  MOST = 99
};
static const char *const names[] = {"POSIX write + fsync", "checkpoint",
                                    "POSIX read, cold",    "resume, cold",
                                    "POSIX read, warm",    "resume, warm"};

typedef struct bench {
  trm_run *run;
  trm__store_archive *store;
  trm_field *field;
  trm__store_stamp stamp;
  char file[4096], sets[4096];
  char *buffer;
  int64_t bytes; /* of this rank */
} bench;

static void must(bench *b, trm_status status) {
  if (trm_agree(b->run, status) == TRM_OK) return;
  if (b->run->rank == 0) fprintf(stderr, "%s\n", trm_message(b->run));
  MPI_Abort(b->run->comm->mpi, 1);
}

static void posix(bench *b, bool writes) {
  enum { PIECE = 4 << 20 };
  int fd =
      open(b->file, writes ? O_CREAT | O_TRUNC | O_WRONLY : O_RDONLY, 0600);
  for (int64_t at = 0; at < b->bytes;) {
    size_t n = (size_t)(b->bytes - at < PIECE ? b->bytes - at : PIECE);
    ssize_t done =
        writes ? write(fd, b->buffer + at, n) : read(fd, b->buffer + at, n);
    if (done <= 0) abort();
    at += done;
  }
  if (writes && fsync(fd)) abort();
  close(fd);
}

static void forget(const char *path) {
  int fd = open(path, O_RDONLY);
  if (fd < 0) return;
  fdatasync(fd);
  posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  close(fd);
}

static void open_store(bench *b) {
  trm__store_options o = {.dir = b->sets,
                          .kernel = "bench",
                          .keep = 1,
                          .resume = true,
                          .run_id = "0123456789abcdef"};
  trm__store_close(b->run, &b->store);
  must(b, trm__store_open(b->run, &o, &b->store));
}

static void prepare(bench *b, int kind) {
  if (kind == READ_COLD) forget(b->file);
  if (kind == LOAD_COLD) forget(trm__store_newest(b->store));
  if (kind == SAVE) b->stamp.step++;
  bool found;
  if (kind != LOAD_COLD && kind != LOAD_WARM) return;
  open_store(b);
  must(b, trm__store_find(b->run, b->store, &b->stamp, &found));
}

static double once(bench *b, int kind) {
  prepare(b, kind);
  trm_barrier(b->run->comm);
  double since = trm_now();
  if (kind == WRITE) posix(b, true);
  if (kind == SAVE) must(b, trm__store_write(b->run, b->store, &b->stamp));
  if (kind == READ_COLD || kind == READ_WARM) posix(b, false);
  if (kind == LOAD_COLD || kind == LOAD_WARM)
    must(b, trm__store_read(b->run, b->store, &b->stamp));
  return trm_max(b->run, trm_now() - since);
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void report(double seconds[KINDS][MOST], int rounds, double bytes) {
  printf("%-20s %9s %9s %9s %8s\n", "", "min s", "median s", "max s", "GB/s");
  for (int k = 0; k < KINDS; k++) {
    double sorted[MOST];
    memcpy(sorted, seconds[k], sizeof sorted);
    qsort(sorted, (size_t)rounds, sizeof *sorted, by_value);
    printf("%-20s %9.3f %9.3f %9.3f %8.2f\n", names[k], sorted[0],
           sorted[rounds / 2], sorted[rounds - 1],
           bytes / sorted[rounds / 2] * 1e-9);
  }
  for (int k = 0; k < KINDS; k += 2) {
    double ratio[MOST];
    for (int i = 0; i < rounds; i++)
      ratio[i] = seconds[k + 1][i] / seconds[k][i];
    qsort(ratio, (size_t)rounds, sizeof *ratio, by_value);
    printf("%s / %s: median %.2f (%.2f to %.2f)\n", names[k + 1], names[k],
           ratio[rounds / 2], ratio[0], ratio[rounds - 1]);
  }
}

static void setup(bench *b, const char *dir, int64_t mib) {
  const trm_layout *grid;
  int64_t n[] = {mib, 256, 512}; /* 1 MiB of doubles each */
  snprintf(b->file, sizeof b->file, "%s/posix.%d", dir, b->run->rank);
  must(b, trm_grid(b->run, 3, n, 1, (bool[]){true, true, true}, &grid));
  must(b, trm_field_new(b->run, grid, "u", TRM_F64, TRM_EVOLVING, &b->field));
  trm_field_random(b->run, b->field, 1);
  b->bytes = grid->count * 8;
  must(b, trm_alloc(b->run, "buffer", b->bytes, (void **)&b->buffer));
  memset(b->buffer, 1, (size_t)b->bytes);
  snprintf(b->sets, sizeof b->sets, "%s/sets", dir);
  open_store(b);
  strcpy(b->stamp.kernel, "bench");
  strcpy(b->stamp.run_id, "0123456789abcdef");
  b->stamp.options = strdup("{}");
}

int main(int argc, char **argv) {
  int level;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level);
  bench b = {0};
  if (argc < 2 || trm_run_new(MPI_COMM_WORLD, 1, 1, &b.run))
    MPI_Abort(MPI_COMM_WORLD, 2);
  int64_t mib = argc > 2 ? atoll(argv[2]) : 1024;
  int rounds = argc > 3 ? atoi(argv[3]) : 9;
  static double seconds[KINDS][MOST];
  setup(&b, argv[1], mib);
  for (int i = -1; i < rounds; i++)
    for (int k = 0; k < KINDS; k++) {
      double s = once(&b, k);
      if (i >= 0) seconds[k][i] = s;
    }
  if (b.run->rank == 0) report(seconds, rounds, (double)mib * (1 << 20));
  unlink(b.file);
  trm__store_stamp_clear(&b.stamp);
  trm__store_close(b.run, &b.store);
  trm_run_free(&b.run);
  MPI_Finalize();
}
