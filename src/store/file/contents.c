/* What a checkpoint's file contains: reading its structure with HDF5. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"
#include "store/h5.h"
#include "store/file/header.h"
#include "store/directory/names.h"
#include "store/file/seal.h"
#include "store/file/stamp.h"
#include "store/verdict/certificate.h"

enum { MOST_FIELDS = 4096 };

static const char *get_shape(hid_t dataset, trm__store_dataset *f) {
  hid_t space = H5Dget_space(dataset);
  hsize_t n[H5S_MAX_RANK];
  f->dims = H5Sget_simple_extent_ndims(space);
  if (f->dims > 0) H5Sget_simple_extent_dims(space, n, NULL);
  H5Sclose(space);
  if (f->dims < 1 || f->dims > TRM_DIMS) return "must have 1 to 4 dimensions";
  int64_t bytes = 16;
  for (int d = 0; d < TRM_DIMS; d++) {
    f->n[d] = d < f->dims ? (int64_t)n[d] : 1;
    if (f->n[d] < 0 ||
        __builtin_mul_overflow(bytes, f->n[d] ? f->n[d] : 1, &bytes))
      return "is too large";
  }
  return NULL;
}

/* \return NULL, or what is wrong with it */
static const char *get_dataset(hid_t dataset, int64_t file_bytes,
                               trm__store_dataset *f) {
  hid_t type = H5Dget_type(dataset);
  bool same, numbers = trm__store_h5_nearest(type, &f->type, &same);
  H5Tclose(type);
  if (!numbers) return "does not hold numbers";
  const char *wrong = get_shape(dataset, f);
  if (wrong) return wrong;
  if (!trm__store_h5_get_text(dataset, "role", f->role, sizeof f->role))
    return "has no attribute \"role\"";
  f->offset = trm__store_h5_plain_offset(dataset, same);
  if (f->offset >= 0 && f->offset > file_bytes - trm__store_dataset_bytes(f))
    return "is cut off by the end of the file";
  return NULL;
}

/* Names the faulty dataset in the error. */
static bool add_field(trm__store_checkpoint *checkpoint, hid_t file,
                      const char *name, bool kept) {
  trm__store_dataset f = {.kept = kept};
  const char *wrong = "cannot be opened";
  if (snprintf(f.name, sizeof f.name, "%s%s", kept ? TRM__STORE_KEEP "/" : "",
               name) >= (int)sizeof f.name)
    return true; /* not a name that we write */
  hid_t dataset = H5Dopen2(file, f.name, H5P_DEFAULT);
  if (dataset >= 0) {
    if (!trm__store_h5_get(dataset, "digest", H5T_NATIVE_UINT64, &f.digest)) {
      H5Dclose(dataset);
      return true; /* added by another program */
    }
    wrong = get_dataset(dataset, checkpoint->bytes, &f);
    H5Dclose(dataset);
  }
  if (wrong) {
    trm__base_error_set(&checkpoint->error, TRM_ECHECKPOINT,
                        "%s: dataset /%s %s", checkpoint->path, f.name, wrong);
    return false;
  }
  checkpoint->fields =
      trm__base_grow(checkpoint->fields, (size_t)checkpoint->nfields + 1,
                     sizeof *checkpoint->fields);
  checkpoint->fields[checkpoint->nfields++] = f;
  return true;
}

static void get_fields(trm__store_checkpoint *checkpoint, hid_t file,
                       const char *group) {
  bool kept = strcmp(group, "/") != 0;
  hid_t open = H5Gopen2(file, group, H5P_DEFAULT);
  H5G_info_t info = {.nlinks = 0};
  bool good =
      open >= 0 && H5Gget_info(open, &info) >= 0 && info.nlinks <= MOST_FIELDS;
  for (hsize_t i = 0; good && i < info.nlinks; i++) {
    char name[256];
    ssize_t n = H5Lget_name_by_idx(open, ".", H5_INDEX_NAME, H5_ITER_INC, i,
                                   name, sizeof name, H5P_DEFAULT);
    good = n > 0;
    if (good && !kept && !strcmp(name, TRM__STORE_KEEP)) {
      H5O_info_t object;
      if (H5Oget_info_by_name(open, name, &object, H5P_DEFAULT) >= 0 &&
          object.type == H5O_TYPE_GROUP) {
        get_fields(checkpoint, file, TRM__STORE_KEEP);
        continue;
      }
    }
    if (good && !add_field(checkpoint, file, name, kept)) break;
  }
  if (open >= 0 && info.nlinks > MOST_FIELDS)
    trm__base_error_set(&checkpoint->error, TRM_ECHECKPOINT,
                        "%s: group %s has more than %d fields",
                        checkpoint->path, group, MOST_FIELDS);
  else if (!good)
    trm__base_error_set(&checkpoint->error, TRM_ECHECKPOINT,
                        "%s: cannot list group %s", checkpoint->path, group);
  if (open >= 0) H5Gclose(open);
}

