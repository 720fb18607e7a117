#include "store/h5.h"

#include <complex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/image/driver.h"
#include "store/image/reader.h"

enum { ALIGN_FROM = 64 << 10, ALIGN_TO = 1 << 20, LONGEST_TEXT = 1 << 20 };

/* No locks, which file systems of clusters often refuse: the directory has one of
 * its own. The driver is set by the caller, whatever the environment says. */
static hid_t access_list(void) {
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  hid_t list = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_fclose_degree(list, H5F_CLOSE_STRONG);
#if H5_VERSION_GE(1, 10, 7)
  H5Pset_file_locking(list, false, true);
#endif
  return list;
}

hid_t trm__store_h5_open(const char *path) {
  hid_t list = access_list(), file = H5I_INVALID_HID;
  hid_t driver = trm__store_reader_set(list);
  if (driver >= 0) file = H5Fopen(path, H5F_ACC_RDONLY, list);
  hid_t reasons = H5Eget_current_stack(); /* the next call would forget them */
  H5Pclose(list);
  if (driver >= 0) H5FDunregister(driver); /* the file holds it */
  H5Eset_current_stack(reasons);
  return file;
}

hid_t trm__store_h5_create(const char *path, trm__store_image *image) {
  hid_t list = access_list(), file = H5I_INVALID_HID;
  H5Pset_alignment(list, ALIGN_FROM, ALIGN_TO);
  hid_t driver = trm__store_driver_set(list, image);
  if (driver >= 0) file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, list);
  H5Pclose(list);
  if (driver >= 0) H5FDunregister(driver); /* the file holds it */
  return file;
}

static hid_t complex_type(const char *real, const char *imaginary) {
  hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(double _Complex));
  H5Tinsert(type, real, 0, H5T_NATIVE_DOUBLE);
  H5Tinsert(type, imaginary, sizeof(double), H5T_NATIVE_DOUBLE);
  return type;
}

static const char *const part_names[][2] = {{"r", "i"}, {"real", "imag"}};

hid_t trm__store_h5_type(trm_type type) {
  switch (type) {
    case TRM_F64:
      return H5Tcopy(H5T_NATIVE_DOUBLE);
    case TRM_F32:
      return H5Tcopy(H5T_NATIVE_FLOAT);
    case TRM_I64:
      return H5Tcopy(H5T_NATIVE_INT64);
    case TRM_I32:
      return H5Tcopy(H5T_NATIVE_INT32);
    case TRM_U64:
      return H5Tcopy(H5T_NATIVE_UINT64);
    case TRM_U8:
      return H5Tcopy(H5T_NATIVE_UINT8);
    case TRM_C128:
      return complex_type(part_names[0][0], part_names[0][1]);
    default:
      return H5I_INVALID_HID;
  }
}

/* Names of the parts of a complex number in a file; NULL: not one. */
static const char *const *complex_parts(hid_t type) {
  if (H5Tget_class(type) != H5T_COMPOUND || H5Tget_nmembers(type) != 2)
    return NULL;
  for (size_t i = 0; i < sizeof part_names / sizeof *part_names; i++) {
    int r = H5Tget_member_index(type, part_names[i][0]),
        j = H5Tget_member_index(type, part_names[i][1]);
    if (r >= 0 && j >= 0 &&
        H5Tget_member_class(type, (unsigned)r) == H5T_FLOAT &&
        H5Tget_member_class(type, (unsigned)j) == H5T_FLOAT)
      return part_names[i];
  }
  return NULL;
}

hid_t trm__store_h5_read_type(trm_type type, hid_t stored) {
  const char *const *parts = complex_parts(stored);
  return type == TRM_C128 && parts ? complex_type(parts[0], parts[1])
                                   : trm__store_h5_type(type);
}

/* As h5py writes them: an enumeration of FALSE = 0 and TRUE = 1. */
static bool is_boolean(hid_t type) {
  static const char *const names[] = {"FALSE", "TRUE"};
  bool good = H5Tget_nmembers(type) == 2 && H5Tget_size(type) == 1;
  for (int i = 0; good && i < 2; i++) {
    int member = H5Tget_member_index(type, names[i]);
    char value = 0;
    good = member >= 0 &&
           H5Tget_member_value(type, (unsigned)member, &value) >= 0 &&
           value == i;
  }
  return good;
}

static trm_type nearest_integer(hid_t type) {
  size_t size = H5Tget_size(type);
  bool sign = H5Tget_sign(type) == H5T_SGN_2;
  if (size == 1 && !sign) return TRM_U8;
  if (size < 4 || (size == 4 && sign)) return TRM_I32;
  return size < 8 || sign ? TRM_I64 : TRM_U64;
}

