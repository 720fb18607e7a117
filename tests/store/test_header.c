/* TEST */
/* The structure of a checkpoint, without MPI: written, read, damaged,
 * compared. */
#include "store/scratch.h"

#include "array/digest.h"
#include "store/file/header.h"
#include "store/directory/names.h"
#include "store/file/seal.h"

enum { N = 20000 };

static double values[N];
static const int64_t kept[2] = {5, 6};

static void names(void) {
  trm__store_name n;
  CHECK(trm__store_name_parse("my-probe-00000000000000aa-000000000012.h5", &n));
  CHECK_TEXT(n.kernel, "my-probe");
  CHECK_TEXT(n.run_id, ID_A);
  CHECK_INT(n.step, 12);
  CHECK(trm__store_name_parse("p-00000000000000aa-1234567890123.h5", &n));
  CHECK_INT(n.step, 1234567890123);
  const char *bad[] = {"",
                       ".h5",
                       "probe.h5",
                       "-00000000000000aa-000000000012.h5",
                       "p-00000000000000aa-12.h5",
                       "p-00000000000000aa-0000000000012.h5",
                       "p-0000000000000aa-000000000012.h5",
                       "p-00000000000000ag-000000000012.h5",
                       ".p-00000000000000aa-000000000012.h5",
                       "p-00000000000000aa-000000000012.h5.part"};
  for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
    CHECK__REPORT(!trm__store_name_parse(bad[i], &n),
                  "taken for a checkpoint: %s", bad[i]);
  char *name = trm__store_name_make("probe", ID_A, 3);
  CHECK_TEXT(name, "probe-" ID_A "-000000000003.h5");
  free(name);
}

static void write_file(const char *path) {
  trm__store_dataset fields[] = {{.name = "u",
                                  .type = TRM_F64,
                                  .dims = 2,
                                  .n = {N / 100, 100, 1, 1},
                                  .role = "evolving"},
                                 {.name = "none",
                                  .type = TRM_U8,
                                  .dims = 1,
                                  .n = {0, 1, 1, 1},
                                  .role = "evolving"},
                                 {.name = "keep/k",
                                  .type = TRM_I64,
                                  .dims = 1,
                                  .n = {2, 1, 1, 1},
                                  .kept = true,
                                  .role = "keep"}};
  trm__store_checkpoint checkpoint = {
      .stamp = stamp_for(ID_A, 1), .fields = fields, .nfields = 3};
  trm__base_error error = {TRM_OK, ""};
  trm__store_seal seal;
  fields[0].digest = trm__array_digest_run(TRM_F64, values, 1, N, 0);
  fields[2].digest = trm__array_digest_run(TRM_I64, kept, 1, 2, 0);
  const void *data[] = {NULL, NULL, kept};
  CHECK_STATUS(trm__store_header_write(path, &checkpoint, data, &seal, &error),
               TRM_OK);
  CHECK_TEXT(error.text, "");
  FILE *f = fopen(path, "r+b");
  fseek(f, fields[0].offset, SEEK_SET);
  CHECK_INT(fwrite(values, sizeof *values, N, f), N);
  fclose(f);
}

static void read_file(const char *path) {
  trm__store_checkpoint checkpoint;
  trm__base_error error = {TRM_OK, ""};
  CHECK_STATUS(trm__store_checkpoint_inspect(path, &checkpoint), TRM_OK);
  CHECK_TEXT(checkpoint.error.text, "");
  CHECK_INT(checkpoint.nfields, 3);
  CHECK_TEXT(checkpoint.stamp.kernel, "probe");
  CHECK_SAME(checkpoint.stamp.seconds, 1.5);
  CHECK_STATUS(trm__store_checkpoint_verify(&checkpoint, &error), TRM_OK);
  CHECK(trm__store_dataset_find(&checkpoint, "keep/k") &&
        trm__store_dataset_find(&checkpoint, "none"));
  trm__store_checkpoint_clear(&checkpoint);
}

/* No byte of the structure may change unseen, nor take HDF5 down. */
static void damaged_structure(const char *path) {
  trm__store_checkpoint checkpoint;
  trm__store_checkpoint_inspect(path, &checkpoint);
  int64_t at = trm__store_dataset_find(&checkpoint, "u")->offset;
  trm__store_checkpoint_clear(&checkpoint);
  for (int64_t byte = 0; byte < 12000 && byte < at; byte += 97) {
    damage(path, byte);
    trm_status status = trm__store_checkpoint_inspect(path, &checkpoint);
    CHECK__REPORT(status == TRM_ECHECKPOINT, "byte %" PRId64 ": %s", byte,
                  trm_status_name(status));
    trm__store_checkpoint_clear(&checkpoint);
    damage(path, byte); /* back again */
  }
  read_file(path);
}

static void damaged_values(const char *path) {
  trm__store_checkpoint checkpoint;
  trm__base_error error = {TRM_OK, ""};
  CHECK_STATUS(trm__store_checkpoint_inspect(path, &checkpoint), TRM_OK);
  int64_t at = trm__store_dataset_find(&checkpoint, "u")->offset;
  damage(path, at + 8 * 123 + 3);
  CHECK_STATUS(trm__store_checkpoint_verify(&checkpoint, &error),
               TRM_ECHECKPOINT);
  CHECK(strstr(error.text, "u are damaged") != NULL);
  trm__store_checkpoint_clear(&checkpoint);
}

static void differences(const char *a, const char *b) {
  trm__store_checkpoint x, y;
  trm__store_difference *d;
  trm__base_error error = {TRM_OK, ""};
  int n;
  trm__store_checkpoint_inspect(a, &x);
  trm__store_checkpoint_inspect(b, &y);
  CHECK_STATUS(trm__store_checkpoints_compare(&x, &y, &d, &n, &error), TRM_OK);
  CHECK_INT(n, 3);
  for (int i = 0; i < n; i++) {
    bool u = !strcmp(d[i].name, "u");
    CHECK_INT(d[i].differing, u);
    if (u) CHECK_INT(d[i].where, 123);
    if (u) CHECK(d[i].largest > 0);
    CHECK(!d[i].only_a && !d[i].only_b && !d[i].shape);
  }
  free(d);
  trm__store_checkpoint_clear(&x);
  trm__store_checkpoint_clear(&y);
}

static void list(const char *dir) {
  trm__store_checkpoint *checkpoints;
  trm__base_error error = {TRM_OK, ""};
  int n;
  CHECK_STATUS(
      trm__store_checkpoints_list(dir, NULL, false, &checkpoints, &n, &error),
      TRM_OK);
  CHECK_INT(n, 2);
  CHECK_STATUS(checkpoints[0].error.status, TRM_ECHECKPOINT); /* empty */
  CHECK_STATUS(checkpoints[1].error.status, TRM_OK);
  trm__store_checkpoints_free(&checkpoints, n);
  CHECK_STATUS(trm__store_checkpoints_list("/nonexistent", NULL, false,
                                           &checkpoints, &n, &error),
               TRM_EINPUT);
}

int main(void) {
  char dir[] = "/tmp/trireme-XXXXXX", a[512], b[512], empty[512];
  if (!mkdtemp(dir)) return 2;
  for (int i = 0; i < N; i++) values[i] = i * 0.75;
  set_path(a, dir, ID_A, 1);
  set_path(empty, dir, ID_A, 2);
  snprintf(b, sizeof b, "%s/other.h5", dir);
  names();
  write_file(a);
  write_file(b);
  read_file(a);
  damaged_structure(a);
  damaged_values(b);
  differences(a, b);
  fclose(fopen(empty, "w"));
  list(dir);
  scratch_remove(dir);
  return check_done();
}
