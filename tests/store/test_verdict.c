/* TEST */
/* What is known of a checkpoint's file: sealed, rewritten, damaged, newer.
 * Nothing that was changed is ever sealed; what was changed in a way that
 * matters is never rewritten. Without MPI.
 * test_refused.py calls it to forge a checkpoint: FROM TO OPTIONS FIELD. */
#include "store/scratch.h"

#include "array/digest.h"
#include "base/file.h"
#include "store/h5.h"
#include "store/file/header.h"

enum { N = 40, LARGEST = 64 << 10 };

static double values[N];
static const int64_t kept[2] = {5, 6};
static char dir[] = "/tmp/trireme-XXXXXX", path[512];

/* -- files ----------------------------------------------------------------- */

static char bytes[LARGEST]; /* of the file as it was written */
static size_t size;

static void read_bytes(const char *from) {
  FILE *f = fopen(from, "rb");
  size = f ? fread(bytes, 1, sizeof bytes, f) : 0;
  if (f) fclose(f);
  CHECK(size > 1000 && size < sizeof bytes);
}

/* The file as it was written, with an end of its own. */
static void put_bytes(const char *to, const char *end) {
  FILE *f = fopen(to, "wb");
  fwrite(bytes, 1, size, f);
  fputs(end, f);
  fclose(f);
}

static void write_original(void) {
  trm__store_dataset fields[] = {{.name = "u",
                                  .type = TRM_F64,
                                  .dims = 2,
                                  .n = {4, N / 4, 1, 1},
                                  .role = "evolving"},
                                 {.name = "keep/k",
                                  .type = TRM_I64,
                                  .dims = 1,
                                  .n = {2, 1, 1, 1},
                                  .kept = true,
                                  .role = "keep"}};
  trm__store_checkpoint checkpoint = {
      .stamp = stamp_for(ID_A, 1), .fields = fields, .nfields = 2};
  trm__base_error error = {TRM_OK, ""};
  trm__store_seal seal;
  for (int i = 0; i < N; i++) values[i] = 1.0 / (i + 1);
  fields[0].digest = trm__array_digest_run(TRM_F64, values, 1, N, 0);
  fields[1].digest = trm__array_digest_run(TRM_I64, kept, 1, 2, 0);
  const void *data[] = {NULL, kept};
  CHECK_STATUS(trm__store_header_write(path, &checkpoint, data, &seal, &error),
               TRM_OK);
  FILE *f = fopen(path, "r+b");
  fseek(f, fields[0].offset, SEEK_SET);
  CHECK_INT(fwrite(values, sizeof *values, N, f), N);
  fclose(f);
  read_bytes(path);
}

/* -- verdicts -------------------------------------------------------------- */

/* As `ckpt verify` says it: with the values. */
static trm__store_verdict verdict_of(const char *file, char reason[1024]) {
  trm__store_checkpoint c;
  trm__base_error error = {TRM_OK, ""};
  trm__store_checkpoint_inspect(file, &c);
  trm__store_verdict verdict = c.verdict;
  if (c.error.status)
    error = c.error;
  else if (trm__store_checkpoint_verify(&c, &error))
    verdict = TRM__STORE_DAMAGED;
  CHECK_INT(error.status == TRM_OK, verdict >= TRM__STORE_REWRITTEN);
  if (reason) snprintf(reason, 1024, "%s", error.text);
  trm__store_checkpoint_clear(&c);
  return verdict;
}

static void expect(const char *file, trm__store_verdict want,
                   const char *reason) {
  char got[1024];
  trm__store_verdict verdict = verdict_of(file, got);
  CHECK__REPORT(verdict == want && strstr(got, reason), "%s: %s: %s, want %s",
                file, trm__store_verdict_name(verdict), got, reason);
}

/* No bit of the file may change unseen, the seal's own included: a third of the
 * bytes, and all of the end. */
