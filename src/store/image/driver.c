#include "store/image/driver.h"

#include <stdlib.h>

#include "base/memory.h"

#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

typedef struct target { /* in access lists, which copy it */
  trm__store_image *image;
} target;

typedef struct driver_file {
  H5FD_t public; /* first: HDF5's own part */
  trm__store_image *image;
  haddr_t end; /* of what HDF5 has allocated */
} driver_file;

static H5FD_t *open_file(const char *name, unsigned flags, hid_t access_list,
                         haddr_t most) {
  (void)name, (void)flags, (void)most;
  const target *to = H5Pget_driver_info(access_list);
  if (!to) return NULL;
  driver_file *file = trm__base_calloc(1, sizeof *file);
  file->image = to->image;
  return &file->public;
}

static herr_t close_file(H5FD_t *file) {
  free(file);
  return 0;
}

/* Metadata in few, larger pieces, as the ordinary driver takes them. */
static herr_t query(const H5FD_t *file, unsigned long *flags) {
  (void)file;
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA |
           H5FD_FEAT_DATA_SIEVE | H5FD_FEAT_AGGREGATE_SMALLDATA |
           H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
  return 0;
}

static haddr_t get_eoa(const H5FD_t *file, H5FD_mem_t type) {
  (void)type;
  return ((const driver_file *)file)->end;
}

static herr_t set_eoa(H5FD_t *file, H5FD_mem_t type, haddr_t end) {
  (void)type;
  ((driver_file *)file)->end = end;
  return 0;
}

static haddr_t get_eof(const H5FD_t *file, H5FD_mem_t type) {
  (void)type;
  return (haddr_t)((const driver_file *)file)->image->bytes;
}

static herr_t read_file(H5FD_t *file, H5FD_mem_t type, hid_t list, haddr_t at,
                        size_t bytes, void *data) {
  (void)type, (void)list;
  trm__store_image_get(((driver_file *)file)->image, (int64_t)at,
                       (int64_t)bytes, data);
  return 0;
}

static herr_t write_file(H5FD_t *file, H5FD_mem_t type, hid_t list, haddr_t at,
                         size_t bytes, const void *data) {
  (void)type, (void)list;
  trm__store_image_put(((driver_file *)file)->image, (int64_t)at,
                       (int64_t)bytes, data);
  return 0;
}

static herr_t set_length(H5FD_t *file, hid_t list, hbool_t closing) {
  (void)list, (void)closing;
  const driver_file *f = (const driver_file *)file;
  trm__store_image_resize(f->image, (int64_t)f->end);
  return 0;
}

static const H5FD_class_t driver = {
#if H5_VERSION_GE(1, 13, 0)
    .version = H5FD_CLASS_VERSION,
    .value = (H5FD_class_value_t)400, /* from 256 on: not of the HDF Group */
#endif
    .name = "trireme_image",
    .maxaddr = ((haddr_t)1 << 62) - 1,
    .fc_degree = H5F_CLOSE_STRONG,
    .fapl_size = sizeof(target),
    .open = open_file,
    .close = close_file,
    .query = query,
    .get_eoa = get_eoa,
    .set_eoa = set_eoa,
    .get_eof = get_eof,
    .read = read_file,
    .write = write_file,
    .truncate = set_length,
    .fl_map = H5FD_FLMAP_DICHOTOMY};

hid_t trm__store_driver_set(hid_t access_list, trm__store_image *image) {
  target to = {image};
  hid_t id = H5FDregister(&driver);
  if (id >= 0 && H5Pset_driver(access_list, id, &to) < 0) {
    H5FDunregister(id);
    id = H5I_INVALID_HID;
  }
  return id;
}
