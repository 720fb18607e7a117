/* TEST ranks=1,3 timeout=120 apart */
/* Which checkpoint a resume takes, and who may write to a directory. */
#include <trireme/kernel.h>

#include "store/scratch.h"

enum { N = 30000 };

typedef struct probe {
  trm_run *run;
  char dir[256];
  trm_field *u;
} probe;

static void open_store(probe *p, const char *id, bool resume, trm_status want,
                       trm__store_archive **store) {
  trm__store_options o = options_for(p->dir, id, resume);
  o.keep = 3;
  CHECK_STATUS(trm__store_open(p->run, &o, store), want);
}

static void write_sets(probe *p, int from, int to) {
  trm__store_archive *store;
  open_store(p, ID_A, false, TRM_OK, &store);
  for (int step = from; step <= to; step++) {
    trm__store_stamp stamp = stamp_for(ID_A, step);
    trm_field_random(p->run, p->u, (uint64_t)step);
    CHECK_OK(p->run, trm__store_write(p->run, store, &stamp));
  }
  trm__store_close(p->run, &store);
}

/* Step of the checkpoint that is read, -1: none; -2: error. */
static int64_t resumed(probe *p, trm_status want) {
  trm__store_archive *store;
  trm__store_stamp stamp = {0};
  bool found = false;
  open_store(p, ID_B, true, TRM_OK, &store);
  trm_status status = trm__store_find(p->run, store, &stamp, &found);
  if (status == TRM_OK && found)
    status = trm__store_read(p->run, store, &stamp);
  CHECK_STATUS(status, want);
  int64_t step = status ? -2 : found ? stamp.step : -1;
  if (step > 0) { /* its values */
    uint64_t got = trm_digest(p->run, p->u);
    trm_field_random(p->run, p->u, (uint64_t)step);
    CHECK_HEX(got, trm_digest(p->run, p->u));
  }
  trm__store_stamp_clear(&stamp);
  trm__store_close(p->run, &store);
  MPI_Barrier(p->run->comm->mpi);
  return step;
}

static void path_of(probe *p, int step, char path[512]) {
  MPI_Barrier(p->run->comm->mpi);
  set_path(path, p->dir, ID_A, step);
}

static int64_t bytes_of(const char *path) {
  struct stat status;
  return stat(path, &status) ? 0 : (int64_t)status.st_size;
}

static int64_t values_at(const char *path) {
  trm__store_checkpoint checkpoint;
  trm__store_checkpoint_inspect(path, &checkpoint);
  int64_t at = checkpoint.nfields ? checkpoint.fields[0].offset : 0;
  trm__store_checkpoint_clear(&checkpoint);
  return at;
}

/* Each kind of damage to the newest of three checkpoints. */
static void damaged_sets(probe *p) {
  char path[512];
  bool mine = p->run->rank == 0;
  for (int kind = 0; kind < 6; kind++) {
    write_sets(p, 1, 3);
    path_of(p, 3, path);
    if (mine && kind == 0) CHECK(!truncate(path, bytes_of(path) / 2));
    if (mine && kind == 1) CHECK(!truncate(path, 0));
    if (mine && kind == 2) damage(path, values_at(path) + 777);
    if (mine && kind == 3) damage(path, 40);   /* superblock */
    if (mine && kind == 4) damage(path, 1000); /* root group */
    if (mine && kind == 5) CHECK(!truncate(path, bytes_of(path) - 1));
    MPI_Barrier(p->run->comm->mpi);
    /* the last byte is of the seal, without which HDF5 itself decides */
    CHECK_INT(resumed(p, TRM_OK), kind == 5 ? 3 : 2);
  }
}

static void garbage(probe *p) {
  char path[512];
  path_of(p, 9, path);
  if (p->run->rank == 0) {
    FILE *f = fopen(path, "wb");
    for (int i = 0; i < 100000; i++) fputc(i * 37 % 251, f);
    fclose(f);
  }
  CHECK_INT(resumed(p, TRM_OK), 3);
  if (p->run->rank == 0) unlink(path);
}

