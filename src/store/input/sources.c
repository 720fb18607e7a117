/* The parts that a dataset refers to: external raw files, and the sources of
 * virtual datasets. File names are searched for as HDF5 does
 * (H5F_prefix_open_file; reference manual of H5Pset_virtual_prefix and
 * H5Pset_efile_prefix). */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "store/h5.h"
#include "store/input/locate.h"

enum { DEEPEST = 16 }; /* virtual datasets of virtual datasets */

static trm_status check(hid_t dataset, const char *where, int depth,
                        trm__base_error *error);

/* -- external raw files ---------------------------------------------------- */

static char *join(const char *directory, const char *name) {
  return name[0] == '/' || !*directory
             ? trm__base_strdup(name)
             : trm__base_format("%s/%s", directory, name);
}

/* The folder of raw files: ${ORIGIN} stands for that of the HDF5 file. */
static char *raw_folder(hid_t dataset) {
  static const char origin[] = "${ORIGIN}";
  const char *prefix = getenv("HDF5_EXTFILE_PREFIX");
  char file[TRM__STORE_PATH];
  trm__base_error ignored = {TRM_OK, ""};
  if (!prefix) return trm__base_strdup("");
  if (strncmp(prefix, origin, strlen(origin)) ||
      trm__store_locate_file(dataset, file, &ignored))
    return trm__base_strdup(prefix);
  char *folder = trm__base_path_dir(file);
  char *all = trm__base_format("%s%s", folder, prefix + strlen(origin));
  free(folder);
  return all;
}

static trm_status check_raw_file(const char *path, int64_t needed,
                                 const char *where, trm__base_error *error) {
  struct stat status;
  if (stat(path, &status) || access(path, R_OK))
    return trm__base_error_set(error, TRM_EINPUT,
                               "%s: its values are in %s: %s", where, path,
                               strerror(errno));
  if (!S_ISREG(status.st_mode))
    return trm__base_error_set(error, TRM_EINPUT,
                               "%s: its values are in %s, which is not a "
                               "regular file",
                               where, path);
  if ((int64_t)status.st_size >= needed) return TRM_OK;
  return trm__base_error_set(error, TRM_EINPUT,
                             "%s: its values are in %s, which has %" PRId64
                             " bytes; expected at least %" PRId64,
                             where, path, (int64_t)status.st_size, needed);
}

static trm_status check_raw(hid_t dataset, hid_t list, int files,
                            const char *where, trm__base_error *error) {
  hid_t space = H5Dget_space(dataset), type = H5Dget_type(dataset);
  int64_t rest =
      (int64_t)H5Sget_simple_extent_npoints(space) * (int64_t)H5Tget_size(type);
  H5Tclose(type);
  H5Sclose(space);
  char *folder = raw_folder(dataset);
  for (int i = 0; i < files && rest > 0 && !error->status; i++) {
    char name[TRM__STORE_PATH];
    off_t offset = 0;
    hsize_t size = 0;
    if (H5Pget_external(list, (unsigned)i, sizeof name, name, &offset, &size) <
        0)
      break;
    name[sizeof name - 1] = 0;
    int64_t here =
        size == H5F_UNLIMITED || (int64_t)size > rest ? rest : (int64_t)size;
    char *path = join(folder, name);
    check_raw_file(path, (int64_t)offset + here, where, error);
    free(path);
    rest -= here;
  }
  free(folder);
  return error->status;
}

/* -- virtual datasets ------------------------------------------------------ */

/* Where HDF5 looks for a source, in its order; false: no further place. */
static bool place(int i, const char *name, const char *holder, char **path) {
  const char *base = name[0] == '/' ? trm__base_path_base(name) : name;
  const char *prefix = getenv("HDF5_VDS_PREFIX");
  char *folder, *real;
  *path = NULL;
  switch (i) {
    case 0:
      if (name[0] == '/') *path = trm__base_strdup(name);
      return true;
    case 1: /* a list, separated by colons */
      for (; prefix && *prefix; prefix += strspn(prefix, ":")) {
        int n = (int)strcspn(prefix, ":");
        char *tried = trm__base_format("%.*s/%s", n, prefix, base);
        prefix += n;
        if (!access(tried, F_OK)) {
          *path = tried;
          return true;
        }
        free(tried);
      }
      return true;
    case 2:
      folder = trm__base_path_dir(holder);
      *path = trm__base_format("%s/%s", folder, base);
      free(folder);
      return true;
    case 3:
      *path = trm__base_strdup(base);
      return true;
    case 4: /* beside the file that a symbolic link leads to */
      if ((real = realpath(holder, NULL))) {
        folder = trm__base_path_dir(real);
        *path = trm__base_format("%s/%s", folder, base);
        free(folder);
        free(real);
      }
      return true;
    default:
      return false;
  }
}

/* Open the first place that exists. HDF5 may have it open already, with its own
 * properties, and does not open it with others. */
