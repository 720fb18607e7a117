/* TEST ranks=1,3 timeout=120 apart */
/* Which checkpoint a resume takes, and who may write to a directory. */
#include <trireme/kernel.h>

#include "store/scratch.h"

enum { N = 30000 };

typedef struct probe {
  trm_run *run;
  char dir[256];
  trm_field *u;
  int64_t unwanted; /* steps of this number and more do not fit */
} probe;

static trm_status accept(void *context, const trm__store_stamp *stamp,
                         trm__base_error *error) {
  const probe *p = context;
  CHECK_INT(p->run->rank, 0);
  if (!p->unwanted || stamp->step < p->unwanted) return TRM_OK;
  return trm__base_error_set(error, TRM_ERESUME, "unwanted");
}

static void open_store(probe *p, const char *id, bool resume, trm_status want,
                       trm__store_archive **store) {
  trm__store_options o = options_for(p->dir, id, resume);
  o.keep = 3;
  o.accept = accept;
  o.context = p;
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
    CHECK_INT(resumed(p, TRM_OK), 2);
  }
}

static void cut(probe *p, int step) {
  char path[512];
  path_of(p, step, path);
  if (p->run->rank == 0) CHECK(!truncate(path, bytes_of(path) - 1));
  MPI_Barrier(p->run->comm->mpi);
}

/* Without its last byte a checkpoint is not sealed, but says what it said: it is
 * taken only where nothing sealed is. */
static void rewritten(probe *p) {
  char path[512];
  write_sets(p, 1, 3);
  cut(p, 3);
  cut(p, 2);
  CHECK_INT(resumed(p, TRM_OK), 1);
  cut(p, 1);
  CHECK_INT(resumed(p, TRM_OK), 3);
  path_of(p, 3, path);
  if (p->run->rank == 0) damage(path, values_at(path) + 11);
  CHECK_INT(resumed(p, TRM_OK), 2);
}

/* What is whole but does not fit is refused in the same way. */
static void unfit(probe *p) {
  char path[512], other[512];
  write_sets(p, 1, 3);
  p->unwanted = 3;
  CHECK_INT(resumed(p, TRM_OK), 2);
  p->unwanted = 1;
  CHECK_INT(resumed(p, TRM_ERESUME), -2);
  p->unwanted = 0;
  path_of(p, 3, path);
  snprintf(other, sizeof other, "%s/other-" ID_A "-%012d.h5", p->dir, 9);
  if (p->run->rank == 0) CHECK(!rename(path, other));
  MPI_Barrier(p->run->comm->mpi);
  CHECK_INT(resumed(p, TRM_OK), 2);
  path_of(p, 3, path);
  if (p->run->rank == 0) CHECK(!rename(other, path));
}

/* One of another version of the kernel, with a field more. */
static void other_fields(probe *p) {
  trm_field *v;
  char path[512];
  write_sets(p, 1, 3);
  CHECK_OK(p->run,
           trm_field_new(p->run, p->u->layout, "v", TRM_F64, TRM_EVOLVING, &v));
  write_sets(p, 4, 4);
  trm_field_drop(p->run, &v);
  CHECK_INT(resumed(p, TRM_OK), 3);
  path_of(p, 4, path);
  if (p->run->rank == 0) unlink(path);
}

/* Refused checkpoints do not count among those to keep. */
static void kept_ones(probe *p) {
  char path[512];
  write_sets(p, 1, 3);
  path_of(p, 3, path);
  if (p->run->rank == 0) damage(path, values_at(path) + 5);
  trm__store_archive *store;
  trm__store_stamp stamp = {0}, next = stamp_for(ID_A, 4);
  bool found = false;
  open_store(p, ID_B, true, TRM_OK, &store);
  CHECK_OK(p->run, trm__store_find(p->run, store, &stamp, &found));
  CHECK_OK(p->run, trm__store_read(p->run, store, &stamp));
  CHECK_INT(stamp.step, 2);
  CHECK_OK(p->run, trm__store_write(p->run, store, &next));
  trm__store_stamp_clear(&stamp);
  trm__store_close(p->run, &store);
  for (int step = 1; step <= 4; step++) { /* three good ones and the refused */
    path_of(p, step, path);
    CHECK(there(path));
  }
  MPI_Barrier(p->run->comm->mpi);
  if (p->run->rank == 0) unlink(path);
}

static void garbage(probe *p) {
  char path[512];
  write_sets(p, 1, 3);
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
  rewritten(&p);
  unfit(&p);
  other_fields(&p);
  kept_ones(&p);
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
