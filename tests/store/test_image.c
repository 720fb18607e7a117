/* TEST */
/* The image of a file, in which HDF5 lays it out: what is written is read, what is
 * not takes no memory, and a write that fails says so. */
#include "store/scratch.h"

#include <hdf5.h>
#include <sys/resource.h>

#include "store/file/header.h"
#include "store/image/image.h"

static char dir[] = "/tmp/trireme-XXXXXX", path[512];

/* Against a plain array: 2,000 pieces of any length, read again in others. */
static void as_an_array(void) {
  enum { LENGTH = 50000 };
  static char plain[LENGTH], got[LENGTH];
  trm__store_image image = {0};
  unsigned draw = 12345;
#define DRAW(most) (int64_t)((draw = draw * 1103515245u + 12345u) >> 8) % (most)
  for (int k = 0; k < 2000; k++) {
    int64_t bytes = DRAW(k % 7 ? 300 : 9000), at = DRAW(LENGTH - bytes), end;
    for (int64_t i = 0; i < bytes; i++) plain[at + i] = (char)DRAW(256);
    trm__store_image_put(&image, at, bytes, plain + at);
    if (k % 100 == 50) { /* what is cut off and grows again is 0 */
      end = image.bytes - DRAW(9000);
      trm__store_image_resize(&image, end);
      memset(plain + end, 0, (size_t)(LENGTH - end));
    }
    bytes = DRAW(LENGTH);
    at = DRAW(LENGTH - bytes + 1);
    trm__store_image_get(&image, at, bytes, got);
    CHECK__REPORT(!memcmp(got, plain + at, (size_t)bytes), "after %d", k);
  }
  trm__store_image_clear(&image);
  CHECK_INT(image.n, 0);
}

static trm_status lay_out(int64_t n, trm__store_seal *seal,
                          trm__base_error *error) {
  static const int64_t kept[3] = {7, 8, 9};
  const void *data[] = {NULL, NULL, kept};
  trm__store_dataset fields[] = {
      {.name = "u", .type = TRM_F64, .dims = 1, .n = {n, 1, 1, 1}},
      {.name = "v", .type = TRM_F64, .dims = 1, .n = {n, 1, 1, 1}},
      {.name = "keep/k",
       .type = TRM_I64,
       .dims = 1,
       .n = {3, 1, 1, 1},
       .kept = true}};
  trm__store_checkpoint c = {
      .stamp = stamp_for(ID_A, 1), .fields = fields, .nfields = 3};
  unlink(path);
  trm_status status = trm__store_header_write(path, &c, data, seal, error);
  if (status == TRM_OK && n > 1 << 20)
    CHECK_INT(fields[1].offset % (1 << 20), 0);
  return status;
}

static int64_t peak(void) {
  struct rusage use;
  getrusage(RUSAGE_SELF, &use);
  return use.ru_maxrss; /* KiB */
}

/* Two fields of 64 GiB take no memory, and no disk before their values. */
static void large(void) {
  trm__base_error error = {TRM_OK, ""};
  trm__store_seal put, got;
  struct stat file;
  CHECK_STATUS(lay_out(8, &put, &error), TRM_OK); /* HDF5 itself */
  int64_t before = peak();
  CHECK_STATUS(lay_out((int64_t)1 << 33, &put, &error), TRM_OK);
  CHECK_TEXT(error.text, "");
  CHECK__REPORT(peak() - before < 8 << 10, "%" PRId64 " KiB more",
                peak() - before);
  CHECK(!stat(path, &file) && file.st_size > (int64_t)1 << 37);
  CHECK(file.st_blocks * 512 < 1 << 20);
  CHECK_STATUS(trm__store_seal_check(path, &got, &error), TRM_OK);
  CHECK(got.holds && got.digest == put.digest && got.bytes == put.bytes);
  CHECK_INT(got.bytes, file.st_size);
}

/* Each write of the layout in turn; nothing of HDF5 stays open. */
static void failing(void) {
  int failed = 0;
  for (int k = 1; k < 50; k++, failed++) {
    char rule[64];
    trm__base_error error = {TRM_OK, ""};
    trm__store_seal seal;
    snprintf(rule, sizeof rule, "layout:%d:EDQUOT", k);
    fault(k % 30, rule);
    trm_status status = lay_out(1 << 20, &seal, &error);
    unsetenv("TRM_FAULT");
    CHECK_INT(H5Fget_obj_count(H5F_OBJ_ALL, H5F_OBJ_ALL), 0);
    if (status == TRM_OK) break;
    CHECK_STATUS(status, TRM_EFILE);
    CHECK(strstr(error.text, "Disk quota exceeded") &&
          strstr(error.text, path));
  }
  CHECK(failed >= 3);
}

int main(void) {
  if (!mkdtemp(dir)) return 2;
  set_path(path, dir, ID_A, 1);
  as_an_array();
  large();
  failing();
  scratch_remove(dir);
  return check_done();
}
