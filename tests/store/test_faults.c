/* TEST ranks=1,3,5 timeout=120 apart */
/* A write that fails leaves the older checkpoint, no unfinished file, and one
 * status on all ranks; one that is only interrupted continues. */
#include <trireme/kernel.h>

#include "store/scratch.h"

enum { N = 400 * 1000 };

typedef struct trial {
  const char *rule;
  trm_status want;
} trial;

/* Ranks that a rule names write in every run: rank 0 aggregates. */
static const trial trials[] = {
    {"layout:1:EIO", TRM_EFILE},    {"layout:1:flip", TRM_EFILE},
    {"layout:2:EDQUOT", TRM_EFILE}, {"layout:1+:short", TRM_OK},
    {"layout:1:EINTR", TRM_OK},     {"reserve:1:ENOSPC", TRM_EFILE},
    {"open:1:EACCES:0", TRM_EFILE}, {"write:1:ENOSPC", TRM_EFILE},
    {"write:2:EIO:0", TRM_EFILE},   {"write:1+:ENOSPC:1", TRM_EFILE},
    {"fsync:1:EIO:0", TRM_EFILE},   {"fsync:1:EIO:2", TRM_EFILE},
    {"verify:1:EIO:0", TRM_EFILE},  {"write:1:flip:0", TRM_EFILE},
    {"write:1+:flip:1", TRM_EFILE}, {"verify:2:flip:0", TRM_EFILE},
    {"rename:1:EACCES", TRM_EFILE}, {"write:1+:short", TRM_OK},
    {"write:1:EINTR", TRM_OK},      {"verify:1+:short", TRM_OK},
    {"fsync:1:EIO:99", TRM_OK},
};
enum { TRIALS = sizeof trials / sizeof *trials };

static bool applies(const trm_run *run, const char *rule) {
  const char *colon = strrchr(rule, ':');
  int rank = colon ? atoi(colon + 1) : 0; /* 0 for an errno's name too */
  return rank < run->ranks || rank == 99;
}

static void check_left(const char *dir, int64_t newest, bool written) {
  char path[512], part[512];
  trm__store_checkpoint checkpoint;
  trm__base_error error = {TRM_OK, ""};
  set_path(path, dir, ID_A, newest);
  CHECK_STATUS(trm__store_checkpoint_inspect(path, &checkpoint), TRM_OK);
  CHECK_STATUS(trm__store_checkpoint_verify(&checkpoint, &error), TRM_OK);
  trm__store_checkpoint_clear(&checkpoint);
  set_path(path, dir, ID_A, newest + 1);
  CHECK_INT(there(path), written);
  snprintf(part, sizeof part, "%s/.%s.part", dir, strrchr(path, '/') + 1);
  CHECK(!there(part));
  unlink(path);
}

static void attempt(trm_run *run, trm__store_archive *store, const char *dir,
                    int i) {
  if (!applies(run, trials[i].rule)) return;
  trm__store_stamp stamp = stamp_for(ID_A, 2);
  fault(i, trials[i].rule);
  trm_status got = trm__store_write(run, store, &stamp);
  unsetenv("TRM_FAULT");
  CHECK__REPORT(got == trials[i].want, "%s on rank %d: %s (%s), want %s",
                trials[i].rule, run->rank, trm_status_name(got),
                trm_message(run), trm_status_name(trials[i].want));
  if (got) CHECK(strstr(trm_message(run), dir) != NULL);
  MPI_Barrier(run->comm->mpi);
  if (run->rank == 0) check_left(dir, 1, got == TRM_OK);
  MPI_Barrier(run->comm->mpi);
}

static void test(trm_run *run) {
  char dir[256];
  scratch_make(run->comm->mpi, dir);
  const trm_layout *line;
  trm_field *u, *v;
  int64_t kept[2] = {1, 2};
  trm__store_archive *store;
  trm__store_options o = options_for(dir, ID_A, false);
  o.verify_disk = run->ranks == 3;
  CHECK_OK(run, trm_grid(run, 1, (int64_t[]){N}, 0, (bool[]){false}, &line));
  CHECK_OK(run, trm_field_new(run, line, "u", TRM_F64, TRM_EVOLVING, &u));
  CHECK_OK(run, trm_field_new(run, line, "v", TRM_U8, TRM_EVOLVING, &v));
  CHECK_OK(run, trm_keep(run, "kept", TRM_I64, 2, kept));
  trm_field_random(run, u, 1);
  trm_field_random(run, v, 2);
  CHECK_OK(run, trm__store_open(run, &o, &store));
  trm__store_stamp stamp = stamp_for(ID_A, 1);
  CHECK_OK(run, trm__store_write(run, store, &stamp));
  for (int i = 0; i < TRIALS; i++) attempt(run, store, dir, i);
  trm__store_close(run, &store);
  MPI_Barrier(run->comm->mpi);
  if (run->rank == 0) scratch_remove(dir);
}

int main(int argc, char **argv) {
  return check_mpi(argc, argv, test);
}
