#include "store/input/packing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/h5.h"

/* -- attributes ------------------------------------------------------------ */

/* An attribute of numbers, read in the dataset's own type first where `as` says
 * so: 1e20 as double is not the float 1e20. Returns how many there are; 0: no
 * such attribute; -1: not numbers, or more than `most`. */
static int read_numbers(hid_t dataset, const char *name, hid_t as, int most,
                        double to[]) {
  if (H5Aexists(dataset, name) <= 0) return 0;
  hid_t attribute = H5Aopen(dataset, name, H5P_DEFAULT);
  hid_t space = H5Aget_space(attribute), type = H5Aget_type(attribute);
  hssize_t n = H5Sget_simple_extent_npoints(space);
  H5T_class_t class = H5Tget_class(type);
  bool good =
      n >= 1 && n <= most && (class == H5T_INTEGER || class == H5T_FLOAT);
  if (good) good = H5Aread(attribute, as, to) >= 0;
  if (good)
    good = H5Tconvert(as, H5T_NATIVE_DOUBLE, (size_t)n, to, NULL,
                      H5P_DEFAULT) >= 0;
  H5Tclose(type);
  H5Sclose(space);
  H5Aclose(attribute);
  return good ? (int)n : -1;
}

static bool is_true(hid_t dataset, const char *name) {
  char *text = trm__store_h5_get_long_text(dataset, name);
  bool is = text && (!strcasecmp(text, "true") || !strcmp(text, "1"));
  free(text);
  return is;
}

static trm_status unreadable(const char *where, const char *name,
                             const char *expected, trm__base_error *error) {
  return trm__base_error_set(error, TRM_EINPUT,
                             "%s: its attribute %s cannot be used; expected %s",
                             where, name, expected);
}

static trm_status read_scale(hid_t dataset, const char *where,
                             trm__store_packing *p, trm__base_error *error) {
  const hid_t as = H5T_NATIVE_DOUBLE;
  int scale = read_numbers(dataset, "scale_factor", as, 1, &p->scale);
  int offset = read_numbers(dataset, "add_offset", as, 1, &p->offset);
  if (scale < 0 || (scale > 0 && !isfinite(p->scale)))
    return unreadable(where, "scale_factor", "one finite number", error);
  if (offset < 0 || (offset > 0 && !isfinite(p->offset)))
    return unreadable(where, "add_offset", "one finite number", error);
  if (!scale) p->scale = 1;
  if (!offset) p->offset = 0;
  p->scaled = scale || offset;
  return TRM_OK;
}

/* Like the data, these are signed in the file and unsigned in fact. */
static void wrap(const trm__store_packing *p, double numbers[], int64_t n) {
  for (int64_t i = 0; i < n; i++)
    if (numbers[i] < 0) numbers[i] += p->wrap;
}

static trm_status read_fills(hid_t dataset, hid_t stored, const char *where,
                             trm__store_packing *p, trm__base_error *error) {
  static const char *const names[] = {"_FillValue", "missing_value"};
  for (int i = 0; i < 2; i++) {
    double *to = p->fill + p->fills;
    int n = read_numbers(dataset, names[i], stored, TRM__PACKING_FILLS / 2, to);
    if (n < 0) return unreadable(where, names[i], "up to 8 numbers", error);
    wrap(p, to, n);
    p->fills += n;
  }
  return TRM_OK;
}

/* Of integers: then it limits the values, not the numbers (Users Guide). */
static bool is_float(hid_t dataset, const char *name) {
  if (H5Aexists(dataset, name) <= 0) return false;
  hid_t attribute = H5Aopen(dataset, name, H5P_DEFAULT),
        type = H5Aget_type(attribute), data = H5Dget_type(dataset);
  bool is = H5Tget_class(type) == H5T_FLOAT && H5Tget_class(data) != H5T_FLOAT;
  H5Tclose(data);
  H5Tclose(type);
  H5Aclose(attribute);
  return is;
}

