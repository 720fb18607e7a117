/* TEST ranks=8 timeout=120 */
/* Written by N ranks, read by M: every pair, every kind of layout, every type.
 */
#include "store/scratch.h"

static const int counts[] = {1, 2, 3, 4, 5, 7, 8};
enum { COUNTS = sizeof counts / sizeof *counts, FIELDS = 8 };

typedef struct probe {
  trm_field *field[FIELDS];
  int64_t many[3];
  double few[2];
} probe;

static trm_field *declare(trm_run *run, const trm_plan *plan, const char *name,
                          trm_type type) {
  const trm_layout *layout;
  trm_field *field = NULL;
  CHECK_OK(run, trm_layout_new(run, plan, &layout));
  CHECK_OK(run, trm_field_new(run, layout, name, type, TRM_EVOLVING, &field));
  return field;
}

/* Uneven slices of a total, the last rank the most. */
static trm_field *slices(trm_run *run, const char *name, int64_t total) {
  const trm_layout *layout;
  trm_field *field = NULL;
  int64_t mine = total / (2 * run->ranks);
  if (run->rank == run->ranks - 1) mine = total - mine * (run->ranks - 1);
  CHECK_OK(run, trm_slices(run, mine, &layout));
  CHECK_OK(run,
           trm_field_new(run, layout, name, TRM_U64, TRM_EVOLVING, &field));
  return field;
}

static void make(trm_run *run, probe *p, int64_t length) {
  p->field[0] =
      declare(run,
              &(trm_plan){.dims = 2,
                          .dim = {{.n = 13, .halo = 1}, {.n = 10, .halo = 1}}},
              "grid2", TRM_F64);
  p->field[1] = declare(run,
                        &(trm_plan){.dims = 3,
                                    .dim = {{.n = 50, .halo = 1},
                                            {.n = 60, .halo = 1},
                                            {.n = 270, .halo = 1}}},
                        "grid3", TRM_F32);
  p->field[2] =
      declare(run,
              &(trm_plan){.dims = 2,
                          .dim = {{.n = 170, .kind = TRM_CYCLIC, .block = 16},
                                  {.n = 111, .kind = TRM_CYCLIC, .block = 7}}},
              "cyclic", TRM_I64);
  p->field[3] = slices(run, "slices", length);
  p->field[4] = declare(
      run, &(trm_plan){.dims = 1, .dim = {{.n = 37, .kind = TRM_WHOLE}}},
      "whole", TRM_U8);
  p->field[5] = declare(
      run,
      &(trm_plan){.dims = 4, .dim = {{.n = 3}, {.n = 4}, {.n = 2}, {.n = 5}}},
      "complex4", TRM_C128);
  p->field[6] = declare(run, &(trm_plan){.dims = 1, .dim = {{.n = 1000003}}},
                        "long", TRM_I32);
  p->field[7] = declare(
      run, &(trm_plan){.dims = 2, .dim = {{.n = 3}, {.n = 200}}, .fastest = 1},
      "columns", TRM_F64);
  CHECK_OK(run, trm_keep(run, "many", TRM_I64, 3, p->many));
  CHECK_OK(run, trm_keep(run, "few", TRM_F64, 2, p->few));
}

static void fill(trm_run *run, probe *p) {
  for (int i = 0; i < FIELDS; i++)
    trm_field_random(run, p->field[i], (uint64_t)i);
  for (int i = 0; i < 3; i++) p->many[i] = 7 * i - 3;
  for (int i = 0; i < 2; i++) p->few[i] = 0.1 * i;
}

typedef struct task {
  char dir[256];
  uint64_t fingerprint;
  int writer;
} task;

static void write_set(trm_run *run, void *context) {
  task *t = context;
  trm__store_options o = options_for(t->dir, ID_A, false);
  trm__store_stamp stamp = stamp_for(ID_A, 5);
  trm__store_archive *store;
  probe p;
  make(run, &p, 101);
  fill(run, &p);
  CHECK_OK(run, trm__store_open(run, &o, &store));
  CHECK_OK(run, trm__store_check_space(run, store));
  CHECK_OK(run, trm__store_write(run, store, &stamp));
  t->fingerprint = trm__store_fingerprint(run);
  trm__store_close(run, &store);
}

static void read_set(trm_run *run, void *context) {
  task *t = context;
  trm__store_options o = options_for(t->dir, ID_B, true);
  trm__store_stamp stamp = {0};
  trm__store_archive *store;
  bool found = false;
  probe p = {0};
  make(run, &p, 5); /* slices take the length of the file */
  CHECK_OK(run, trm__store_open(run, &o, &store));
  CHECK_TEXT(o.run_id, ID_A);
  CHECK_OK(run, trm__store_find(run, store, &stamp, &found));
  CHECK(found);
  CHECK_INT(stamp.step, 5);
  CHECK_TEXT(stamp.options, "{\"n\":\"10\"}");
  CHECK_OK(run, trm__store_read(run, store, &stamp));
  CHECK_HEX(trm__store_fingerprint(run), t->fingerprint);
  CHECK_INT(p.field[3]->layout->n[0], 101);
  CHECK_INT(p.many[2], 11);
  CHECK_SAME(p.few[1], 0.1);
  trm__store_stamp_clear(&stamp);
  trm__store_close(run, &store);
}

int main(int argc, char **argv) {
  int level, size;
  task tasks[COUNTS] = {0};
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  for (int w = 0; w < COUNTS && counts[w] <= size; w++) {
    scratch_make(MPI_COMM_WORLD, tasks[w].dir);
    on_ranks(counts[w], write_set, &tasks[w]);
    MPI_Bcast(&tasks[w].fingerprint, 8, MPI_BYTE, 0, MPI_COMM_WORLD);
    CHECK_HEX(tasks[w].fingerprint, tasks[0].fingerprint);
    for (int r = 0; r < COUNTS && counts[r] <= size; r++)
      on_ranks(counts[r], read_set, &tasks[w]);
    scratch_remove(tasks[w].dir);
  }
  return all_done();
}