static void each_byte(void) {
  int rewritten = 0;
  for (size_t i = 0; i < size; i += i + 128 < size ? 3 : 1) {
    char was = bytes[i];
    bytes[i] ^= (char)(1 << i % 8);
    put_bytes(path, "");
    bytes[i] = was;
    trm__store_verdict verdict = verdict_of(path, NULL);
    rewritten += verdict == TRM__STORE_REWRITTEN;
    CHECK__REPORT(verdict < TRM__STORE_SEALED, "byte %zu: sealed", i);
  }
  /* only where the seal is no longer found: its first word */
  CHECK_INT(rewritten, strlen("trireme.seal/1 "));
  put_bytes(path, "");
  expect(path, TRM__STORE_SEALED, "");
}

/* The seal counts only as the very end. */
static void appended(void) {
  put_bytes(path, "x");
  expect(path, TRM__STORE_REWRITTEN, "");
  size--;
  put_bytes(path, "");
  expect(path, TRM__STORE_REWRITTEN, "");
  size++;
}

/* -- what another program changes ------------------------------------------ */

static hid_t open_to_write(void) {
  put_bytes(path, "");
  return H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
}

static void put_number(hid_t where, const char *name, hid_t type,
                       const void *value) {
  hid_t a = H5Aopen(where, name, H5P_DEFAULT);
  CHECK(a >= 0 && H5Awrite(a, type, value) >= 0);
  H5Aclose(a);
}

static void put_text(hid_t where, const char *name, const char *text) {
  H5Adelete(where, name);
  CHECK(trm__store_h5_put_text(where, name, text));
}

static void nothing(hid_t file) {
  (void)file;
}
static void another_dataset(hid_t file) {
  hid_t space = H5Screate(H5S_SCALAR);
  H5Dclose(H5Dcreate2(file, "note", H5T_NATIVE_INT, space, H5P_DEFAULT,
                      H5P_DEFAULT, H5P_DEFAULT));
  H5Sclose(space);
}
static void option(hid_t file) {
  put_text(file, "options", "{\"n\":\"11\"}");
}
static void step(hid_t file) {
  put_number(file, "step", H5T_NATIVE_INT64, &(int64_t){2});
}
static void seed(hid_t file) {
  put_number(file, "seed", H5T_NATIVE_UINT64, &(uint64_t){43});
}
static void kernel(hid_t file) {
  put_text(file, "kernel", "prune");
}
static void newer(hid_t file) {
  put_text(file, "format", "trireme.checkpoint/99");
}
static void stranger(hid_t file) {
  put_text(file, "format", "checkpoint/1");
}
static void no_certificate(hid_t file) {
  H5Adelete(file, "certificate");
}
static void of_another_kind(hid_t file) {
  put_text(file, "certificate", "42");
}
static void without_field(hid_t file) {
  H5Ldelete(file, "u", H5P_DEFAULT);
}
static void renamed_field(hid_t file) {
  H5Lmove(file, "u", file, "v", H5P_DEFAULT, H5P_DEFAULT);
}
static void on_field(hid_t file, void (*change)(hid_t)) {
  hid_t u = H5Dopen2(file, "u", H5P_DEFAULT);
  change(u);
  H5Dclose(u);
}
static void role(hid_t u) {
  put_text(u, "role", "constant");
}
static void undigested(hid_t u) {
  H5Adelete(u, "digest");
}
static void digest(hid_t u) {
  put_number(u, "digest", H5T_NATIVE_UINT64, &(uint64_t){1});
}
static void value(hid_t u) {
  double other[N];
  memcpy(other, values, sizeof other);
  other[7] = -other[7];
  H5Dwrite(u, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, other);
}

