/* Datasets of any HDF5 file as input of kernels. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array/digest.h"
#include "base/memory.h"
#include "comm/run.h"
#include "store/values/bulk.h"
#include "store/h5.h"
#include "store/file/header.h"
#include "store/input/dataset.h"
#include "store/input/locate.h"
#include "store/file/stamp.h"
#include "store/verdict/inspector.h"

typedef struct found {          /* found by rank 0, broadcast to all */
  char file[TRM__STORE_PATH];   /* that was named */
  char holder[TRM__STORE_PATH]; /* of the values, if they are plain bytes */
  trm__store_dataset field;
  trm__store_packing packing;
  bool digested; /* field.digest is there */
} found;

/* -- settings of the run --------------------------------------------------- */

typedef struct settings {
  bool fills;
  double fill;         /* --input-fill */
  const char *program; /* for a second process; NULL: none */
  uint64_t tried;      /* digest of the name that it tried last; 0: none */
} settings;

static settings *settings_of(const trm_run *run) {
  static const trm__comm_floor floor = {sizeof(settings), NULL};
  return trm__comm_state(run, &floor);
}

void trm__store_input_fill(trm_run *run, double value) {
  settings_of(run)->fills = true;
  settings_of(run)->fill = value;
}

void trm__store_input_program(trm_run *run, const char *program) {
  settings_of(run)->program = program;
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

/* The field type of integers that are unsigned in fact (_Unsigned). */
static trm_type unsigned_type(trm_type type, double wrap) {
  if (type == TRM_F64) return type; /* scaled */
  return wrap <= 256      ? TRM_U8
         : wrap <= 0x1p16 ? TRM_I32
         : wrap <= 0x1p32 ? TRM_I64
                          : TRM_U64;
}

/* Only digests that we wrote: other programs may call an attribute so. */
static bool read_digest(hid_t dataset, uint64_t *digest) {
  hid_t file = H5Iget_file_id(dataset);
  bool ours = trm__store_stamp_is_ours(file);
  H5Fclose(file);
  return ours &&
         trm__store_h5_get(dataset, "digest", H5T_NATIVE_UINT64, digest);
}

/* Plain bytes are read from the file that holds them, anything else through
 * HDF5 from the file that was named. */
static trm_status inspect_values(hid_t dataset, const char *where, bool same,
                                 found *f, trm__base_error *error) {
  trm__store_dataset *field = &f->field;
  if (f->packing.scaled || f->packing.values_valid) field->type = TRM_F64;
  if (f->packing.wrap)
    field->type = unsigned_type(field->type, f->packing.wrap);
  same &= !f->packing.packed;
  field->offset = trm__store_h5_plain_offset(dataset, same);
  if (field->offset >= 0)
    return trm__store_locate_file(dataset, f->holder, error);
  return trm__store_locate_sources(dataset, where, error);
}

static trm_status inspect_dataset(hid_t dataset, const char *where,
                                  const double *fill, found *f,
                                  trm__base_error *error) {
  hid_t type = H5Dget_type(dataset);
  bool same, numbers = trm__store_h5_nearest(type, &f->field.type, &same);
  H5T_class_t class = H5Tget_class(type);
  H5Tclose(type);
  if (!numbers)
    return trm__base_error_set(
        error, TRM_EINPUT,
        "%s: holds %s; it must hold integers, booleans, floating-point "
        "or complex numbers",
        where, class_name(class));
  if (inspect_shape(dataset, where, &f->field, error)) return error->status;
  f->digested = same && read_digest(dataset, &f->field.digest);
  if (f->field.type != TRM_C128 &&
      trm__store_packing_read(dataset, where, fill, &f->packing, error))
    return error->status;
  return inspect_values(dataset, where, same, f, error);
}

static trm_status inspect_object(hid_t file, const char *where,
                                 const double *fill, found *f,
                                 trm__base_error *error) {
  listing l;
  char reason[200];
  const char *name = f->field.name;
  hid_t object = H5Oopen(file, name, H5P_DEFAULT);
  if (object < 0) {
    trm__store_h5_reason(reason, sizeof reason);
    if (H5Lexists(file, name, H5P_DEFAULT) > 0)
      return trm__base_error_set(error, TRM_EINPUT,
                                 "%s: is a link to what is not there (HDF5: "
                                 "%s)",
                                 where, reason);
    return trm__base_error_set(error, TRM_EINPUT,
                               "%s: no such dataset; %s has %s", where, f->file,
                               list_datasets(file, &l));
  }
  if (H5Iget_type(object) == H5I_DATASET)
    inspect_dataset(object, where, fill, f, error);
  else
    trm__base_error_set(error, TRM_EINPUT,
                        "%s: is a group, not a dataset; %s has %s", where,
                        f->file, list_datasets(file, &l));
  H5Oclose(object);
  return error->status;
}

static trm_status inspect(const char *where, const double *fill, found *f,
                          trm__base_error *error) {
  if (trm__store_locate_split(where, f->file, f->field.name, error))
    return error->status;
  hid_t file = trm__store_locate_open(f->file, error);
  if (file < 0) return error->status;
  inspect_object(file, where, fill, f, error);
  H5Fclose(file);
  return error->status;
}

void trm__store_input_try(const char *where) {
  trm__base_error error = {TRM_OK, ""};
  hid_t file = H5I_INVALID_HID;
  found *f = trm__base_calloc(1, sizeof *f);
  if (inspect(where, NULL, f, &error) == TRM_OK)
    file = trm__store_locate_open(f->file, &error);
  if (file >= 0) {
    hid_t dataset = H5Dopen2(file, f->field.name, H5P_DEFAULT);
    if (dataset >= 0)
      H5Dget_storage_size(dataset); /* the index of its chunks */
    if (dataset >= 0) H5Dclose(dataset);
    H5Fclose(file);
  }
  free(f);
}

/* Does HDF5 survive this input? If that cannot be found out, it is opened. An
 * input is looked at and then read: it is tried once. */
static trm_status try_apart(settings *want, const char *where, found *f,
                            trm__base_error *error) {
  trm__base_error reason = {TRM_OK, ""};
  trm__store_verdict verdict;
  uint64_t name = trm__array_digest_bytes(where, (int64_t)strlen(where), 1) | 1;
  if (!want->program || want->tried == name) return TRM_OK;
  if (trm__store_locate_split(where, f->file, f->field.name, error))
    return error->status;
  if (trm__store_inspector_needed(f->file) &&
      trm__store_inspector_ask(want->program, where, "input", &verdict,
                               &reason) == TRM_ECHECKPOINT)
    return trm__base_error_set(error, TRM_EINPUT, "%s", reason.text);
  want->tried = name;
  return TRM_OK;
}

/* What a host sees of a file; size -1: nothing. */
typedef struct sight {
  int64_t size, seconds;
} sight;

static sight look_at(const char *file) {
  struct stat status;
  if (stat(file, &status)) return (sight){-1, 0};
  return (sight){status.st_size, status.st_mtime};
}

/* Ranks of all hosts read it. */
static trm_status check_hosts(trm_run *run, const char *file) {
  trm__base_error error = {TRM_OK, ""};
  if (run->own->hosts < 2) return TRM_OK;
  sight here = look_at(file), there = here;
  trm_bcast(run->comm, &there, sizeof there, 0);
  if (run->own->host->rank == 0 &&
      (here.size != there.size || here.seconds != there.seconds)) {
    char host[65] = "";
    gethostname(host, sizeof host - 1);
    trm__base_error_set(&error, TRM_EFILE,
                        "%s: host %s does not see the same file as the host of "
                        "rank 0; name one on a shared file system",
                        file, host);
  }
  return trm__comm_agree_on(run, &error);
}

static trm_status inspect_on_all(trm_run *run, const char *where, found *f) {
  trm__base_error error = {TRM_OK, ""};
  memset(f, 0, sizeof *f);
  settings *want = settings_of(run);
  if (run->rank == 0 &&
      (try_apart(want, where, f, &error) ||
       inspect(where, want->fills ? &want->fill : NULL, f, &error)))
    trm_fail(run, error.status, "%s", error.text);
  TRM_TRY(trm_agree(run, error.status));
  trm_bcast(run->comm, f, sizeof *f, 0);
  TRM_TRY(check_hosts(run, f->file));
  return f->field.offset < 0 ? TRM_OK : check_hosts(run, f->holder);
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

static trm_status check_missing(trm_run *run, const char *where, const found *f,
                                int64_t missing) {
  trm_allreduce(run->comm, &missing, 1, TRM_I64, TRM_SUM);
  if (missing == 0 || f->packing.replace) return TRM_OK;
  return trm_fail(run, TRM_EINPUT,
                  "%s: %" PRId64 " of %" PRId64
                  " cells are missing (_FillValue, missing_value or outside "
                  "the valid range); give them a value with --input-fill X",
                  where, missing, trm__store_dataset_count(&f->field));
}

static trm_status check_values(trm_run *run, const char *where, const found *f,
                               const trm_field *field) {
  if (f->digested && trm_digest(run, field) != f->field.digest)
    return trm_fail(run, TRM_EFILE,
                    "%s: is damaged: the digest of its values is not the one "
                    "that was stored",
                    where);
  int64_t bad = trm_nonfinite(run, field);
  if (bad == 0) return TRM_OK;
  return trm_fail(run, TRM_EINPUT,
                  "%s: %" PRId64
                  " values are NaN or infinite; expected finite "
                  "numbers (--input-fill X replaces NaN)",
                  where, bad);
}

static trm_status read_values(trm_run *run, const char *where, const found *f,
                              trm_field *field) {
  const trm__store_packing *packing = f->packing.packed ? &f->packing : NULL;
  int64_t missing = 0;
  trm__store_bulk *bulk;
  TRM_TRY(trm__store_bulk_new(run, trm__store_dataset_bytes(&f->field), &bulk));
  trm_status status =
      trm__store_bulk_unpack(bulk, f->field.offset >= 0 ? f->holder : f->file,
                             &f->field, packing, field, &missing);
  trm__store_bulk_free(&bulk);
  TRM_TRY(status);
  return check_missing(run, where, f, missing);
}

static trm_status read_found(trm_run *run, const char *where, found *f,
                             trm_field *field) {
  TRM_TRY(check_fit(run, where, f, field));
  if (f->field.type != field->type) { /* HDF5 converts */
    f->field.type = field->type;
    f->field.offset = -1;
    f->digested = false;
  }
  TRM_TRY(read_values(run, where, f, field));
  return trm_agree(run, check_values(run, where, f, field));
}

trm_status trm_dataset_read(trm_run *run, const char *where, trm_field *field) {
  found *f = trm__base_calloc(1, sizeof *f);
  trm_status status = inspect_on_all(run, where, f);
  if (status == TRM_OK) status = read_found(run, where, f, field);
  free(f);
  return status;
}