bool trm__store_h5_nearest(hid_t type, trm_type *nearest, bool *same) {
  switch (H5Tget_class(type)) {
    case H5T_FLOAT:
      *nearest = H5Tget_size(type) <= 4 ? TRM_F32 : TRM_F64;
      break;
    case H5T_INTEGER:
      *nearest = nearest_integer(type);
      break;
    case H5T_COMPOUND:
      if (!complex_parts(type)) return false;
      *nearest = TRM_C128;
      break;
    case H5T_ENUM:
      if (!is_boolean(type)) return false;
      *nearest = TRM_U8;
      break;
    default:
      return false;
  }
  hid_t ours = trm__store_h5_type(*nearest);
  *same = H5Tequal(type, ours) > 0;
  H5Tclose(ours);
  return true;
}

int64_t trm__store_h5_plain_offset(hid_t dataset, bool same) {
  hid_t list = H5Dget_create_plist(dataset);
  bool plain = same && H5Pget_layout(list) == H5D_CONTIGUOUS &&
               H5Pget_external_count(list) == 0;
  H5Pclose(list);
  haddr_t at = plain ? H5Dget_offset(dataset) : HADDR_UNDEF;
  return at == HADDR_UNDEF ? -1 : (int64_t)at;
}

bool trm__store_h5_put(hid_t object, const char *name, hid_t type,
                       const void *value) {
  hid_t space = H5Screate(H5S_SCALAR);
  hid_t attribute =
      H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  bool good = attribute >= 0 && H5Awrite(attribute, type, value) >= 0;
  if (attribute >= 0) good &= H5Aclose(attribute) >= 0;
  H5Sclose(space);
  return good;
}

bool trm__store_h5_put_text(hid_t object, const char *name, const char *text) {
  hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, strlen(text) + 1);
  bool good = trm__store_h5_put(object, name, type, text);
  H5Tclose(type);
  return good;
}

/* An attribute that holds one value; its type is handed out too. */
static hid_t open_scalar(hid_t object, const char *name, hid_t *type) {
  if (H5Aexists(object, name) <= 0) return H5I_INVALID_HID;
  hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
  if (attribute < 0) return attribute;
  hid_t space = H5Aget_space(attribute);
  bool one = H5Sget_simple_extent_npoints(space) == 1;
  H5Sclose(space);
  *type = one ? H5Aget_type(attribute) : H5I_INVALID_HID;
  if (*type >= 0) return attribute;
  H5Aclose(attribute);
  return H5I_INVALID_HID;
}

bool trm__store_h5_get(hid_t object, const char *name, hid_t type,
                       void *value) {
  hid_t stored, attribute = open_scalar(object, name, &stored);
  if (attribute < 0) return false;
  bool good = H5Tget_class(stored) == H5Tget_class(type) &&
              H5Aread(attribute, type, value) >= 0;
  H5Tclose(stored);
  H5Aclose(attribute);
  return good;
}

/* A text in memory, of the character set that is stored; HDF5 converts none. */
static hid_t text_type(hid_t stored, size_t size) {
  hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, size);
  H5Tset_cset(type, H5Tget_cset(stored));
  return type;
}

static char *read_fixed_text(hid_t attribute, hid_t stored) {
  size_t size = H5Tget_size(stored);
  if (size >= LONGEST_TEXT) return NULL;
  hid_t type = text_type(stored, size + 1);
  char *text = trm__base_calloc(size + 1, 1);
  if (H5Aread(attribute, type, text) < 0) {
    free(text);
    text = NULL;
  }
  H5Tclose(type);
  return text;
}

/* As h5py writes texts. */
static char *read_variable_text(hid_t attribute, hid_t stored) {
  char *whole = NULL, *text = NULL;
  hid_t type = text_type(stored, H5T_VARIABLE);
  if (H5Aread(attribute, type, &whole) >= 0 && whole) {
    if (strnlen(whole, LONGEST_TEXT) < LONGEST_TEXT)
      text = trm__base_strdup(whole);
    H5free_memory(whole);
  }
  H5Tclose(type);
  return text;
}

char *trm__store_h5_get_long_text(hid_t object, const char *name) {
  hid_t stored, attribute = open_scalar(object, name, &stored);
  if (attribute < 0) return NULL;
  char *text = NULL;
  if (H5Tget_class(stored) == H5T_STRING)
    text = H5Tis_variable_str(stored) > 0
               ? read_variable_text(attribute, stored)
               : read_fixed_text(attribute, stored);
  H5Tclose(stored);
  H5Aclose(attribute);
  return text;
}

bool trm__store_h5_get_text(hid_t object, const char *name, char *text,
                            size_t size) {
  char *whole = trm__store_h5_get_long_text(object, name);
  bool good = whole && strlen(whole) < size;
  if (good) snprintf(text, size, "%s", whole);
  free(whole);
  return good;
}

static herr_t innermost(unsigned depth, const H5E_error2_t *error, void *text) {
  if (depth == 0) snprintf(text, 200, "%s", error->desc ? error->desc : "");
  return 0;
}

const char *trm__store_h5_reason(char *text, size_t size) {
  char reason[200] = "";
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, reason);
  char *line = strpbrk(reason, "\r\n");
  if (line) *line = 0;
  snprintf(text, size, "%s", reason[0] ? reason : "no reason given");
  return text;
}
