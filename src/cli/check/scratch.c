#include "cli/check/scratch.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"

static trm_status make_given(const char *given, trm__base_error *error) {
  if (!mkdir(given, 0777)) return TRM_OK;
  return trm__base_error_set(
      error, errno == EEXIST || errno == ENOENT ? TRM_EUSAGE : TRM_EFILE,
      "--output=%s: %s; expected a new directory", given, strerror(errno));
}

static char *temporary(const char *launcher, trm__base_error *error) {
  const char *tmp = getenv("TMPDIR"), *place = launcher && *launcher ? "."
                                               : tmp                 ? tmp
                                                                     : "/tmp";
  char *path = trm__base_format("%s/trireme-check.XXXXXX", place);
  if (!mkdtemp(path))
    trm__base_error_set(error, TRM_EFILE, "a directory in %s: %s", place,
                        strerror(errno));
  return path;
}

trm_status trm__cli_check_scratch_make(const char *given, const char *launcher,
                                       char **dir, trm__base_error *error) {
  char *path = given ? trm__base_strdup(given) : temporary(launcher, error);
  if (given) make_given(given, error);
  *dir = error->status ? NULL : realpath(path, NULL);
  if (!*dir)
    trm__base_error_set(error, TRM_EFILE, "%s: %s", path, strerror(errno));
  free(path);
  return error->status;
}

static int remove_one(const char *path, const struct stat *what, int kind,
                      struct FTW *where) {
  (void)what, (void)kind, (void)where;
  remove(path);
  return 0;
}

void trm__cli_check_scratch_remove(const char *dir) {
  nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