static trm_status read_range(hid_t dataset, hid_t stored, const char *where,
                             trm__store_packing *p, trm__base_error *error) {
  double range[2];
  p->values_valid = is_float(dataset, "valid_range") ||
                    is_float(dataset, "valid_min") ||
                    is_float(dataset, "valid_max");
  if (p->values_valid) stored = H5T_NATIVE_DOUBLE;
  int n = read_numbers(dataset, "valid_range", stored, 2, range);
  if (n < 0 || n == 1)
    return unreadable(where, "valid_range", "two numbers", error);
  if (n == 2) {
    if (!p->values_valid) wrap(p, range, 2);
    p->least = range[0];
    p->most = range[1];
    return TRM_OK;
  }
  int least = read_numbers(dataset, "valid_min", stored, 1, &p->least),
      most = read_numbers(dataset, "valid_max", stored, 1, &p->most);
  if (least < 0) return unreadable(where, "valid_min", "one number", error);
  if (most < 0) return unreadable(where, "valid_max", "one number", error);
  if (least && !p->values_valid) wrap(p, &p->least, 1);
  if (most && !p->values_valid) wrap(p, &p->most, 1);
  return TRM_OK;
}

trm_status trm__store_packing_read(hid_t dataset, const char *where,
                                   const double *fill, trm__store_packing *p,
                                   trm__base_error *error) {
  *p = (trm__store_packing){.replace = fill,
                            .value = fill ? *fill : 0,
                            .least = -INFINITY,
                            .most = INFINITY};
  hid_t type = H5Dget_type(dataset);
  hid_t native = H5Tget_size(type) > sizeof(double)
                     ? H5Tcopy(H5T_NATIVE_DOUBLE)
                     : H5Tget_native_type(type, H5T_DIR_ASCEND);
  if (H5Tget_class(type) == H5T_INTEGER && H5Tget_sign(type) == H5T_SGN_2 &&
      is_true(dataset, "_Unsigned"))
    p->wrap = ldexp(1, (int)(8 * H5Tget_size(type)));
  if (H5Tget_class(type) == H5T_INTEGER || H5Tget_class(type) == H5T_FLOAT)
    if (!read_scale(dataset, where, p, error) &&
        !read_fills(dataset, native, where, p, error))
      read_range(dataset, native, where, p, error);
  p->packed = p->scaled || p->wrap || p->fills || p->least > -INFINITY ||
              p->most < INFINITY ||
              (p->replace && H5Tget_class(type) == H5T_FLOAT);
  H5Tclose(native);
  H5Tclose(type);
  return error->status;
}

/* -- values ---------------------------------------------------------------- */

static bool is_fill(const trm__store_packing *p, double number) {
  for (int i = 0; i < p->fills; i++)
    if (number == p->fill[i] || (isnan(number) && isnan(p->fill[i])))
      return true;
  return p->replace && isnan(number);
}

int64_t trm__store_packing_apply(const trm__store_packing *p, double *numbers,
                                 int64_t n) {
  int64_t missing = 0;
  if (p->wrap) wrap(p, numbers, n);
  for (int64_t i = 0; i < n; i++) {
    double value = p->scaled ? numbers[i] * p->scale + p->offset : numbers[i];
    double limited = p->values_valid ? value : numbers[i];
    bool gone =
        is_fill(p, numbers[i]) || limited < p->least || limited > p->most;
    missing += gone;
    numbers[i] = !gone ? value : p->replace ? p->value : NAN;
  }
  return missing;
}

/* Integers beyond 2^53 are not exact as doubles. */
static bool fits(double value, double from, double below) {
  return value >= from && value < below && value == trunc(value);
}

#define CONVERT(T, FROM, BELOW)                  \
  for (int64_t i = 0; i < n; i++) {              \
    double v = isnan(values[i]) ? 0 : values[i]; \
    bool one = fits(v, FROM, BELOW);             \
    good &= one;                                 \
    ((T *)to)[i] = one ? (T)v : 0;               \
  }

bool trm__store_packing_convert(const double *values, int64_t n, trm_type type,
                                void *to) {
  bool good = true;
  switch (type) {
    case TRM_F64:
      memcpy(to, values, (size_t)n * sizeof *values);
      break;
    case TRM_F32:
      for (int64_t i = 0; i < n; i++) {
        ((float *)to)[i] = (float)values[i];
        good &= isfinite(((float *)to)[i]) || !isfinite(values[i]);
      }
      break;
    case TRM_I64:
      CONVERT(int64_t, -0x1p53, 0x1p53)
      break;
    case TRM_I32:
      CONVERT(int32_t, -0x1p31, 0x1p31)
      break;
    case TRM_U64:
      CONVERT(uint64_t, 0, 0x1p53)
      break;
    case TRM_U8:
      CONVERT(uint8_t, 0, 256)
      break;
    default:
      return false;
  }
  return good;
}