static const struct change {
  void (*make)(hid_t file), (*make_on_field)(hid_t u);
  trm__store_verdict want;
  const char *reason;
} changes[] = {
    {nothing, NULL, TRM__STORE_REWRITTEN, ""},
    {another_dataset, NULL, TRM__STORE_REWRITTEN, ""},
    {option, NULL, TRM__STORE_DAMAGED, "options, step or fields are damaged"},
    {step, NULL, TRM__STORE_DAMAGED, "step or fields are damaged"},
    {seed, NULL, TRM__STORE_DAMAGED, "are damaged"},
    {kernel, NULL, TRM__STORE_DAMAGED, "are damaged"},
    {newer, NULL, TRM__STORE_NEWER,
     "written by a newer version of Trireme (format trireme.checkpoint/99"},
    {stranger, NULL, TRM__STORE_DAMAGED, "not written by Trireme"},
    {no_certificate, NULL, TRM__STORE_DAMAGED, "changed after it was written"},
    {of_another_kind, NULL, TRM__STORE_DAMAGED, "are damaged"},
    {without_field, NULL, TRM__STORE_DAMAGED, "are damaged"},
    {renamed_field, NULL, TRM__STORE_DAMAGED, "are damaged"},
    {NULL, role, TRM__STORE_DAMAGED, "are damaged"},
    {NULL, undigested, TRM__STORE_DAMAGED, "are damaged"},
    {NULL, digest, TRM__STORE_DAMAGED, "are damaged"},
    {NULL, value, TRM__STORE_DAMAGED, "values of u are damaged"},
};

static void changed_by_others(void) {
  for (unsigned i = 0; i < sizeof changes / sizeof *changes; i++) {
    const struct change *c = &changes[i];
    hid_t file = open_to_write();
    if (c->make) c->make(file);
    if (c->make_on_field) on_field(file, c->make_on_field);
    H5Fclose(file);
    expect(path, c->want, c->reason);
  }
}

/* -- names, and files of the first version --------------------------------- */

static void names(void) {
  char other[512];
  set_path(other, dir, ID_A, 2);
  put_bytes(other, "");
  expect(other, TRM__STORE_DAMAGED, "contains step 1 of probe");
  set_path(other, dir, ID_B, 1);
  put_bytes(other, "");
  expect(other, TRM__STORE_DAMAGED, "its name says otherwise");
  snprintf(other, sizeof other, "%s/copy.h5", dir);
  put_bytes(other, "");
  expect(other, TRM__STORE_SEALED, "");
}

/* 0.1.0 wrote no certificate: its files are sealed, or damaged. */
static void first_version(void) {
  static const char name[] = "heat-3316ea08d0d7c2cb-000000000006.h5";
  char other[512], from[512];
  snprintf(from, sizeof from, "%s/tests/store/cases/%s",
           getenv("TRIREME_SOURCE"), name);
  snprintf(other, sizeof other, "%s/%s", dir, name);
  read_bytes(from);
  put_bytes(other, "");
  expect(other, TRM__STORE_SEALED, "");
  put_bytes(other, "x");
  expect(other, TRM__STORE_DAMAGED, "changed after it was written");
  bytes[size - 300] ^= 1; /* a value */
  put_bytes(other, "");
  expect(other, TRM__STORE_DAMAGED, "values of u are damaged");
}

/* -- a sealed checkpoint with other options, and another name of u; no values */

static int forge(char **words) {
  static const char zeros[1 << 16];
  const void *none[16];
  trm__store_checkpoint c;
  trm__store_seal seal;
  trm__base_error error = {TRM_OK, ""};
  CHECK_STATUS(trm__store_checkpoint_inspect(words[0], &c), TRM_OK);
  free(c.stamp.options);
  c.stamp.options = strdup(words[2]);
  c.stamp.step = strtoll(strrchr(words[1], '-') + 1, NULL, 10);
  for (int i = 0; i < c.nfields; i++) {
    trm__store_dataset *f = &c.fields[i];
    none[i] = f->kept ? zeros : NULL;
    if (!strcmp(f->name, "u"))
      snprintf(f->name, sizeof f->name, "%s", words[3]);
  }
  CHECK_STATUS(trm__store_header_write(words[1], &c, none, &seal, &error),
               TRM_OK);
  trm__store_checkpoint_clear(&c);
  return check_done();
}

int main(int argc, char **argv) {
  if (argc == 5) return forge(argv + 1);
  if (!mkdtemp(dir)) return 2;
  set_path(path, dir, ID_A, 1);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  write_original();
  expect(path, TRM__STORE_SEALED, "");
  each_byte();
  appended();
  changed_by_others();
  names();
  first_version();
  scratch_remove(dir);
  return check_done();
}