static hid_t open_source_file(const char *name, const char *holder,
                              const char *where, trm__base_error *error) {
  char *path;
  for (int i = 0; place(i, name, holder, &path); i++) {
    if (path && !access(path, F_OK)) {
      trm__base_error why = {TRM_OK, ""};
      hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
      if (file < 0) file = trm__store_locate_open(path, &why);
      free(path);
      if (file < 0)
        trm__base_error_set(error, TRM_EINPUT, "%s: its source %s", where,
                            why.text);
      return file;
    }
    free(path);
  }
  trm__base_error_set(error, TRM_EINPUT,
                      "%s: its source %s is missing (looked for beside %s and "
                      "in the current directory)",
                      where, name, holder);
  return H5I_INVALID_HID;
}

static int get_extent(hid_t dataset, hsize_t n[H5S_MAX_RANK]) {
  hid_t space = H5Dget_space(dataset);
  int dims = H5Sget_simple_extent_dims(space, n, NULL);
  H5Sclose(space);
  return dims;
}

/* Elements of a selection without end that lie inside of the extent. */
static int64_t points_within(hid_t selection, const hsize_t extent[]) {
  hsize_t start[H5S_MAX_RANK], stride[H5S_MAX_RANK], count[H5S_MAX_RANK],
      block[H5S_MAX_RANK];
  if (H5Sget_regular_hyperslab(selection, start, stride, count, block) < 0)
    return 0;
  int64_t points = 1;
  for (int d = 0; d < H5Sget_simple_extent_ndims(selection); d++) {
    hsize_t length = count[d] * block[d],
            room = extent[d] > start[d] ? extent[d] - start[d] : 0;
    if (block[d] == H5S_UNLIMITED) {
      length = room;
    } else if (count[d] == H5S_UNLIMITED) {
      hsize_t rest = room % stride[d];
      length =
          room / stride[d] * block[d] + (rest < block[d] ? rest : block[d]);
    }
    points *= (int64_t)length;
  }
  return points;
}

/* "All" of a source is stored without its shape. */
static bool fills(const hsize_t n[], int dims, hid_t here, int64_t blocks) {
  hssize_t points = 1, needed = H5Sget_select_npoints(here);
  for (int d = 0; d < dims; d++) points *= (hssize_t)n[d];
  return needed < 0 || needed / (blocks > 0 ? blocks : 1) <= points;
}

/* Does the selected part of the source exist? HDF5 extends a virtual dataset to
 * its longest source without end, and reads fill values for the others. */
static bool covers(hid_t source, hid_t selected, hid_t here, int64_t blocks,
                   const hsize_t extent[]) {
  hsize_t n[H5S_MAX_RANK], lo[H5S_MAX_RANK], hi[H5S_MAX_RANK];
  int dims = get_extent(source, n);
  if (H5Sget_select_type(selected) == H5S_SEL_ALL)
    return fills(n, dims, here, blocks);
  if (H5Sget_simple_extent_ndims(selected) != dims) return false;
  if (H5Sget_select_bounds(selected, lo, hi) < 0)
    return points_within(selected, n) >= points_within(here, extent);
  for (int d = 0; d < dims; d++)
    if (hi[d] >= n[d]) return false;
  return true;
}

typedef struct mapping {
  char file[TRM__STORE_PATH], dataset[TRM__STORE_NAME];
  hid_t selected, here;  /* parts of the source and of the virtual dataset */
  const hsize_t *extent; /* of the virtual dataset */
  const char *holder, *where;
  hid_t virtual_file;
  int64_t blocks; /* sources, one per block of `here` */
  int depth;
} mapping;

static trm_status check_source(const mapping *m, trm__base_error *error) {
  bool same = !strcmp(m->file, ".");
  hid_t file = same ? H5I_INVALID_HID
                    : open_source_file(m->file, m->holder, m->where, error);
  if (!same && file < 0) return error->status;
  hid_t dataset =
      H5Dopen2(same ? m->virtual_file : file, m->dataset, H5P_DEFAULT);
  const char *name = same ? m->holder : m->file;
  if (dataset < 0)
    trm__base_error_set(error, TRM_EINPUT,
                        "%s: its source %s has no dataset %s", m->where, name,
                        m->dataset);
  else if (!covers(dataset, m->selected, m->here, m->blocks, m->extent))
    trm__base_error_set(error, TRM_EINPUT,
                        "%s: its source %s:/%s is smaller than the part taken "
                        "from it",
                        m->where, name, m->dataset);
  else
    check(dataset, m->where, m->depth + 1, error);
  if (dataset >= 0) H5Dclose(dataset);
  if (!same) H5Fclose(file);
  return error->status;
}

/* A name with %b stands for one source per block along the unlimited dimension
 * of the virtual selection; %% is a percent sign. */
