#include "base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
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
