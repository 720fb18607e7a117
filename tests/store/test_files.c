/* TEST ranks=1,2 */
/* Files as others see them. Without arguments: outputs and refusals.
 * test_files.py calls it to write a checkpoint, to read one, to look at any
 * dataset.
 * */
#include "store/scratch.h"

static double value(const int64_t i[], void *context) {
  (void)context;
  return 1000.0 * (double)i[0] + 10.0 * (double)i[1] + 0.5 * (double)i[2];
}

typedef struct probe {
  trm_field *u, *w, *z;
  int64_t kept[3];
} probe;

static void make(trm_run *run, probe *p, bool filled) {
  const trm_layout *grid, *line;
  int64_t n[3] = {20, 33, 47};
  *p = (probe){.kept = {3, 1, 4}};
  CHECK_OK(run, trm_grid(run, 3, n, 1, (bool[]){true, false, true}, &grid));
  CHECK_OK(run, trm_grid(run, 1, (int64_t[]){11}, 0, (bool[]){false}, &line));
  CHECK_OK(run, trm_field_new(run, grid, "u", TRM_F64, TRM_EVOLVING, &p->u));
  CHECK_OK(run, trm_field_new(run, line, "w", TRM_U8, TRM_EVOLVING, &p->w));
  CHECK_OK(run, trm_field_new(run, line, "z", TRM_C128, TRM_EVOLVING, &p->z));
  CHECK_OK(run, trm_keep(run, "digits", TRM_I64, 3, p->kept));
  if (!filled) return;
  trm_field_fill(p->u, value, NULL);
  trm_field_fill(p->w, value, NULL);
  trm_field_fill(p->z, value, NULL);
}

static void write_set(trm_run *run, const char *dir) {
  probe p;
  trm__store_archive *store;
  trm__store_options o = options_for(dir, ID_A, false);
  trm__store_stamp stamp = stamp_for(ID_A, 7);
  make(run, &p, true);
  CHECK_OK(run, trm__store_open(run, &o, &store));
  CHECK_OK(run, trm__store_write(run, store, &stamp));
  trm__store_close(run, &store);
}

static void read_set(trm_run *run, const char *dir) {
  probe p;
  trm__store_archive *store;
  trm__store_options o = options_for(dir, ID_B, true);
  trm__store_stamp stamp = {0};
  bool found = false;
  make(run, &p, true);
  uint64_t want = trm__store_fingerprint(run);
  trm_field_fill(p.u, value, NULL);
  p.kept[0] = 0;
  CHECK_OK(run, trm_reshape(run, p.u, p.u->layout)); /* zero */
  CHECK_OK(run, trm__store_open(run, &o, &store));
  CHECK_OK(run, trm__store_find(run, store, &stamp, &found));
  CHECK_OK(run, trm__store_read(run, store, &stamp));
  CHECK_INT(stamp.step, 7);
  CHECK_HEX(trm__store_fingerprint(run), want);
  trm__store_stamp_clear(&stamp);
  trm__store_close(run, &store);
}

/* Prints "OK f32 2 5 7 SUM", or the status and its message. */
static void look(trm_run *run, const char *where) {
  trm_dataset d;
  trm_field *u = NULL;
  const trm_layout *grid;
  bool walls[TRM_DIMS] = {false};
  double sum = 0;
  trm_status status = trm_dataset_look(run, where, &d);
  trm_type type = !status && d.type == TRM_C128 ? TRM_C128 : TRM_F64;
  if (!status) status = trm_grid(run, d.dims, d.n, 0, walls, &grid);
  if (!status)
    status = trm_field_new(run, grid, "input", type, TRM_CONSTANT, &u);
  if (!status) status = trm_dataset_read(run, where, u);
  if (!status) sum = trm_sum(run, u);
  if (run->rank == 0 && status)
    printf("%s %s\n", trm_status_name(status), trm_message(run));
  if (run->rank == 0 && !status) {
    printf("OK %s", trm_type_name(d.type));
    for (int i = 0; i < d.dims; i++) printf(" %" PRId64, d.n[i]);
    printf(" %.17g\n", sum);
  }
  if (u) trm_field_drop(run, &u);
}

static void outputs(trm_run *run) {
  char dir[256], path[512], where[600];
  probe p;
  trm__store_stamp stamp = stamp_for(ID_A, 7);
  scratch_make(run->comm->mpi, dir);
  make(run, &p, true);
  uint64_t want = trm_digest(run, p.u);
  snprintf(path, sizeof path, "%s/out.h5", dir);
  snprintf(where, sizeof where, "%s:/u", path);
  for (int twice = 0; twice < 2; twice++) { /* the second replaces the first */
    CHECK_OK(run, trm__store_output(run, path, &stamp));
    CHECK_OK(run, trm_reshape(run, p.u, p.u->layout));
    CHECK_OK(run, trm_dataset_read(run, where, p.u));
    CHECK_HEX(trm_digest(run, p.u), want);
  }
  CHECK_STATUS(trm_dataset_read(run, where, p.z), TRM_EINPUT);
  CHECK_STATUS(trm_dataset_read(run, where, p.w), TRM_EINPUT);
  CHECK_STATUS(trm__store_output(run, "/dev/full", &stamp), TRM_EINPUT);
  CHECK_STATUS(trm__store_output(run, dir, &stamp), TRM_EINPUT);
  snprintf(where, sizeof where, "%s/none/out.h5", dir);
  CHECK_STATUS(trm__store_output(run, where, &stamp), TRM_EINPUT);
  CHECK_STATUS(trm__store_output_check(run, NULL, "/proc/out.h5", true),
               TRM_EFILE);
  MPI_Barrier(run->comm->mpi);
  if (run->rank == 0) damage(path, (1 << 20) + 4000); /* u begins at 1 MiB */
  MPI_Barrier(run->comm->mpi);
  snprintf(where, sizeof where, "%s:/u", path);
  CHECK_STATUS(trm_dataset_read(run, where, p.u), TRM_EFILE);
  if (run->rank == 0) scratch_remove(dir);
}

int main(int argc, char **argv) {
  int level;
  trm_run *run;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level);
  if (trm_run_new(MPI_COMM_WORLD, 1, 42, &run)) return 2;
  if (argc < 3)
    outputs(run);
  else if (!strcmp(argv[1], "write"))
    write_set(run, argv[2]);
  else if (!strcmp(argv[1], "read"))
    read_set(run, argv[2]);
  else
    for (int i = 2; i < argc; i++) look(run, argv[i]);
  CHECK(true);
  trm_run_free(&run);
  return all_done();
}
