/* Headers of checkpoints: HDF5 files whose attributes and datasets are of any content.
 * HDF5 itself is not handed damaged metadata: it may crash, which is what the seal is
 * for. */
#include "fuzz/fuzz.h"

#include <hdf5.h>

#include "store/file/inspect.h"

static struct {
  const uint8_t *at;
  size_t left;
} input;

static uint8_t byte(void) {
  if (!input.left) return 0;
  input.left--;
  return *input.at++;
}

static int64_t number(void) {
  int64_t value = 0;
  for (int i = byte() % 9; i > 0; i--)
    value = (int64_t)((uint64_t)value << 8 | byte());
  return value;
}

/* A text up to a newline. */
static const char *line(char *text, size_t room) {
  size_t n = 0;
  for (uint8_t c; input.left && (c = byte()) != '\n';)
    if (n + 1 < room) text[n++] = (char)c;
  text[n] = 0;
  return text;
}

static void put(hid_t where, const char *name, hid_t type, hid_t space,
                const void *value) {
  hid_t a = H5Acreate2(where, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  if (a >= 0 && value) H5Awrite(a, type, value);
  if (a >= 0) H5Aclose(a);
}

static void put_text(hid_t where, const char *name, const char *text) {
  size_t n = strlen(text) + (byte() % 4 != 0);
  hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
  H5Tset_size(type, n ? n : 1);
  put(where, name, type, space, text);
  H5Sclose(space);
  H5Tclose(type);
}

static void put_number(hid_t where, const char *name) {
  const hid_t types[] = {H5T_NATIVE_INT64, H5T_NATIVE_DOUBLE, H5T_NATIVE_INT,
                         H5T_NATIVE_UINT64, H5T_NATIVE_UCHAR};
  hsize_t n = byte() % 8 == 7 ? byte() : 1;
  int64_t values[256] = {number()};
  hid_t space = n == 1 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &n, NULL);
  put(where, name, types[byte() % 5], space, values);
  H5Sclose(space);
}

static void put_stamp(hid_t file) {
  static const char *const texts[] = {"kernel", "run_id", "build", "written",
                                      "options"};
  static const char *const numbers[] = {"step",  "seconds", "seed",
                                        "ranks", "threads", "complete"};
  char text[512];
  put_text(file, "format",
           byte() % 8 ? "trireme.checkpoint/1" : line(text, sizeof text));
  for (int i = 0; i < 5; i++)
    if (byte() != 255) put_text(file, texts[i], line(text, sizeof text));
  for (int i = 0; i < 6; i++)
    if (byte() != 255) put_number(file, numbers[i]);
}

static void put_dataset(hid_t where) {
  const hid_t types[] = {H5T_NATIVE_DOUBLE, H5T_NATIVE_FLOAT, H5T_NATIVE_INT64,
                         H5T_NATIVE_UCHAR, H5T_C_S1};
  char name[400], role[64];
  hsize_t n[8];
  int dims = byte() % 7;
  for (int d = 0; d < dims; d++)
    n[d] = byte() % 16 ? byte() % 8 : (hsize_t)number() >> 2;
  hid_t space = H5Screate_simple(dims, n, NULL);
  hid_t set = H5Dcreate2(where, line(name, sizeof name), types[byte() % 5],
                         space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  if (set >= 0) {
    if (byte() % 8) put_number(set, "digest");
    if (byte() % 8) put_text(set, "role", line(role, sizeof role));
    H5Dclose(set);
  }
  if (space >= 0) H5Sclose(space);
}

static void write_file(const char *path) {
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_fapl_core(access, 1 << 16, true);
  hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
  H5Pclose(access);
  if (file < 0) abort();
  put_stamp(file);
  hid_t keep = H5Gcreate2(file, "keep", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  for (int i = byte() % 5; i > 0; i--) put_dataset(byte() % 3 ? file : keep);
  H5Gclose(keep);
  H5Fclose(file);
}

static void inspect_file(void) {
  static trm__store_checkpoint c;
  trm__base_error error = {TRM_OK, ""};
  int64_t bytes = 0;
  char *path = fuzz_here("heat-00000000000000aa-000000000001.h5", "", 0);
  write_file(path);
  trm__store_checkpoint_inspect(path, &c);
  for (int i = 0; i < c.nfields; i++)
    bytes += trm__store_dataset_bytes(&c.fields[i]) & 0xffffff;
  c.error.status = TRM_OK; /* without a certificate none of them is whole */
  if (bytes < 1 << 20) trm__store_checkpoint_verify(&c, &error);
  trm__store_checkpoint_clear(&c);
  free(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  input.at = data;
  input.left = size;
  inspect_file();
  return 0;
}
