/* Datasets of any HDF5 file as input of kernels. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "comm/run.h"
#include "store/bulk.h"
#include "store/h5.h"
#include "store/header.h"

typedef struct found { /* found by rank 0, broadcast to all */
  char file[4096];
  trm__store_dataset field;
  bool digested; /* field.digest is there */
} found;

/* FILE.h5:/DATASET */
static trm_status split(const char *where, found *f, trm__base_error *error) {
  const char *colon = NULL;
  for (const char *c = where; (c = strstr(c, ":/")); c++) colon = c;
  if (!colon || colon == where || !colon[2])
    return trm__base_error_set(error, TRM_EINPUT,
                               "%s: names no dataset; write FILE.h5:/DATASET",
                               where);
  if (colon - where >= (int)sizeof f->file ||
      strlen(colon + 2) >= sizeof f->field.name)
    return trm__base_error_set(error, TRM_EINPUT, "%s: the name is too long",
                               where);
  snprintf(f->file, sizeof f->file, "%.*s", (int)(colon - where), where);
  snprintf(f->field.name, sizeof f->field.name, "%s", colon + 2);
  return TRM_OK;
}

static trm_status check_file(const char *file, trm__base_error *error) {
  struct stat status;
  if (stat(file, &status))
    return trm__base_error_set(
        error, errno == ENOENT || errno == ENOTDIR ? TRM_EINPUT : TRM_EFILE,
        "%s: %s; name an HDF5 file", file, strerror(errno));
  if (S_ISREG(status.st_mode)) return TRM_OK;
  return trm__base_error_set(
      error, TRM_EINPUT, "%s: is %s; name an HDF5 file", file,
      S_ISDIR(status.st_mode) ? "a directory" : "not a regular file");
}

/* -- datasets of the file, for the message about a wrong name -------------- */

enum { LISTED = 6 };
typedef struct listing {
  char text[400];
  int n;
} listing;

static herr_t list_one(hid_t object, const char *name, const H5O_info_t *info,
                       void *context) {
  (void)object;
  listing *l = context;
  if (info->type != H5O_TYPE_DATASET) return 0;
  size_t used = strlen(l->text);
  if (l->n < LISTED)
    snprintf(l->text + used, sizeof l->text - used, "%s/%.60s",
             l->n ? ", " : "", name);
  else
    snprintf(l->text + used, sizeof l->text - used, ", ...");
  return l->n++ >= LISTED;
}

static const char *list_datasets(hid_t file, listing *l) {
  *l = (listing){"", 0};
#if H5_VERSION_GE(1, 12, 0)
  H5Ovisit3(file, H5_INDEX_NAME, H5_ITER_INC, list_one, l, H5O_INFO_BASIC);
#else
  H5Ovisit(file, H5_INDEX_NAME, H5_ITER_INC, list_one, l);
#endif
  return l->n ? l->text : "none";
}

/* -- looking --------------------------------------------------------------- */

static trm_status inspect_shape(hid_t dataset, const char *where,
                                trm__store_dataset *f, trm__base_error *error) {
  hid_t space = H5Dget_space(dataset);
  hsize_t n[H5S_MAX_RANK] = {0};
  f->dims = H5Sget_simple_extent_ndims(space);
  if (f->dims > 0) H5Sget_simple_extent_dims(space, n, NULL);
  H5Sclose(space);
  if (f->dims < 1 || f->dims > TRM_DIMS)
    return trm__base_error_set(error, TRM_EINPUT,
                               "%s: has %d dimensions; it must have 1 to %d",
                               where, f->dims < 0 ? 0 : f->dims, TRM_DIMS);
  int64_t bytes = 16;
  for (int d = 0; d < TRM_DIMS; d++) {
    f->n[d] = d < f->dims ? (int64_t)n[d] : 1;
    if (f->n[d] == 0)
      return trm__base_error_set(error, TRM_EINPUT,
                                 "%s: is empty (dimension %d has length 0)",
                                 where, d);
    if (f->n[d] < 0 || __builtin_mul_overflow(bytes, f->n[d], &bytes))
      return trm__base_error_set(error, TRM_EINPUT,
                                 "%s: has more elements than can be counted",
                                 where);
  }
  return TRM_OK;
}

static const char *class_name(H5T_class_t class) {
  switch (class) {
    case H5T_STRING:
      return "text";
    case H5T_COMPOUND:
      return "records";
    case H5T_ENUM:
      return "enumerated values";
    case H5T_REFERENCE:
      return "references";
    case H5T_VLEN:
      return "lists of different lengths";
    case H5T_ARRAY:
      return "arrays";
    default:
      return "something other than numbers";
  }
}

