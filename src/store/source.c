#include "store/source.h"

#include <inttypes.h>
#include <string.h>

#include "array/move/linear.h"
#include "base/memory.h"
#include "store/h5.h"

enum { CACHE_MIN = 1 << 20, CACHE_MAX = 256 << 20 };

/* A cache for one row of chunks: reading by linear index then decompresses each
 * chunk only once. */
static hid_t dataset_access(hid_t file, const char *name,
                            const trm__store_dataset *f) {
  hid_t list = H5Pcreate(H5P_DATASET_ACCESS);
  hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
  if (dataset < 0) return list;
  hid_t how = H5Dget_create_plist(dataset), type = H5Dget_type(dataset);
  hsize_t chunk[TRM_DIMS];
  if (H5Pget_layout(how) == H5D_CHUNKED &&
      H5Pget_chunk(how, TRM_DIMS, chunk) == f->dims) {
    double bytes = (double)chunk[0] * (double)H5Tget_size(type);
    for (int d = 1; d < f->dims; d++)
      bytes *= (double)f->n[d] + (double)chunk[d];
    if (bytes < CACHE_MIN) bytes = CACHE_MIN;
    if (bytes > CACHE_MAX) bytes = CACHE_MAX;
    H5Pset_chunk_cache(list, 12421, (size_t)bytes, 1.0);
  }
  H5Tclose(type);
  H5Pclose(how);
  H5Dclose(dataset);
  return list;
}

trm_status trm__store_source_open(trm__store_source *s, const char *path,
                                  const trm__store_dataset *field,
                                  const char *op, trm__base_error *error) {
  *s = (trm__store_source){.field = *field,
                           .op = op,
                           .io = {.fd = -1, .direct = -1},
                           .file = H5I_INVALID_HID,
                           .dataset = H5I_INVALID_HID};
  if (field->offset >= 0) return trm__store_io_open(&s->io, path, false, error);
  s->file = trm__store_h5_open(path);
  if (s->file >= 0) {
    hid_t list = dataset_access(s->file, field->name, field);
    s->dataset = H5Dopen2(s->file, field->name, list);
    H5Pclose(list);
  }
  if (s->dataset < 0)
    return trm__base_error_set(error, TRM_EFILE, "%s: cannot open dataset /%s",
                               path, field->name);
  s->io.path = trm__base_strdup(path);
  return TRM_OK;
}

void trm__store_source_close(trm__store_source *s) {
  if (s->dataset >= 0) H5Dclose(s->dataset);
  if (s->file >= 0) H5Fclose(s->file);
  trm__store_io_close(&s->io);
  s->dataset = s->file = H5I_INVALID_HID;
}

static bool read_box(hid_t dataset, hid_t type, int dims, const int64_t lo[],
                     const int64_t len[], void *to) {
  hsize_t start[TRM_DIMS], count[TRM_DIMS], n = 1;
  for (int d = 0; d < dims; d++) {
    start[d] = (hsize_t)lo[d];
    count[d] = (hsize_t)len[d];
    n *= count[d];
  }
  hid_t space = H5Dget_space(dataset), memory = H5Screate_simple(1, &n, NULL);
  bool good = H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count,
                                  NULL) >= 0 &&
              H5Dread(dataset, type, memory, space, H5P_DEFAULT, to) >= 0;
  H5Sclose(memory);
  H5Sclose(space);
  return good;
}

static bool read_through_h5(const trm__store_source *s, int64_t first,
                            int64_t n, char *to) {
  const trm__store_dataset *f = &s->field;
  int64_t lo[2 * TRM_DIMS][TRM_DIMS], len[2 * TRM_DIMS][TRM_DIMS];
  int boxes = trm__array_linear_boxes(f->dims, f->n, first, n, lo, len);
  hid_t type = trm__store_h5_type(f->type);
  bool good = true;
  for (int b = 0; good && b < boxes; b++) {
    good = read_box(s->dataset, type, f->dims, lo[b], len[b], to);
    int64_t volume = 1;
    for (int d = 0; d < f->dims; d++) volume *= len[b][d];
    to += volume * (int64_t)trm_type_size(f->type);
  }
  H5Tclose(type);
  return good;
}

void trm__store_source_start(trm__store_source *s, int64_t first, int64_t n,
                             void *to, trm__store_transfer *job) {
  const trm__store_dataset *f = &s->field;
  int64_t size = (int64_t)trm_type_size(f->type);
  *job = (trm__store_transfer){
      .io = &s->io, .op = s->op, .data = to, .bytes = n * size};
  if (f->offset >= 0) {
    job->offset = f->offset + first * size;
    trm__store_transfer_start(job);
  } else if (n > 0 && !read_through_h5(s, first, n, to)) {
    char reason[200];
    trm__base_error_set(&job->error, TRM_EFILE,
                        "%s: cannot read elements %" PRId64 " to %" PRId64
                        " of dataset /%s (HDF5: %s)",
                        s->io.path, first, first + n - 1, f->name,
                        trm__store_h5_reason(reason, sizeof reason));
  }
}
