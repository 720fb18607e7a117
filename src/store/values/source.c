#include "store/values/source.h"

#include <inttypes.h>
#include <stdlib.h>
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

/* HDF5 would clip values that the field cannot hold, and cut fractions off. */
static H5T_conv_ret_t refuse(H5T_conv_except_t what, hid_t from, hid_t to,
                             void *source, void *target, void *lost) {
  (void)from, (void)to, (void)source, (void)target;
  if (what == H5T_CONV_EXCEPT_PRECISION) return H5T_CONV_UNHANDLED;
  *(bool *)lost = true;
  return H5T_CONV_ABORT;
}

static void prepare(trm__store_source *s) {
  hid_t stored = H5Dget_type(s->dataset);
  s->memory = s->packing ? H5Tcopy(H5T_NATIVE_DOUBLE)
                         : trm__store_h5_read_type(s->field.type, stored);
  s->transfer = H5Pcreate(H5P_DATASET_XFER);
  H5Tclose(stored);
}

trm_status trm__store_source_open(trm__store_source *s, const char *path,
                                  const trm__store_dataset *field,
                                  const trm__store_packing *packing,
                                  const char *op, trm__base_error *error) {
  char reason[200];
  trm__store_source_none(s);
  s->field = *field;
  s->packing = packing;
  s->op = op;
  if (field->offset >= 0) return trm__store_io_open(&s->io, path, false, error);
  s->file = trm__store_h5_open(path);
  if (s->file >= 0) {
    hid_t list = dataset_access(s->file, field->name, field);
    s->dataset = H5Dopen2(s->file, field->name, list);
    if (s->dataset >= 0) H5Pclose(list);
  }
  if (s->dataset < 0)
    return trm__base_error_set(
        error, TRM_EFILE, "%s: cannot open dataset /%s (HDF5: %s)", path,
        field->name, trm__store_h5_reason(reason, sizeof reason));
  prepare(s);
  s->io.path = trm__base_strdup(path);
  return TRM_OK;
}

void trm__store_source_none(trm__store_source *s) {
  const hid_t none = H5I_INVALID_HID;
  *s = (trm__store_source){.io = {.fd = -1, .direct = -1},
                           .file = none,
                           .dataset = none,
                           .memory = none,
                           .transfer = none};
}

void trm__store_source_close(trm__store_source *s) {
  if (s->transfer >= 0) H5Pclose(s->transfer);
  if (s->memory >= 0) H5Tclose(s->memory);
  if (s->dataset >= 0) H5Dclose(s->dataset);
  if (s->file >= 0) H5Fclose(s->file);
  trm__store_io_close(&s->io);
  trm__store_source_none(s);
}

/* -- reading through HDF5 -------------------------------------------------- */

typedef struct reading {
  const trm__store_source *source;
  char reason[200]; /* of a failure */
  bool lost;        /* it was a value that the field cannot hold */
} reading;

static bool read_box(reading *r, const int64_t lo[], const int64_t len[],
                     void *to) {
  const trm__store_source *s = r->source;
  hsize_t start[TRM_DIMS], count[TRM_DIMS], n = 1;
  for (int d = 0; d < s->field.dims; d++) {
    start[d] = (hsize_t)lo[d];
    count[d] = (hsize_t)len[d];
    n *= count[d];
  }
  hid_t space = H5Dget_space(s->dataset),
        memory = H5Screate_simple(1, &n, NULL);
  H5Pset_type_conv_cb(s->transfer, refuse, &r->lost);
  bool good =
      H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) >=
          0 &&
      H5Dread(s->dataset, s->memory, memory, space, s->transfer, to) >= 0;
  if (!good) trm__store_h5_reason(r->reason, sizeof r->reason);
  H5Sclose(memory);
  H5Sclose(space);
  return good;
}

static bool read_boxes(reading *r, int64_t first, int64_t n, size_t size,
                       char *to) {
  const trm__store_dataset *f = &r->source->field;
  int64_t lo[2 * TRM_DIMS][TRM_DIMS], len[2 * TRM_DIMS][TRM_DIMS];
  int boxes = trm__array_linear_boxes(f->dims, f->n, first, n, lo, len);
  bool good = true;
  for (int b = 0; good && b < boxes; b++) {
    good = read_box(r, lo[b], len[b], to);
    int64_t volume = 1;
    for (int d = 0; d < f->dims; d++) volume *= len[b][d];
    to += volume * (int64_t)size;
  }
  return good;
}

static bool read_packed(trm__store_source *s, reading *r, int64_t first,
                        int64_t n, void *to) {
  double *numbers = trm__base_calloc((size_t)n, sizeof *numbers);
  bool good = read_boxes(r, first, n, sizeof *numbers, (char *)numbers);
  if (good) {
    s->missing += trm__store_packing_apply(s->packing, numbers, n);
    good = trm__store_packing_convert(numbers, n, s->field.type, to);
    r->lost = !good;
  }
  free(numbers);
  return good;
}

static void read_through_h5(trm__store_source *s, int64_t first, int64_t n,
                            void *to, trm__base_error *error) {
  const trm__store_dataset *f = &s->field;
  reading r = {.source = s};
  if (s->packing ? read_packed(s, &r, first, n, to)
                 : read_boxes(&r, first, n, trm_type_size(f->type), to))
    return;
  if (r.lost)
    trm__base_error_set(error, TRM_EINPUT,
                        "%s: dataset /%s has values among elements %" PRId64
                        " to %" PRId64 " that a field of %s cannot hold",
                        s->io.path, f->name, first, first + n - 1,
                        trm_type_name(f->type));
  else
    trm__base_error_set(error, TRM_EFILE,
                        "%s: cannot read elements %" PRId64 " to %" PRId64
                        " of dataset /%s (HDF5: %s)",
                        s->io.path, first, first + n - 1, f->name, r.reason);
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
  } else if (n > 0) {
    read_through_h5(s, first, n, to, &job->error);
  }
}