/* Does the file say what its writer said? One of 0.1.0 has no certificate. */
static trm_status check_certificate(trm__store_checkpoint *checkpoint,
                                    hid_t file) {
  uint64_t stored;
  if (H5Aexists(file, TRM__STORE_CERTIFICATE) <= 0) {
    if (checkpoint->verdict == TRM__STORE_SEALED) return TRM_OK;
    return trm__base_error_set(
        &checkpoint->error, TRM_ECHECKPOINT,
        "%s: changed after it was written: it does not end with its seal, and "
        "has no certificate that would show what it contained",
        checkpoint->path);
  }
  if (trm__store_h5_get(file, TRM__STORE_CERTIFICATE, H5T_NATIVE_UINT64,
                        &stored) &&
      stored == trm__store_certificate(checkpoint))
    return TRM_OK;
  return trm__base_error_set(
      &checkpoint->error, TRM_ECHECKPOINT,
      "%s: its format, options, step or fields are damaged: their digest is "
      "not the one that was stored",
      checkpoint->path);
}

/* The name of a checkpoint says what is in it; other names say nothing. */
static trm_status check_name(trm__store_checkpoint *checkpoint) {
  trm__store_name name;
  const trm__store_stamp *s = &checkpoint->stamp;
  if (checkpoint->output ||
      !trm__store_name_parse(trm__base_path_base(checkpoint->path), &name))
    return TRM_OK;
  if (name.step == s->step && !strcmp(name.kernel, s->kernel) &&
      !strcmp(name.run_id, s->run_id))
    return TRM_OK;
  return trm__base_error_set(&checkpoint->error, TRM_ECHECKPOINT,
                             "%s: contains step %" PRId64
                             " of %s, run %s; its name says otherwise",
                             checkpoint->path, s->step, s->kernel, s->run_id);
}

static void read_file(trm__store_checkpoint *checkpoint, hid_t file) {
  bool newer = false;
  if (trm__store_stamp_get(file, checkpoint->path, &checkpoint->stamp,
                           &checkpoint->output, &newer,
                           &checkpoint->error) == TRM_OK)
    get_fields(checkpoint, file, "/");
  if (newer) checkpoint->verdict = TRM__STORE_NEWER;
  if (!checkpoint->error.status) check_certificate(checkpoint, file);
  if (!checkpoint->error.status) check_name(checkpoint);
}

static void read_header(trm__store_checkpoint *checkpoint, bool sealed) {
  checkpoint->verdict = sealed ? TRM__STORE_SEALED : TRM__STORE_REWRITTEN;
  hid_t file = trm__store_h5_open(checkpoint->path);
  if (file < 0)
    trm__base_error_set(&checkpoint->error, TRM_ECHECKPOINT,
                        "%s: not an HDF5 file, or truncated (%" PRId64
                        " bytes)",
                        checkpoint->path, checkpoint->bytes);
  else
    read_file(checkpoint, file);
  if (file >= 0) H5Fclose(file);
  if (checkpoint->error.status && checkpoint->verdict != TRM__STORE_NEWER)
    checkpoint->verdict = TRM__STORE_DAMAGED;
}

const char *trm__store_verdict_name(trm__store_verdict verdict) {
  static const char *const names[] = {"damaged", "newer", "rewritten",
                                      "sealed"};
  return names[verdict];
}

trm_status trm__store_checkpoint_inspect(const char *path,
                                         trm__store_checkpoint *checkpoint) {
  struct stat status;
  memset(checkpoint, 0, sizeof *checkpoint);
  snprintf(checkpoint->path, sizeof checkpoint->path, "%s", path);
  if (stat(path, &status))
    return trm__base_error_set(&checkpoint->error,
                               errno == ENOENT ? TRM_EINPUT : TRM_EFILE,
                               "%s: %s", path, strerror(errno));
  if (!S_ISREG(status.st_mode))
    return trm__base_error_set(&checkpoint->error, TRM_EINPUT,
                               "%s: not a file; name a checkpoint, as in "
                               "DIR/heat-RUNID-STEP.h5",
                               path);
  checkpoint->bytes = status.st_size;
  trm__store_seal seal;
  if (trm__store_seal_check(path, &seal, &checkpoint->error) == TRM_OK)
    read_header(checkpoint, seal.holds);
  return checkpoint->error.status;
}

void trm__store_checkpoint_clear(trm__store_checkpoint *checkpoint) {
  trm__store_stamp_clear(&checkpoint->stamp);
  free(checkpoint->fields);
  memset(checkpoint, 0, sizeof *checkpoint);
}