static bool number_name(char *to, size_t size, const char *from,
                        int64_t block) {
  bool numbered = false;
  size_t n = 0;
  for (const char *c = from; *c && n + 24 < size; c++) {
    if (*c != '%') {
      to[n++] = *c;
    } else if (c[1] == 'b') {
      n += (size_t)snprintf(to + n, size - n, "%" PRId64, block);
      numbered = true;
      c++;
    } else {
      to[n++] = '%';
      c += c[1] == '%';
    }
  }
  to[n] = 0;
  return numbered;
}

/* Blocks of a virtual selection that begin inside of the extent; 1 if it is
 * not unlimited. */
static int64_t blocks_of(hid_t selection, const hsize_t extent[]) {
  hsize_t start[H5S_MAX_RANK], stride[H5S_MAX_RANK], count[H5S_MAX_RANK],
      block[H5S_MAX_RANK];
  if (H5Sget_select_type(selection) != H5S_SEL_HYPERSLABS ||
      H5Sis_regular_hyperslab(selection) <= 0 ||
      H5Sget_regular_hyperslab(selection, start, stride, count, block) < 0)
    return 1;
  for (int d = 0; d < H5Sget_simple_extent_ndims(selection); d++)
    if (count[d] == H5S_UNLIMITED)
      return extent[d] > start[d]
                 ? (int64_t)((extent[d] - start[d] + stride[d] - 1) / stride[d])
                 : 0;
  return 1;
}

static trm_status check_mapping(hid_t list, size_t i, mapping *m,
                                trm__base_error *error) {
  char file[TRM__STORE_PATH], dataset[TRM__STORE_NAME];
  if (H5Pget_virtual_filename(list, i, file, sizeof file) < 0 ||
      H5Pget_virtual_dsetname(list, i, dataset, sizeof dataset) < 0)
    return trm__base_error_set(error, TRM_EINPUT,
                               "%s: source %zu of this virtual dataset cannot "
                               "be read",
                               m->where, i);
  m->here = H5Pget_virtual_vspace(list, i);
  m->selected = H5Pget_virtual_srcspace(list, i);
  m->blocks = blocks_of(m->here, m->extent);
  for (int64_t b = 0; b < m->blocks && !error->status; b++) {
    bool numbered = number_name(m->file, sizeof m->file, file, b);
    numbered |= number_name(m->dataset, sizeof m->dataset, dataset, b);
    check_source(m, error);
    if (!numbered) break;
  }
  H5Sclose(m->selected);
  H5Sclose(m->here);
  return error->status;
}

static trm_status check_virtual(hid_t dataset, hid_t list, const char *where,
                                int depth, trm__base_error *error) {
  char holder[TRM__STORE_PATH];
  hsize_t extent[H5S_MAX_RANK];
  size_t n = 0;
  if (depth > DEEPEST)
    return trm__base_error_set(error, TRM_EINPUT,
                               "%s: virtual datasets refer to each other more "
                               "than %d deep",
                               where, DEEPEST);
  H5Pget_virtual_count(list, &n);
  TRM_TRY(trm__store_locate_file(dataset, holder, error));
  get_extent(dataset, extent);
  hid_t file = H5Iget_file_id(dataset);
  mapping *m = trm__base_calloc(1, sizeof *m);
  *m = (mapping){.holder = holder,
                 .where = where,
                 .extent = extent,
                 .virtual_file = file,
                 .depth = depth};
  for (size_t i = 0; i < n && !error->status; i++)
    check_mapping(list, i, m, error);
  free(m);
  H5Fclose(file);
  return error->status;
}

/* -- any dataset ----------------------------------------------------------- */

/* HDF5's own message names its search path for plug-ins. */
static trm_status check_filters(hid_t list, const char *where,
                                trm__base_error *error) {
  int n = H5Pget_nfilters(list);
  for (int i = 0; i < n; i++) {
    unsigned flags, settings;
    size_t none = 0;
    char name[100] = "";
    H5Z_filter_t filter = H5Pget_filter2(list, (unsigned)i, &flags, &none, NULL,
                                         sizeof name, name, &settings);
    if (filter >= 0 && H5Zfilter_avail(filter) <= 0)
      return trm__base_error_set(
          error, TRM_EINPUT,
          "%s: is compressed with filter %d%s%s, which this HDF5 does not "
          "have; install its plug-in, or rewrite the file where it is "
          "installed: h5repack -f NONE IN OUT",
          where, (int)filter, *name ? " " : "", name);
  }
  return TRM_OK;
}

static trm_status check(hid_t dataset, const char *where, int depth,
                        trm__base_error *error) {
  hid_t list = H5Dget_create_plist(dataset);
  int files = H5Pget_external_count(list);
  check_filters(list, where, error);
  if (H5Pget_layout(list) == H5D_VIRTUAL)
    check_virtual(dataset, list, where, depth, error);
  else if (files > 0)
    check_raw(dataset, list, files, where, error);
  H5Pclose(list);
  return error->status;
}

trm_status trm__store_locate_sources(hid_t dataset, const char *where,
                                     trm__base_error *error) {
  return check(dataset, where, 0, error);
}