static trm_status inspect_dataset(hid_t dataset, const char *where, found *f,
                                  trm__base_error *error) {
  hid_t type = H5Dget_type(dataset);
  bool same, numbers = trm__store_h5_nearest(type, &f->field.type, &same);
  H5T_class_t class = H5Tget_class(type);
  H5Tclose(type);
  if (!numbers)
    return trm__base_error_set(
        error, TRM_EINPUT,
        "%s: holds %s; it must hold integers, floating-point "
        "or complex numbers",
        where, class_name(class));
  if (inspect_shape(dataset, where, &f->field, error)) return error->status;
  f->field.offset = trm__store_h5_plain_offset(dataset, same);
  f->digested = same && trm__store_h5_get(dataset, "digest", H5T_NATIVE_UINT64,
                                          &f->field.digest);
  return TRM_OK;
}

static trm_status inspect_object(hid_t file, const char *where, found *f,
                                 trm__base_error *error) {
  listing l;
  const char *name = f->field.name;
  hid_t object = H5Oopen(file, name, H5P_DEFAULT);
  if (object < 0)
    return trm__base_error_set(error, TRM_EINPUT,
                               "%s: no such dataset; %s has %s", where, f->file,
                               list_datasets(file, &l));
  if (H5Iget_type(object) == H5I_DATASET)
    inspect_dataset(object, where, f, error);
  else
    trm__base_error_set(error, TRM_EINPUT,
                        "%s: is a group, not a dataset; %s has %s", where,
                        f->file, list_datasets(file, &l));
  H5Oclose(object);
  return error->status;
}

static trm_status inspect(const char *where, found *f, trm__base_error *error) {
  if (split(where, f, error) || check_file(f->file, error))
    return error->status;
  hid_t file = trm__store_h5_open(f->file);
  if (file < 0)
    return trm__base_error_set(
        error, TRM_EINPUT,
        "%s: not an HDF5 file, or a truncated one; convert "
        "the data to HDF5",
        f->file);
  inspect_object(file, where, f, error);
  H5Fclose(file);
  return error->status;
}

static trm_status inspect_on_all(trm_run *run, const char *where, found *f) {
  trm__base_error error = {TRM_OK, ""};
  memset(f, 0, sizeof *f);
  if (run->rank == 0 && inspect(where, f, &error))
    trm_fail(run, error.status, "%s", error.text);
  TRM_TRY(trm_agree(run, error.status));
  trm_bcast(run->comm, f, sizeof *f, 0);
  return TRM_OK;
}

trm_status trm_dataset_look(trm_run *run, const char *where,
                            trm_dataset *dataset) {
  found *f = trm__base_calloc(1, sizeof *f);
  trm_status status = inspect_on_all(run, where, f);
  if (status == TRM_OK) {
    *dataset = (trm_dataset){.dims = f->field.dims, .type = f->field.type};
    memcpy(dataset->n, f->field.n, sizeof dataset->n);
  }
  free(f);
  return status;
}

/* -- reading --------------------------------------------------------------- */

static trm_status check_fit(trm_run *run, const char *where, const found *f,
                            const trm_field *field) {
  bool same = f->field.dims == field->layout->dims;
  for (int d = 0; same && d < f->field.dims; d++)
    same = f->field.n[d] == field->layout->n[d];
  if (!same)
    return trm_fail(run, TRM_EINPUT,
                    "%s: has another shape than field %s (%d dimensions, first "
                    "%" PRId64 "; expected %d, first %" PRId64 ")",
                    where, field->name, f->field.dims, f->field.n[0],
                    field->layout->dims, field->layout->n[0]);
  if ((f->field.type == TRM_C128) != (field->type == TRM_C128))
    return trm_fail(run, TRM_EINPUT, "%s: holds %s, but field %s is %s", where,
                    trm_type_name(f->field.type), field->name,
                    trm_type_name(field->type));
  return TRM_OK;
}

static trm_status read_found(trm_run *run, const char *where, found *f,
                             trm_field *field) {
  TRM_TRY(check_fit(run, where, f, field));
  if (f->field.type != field->type) { /* HDF5 converts */
    f->field.type = field->type;
    f->field.offset = -1;
    f->digested = false;
  }
  trm__store_bulk *bulk;
  TRM_TRY(trm__store_bulk_new(run, trm__store_dataset_bytes(&f->field), &bulk));
  trm_status status = trm__store_bulk_read(bulk, f->file, &f->field, field);
  trm__store_bulk_free(&bulk);
  TRM_TRY(status);
  if (!f->digested || trm_digest(run, field) == f->field.digest) return TRM_OK;
  return trm_agree(run, trm_fail(run, TRM_EFILE,
                                 "%s: is damaged: the digest of its values is "
                                 "not the one that was stored",
                                 where));
}

trm_status trm_dataset_read(trm_run *run, const char *where, trm_field *field) {
  found *f = trm__base_calloc(1, sizeof *f);
  trm_status status = inspect_on_all(run, where, f);
  if (status == TRM_OK) status = read_found(run, where, f, field);
  free(f);
  return status;
}
