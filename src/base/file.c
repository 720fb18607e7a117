#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

int trm__base_atomic_file_open(trm__base_atomic_file *a, const char *path) {
  a->path = trm__base_strdup(path);
  a->part = trm__base_format("%s.%ld.part", path, (long)getpid());
  a->to = fopen(a->part, "we");
  return a->to ? 0 : errno;
}

int trm__base_atomic_file_close(trm__base_atomic_file *a, bool commit) {
  int error = 0;
  if (a->to) {
    bool bad = ferror(a->to);
    errno = 0;
    if (bad) putc(' ', a->to); /* fails again and sets errno */
    if (fflush(a->to) || bad) error = errno ? errno : EIO;
    if (fclose(a->to) && !error) error = errno;
    if (commit && !error && rename(a->part, a->path)) error = errno;
    if (!commit || error) unlink(a->part);
  }
  free(a->path);
  free(a->part);
  *a = (trm__base_atomic_file){.to = NULL};
  return error;
}

const char *trm__base_path_base(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

char *trm__base_path_dir(const char *path) {
  const char *base = trm__base_path_base(path);
  if (base == path) return trm__base_strdup(".");
  int n = (int)(base - path);
  return trm__base_format("%.*s", n > 1 ? n - 1 : n, path);
}

int trm__base_open_regular(const char *path, int flags) {
  struct stat status;
  int fd =
      open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0666);
  if (fd < 0) return -1;
  if (!fstat(fd, &status) && S_ISREG(status.st_mode)) return fd;
  close(fd);
  errno = ENXIO;
  return -1;
}

FILE *trm__base_read_regular(const char *path) {
  int fd = trm__base_open_regular(path, O_RDONLY);
  return fd < 0 ? NULL : fdopen(fd, "r");
}

const char *trm__base_file_why(int error) {
  return error == ELOOP   ? "it is a symbolic link; remove it"
         : error == ENXIO ? "it is not a regular file; remove it"
                          : strerror(error);
}

char *trm__base_link_target(const char *path) {
  char target[4096];
  ssize_t n = readlink(path, target, sizeof target - 1);
  if (n < 0) return NULL;
  target[n] = 0;
  return trm__base_strdup(target);
}
