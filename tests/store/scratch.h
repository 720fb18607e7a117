/* What the tests of the store share: a directory of their own, runs on some of
 * the ranks, faults, damage. */
#ifndef TRM_TESTS_STORE_SCRATCH_H
#define TRM_TESTS_STORE_SCRATCH_H

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include <trireme/kernel.h>

#include "check_mpi.h"
#include "store/store.h"

/* On rank 0 of all, told to all of `comm`. */
static inline void scratch_make(MPI_Comm comm, char dir[256]) {
  int rank;
  MPI_Comm_rank(comm, &rank);
  if (!rank) {
    const char *tmp = getenv("TMPDIR");
    snprintf(dir, 256, "%s/trireme-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(dir)) MPI_Abort(comm, 9);
  }
  MPI_Bcast(dir, 256, MPI_CHAR, 0, comm);
}

static inline int scratch__remove(const char *path, const struct stat *s,
                                  int type, struct FTW *f) {
  (void)s, (void)type, (void)f;
  return remove(path);
}

static inline void scratch_remove(const char *dir) {
  nftw(dir, scratch__remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* A run on the first `ranks` of the launch; the others wait. */
static inline void on_ranks(int ranks, void (*test)(trm_run *, void *),
                            void *context) {
  int rank;
  MPI_Comm part;
  trm_run *run;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_split(MPI_COMM_WORLD, rank < ranks ? 0 : MPI_UNDEFINED, rank, &part);
  if (part != MPI_COMM_NULL) {
    if (trm_run_new(part, 1, 42, &run)) MPI_Abort(part, 9);
    test(run, context);
    trm_run_free(&run);
    MPI_Comm_free(&part);
  }
  check__barrier();
}

/* All checks of all ranks, for main to return. */
static inline int all_done(void) {
  int all[2] = {check_failed, check_passed}, rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Allreduce(MPI_IN_PLACE, all, 2, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  MPI_Finalize();
  if (!rank && !all[0]) printf("%d checks passed\n", all[1]);
  return all[0] || !all[1] ? 1 : 0;
}

/* A rule of TRM_FAULT with a counter of its own (the counters go by place). */
static inline void fault(int place, const char *rule) {
  char text[512] = "";
  for (int i = 0; i < place; i++) strcat(text, "-:0,");
  strcat(text, rule);
  setenv("TRM_FAULT", text, 1);
}

static inline trm__store_options options_for(const char *dir, const char *id,
                                             bool resume) {
  trm__store_options o = {
      .dir = dir, .kernel = "probe", .keep = 2, .resume = resume};
  snprintf(o.run_id, sizeof o.run_id, "%s", id);
  return o;
}

static inline trm__store_stamp stamp_for(const char *id, int64_t step) {
  static char json[] = "{\"n\":\"10\"}";
  trm__store_stamp s = {.kernel = "probe",
                        .step = step,
                        .seconds = 1.5,
                        .seed = 42,
                        .build = "test",
                        .ranks = 1,
                        .threads = 1,
                        .options = json};
  snprintf(s.run_id, sizeof s.run_id, "%s", id);
  return s;
}

static inline void set_path(char path[512], const char *dir, const char *id,
                            int64_t step) {
  snprintf(path, 512, "%s/probe-%s-%012" PRId64 ".h5", dir, id, step);
}

static inline bool there(const char *path) {
  struct stat status;
  return !stat(path, &status);
}

/* Wrong byte at an offset (negative: from the end). */
static inline void damage(const char *path, int64_t offset) {
  FILE *f = fopen(path, "r+b");
  if (!f) return;
  fseek(f, offset, offset < 0 ? SEEK_END : SEEK_SET);
  int byte = fgetc(f);
  fseek(f, offset, offset < 0 ? SEEK_END : SEEK_SET);
  fputc(byte ^ 0x10, f);
  fclose(f);
}

#define ID_A "00000000000000aa"
#define ID_B "00000000000000bb"

#endif
