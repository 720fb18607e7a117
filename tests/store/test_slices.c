/* TEST ranks=1,3 timeout=120 */
/* Fields in slices whose length in the file differs from what setup gave them:
 * those that shared a layout, scratch among them, share the new one. */
#include "store/scratch.h"

enum { WRITTEN = 1007, SET_UP = 40 };

typedef struct probe {
  char dir[256];
  uint64_t digest[2];
} probe;

typedef struct shared {
  const trm_layout *line;
  trm_field *a, *b, *spare;
} shared;

static shared declare(trm_run *run, int64_t n) {
  shared s;
  trm_plan plan = {.dims = 1, .dim = {{.n = n, .kind = TRM_SLICES}}};
  CHECK_OK(run, trm_layout_new(run, &plan, &s.line));
  CHECK_OK(run, trm_field_new(run, s.line, "a", TRM_F64, TRM_EVOLVING, &s.a));
  CHECK_OK(run, trm_field_new(run, s.line, "b", TRM_F64, TRM_EVOLVING, &s.b));
  CHECK_OK(run,
           trm_field_new(run, s.line, "spare", TRM_F64, TRM_SCRATCH, &s.spare));
  return s;
}

static void write_set(trm_run *run, void *context) {
  probe *p = context;
  trm__store_archive *store;
  trm__store_options o = options_for(p->dir, ID_A, false);
  trm__store_stamp stamp = stamp_for(ID_A, 1);
  shared s = declare(run, WRITTEN);
  trm_field_random(run, s.a, 1);
  trm_field_random(run, s.b, 2);
  p->digest[0] = trm_digest(run, s.a);
  p->digest[1] = trm_digest(run, s.b);
  CHECK_OK(run, trm__store_open(run, &o, &store));
  CHECK_OK(run, trm__store_write(run, store, &stamp));
  trm__store_close(run, &store);
}

static void read_set(trm_run *run, void *context) {
  probe *p = context;
  trm__store_archive *store;
  trm__store_stamp stamp = {0};
  bool found = false;
  trm__store_options o = options_for(p->dir, ID_B, true);
  shared s = declare(run, SET_UP);
  CHECK_OK(run, trm__store_open(run, &o, &store));
  CHECK_OK(run, trm__store_find(run, store, &stamp, &found));
  CHECK(found);
  CHECK_OK(run, trm__store_read(run, store, &stamp));
  CHECK_INT(s.a->layout->n[0], WRITTEN);
  CHECK(s.a->layout == s.b->layout && s.a->layout == s.spare->layout);
  CHECK_HEX(trm_digest(run, s.a), p->digest[0]);
  CHECK_HEX(trm_digest(run, s.b), p->digest[1]);
  trm_swap(s.a, s.spare); /* aborts if the layouts differ */
  CHECK_HEX(trm_digest(run, s.spare), p->digest[0]);
  trm__store_stamp_clear(&stamp);
  trm__store_close(run, &store);
}

int main(int argc, char **argv) {
  int level, size;
  probe p;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  scratch_make(MPI_COMM_WORLD, p.dir);
  on_ranks(size > 1 ? 2 : 1, write_set, &p);
  MPI_Bcast(p.digest, 2, MPI_UINT64_T, 0, MPI_COMM_WORLD);
  on_ranks(size, read_set, &p);
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (!rank) scratch_remove(p.dir);
  return all_done();
}
