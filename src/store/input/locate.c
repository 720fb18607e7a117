#include "store/input/locate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/h5.h"

/* -- names ----------------------------------------------------------------- */

static bool is_file(const char *path) {
  struct stat status;
  return !stat(path, &status) && !S_ISDIR(status.st_mode);
}

/* The colon between file and dataset; if no part is an existing file, the last
 * one, so that the message names the file as the user meant it. */
static const char *find_colon(const char *where) {
  const char *last = NULL;
  for (const char *c = where; (c = strstr(c, ":/")); c++) {
    char file[TRM__STORE_PATH];
    if (c - where >= (int)sizeof file) break;
    snprintf(file, sizeof file, "%.*s", (int)(c - where), where);
    last = c;
    if (is_file(file)) return c;
  }
  return last;
}

trm_status trm__store_locate_split(const char *where,
                                   char file[TRM__STORE_PATH],
                                   char dataset[TRM__STORE_NAME],
                                   trm__base_error *error) {
  const char *colon = find_colon(where);
  if (!colon || colon == where || !colon[2])
    return trm__base_error_set(error, TRM_EINPUT,
                               "%s: names no dataset; write FILE.h5:/DATASET",
                               where);
  if (colon - where >= TRM__STORE_PATH || strlen(colon + 2) >= TRM__STORE_NAME)
    return trm__base_error_set(error, TRM_EINPUT, "%s: the name is too long",
                               where);
  snprintf(file, TRM__STORE_PATH, "%.*s", (int)(colon - where), where);
  snprintf(dataset, TRM__STORE_NAME, "%s", colon + 2);
  return TRM_OK;
}

/* -- opening --------------------------------------------------------------- */

static trm_status check_path(const char *file, trm__base_error *error) {
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

typedef enum kind { OTHER, HDF5, HDF5_OPEN, NETCDF } kind;

/* The superblock lies at 0, 512, 1024, 2048, ... (HDF5 file format
 * specification, II.A). From version 2 on, byte 11 says that a writer has the
 * file open. */
static kind kind_of(int fd) {
  unsigned char head[12];
  off_t at = 0;
  while (pread(fd, head, sizeof head, at) == sizeof head) {
    if (!memcmp(head, "\211HDF\r\n\032\n", 8))
      return head[8] >= 2 && head[11] & 5 ? HDF5_OPEN : HDF5;
    if (at == 0 && !memcmp(head, "CDF", 3) && head[3] <= 5) return NETCDF;
    at = at ? 2 * at : 512;
  }
  return OTHER;
}

static trm_status explain(const char *file, kind what, const char *reason,
                          trm__base_error *error) {
  switch (what) {
    case HDF5_OPEN:
      return trm__base_error_set(
          error, TRM_EINPUT,
          "%s: was not closed by its writer; wait until it is closed, or, if "
          "the writer has died, clear the mark with h5clear -s %s",
          file, file);
    case HDF5:
      return trm__base_error_set(error, TRM_EINPUT,
                                 "%s: damaged or truncated (HDF5: %s)", file,
                                 reason);
    case NETCDF:
      return trm__base_error_set(error, TRM_EINPUT,
                                 "%s: is a netCDF file of the classic format; "
                                 "convert it with nccopy -k nc4",
                                 file);
    default:
      return trm__base_error_set(
          error, TRM_EINPUT, "%s: not an HDF5 file; convert the data to HDF5",
          file);
  }
}

hid_t trm__store_locate_open(const char *file, trm__base_error *error) {
  char reason[200] = "";
  if (check_path(file, error)) return H5I_INVALID_HID;
  int fd = open(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    trm__base_error_set(error, TRM_EFILE, "%s: cannot be read: %s", file,
                        strerror(errno));
    return H5I_INVALID_HID;
  }
  kind what = kind_of(fd);
  close(fd);
  hid_t open = what == HDF5 ? trm__store_h5_open(file) : H5I_INVALID_HID;
  if (open < 0)
    explain(file, what, trm__store_h5_reason(reason, sizeof reason), error);
  return open;
}

trm_status trm__store_locate_file(hid_t object, char file[TRM__STORE_PATH],
                                  trm__base_error *error) {
  ssize_t n = H5Fget_name(object, file, TRM__STORE_PATH);
  if (n > 0 && n < TRM__STORE_PATH) return TRM_OK;
  return trm__base_error_set(error, TRM_EFILE,
                             "the file behind an external link has no name, or "
                             "one longer than %d bytes",
                             TRM__STORE_PATH);
}
