/* TEST ranks=3,4,8 */
/* Many small checkpoints, each read by another way than it was written. */
#include <hdf5.h>

#include <trireme/kernel.h>

#include "store/scratch.h"

enum { SETS = 200, N = 10 };

static double value(const int64_t i[], void *context) {
  return (double)(i[0] * N + i[1]) + 1e-3 * *(const int *)context;
}

/* With HDF5 alone. */
static void check_file(const char *path, int step) {
  double got[N * N];
  int64_t wrong = 0, index[2];
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  hid_t dataset = H5Dopen2(file, "u", H5P_DEFAULT);
  CHECK(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                got) >= 0);
  for (index[0] = 0; index[0] < N; index[0]++)
    for (index[1] = 0; index[1] < N; index[1]++)
      wrong += got[index[0] * N + index[1]] != value(index, &step);
  CHECK_INT(wrong, 0);
  H5Dclose(dataset);
  H5Fclose(file);
}

static void test(trm_run *run) {
  char dir[256], path[512];
  scratch_make(run->comm->mpi, dir);
  const trm_layout *grid;
  trm_field *u;
  trm__store_archive *store;
  trm__store_options o = options_for(dir, ID_A, false);
  CHECK_OK(run,
           trm_grid(run, 2, (int64_t[]){N, N}, 1, (bool[]){true, true}, &grid));
  CHECK_OK(run, trm_field_new(run, grid, "u", TRM_F64, TRM_EVOLVING, &u));
  CHECK_OK(run, trm__store_open(run, &o, &store));
  for (int step = 1; step <= SETS; step++) {
    trm_field_fill(u, value, &step);
    trm__store_stamp stamp = stamp_for(ID_A, step);
    CHECK_OK(run, trm__store_write(run, store, &stamp));
    set_path(path, dir, ID_A, step);
    CHECK_TEXT(trm__store_newest(store), path);
    if (run->rank == 0) check_file(path, step);
    if (run->rank == 0 && step > 2) {
      set_path(path, dir, ID_A, step - 1);
      CHECK(there(path));
      set_path(path, dir, ID_A, step - 2);
      CHECK(!there(path));
    }
  }
  trm__store_close(run, &store);
  MPI_Barrier(run->comm->mpi);
  if (run->rank == 0) scratch_remove(dir);
}

int main(int argc, char **argv) {
  return check_mpi(argc, argv, test);
}
