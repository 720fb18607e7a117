#include "store/file/header.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "store/h5.h"
#include "store/values/io.h"
#include "store/file/stamp.h"
#include "store/verdict/certificate.h"

#define LAYOUT "layout" /* for fault injection */

int64_t trm__store_dataset_count(const trm__store_dataset *f) {
  int64_t count = 1;
  for (int d = 0; d < f->dims; d++) count *= f->n[d];
  return count;
}

int64_t trm__store_dataset_bytes(const trm__store_dataset *f) {
  return trm__store_dataset_count(f) * (int64_t)trm_type_size(f->type);
}

const trm__store_dataset *trm__store_dataset_find(
    const trm__store_checkpoint *checkpoint, const char *name) {
  for (int i = 0; i < checkpoint->nfields; i++)
    if (!strcmp(checkpoint->fields[i].name, name))
      return &checkpoint->fields[i];
  return NULL;
}

/* -- writing --------------------------------------------------------------- */

/* Allocate space at once, without fill values: values are written without
 * HDF5. */
static hid_t new_dataset(hid_t file, const trm__store_dataset *f, hid_t type) {
  hsize_t n[TRM_DIMS];
  for (int d = 0; d < f->dims; d++) n[d] = (hsize_t)f->n[d];
  hid_t space = H5Screate_simple(f->dims, n, NULL);
  hid_t list = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_layout(list, H5D_CONTIGUOUS);
  H5Pset_fill_time(list, H5D_FILL_TIME_NEVER);
  if (trm__store_dataset_count(f) > 0)
    H5Pset_alloc_time(list, H5D_ALLOC_TIME_EARLY);
  H5Pset_attr_phase_change(list, 8, 6);
  hid_t dataset =
      H5Dcreate2(file, f->name, type, space, H5P_DEFAULT, list, H5P_DEFAULT);
  H5Pclose(list);
  H5Sclose(space);
  return dataset;
}

static bool put_dataset(hid_t file, trm__store_dataset *f) {
  hid_t type = trm__store_h5_type(f->type);
  hid_t dataset = new_dataset(file, f, type);
  bool good =
      dataset >= 0 &&
      trm__store_h5_put(dataset, "digest", H5T_NATIVE_UINT64, &f->digest) &&
      trm__store_h5_put_text(dataset, "role", f->role);
  if (good) {
    bool any = trm__store_dataset_count(f) > 0;
    haddr_t at = any ? H5Dget_offset(dataset) : 0;
    good = at != HADDR_UNDEF;
    f->offset = (int64_t)at;
  }
  if (dataset >= 0) good &= H5Dclose(dataset) >= 0;
  H5Tclose(type);
  return good;
}

static bool put_certificate(hid_t file,
                            const trm__store_checkpoint *checkpoint) {
  uint64_t digest = trm__store_certificate(checkpoint);
  return trm__store_h5_put(file, TRM__STORE_CERTIFICATE, H5T_NATIVE_UINT64,
                           &digest);
}

static bool put_keep_group(hid_t file) {
  hid_t group =
      H5Gcreate2(file, TRM__STORE_KEEP, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  return group >= 0 && H5Gclose(group) >= 0;
}

static trm_status lay_out(const char *path,
                          const trm__store_checkpoint *checkpoint,
                          trm__store_image *image, trm__base_error *error) {
  char reason[200];
  bool group = false;
  hid_t file = trm__store_h5_create(path, image);
  bool good =
      file >= 0 &&
      trm__store_stamp_put(file, &checkpoint->stamp, checkpoint->output) &&
      put_certificate(file, checkpoint);
  for (int i = 0; good && i < checkpoint->nfields; i++) {
    if (checkpoint->fields[i].kept && !group)
      good = group = put_keep_group(file);
    if (good) good = put_dataset(file, &checkpoint->fields[i]);
  }
  if (!good) trm__store_h5_reason(reason, sizeof reason);
  if (file >= 0 && H5Fclose(file) < 0 && good) {
    trm__store_h5_reason(reason, sizeof reason);
    good = false;
  }
  if (!good)
    trm__base_error_set(error, TRM_EFILE,
                        "%s: cannot lay the file out (HDF5: %s)", path, reason);
  return error->status;
}

/* The values of kept arrays, which this rank has. */
static trm_status write_kept(const trm__store_checkpoint *checkpoint,
                             const void *const kept[], trm__store_io *io,
                             trm__base_error *error) {
  for (int i = 0; i < checkpoint->nfields; i++) {
    const trm__store_dataset *f = &checkpoint->fields[i];
    if (!f->kept || trm__store_dataset_bytes(f) == 0) continue;
    trm__store_transfer job = {.io = io,
                               .op = LAYOUT,
                               .write = true,
                               .data = (char *)kept[i],
                               .bytes = trm__store_dataset_bytes(f),
                               .offset = f->offset};
    trm__store_transfer_start(&job);
    if (trm__store_transfer_finish(&job) == TRM_OK) continue;
    *error = job.error;
    break;
  }
  return error->status;
}

static trm_status write_file(const char *path, const trm__store_image *image,
                             const trm__store_checkpoint *checkpoint,
                             const void *const kept[], trm__base_error *error) {
  trm__store_io io = {.fd = -1, .direct = -1};
  int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
  if (fd < 0 || close(fd))
    return trm__base_error_set(error, TRM_EFILE, "%s: cannot create: %s", path,
                               strerror(errno));
  if (trm__store_io_open(&io, path, true, error) == TRM_OK &&
      trm__store_image_write(image, &io, LAYOUT, error) == TRM_OK)
    write_kept(checkpoint, kept, &io, error);
  trm__store_io_close(&io);
  return error->status;
}

trm_status trm__store_header_write(const char *path,
                                   const trm__store_checkpoint *checkpoint,
                                   const void *const kept[],
                                   trm__store_seal *seal,
                                   trm__base_error *error) {
  trm__store_image image = {0};
  if (lay_out(path, checkpoint, &image, error) == TRM_OK) {
    *seal =
        trm__store_seal_put(&image, checkpoint->fields, checkpoint->nfields);
    write_file(path, &image, checkpoint, kept, error);
  }
  trm__store_image_clear(&image);
  return error->status;
}
