#include "store/image/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

typedef struct plain_file {
  H5FD_t public; /* first: HDF5's own part */
  int fd;
  haddr_t eoa, eof; /* HDF5's end of addresses, and the file's */
  dev_t device;
  ino_t inode;
} plain_file;

/* The reason that trm__store_h5_reason finds. */
static void explain(const char *what) {
  H5Epush2(H5E_DEFAULT, __FILE__, __func__, __LINE__, H5E_ERR_CLS, H5E_FILE,
           H5E_CANTOPENFILE, "%s: errno = %d, error message = '%s'", what,
           errno, strerror(errno));
}

static H5FD_t *open_file(const char *name, unsigned flags, hid_t access_list,
                         haddr_t most) {
  struct stat status;
  (void)access_list, (void)most;
  errno = EROFS;
  int fd = flags & H5F_ACC_RDWR ? -1 : open(name, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &status)) {
    explain("unable to open file");
    if (fd >= 0) close(fd);
    return NULL;
  }
  plain_file *r = trm__base_calloc(1, sizeof *r);
  r->fd = fd;
  r->eof = (haddr_t)status.st_size;
  r->device = status.st_dev;
  r->inode = status.st_ino;
  return &r->public;
}

/* Nothing was written: a close that fails loses nothing. */
static herr_t close_file(H5FD_t *file) {
  close(((plain_file *)file)->fd);
  free(file);
  return 0;
}

/* Are two names one file? */
static int compare(const H5FD_t *a, const H5FD_t *b) {
  const plain_file *x = (const plain_file *)a, *y = (const plain_file *)b;
  if (x->device != y->device) return x->device < y->device ? -1 : 1;
  if (x->inode != y->inode) return x->inode < y->inode ? -1 : 1;
  return 0;
}

/* As the ordinary driver says. */
static herr_t query(const H5FD_t *file, unsigned long *flags) {
  (void)file;
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA |
           H5FD_FEAT_DATA_SIEVE | H5FD_FEAT_AGGREGATE_SMALLDATA |
           H5FD_FEAT_POSIX_COMPAT_HANDLE | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
  return 0;
}

static haddr_t get_eoa(const H5FD_t *file, H5FD_mem_t type) {
  (void)type;
  return ((const plain_file *)file)->eoa;
}

static herr_t set_eoa(H5FD_t *file, H5FD_mem_t type, haddr_t end) {
  (void)type;
  ((plain_file *)file)->eoa = end;
  return 0;
}

static haddr_t get_eof(const H5FD_t *file, H5FD_mem_t type) {
  (void)type;
  return ((const plain_file *)file)->eof;
}

static herr_t get_handle(H5FD_t *file, hid_t list, void **handle) {
  (void)list;
  *handle = &((plain_file *)file)->fd;
  return 0;
}

/* Past the end of the file there are zeros. */
static herr_t read_file(H5FD_t *file, H5FD_mem_t type, hid_t list, haddr_t at,
                        size_t bytes, void *data) {
  (void)type, (void)list;
  for (char *to = data; bytes > 0;) {
    ssize_t got = pread(((plain_file *)file)->fd, to, bytes, (off_t)at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      explain("file read failed");
      return -1;
    }
    if (got == 0) {
      memset(to, 0, bytes);
      break;
    }
    to += got;
    at += (haddr_t)got;
    bytes -= (size_t)got;
  }
  return 0;
}

static herr_t write_file(H5FD_t *file, H5FD_mem_t type, hid_t list, haddr_t at,
                         size_t bytes, const void *data) {
  (void)file, (void)type, (void)list, (void)at, (void)bytes, (void)data;
  return -1;
}

static const H5FD_class_t driver = {
#if H5_VERSION_GE(1, 13, 0)
    .version = H5FD_CLASS_VERSION,
    .value = (H5FD_class_value_t)401, /* from 256 on: not of the HDF Group */
#endif
    .name = "trireme_reader",
    .maxaddr = ((haddr_t)1 << 62) - 1,
    .fc_degree = H5F_CLOSE_STRONG,
    .open = open_file,
    .close = close_file,
    .cmp = compare,
    .query = query,
    .get_eoa = get_eoa,
    .set_eoa = set_eoa,
    .get_eof = get_eof,
    .get_handle = get_handle,
    .read = read_file,
    .write = write_file,
    .fl_map = H5FD_FLMAP_DICHOTOMY};

hid_t trm__store_reader_set(hid_t access_list) {
  hid_t id = H5FDregister(&driver);
  if (id >= 0 && H5Pset_driver(access_list, id, NULL) < 0) {
    H5FDunregister(id);
    id = H5I_INVALID_HID;
  }
  return id;
}