/* A checkpoint that was refused is written again in its place. */
static void written_again(probe *p) {
  char path[512];
  path_of(p, 3, path);
  if (p->run->rank == 0) damage(path, values_at(path) + 5);
  CHECK_INT(resumed(p, TRM_OK), 2);
  write_sets(p, 3, 3);
  CHECK_INT(resumed(p, TRM_OK), 3);
}

static void nothing_valid(probe *p) {
  char path[512];
  for (int step = 1; step <= 3; step++) {
    path_of(p, step, path);
    if (p->run->rank == 0) CHECK(!truncate(path, 100));
  }
  CHECK_INT(resumed(p, TRM_ECHECKPOINT), -2);
  CHECK(strstr(trm_message(p->run), p->dir) != NULL);
  for (int step = 1; step <= 3; step++) {
    path_of(p, step, path);
    if (p->run->rank == 0) unlink(path);
  }
  CHECK_INT(resumed(p, TRM_OK), -1);
}

static void writers(probe *p) {
  trm__store_archive *first, *second;
  write_sets(p, 1, 1);
  open_store(p, ID_B, false, TRM_EUSAGE,
             &second); /* another run's checkpoints */
  CHECK(second == NULL);
  open_store(p, ID_A, false, TRM_OK, &first);
  open_store(p, ID_A, false, TRM_EFILE, &second); /* a live writer */
  CHECK(strstr(trm_message(p->run), ID_A) != NULL);
  trm__store_close(p->run, &first);
  open_store(p, ID_A, false, TRM_OK, &first);
  trm__store_close(p->run, &first);
}

static void directories(probe *p) {
  trm__store_archive *store;
  char name[300] = "", path[512];
  trm__store_options o = options_for(name, ID_A, false);
  snprintf(name, sizeof name, "%s/missing/deep", p->dir);
  CHECK_STATUS(trm__store_open(p->run, &o, &store), TRM_EINPUT);
  path_of(p, 1, path);
  snprintf(name, sizeof name, "%s/probe-" ID_A "-%012d.h5", p->dir, 1);
  CHECK_STATUS(trm__store_open(p->run, &o, &store), TRM_EINPUT);
  snprintf(name, sizeof name, "%s/new", p->dir);
  CHECK_STATUS(trm__store_open(p->run, &o, &store), TRM_OK);
  trm__store_close(p->run, &store);
  snprintf(name, sizeof name, "/proc/trireme");
  trm_status status = trm__store_open(p->run, &o, &store);
  CHECK(status == TRM_EFILE || status == TRM_EINPUT);
  snprintf(name, sizeof name, "%s", p->dir);
  fault(0, "token:1:EROFS");
  CHECK_STATUS(trm__store_open(p->run, &o, &store), TRM_EFILE);
  unsetenv("TRM_FAULT");
}

/* What a killed writer leaves goes at the next open; other files stay. */
static void leftovers(probe *p) {
  char part[512], other[512];
  trm__store_archive *store;
  snprintf(part, sizeof part, "%s/.probe-" ID_A "-%012d.h5.part", p->dir, 77);
  snprintf(other, sizeof other, "%s/.other.h5.part", p->dir);
  if (p->run->rank == 0) {
    fclose(fopen(part, "w"));
    fclose(fopen(other, "w"));
  }
  open_store(p, ID_A, false, TRM_OK, &store);
  if (p->run->rank == 0) CHECK(!there(part) && there(other));
  trm__store_close(p->run, &store);
}

static void test(trm_run *run) {
  probe p = {.run = run};
  const trm_layout *line;
  scratch_make(run->comm->mpi, p.dir);
  CHECK_OK(run, trm_grid(run, 1, (int64_t[]){N}, 0, (bool[]){false}, &line));
  CHECK_OK(run, trm_field_new(run, line, "u", TRM_F64, TRM_EVOLVING, &p.u));
  CHECK_INT(resumed(&p, TRM_OK), -1);
  damaged_sets(&p);
  garbage(&p);
  written_again(&p);
  nothing_valid(&p);
  writers(&p);
  directories(&p);
  leftovers(&p);
  MPI_Barrier(run->comm->mpi);
  if (run->rank == 0) scratch_remove(p.dir);
}

int main(int argc, char **argv) {
  return check_mpi(argc, argv, test);
}
